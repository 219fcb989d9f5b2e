#!/usr/bin/env bash
# The life of a fleet in an emulated AWS, one line per proof: it is deployed, upgraded, gets a release that does not start,
# goes back, gets a refresh that AWS refuses, loses all its instances while the bucket refuses uploads, gets a second
# installation beside it, and ends. Every instance runs the scripts of its user data and records from one simulated
# exchange. After each step every trade must be stored that the exchange had issued until then.
#
#   infra/terraform/tests/emulator/life.sh [collector.jar]    default: target/collector.jar; takes half an hour
#
# Needs what run.sh needs, and touches nothing real. S3_AWAY=600 keeps the bucket away for ten minutes (default: 60 s).
# ONLY="outage second" plays some scenes of scenes.sh, after a first deployment. Ends with 0 if everything is proven, 1 if
# not, 77 if it cannot run here.
set -euo pipefail

needs=zip
# shellcheck source=SCRIPTDIR/common.sh
. "$(dirname "$0")/common.sh"
jar="$(realpath -e "${1:-$repo/target/collector.jar}")"
port="${PORT:-4699}"
export API="http://127.0.0.1:$port" WS="ws://127.0.0.1:$((port + 1))" REST="http://127.0.0.1:$((port + 2))"
export ROLE="$home/role.json"

ok() { printf '%4d s  ok: %s\n' "$SECONDS" "$*"; }
die() {
  printf 'NOT PROVEN: %s\n' "$*" >&2
  tail -25 "$home/aws.events" "$home/exchange.log" >&2
  for log in "$home"/hosts/*.log; do printf -- '---- %s\n' "${log##*/}"; tail -15 "$log"; done >&2
  exit 1
}
await() { # what, then a command
  for _ in $(seq 600); do
    if "${@:2}" >/dev/null 2>&1; then return 0; fi
    sleep 0.5
  done
  die "$1 did not come within 5 minutes"
}
fails() { # exit code, a pattern of its output, what that proves; then a command
  local code=0
  "${@:4}" >"$home/output" 2>&1 || code=$?
  # Terraform colours and breaks its lines.
  if [ "$code" != "$1" ] || ! sed 's/\x1b\[[0-9;]*m//g; s/[│╷╵]//g' "$home/output" | tr -s ' \n' ' ' | grep -q -- "$2"; then
    tail -25 "$home/output" >&2
    die "$3: it ended with $code"
  fi
  ok "$3"
}
emulate() { curl -fsS -X PUT "$API/test/$1/$2" >/dev/null; } # s3, refresh or zones; on or off

# ---- What runs ---------------------------------------------------------------------------------------------------------
deploy() { ./deploy-symbol.sh "$@" -auto-approve; }
instances() { # in service, of a group; default: the first installation's
  aws autoscaling describe-auto-scaling-groups --auto-scaling-group-names "${1:-market-data-btcusdt-collector}" |
    jq -r '.AutoScalingGroups[].Instances[] | select(.LifecycleState == "InService") | .InstanceId' | sort
}
all_run() { # release
  local id wanted
  wanted="$(sha256sum "$home/$1.jar" | cut -d' ' -f1)"
  for id in $(instances); do
    [ "$(sha256sum "$home/hosts/$id/usr/share/market-collector/collector.jar" | cut -d' ' -f1)" = "$wanted" ] || return 1
  done
}
alarm() { # name, state
  aws cloudwatch set-alarm-state --alarm-name "$1" --state-value "$2" --state-reason "of the test"
}

# ---- What is stored ----------------------------------------------------------------------------------------------------
# The newest id that the exchange has issued; for a fleet that has ended, a second before its last collector stopped.
issued() { # bucket, symbol
  if grep -qsx "RAW_BUCKET=$1" "$home"/hosts/*/etc/market-collector/collector.env; then
    curl -fsS "$REST/api/v3/trades?symbol=$2&limit=1" | jq '.[0].id'
  else
    sed -n "s/^$1 $2 //p" "$home"/hosts/*.issued | sort -n | tail -1
  fi
}
judge() { # bucket, symbol, id
  aws s3 sync --delete --only-show-errors "s3://$1/raw" "$home/buckets/$1/raw" &&
    python3 "$emulator/verify.py" "$home/buckets/$1" "$2" "$3" >"$home/verify.log" 2>&1
}
# Everything must be stored that had been issued when this is called; two minutes are allowed for it.
complete() { # what came before, bucket, symbol
  local bucket="${2:-emulated-market-data}" symbol="${3:-BTCUSDT}" id until
  id="$(issued "$bucket" "$symbol")" || die "the exchange does not answer"
  until="$((SECONDS + 120))"
  until judge "$bucket" "$symbol" "$id"; do
    [ "$SECONDS" -lt "$until" ] || { cat "$home/verify.log" >&2; die "trades up to $id are missing after $1"; }
    sleep 2
  done
  ok "$1: $(sed 's/, written by.*//' "$home/verify.log")"
}

# ---- The emulated AWS, the exchange, and three releases ---------------------------------------------------------------
export POLL_SECONDS=1
mkdir -p "$home/hosts"
start_aws "$port" "$home/hosts" "$emulator/host.sh"
# It keeps 200,000 trades of each symbol.
java -Xmx256m -XX:TieredStopAtLevel=1 -jar "$jar" simulate --symbol BTCUSDT,ETHUSDT --rate 50 --port $((port + 1)) --rest-port $((port + 2)) >"$home/exchange.log" 2>&1 &
started+=("$!")
await "the exchange" grep -q '^WS_URL=' "$home/exchange.log"
# The permissions of the role are proven by run.sh; here each instance has credentials that moto accepts.
printf '{"AccessKeyId": "test", "SecretAccessKey": "test", "SessionToken": "test"}\n' >"$ROLE"

cp "$jar" "$home/first.jar"
cp "$jar" "$home/second.jar"
printf 'second\n' >"$home/RELEASE" && (cd "$home" && zip -q second.jar RELEASE)
mkdir -p "$home/META-INF"
printf 'Main-Class: io.marketdata.collector.Broken\n' >"$home/META-INF/MANIFEST.MF"
(cd "$home" && zip -q broken.jar META-INF/MANIFEST.MF)
for release in first second broken; do pack "$home/$release.jar" "$home/$release.rpm"; done

copy_configuration
printf 'terraform {\n  backend "local" {\n    path = "%s"\n  }\n}\n' "$home/shared.tfstate" >"$terraform/backend.tf"
release() { # the package of the next apply
  printf 'bucket_name = "emulated-market-data"\npackage_path = "%s"\n' "$home/$1.rpm" >"$terraform/terraform.tfvars"
}
# A checkout for another installation, with a state of its own; its configuration is the standard input.
checkout() { # name
  cp -r "$terraform" "$home/repo/infra/$1"
  cd "$home/repo/infra/$1"
  rm -rf fleets.auto.tfvars.json .terraform backend.tf
  cat >terraform.tfvars
}

# shellcheck source=SCRIPTDIR/scenes.sh
. "$emulator/scenes.sh"
scenes="${ONLY:-releases refusals outage second bucket colleague}"
for scene in first $scenes; do
  cd "$terraform"
  "scene_$scene"
done
cd "$terraform"
scene_last
