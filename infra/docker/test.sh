#!/usr/bin/env bash
# Builds the image and checks what docs/CONTAINER.md says about it: not root, a read-only root, no shell, healthy, an
# orderly stop with 143, and every trade in the bucket. Needs target/collector.jar and a container engine; network only
# for the base.
#   infra/docker/test.sh                          the base that the Dockerfile names; pulled if it is not present
#   BASE=some/image:tag infra/docker/test.sh      another base
#   infra/docker/test.sh --base-of-this-machine   built from this machine's JDK, where no image can be pulled
# Ends with 0 (all checks passed), 1 (a check failed), 77 (cannot run here; prints the reason).
set -euo pipefail
cd "$(dirname "$0")/../.."

run="market-collector-test-$$"
sandbox=(--read-only --cap-drop ALL --security-opt no-new-privileges --memory 512m)
copy="$(mktemp -d)"

skip() { echo "skipped: $*"; exit 77; }
fail() {
  echo "FAILED: $*"
  docker logs "$run" 2>&1 | tail -20 || true
  exit 1
}
tidy() {
  docker rm -f "$run" "$run-exchange" > /dev/null 2>&1 || true
  docker volume rm "$run" > /dev/null 2>&1 || true
  docker rmi "$run" ${made:+"$made"} > /dev/null 2>&1 || true
  rm -rf "$copy"
}
trap tidy EXIT

# await SECONDS WHAT COMMAND...
await() {
  local end=$((SECONDS + $1)) what="$2"
  shift 2
  until "$@" > /dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || fail "not within the time limit: $what"
    sleep 0.3
  done
}

docker info > /dev/null 2>&1 || skip "no container engine answers"
[ -f target/collector.jar ] || skip "there is no target/collector.jar; run mvn -q -DskipTests package"
if [ "${1:-}" = --base-of-this-machine ]; then
  made="$run-base"
  BASE="$made"
  code=0
  infra/docker/base-of-this-machine.sh "$made" || code=$?
  [ "$code" -ne 77 ] || skip "no base image can be built here"
  [ "$code" -eq 0 ] || fail "the base image was not built"
fi

# A context with only the files that the Dockerfile copies: the older builder ignores Dockerfile.dockerignore and would
# send the whole repository.
mkdir -p "$copy/context/target" "$copy/context/infra"
cp target/collector.jar "$copy/context/target/"
cp -r infra/docker "$copy/context/infra/"
docker build --network none -q ${BASE:+--build-arg "BASE=$BASE"} -f "$copy/context/infra/docker/Dockerfile" -t "$run" "$copy/context" \
  || fail "the image was not built"

java=(docker run --rm --network none "${sandbox[@]}" --entrypoint java "$run" @/opt/market-collector/jvm.options)
"${java[@]}" -XX:AOTMode=on -jar /opt/market-collector/collector.jar --version || fail "Java refuses the class archive"
"${java[@]}" -XX:AOTMode=on -XX:AOTCache=/none -version > /dev/null 2>&1 && fail "Java starts without a class archive, so the check shows nothing"
echo "ok: Java accepts the class archive"

docker run -d --name "$run-exchange" --network none "${sandbox[@]}" --no-healthcheck "$run" \
  simulate --now --rate 200 --port 9443 --rest-port 9080 > /dev/null
await 20 "the exchange simulator listens" docker exec "$run-exchange" bash -c 'exec 3<>/dev/tcp/127.0.0.1/9080'
# Process 1 and the health check find no shell.
docker run -d --name "$run" -v /dev/null:/bin/sh:ro -v /dev/null:/bin/bash:ro --network "container:$run-exchange" \
  "${sandbox[@]}" -v "$run:/var/lib/market-collector" -e LOCAL_DIR=/var/lib/market-collector/state \
  -e RAW_BUCKET=file:/var/lib/market-collector/bucket -e WS_URL=ws://127.0.0.1:9443 -e REST_URL=http://127.0.0.1:9080 -e ROT_SECS=1 --health-interval 1s "$run" > /dev/null

healthy() { [ "$(docker inspect -f '{{.State.Health.Status}}' "$run")" = healthy ]; }
await 40 "healthy" healthy
docker exec "$run" sh -c true > /dev/null 2>&1 && fail "there is a shell"
docker exec "$run" bash -c true > /dev/null 2>&1 && fail "there is a shell"
echo "ok: healthy, without a shell"

status="$(docker exec "$run" cat /proc/1/status)"
has() { grep -qE "$1" <<< "$status" || fail "process 1 has no $1 in:"$'\n'"$status"; }
has '^Name:[[:space:]]+java$'
has '^Uid:[[:space:]]+10001[[:space:]]+10001[[:space:]]+10001[[:space:]]+10001$'
has '^Gid:[[:space:]]+10001[[:space:]]+10001[[:space:]]+10001[[:space:]]+10001$'
has '^CapEff:[[:space:]]+0+$'
has '^CapBnd:[[:space:]]+0+$'
has '^NoNewPrivs:[[:space:]]+1$'
echo "ok: process 1 is java, uid 10001, without capabilities"

for place in / /opt/market-collector /tmp; do
  docker exec "$run" touch "$place/written" 2> /dev/null && fail "$place can be written"
done
docker exec "$run" touch /var/lib/market-collector/written || fail "the spool cannot be written"
[ "$(docker exec "$run" find /var/lib/market-collector -maxdepth 0 -printf '%m %U:%G')" = "700 10001:10001" ] ||
  fail "others than the collector may read the spool"
docker exec "$run" cat /proc/mounts | grep -qE '^[^ ]+ / [^ ]+ ro[, ]' || fail "the root is not mounted read-only"
echo "ok: nothing but the spool can be written"

docker exec -e HTTP_PORT=1 "$run" java -Xmx32m -jar /opt/market-collector/collector.jar health --live 2> /dev/null && fail "the check passes on a port that is not served"
docker exec -e HTTP_PORT=9080 "$run" java -Xmx32m -jar /opt/market-collector/collector.jar health --live && fail "the check passes on a page that answers 404"
echo "ok: the health check can fail"

stored() { [ "$(docker exec "$run" find /var/lib/market-collector/bucket/raw -name 'manifest-*.json' | wc -l)" -ge 3 ]; }
await 20 "three manifests in the bucket" stored

begun=$SECONDS
docker stop -t 60 "$run" > /dev/null
took=$((SECONDS - begun))
code="$(docker inspect -f '{{.State.ExitCode}} {{.State.OOMKilled}}' "$run")"
[ "$code" = "143 false" ] || fail "ended with $code"
docker logs "$run" 2>&1 | grep -q 'Stopping:' || fail "SIGTERM did not reach the collector"
echo "ok: docker stop took $took s and ended with 143"

docker cp -q "$run:/var/lib/market-collector" "$copy/volume" 2> /dev/null || docker cp "$run:/var/lib/market-collector" "$copy/volume" > /dev/null
left="$(find "$copy/volume" -path "$copy/volume/bucket" -prune -o -name 'part-*' -print)"
[ -z "$left" ] || fail "not in the bucket: $left"
find "$copy/volume/bucket" -name 'part-*.jsonl.gz' -exec zcat {} + | grep -oE '"t":[0-9]+' | cut -d: -f2 | sort -n -u > "$copy/ids"
first="$(head -1 "$copy/ids")" last="$(tail -1 "$copy/ids")" count="$(wc -l < "$copy/ids")"
[ "$count" -gt 200 ] || fail "only $count trades in the bucket"
[ "$count" -eq $((last - first + 1)) ] || fail "$count trades in the bucket, but ids $first to $last"
echo "ok: $count trades, ids $first to $last without a gap, nothing left in the spool"
