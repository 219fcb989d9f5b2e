#!/usr/bin/env bash
# The life of a fleet in an emulated AWS, one line per proof: it is deployed, upgraded, gets a release that does not start,
# goes back, gets a refresh that AWS refuses, loses instances while the bucket refuses uploads, and ends. Every instance
# runs the scripts of its user data and records from one simulated exchange; no trade may be missing at the end.
#
#   infra/terraform/tests/emulator/life.sh [collector.jar]    default: target/collector.jar; takes a quarter of an hour
#
# Needs what run.sh needs, and touches nothing real. S3_AWAY=600 keeps the bucket away for ten minutes (default: 60 s).
# Ends with 0 if everything is proven, 1 if not, 77 if it cannot run here.
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
  tail -25 "$home/aws.events" >&2
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
refuses() { curl -fsS -X PUT "$API/test/$1/$2" >/dev/null; }

# ---- The emulated AWS, the exchange, and three releases ---------------------------------------------------------------
export POLL_SECONDS=1
mkdir -p "$home/hosts"
start_aws "$port" "$home/hosts" "$emulator/host.sh"
java -Xmx64m -XX:TieredStopAtLevel=1 -jar "$jar" simulate --symbol BTCUSDT,ETHUSDT --rate 50 --port $((port + 1)) --rest-port $((port + 2)) >"$home/exchange.log" 2>&1 &
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
release() { printf 'bucket_name = "emulated-market-data"\npackage_path = "%s"\n' "$home/$1.rpm" >"$terraform/terraform.tfvars"; }
cd "$terraform"
instances() { # in service, of BTCUSDT
  aws autoscaling describe-auto-scaling-groups --auto-scaling-group-names market-data-btcusdt-collector |
    jq -r '.AutoScalingGroups[].Instances[] | select(.LifecycleState == "InService") | .InstanceId' | sort
}
digest_of() { sha256sum "$home/hosts/$1/usr/share/market-collector/collector.jar" | cut -d' ' -f1; }
all_run() { # release
  local id
  for id in $(instances); do [ "$(digest_of "$id")" = "$(sha256sum "$home/$1.jar" | cut -d' ' -f1)" ] || return 1; done
}
complete() { # what came before
  local log="$home/verify.log"
  rm -rf "$home/bucket"
  aws s3 sync --only-show-errors s3://emulated-market-data "$home/bucket"
  python3 "$emulator/verify.py" "$home/bucket" BTCUSDT >"$log" || { cat "$log" >&2; die "trades are missing after $1"; }
  ok "$1: $(sed 's/, written by.*//' "$log")"
}

# ---- The first deployment ----------------------------------------------------------------------------------------------
release first
quietly ./deploy-symbol.sh BTCUSDT apply -auto-approve
first="$(instances)"
same "$(wc -l <<<"$first")" 3 "the first deployment ends when three instances record"
complete "deployed"

# ---- A new release -----------------------------------------------------------------------------------------------------
release second
quietly ./deploy-symbol.sh BTCUSDT apply -auto-approve
grep -q 'Instance refresh: Successful' "$home/output" || { cat "$home/output"; die "the end of the refresh is not shown"; }
second="$(instances)"
same "$(wc -l <<<"$second") $(comm -12 <(echo "$first") <(echo "$second") | wc -l)" "3 0" "a new release replaces all three, and its progress is shown"
all_run second || die "an instance runs another jar"
complete "upgraded"

# ---- A release that does not start -------------------------------------------------------------------------------------
release broken
code=0
./deploy-symbol.sh BTCUSDT apply -auto-approve >"$home/output" 2>&1 || code=$?
same "$code $(grep -c '^NOT REPLACED' "$home/output")" "1 1" "the apply of a release that does not start is an error, and says so"
same "$(instances)" "$second" "a release that does not start stops at its first instance; all old ones record on"
complete "after the broken release"

# ---- Back --------------------------------------------------------------------------------------------------------------
quietly ./deploy-symbol.sh BTCUSDT rollback -auto-approve
all_run second || die "after the rollback an instance runs another jar"
same "$(jq -c .fleets fleets.auto.tfvars.json)" '{"BTCUSDT":{"package_path":"rollback/BTCUSDT.rpm"}}' "rollback goes back to the package before, and the list names it"
printf '{"fleets": {"BTCUSDT": {}}}\n' >fleets.auto.tfvars.json
complete "rolled back"

# ---- An alarm ----------------------------------------------------------------------------------------------------------
release first
alarm() { aws cloudwatch set-alarm-state --alarm-name market-data-btcusdt-uploads-late --state-value "$1" --state-reason "of the test"; }
alarm ALARM
code=0
./deploy-symbol.sh BTCUSDT apply -auto-approve >"$home/output" 2>&1 || code=$?
same "$code $(grep -c 'uploads-late: of the test' "$home/output")" "3 1" "while an alarm says that uploads fail, an apply is refused"
alarm OK

# ---- A refresh that AWS refuses ----------------------------------------------------------------------------------------
refuses refresh on
code=0
./deploy-symbol.sh BTCUSDT apply -auto-approve >"$home/output" 2>&1 || code=$?
same "$code" 1 "a refresh that AWS refuses is an error"
quietly ./deploy-symbol.sh BTCUSDT apply -auto-approve
all_run first || die "the second apply has not replaced the instances"
ok "the second apply starts it again, though Terraform sees no change"
complete "after the refused refresh"

# ---- The bucket is away while instances end ----------------------------------------------------------------------------
before="$(instances)"
refuses s3 on
since="$SECONDS"
for id in $before; do
  aws autoscaling terminate-instance-in-auto-scaling-group --instance-id "$id" --no-should-decrement-desired-capacity >/dev/null
done
sleep "${S3_AWAY:-60}"
same "$(instances)" "$before" "while the bucket refuses uploads no instance ends, because no new one records"
refuses s3 off
replaced() { [ "$(comm -12 <(echo "$before") <(instances) | wc -l) $(instances | wc -l)" = "0 3" ]; }
await "the end of the terminated instances" replaced
ok "with the bucket back, after $((SECONDS - since)) s, they are replaced"
complete "after the outage"

# The other order: the new instance records, and then the bucket is away while the old one ends.
before="$(instances)"
one="$(head -1 <<<"$before")"
aws autoscaling terminate-instance-in-auto-scaling-group --instance-id "$one" --no-should-decrement-desired-capacity >/dev/null
await "its replacement" sh -c "grep -q '$one is to end' '$home/aws.events'"
refuses s3 on
sleep "${S3_AWAY:-60}"
grep -q "$one ends" "$home/aws.events" && ! grep -q "$one ends .*: 0$" "$home/aws.events" && die "$one has ended with trades in its spool"
refuses s3 off
await "its end" grep -q "$one ends" "$home/aws.events"
complete "after an outage during an end"

# ---- A colleague's checkout --------------------------------------------------------------------------------------------
cp -r "$terraform" "$home/repo/infra/colleague"
cd "$home/repo/infra/colleague"
rm -rf fleets.auto.tfvars.json .terraform
quietly ./deploy-symbol.sh ETHUSDT apply -auto-approve
same "$(jq -c '.fleets | keys' fleets.auto.tfvars.json)" '["BTCUSDT","ETHUSDT"]' "another checkout deploys a second symbol and gets the list of fleets from the state"
cd "$terraform"
code=0
./deploy-symbol.sh BTCUSDT apply -auto-approve >"$home/output" 2>&1 || code=$?
same "$code $(grep -c 'ETHUSDT: deployed as {}, listed as null' "$home/output")" "3 1" "the first checkout, which does not know it, is refused"
rm fleets.auto.tfvars.json
quietly ./deploy-symbol.sh BTCUSDT apply -auto-approve
same "$(jq -c '.fleets | keys' fleets.auto.tfvars.json)" '["BTCUSDT","ETHUSDT"]' "and without its list it has the deployed one"
jq '.fleets.ETHUSDT.instances = 1' "$home/repo/infra/colleague/fleets.auto.tfvars.json" >fleets.auto.tfvars.json
code=0
./deploy-symbol.sh BTCUSDT apply -auto-approve >"$home/output" 2>&1 || code=$?
same "$code $(grep -c 'differs from what is deployed' "$home/output")" "3 1" "a list that says something else about a colleague's fleet is refused"
cp "$home/repo/infra/colleague/fleets.auto.tfvars.json" .
refused() { # description, then a command
  local code=0
  "${@:2}" >"$home/output" 2>&1 || code=$?
  if [ "$code" != 3 ] || ! grep -q '^REFUSED, nothing was changed' "$home/output"; then
    tail -20 "$home/output" >&2
    die "$1 is not refused (it ended with $code)"
  fi
  ok "refused: $1"
}
refused "a plan for another network" ./deploy-symbol.sh ETHUSDT apply -auto-approve -var vpc_cidr=10.99.0.0/16
refused "a plan with another name for all resources" ./deploy-symbol.sh ETHUSDT apply -auto-approve -var name=other
jq '.fleets.ETHUSDT.instance_typ = "t4g.micro"' fleets.auto.tfvars.json >"$home/typo" && cp fleets.auto.tfvars.json "$home/list" && cp "$home/typo" fleets.auto.tfvars.json
code=0
./deploy-symbol.sh ETHUSDT plan >"$home/output" 2>&1 || code=$?
same "$code $(grep -c 'instance_typ of ETHUSDT' "$home/output")" "2 1" "an option that does not exist is refused"
cp "$home/list" fleets.auto.tfvars.json

# ---- The end -----------------------------------------------------------------------------------------------------------
before="$(instances)"
quietly ./deploy-symbol.sh ETHUSDT destroy -auto-approve
same "$(instances) $(jq -c '.fleets | keys' fleets.auto.tfvars.json)" "$before [\"BTCUSDT\"]" "the second symbol goes, without a change to the first"
quietly ./deploy-symbol.sh BTCUSDT destroy -auto-approve
same "$(instances | wc -l)" 0 "destroy ends all instances"
same "$(grep -c 'ends .*files in its spool: [1-9]' "$home/aws.events" || true)" 0 "no instance that recorded ended with a file in its spool"
complete "destroyed"
