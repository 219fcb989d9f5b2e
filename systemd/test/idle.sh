#!/usr/bin/env bash
# Measures what an idle collector costs: BTCUSDT at 30 trades a second over two connections, status server on, a part
# every 5 s, with the command line and the options of the unit, and a message to systemd's watchdog every 20 s.
# Prints for each Java the resident memory and the share of one core, by the kernel's count of processor time, so other
# programs on this machine matter little; the exchange simulator and the bucket are separate processes and not counted.
#
#   systemd/test/idle.sh [collector.jar]     default: target/collector.jar; takes 9 minutes for each Java
#
# JAVAS="/a/bin/java /b/bin/java" selects them; default: /usr/bin/java and a Java 25 below /usr/lib/jvm.
# WARM_UP=420 SECONDS_MEASURED=120 are seconds; during the warm-up the JVM is still compiling.
# BUCKET=s3 uploads to moto_server instead of a directory. THREADS=1 shows how much each thread takes.
# Ends with 1 if a collector takes 1 % of a core or more, or 120 MiB or more.
set -euo pipefail
repo="$(cd "$(dirname "$0")/../.." && pwd)"
jar="$(realpath -e "${1:-$repo/target/collector.jar}")"
warm_up="${WARM_UP:-420}" seconds="${SECONDS_MEASURED:-120}" port="${PORT:-19443}"
home="$(mktemp -d)"
started=()
clean() {
  trap - EXIT INT TERM
  [ "${#started[@]}" = 0 ] || kill "${started[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$home"
}
trap clean EXIT
trap 'exit 130' INT TERM

if [ -z "${JAVAS:-}" ]; then
  JAVAS="/usr/bin/java $(find /usr/lib/jvm -mindepth 1 -maxdepth 1 -name '*25*' -printf '%p/bin/java\n' 2>/dev/null | head -1)"
fi
await() { # file, pattern
  for _ in $(seq 300); do
    grep -q "$2" "$1" 2>/dev/null && return
    sleep 0.1
  done
  printf 'No "%s" within 30 s in:\n' "$2" && cat "$1"
  exit 1
}
jiffies() { # of the process and the children it has waited for: those send the messages to systemd
  sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 + $14 + $15 }'
}
threads() { # id, ns on a processor, and name
  for task in "/proc/$1/task/"*; do
    printf '%s %s %s\n' "${task##*/}" "$(cut -d' ' -f1 "$task/schedstat")" "$(tr ' ' _ <"$task/comm")"
  done
}
# The command and the variables of the unit, with its paths replaced by those of this test.
unit="$repo/systemd/market-collector.service"
command="$(sed -n 's/^ExecStart=//p' "$unit")"
command="${command/@\/etc\/market-collector\/jvm.options/@$repo/systemd/jvm.options}"
command="${command/\/opt\/market-collector\/collector.jar/$jar}"

notify="$(command -v systemd-notify || command -v true)"
failed=0
for java in $JAVAS; do
  here="$home/$port"
  mkdir "$here" "$here/bin"
  "$java" -Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -jar "$jar" simulate --rate 30 \
    --port "$port" --rest-port $((port + 1)) >"$here/exchange.log" 2>&1 &
  exchange=$!
  started+=("$exchange")
  await "$here/exchange.log" '^WS_URL='
  target=(RAW_BUCKET="file:$here/bucket")
  if [ "${BUCKET:-}" = s3 ]; then
    moto_server -p $((port + 3)) >"$here/s3.log" 2>&1 &
    started+=("$!")
    await "$here/s3.log" 'Running on'
    curl -fsS -X PUT "http://127.0.0.1:$((port + 3))/idle" >/dev/null
    target=(RAW_BUCKET=idle AWS_REGION=us-east-1 AWS_ENDPOINT_URL_S3="http://127.0.0.1:$((port + 3))"
      AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test)
  fi
  # There is no systemd here; this costs as much as a message, and one shell more.
  printf '#!/bin/sh\nexec %s --version >/dev/null\n' "$notify" >"$here/bin/systemd-notify"
  chmod +x "$here/bin/systemd-notify"
  environment=(PATH="$here/bin:/usr/bin:/bin" HOME="$here" NOTIFY_SOCKET="$here/unused" WATCHDOG_USEC=60000000)
  while IFS= read -r assignment; do
    environment+=("${assignment//%S\/%N/$here}")
  done < <(sed -n 's/^Environment=//p' "$unit")
  environment+=("${target[@]}" WS_URL="ws://127.0.0.1:$port" REST_URL="http://127.0.0.1:$((port + 1))" HTTP_PORT="$((port + 2))")
  # shellcheck disable=SC2086
  (cd "$here" && exec env -i "${environment[@]}" "$java" ${command#/usr/bin/java}) >"$here/log" 2>&1 &
  collector=$!
  started+=("$collector")
  sleep "$warm_up"
  kill -0 "$collector" 2>/dev/null || { cat "$here/log"; exit 1; }
  before="$(jiffies "$collector")"
  threads "$collector" >"$here/before"
  sleep "$seconds"
  after="$(jiffies "$collector")"
  threads "$collector" >"$here/after"
  hz="$(getconf CLK_TCK)"
  share="$(awk -v j=$((after - before)) -v hz="$hz" -v s="$seconds" 'BEGIN { printf "%.2f", 100 * j / hz / s }')"
  start="$(awk -v j="$before" -v hz="$hz" 'BEGIN { printf "%.1f", j / hz }')"
  rss="$(sed -n 's/^VmRSS:\s*\([0-9]*\).*/\1/p' "/proc/$collector/status")"
  highest="$(sed -n 's/^VmHWM:\s*\([0-9]*\).*/\1/p' "/proc/$collector/status")"
  uploads="$(grep -c ' Uploaded: ' "$here/log" || true)"
  kill "$collector" "$exchange" 2>/dev/null
  wait "$collector" "$exchange" 2>/dev/null || true
  awk -v share="$share" -v start="$start" -v rss="$rss" -v highest="$highest" -v s="$seconds" -v w="$warm_up" -v u="$uploads" \
    -v java="$("$java" -version 2>&1 | sed -n 's/.*version "\([^"]*\)".*/\1/p')" -v to="${BUCKET:-directory}" \
    'BEGIN { printf "Java %-9s to %s: %s %% of one core in %d s after %d s, memory %.0f MiB (at most %.0f MiB), %s s to start and warm up, %d uploads\n",
      java, to, share, s, w, rss / 1024, highest / 1024, start, u }'
  if [ -n "${THREADS:-}" ]; then
    awk -v s="$seconds" 'NR == FNR { ns[$1] = $2; next } { printf "  %.3f %% %s\n", ($2 - ns[$1]) / 1e7 / s, $3 }' \
      "$here/before" "$here/after" | sort -rn | head -20
  fi
  [ "$uploads" -gt $((seconds / 10)) ] || { echo "Too few uploads ($uploads): the measurement is not valid."; failed=1; }
  awk -v share="$share" -v highest="$highest" 'BEGIN { exit !(share >= 1 || highest >= 120 * 1024) }' && failed=1
  port=$((port + 10))
done
exit "$failed"
