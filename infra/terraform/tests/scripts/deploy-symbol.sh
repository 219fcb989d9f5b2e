#!/usr/bin/env bash
# Runs deploy-symbol.sh against a terraform and an aws that only log their calls and give prepared answers: what it
# refuses, what it starts, and what it leaves in its list. That AWS understands the calls is proven by tests/emulator.
set -euo pipefail

tests="$(cd "$(dirname "$0")/.." && pwd)"
# shellcheck source=SCRIPTDIR/common.sh
. "$tests/scripts/common.sh"
export POLL_SECONDS=0

# shellcheck disable=SC2016 # of the programs
{
  program terraform <<<'case "$*" in
  "show -json") cat "$ANSWERS/state" ;;
  "show -json "*) cat "$ANSWERS/plan" ;;
  "output -json fleets") printf "{\"BTCUSDT\": {\"group\": \"unit-btcusdt-collector\"}}" ;;
esac'
  # The newest refresh: a line of answers/refresh for each question, and the last one again and again.
  program aws <<<'case "$2" in
  describe-alarms) cat "$ANSWERS/alarms" ;;
  describe-auto-scaling-groups) cat "$ANSWERS/group" ;;
  describe-scaling-activities) cat "$ANSWERS/activities" ;;
  describe-instance-refreshes)
    head -1 "$ANSWERS/refresh"
    [ "$(wc -l <"$ANSWERS/refresh")" = 1 ] || sed -i 1d "$ANSWERS/refresh" ;;
  cancel-instance-refresh) printf "%s\n" "{\"InstanceRefreshes\": [{\"Status\": \"Cancelled\"}]}" >"$ANSWERS/refresh" ;;
  list-object-versions) cat "$ANSWERS/versions" ;;
  get-object) printf "{\"LastModified\": \"2026-01-01T00:00:00+00:00\"}" ;;
esac'
}
answer() { printf '%s\n' "${@:2}" >"$ANSWERS/$1"; }
refresh() { printf '{"InstanceRefreshes": [{"Status": "%s", "PercentageComplete": 50}]}' "$1"; }
alarm() { answer alarms "{\"MetricAlarms\": [{\"AlarmName\": \"unit-btcusdt-BTCUSDT-$1\", \"StateValue\": \"ALARM\", \"StateReason\": \"of the test\"}]}"; }
group() { # version that the instance of the group runs; the group has version 2
  answer group "{\"AutoScalingGroups\": [{\"MaxSize\": 3, \"LaunchTemplate\": {\"Version\": \"2\"}, \"Instances\": [{\"LaunchTemplate\": {\"Version\": \"$1\"}}]}]}"
}
change() { printf '{"mode": "managed", "address": "%s", "change": {"actions": [%s]}}' "${2//\"/\\\"}" "$1"; }
plan() { answer plan "{\"resource_changes\": [$(change '"update"' 'module.fleet["BTCUSDT"].aws_launch_template.this')${1:+, $1}]}"; }
fleets() { printf '{"fleets": %s}\n' "$1" >"$home/copy/fleets.auto.tfvars.json"; }
listed() { jq -c .fleets "$home/copy/fleets.auto.tfvars.json"; }

given() { # the case: two fleets are deployed and listed, one instance runs the version before
  case="$1"
  rm -rf "$home/copy" "$ANSWERS"
  mkdir -p "$home/copy" "$ANSWERS"
  cp "$tests/../deploy-symbol.sh" "$tests/../cost.jq" "$home/copy/"
  fleets '{"BTCUSDT": {}, "ETHUSDT": {"instances": 2}}'
  answer state '{"values": {"outputs": {"bucket": {"value": "unit-raw"}, "fleets": {"value": {"BTCUSDT": {"group": "unit-btcusdt-collector", "package_version": "v3"}}}},
    "root_module": {"resources": [{"address": "terraform_data.fleets", "values": {"input": {"BTCUSDT": {"instances": null}, "ETHUSDT": {"instances": 2}}}}],
    "child_modules": [{"address": "module.fleet[\"BTCUSDT\"]"}, {"address": "module.fleet[\"ETHUSDT\"]"}]}}}'
  plan ""
  : >"$ANSWERS/fails"
  answer alarms '{"MetricAlarms": []}'
  answer activities '{"Activities": []}'
  answer refresh "$(refresh Successful)" "$(refresh InProgress)" "$(refresh Successful)"
  answer versions '{"Versions": [
    {"Key": "artifacts/BTCUSDT/market-collector.rpm", "VersionId": "v4", "ETag": "d", "LastModified": "2026-01-04"},
    {"Key": "artifacts/BTCUSDT/market-collector.rpm", "VersionId": "v3", "ETag": "c", "LastModified": "2026-01-03"},
    {"Key": "artifacts/BTCUSDT/market-collector.rpm", "VersionId": "v2", "ETag": "c", "LastModified": "2026-01-02"},
    {"Key": "artifacts/BTCUSDT/market-collector.rpm", "VersionId": "v1", "ETag": "a", "LastModified": "2026-01-01"}]}'
  group 1
}
deploy() { run "$home/copy/deploy-symbol.sh" "$@"; }
refused() { # what is said
  ends_with 3
  says "REFUSED, nothing was changed"
  says "$1"
  never "terraform apply"
}
unusable() { # what is said
  ends_with 2
  says "$1"
  never "terraform plan"
}

given "a plan"
deploy BTCUSDT plan
ends_with 0
calls '-target=module.fleet["BTCUSDT"] -target=terraform_data.fleets'
never "terraform apply"

given "an upgrade"
deploy BTCUSDT apply -auto-approve
ends_with 0
before "terraform plan" "terraform apply"
before "terraform apply" "start-instance-refresh"
calls '{"MinHealthyPercentage":100,"MaxHealthyPercentage":134,"InstanceWarmup":0,"SkipMatching":true}'
says "Instance refresh: InProgress"
says "Instance refresh: Successful"

given "a refresh that Terraform has started"
answer refresh "$(refresh Pending)" "$(refresh Successful)"
deploy BTCUSDT apply -auto-approve
ends_with 0
never "start-instance-refresh"

given "an apply that changes nothing, with instances of the version before"
answer plan '{}'
deploy BTCUSDT apply -auto-approve
ends_with 0
calls "start-instance-refresh"

given "instances that run the version of the group"
group 2
deploy BTCUSDT apply -auto-approve
ends_with 0
never "start-instance-refresh"

given "an apply that does not wait"
deploy BTCUSDT apply -auto-approve -no-wait
ends_with 0
calls "start-instance-refresh"
proof "it waits" [ "$(grep -c describe-instance-refreshes "$CALLS")" = 1 ]

given "a release that does not record"
answer refresh "$(refresh Successful)" "$(refresh InProgress)"
answer activities '{"Activities": [{"StartTime": "9999-01-01T00:00:00Z", "StatusCode": "Cancelled", "Description": "Launching a new EC2 instance: i-1"}]}'
deploy BTCUSDT apply -auto-approve
ends_with 1
calls "cancel-instance-refresh"
says "NOT REPLACED (Cancelled"
says "1 of 1 instances run the version from before"

given "a refresh that fails"
answer refresh "$(refresh Successful)" "$(refresh Failed)"
deploy BTCUSDT apply -auto-approve
ends_with 1
says "NOT REPLACED (Failed"

given "an apply that fails"
fails "terraform apply"
deploy BTCUSDT apply -auto-approve
ends_with 1
never "start-instance-refresh"

given "a new fleet"
fleets '{"BTCUSDT": {}, "ETHUSDT": {"instances": 2}}'
answer plan "{\"resource_changes\": [$(change '"create"' 'module.fleet["BNBUSDT"].aws_iam_role.this'), $(change '"create"' aws_vpc.this)]}"
deploy BNBUSDT apply -auto-approve -no-wait
calls "terraform apply"
proof "it is not listed" [ "$(listed)" = '{"BTCUSDT":{},"ETHUSDT":{"instances":2},"BNBUSDT":{}}' ]

given "a checkout without a list"
rm "$home/copy/fleets.auto.tfvars.json"
deploy BTCUSDT apply -auto-approve
ends_with 0
proof "the list is not the deployed one" [ "$(listed)" = '{"BTCUSDT":{},"ETHUSDT":{"instances":2}}' ]

for shared in '"update" aws_vpc.this' '"delete" aws_subnet.public' '"create" module.fleet["ETHUSDT"].aws_iam_role.this'; do
  given "a plan with $shared"
  plan "$(change "${shared% *}" "${shared##* }")"
  deploy BTCUSDT apply -auto-approve
  refused "${shared##* }"
done

for actions in '"delete", "create"' '"create", "delete"'; do
  given "a plan that replaces the group ($actions)"
  plan "$(change "$actions" 'module.fleet["BTCUSDT"].aws_autoscaling_group.this')"
  deploy BTCUSDT apply -auto-approve
  refused "would end at once"
done

for list in '{"BTCUSDT": {}}' '{"BTCUSDT": {}, "ETHUSDT": {"instances": 1}}'; do
  given "the list $list"
  fleets "$list"
  deploy BTCUSDT apply -auto-approve
  refused 'ETHUSDT: deployed as {"instances":2}'
done

for each in no-data uploads-late; do
  given "the alarm $each"
  alarm "$each"
  deploy BTCUSDT destroy -auto-approve
  refused "unit-btcusdt-BTCUSDT-$each"
done
deploy BTCUSDT apply -auto-approve -force
ends_with 0
given "an alarm that says nothing about uploads"
alarm heap-tight
deploy BTCUSDT apply -auto-approve
ends_with 0
calls "describe-alarms --alarm-name-prefix unit-btcusdt- --state-value ALARM"

given "the way back"
deploy BTCUSDT rollback -auto-approve
ends_with 0
calls "get-object --bucket unit-raw --key artifacts/BTCUSDT/market-collector.rpm --version-id v1 rollback/BTCUSDT.rpm"
proof "the list does not name it" [ "$(listed)" = '{"BTCUSDT":{"package_path":"rollback/BTCUSDT.rpm"},"ETHUSDT":{"instances":2}}' ]

given "no earlier package"
answer versions '{"Versions": [{"Key": "artifacts/BTCUSDT/market-collector.rpm", "VersionId": "v3", "ETag": "c", "LastModified": "2026-01-03"}]}'
deploy BTCUSDT rollback -auto-approve
unusable "no earlier package"

given "the end of a fleet"
deploy BTCUSDT destroy -auto-approve
ends_with 0
calls "terraform apply"
never "instance-refresh"
proof "it is still listed" [ "$(listed)" = '{"ETHUSDT":{"instances":2}}' ]
given "the end of a fleet that fails"
fails "terraform apply"
deploy BTCUSDT destroy -auto-approve
ends_with 1
proof "it is no longer listed" [ "$(listed)" = '{"BTCUSDT":{},"ETHUSDT":{"instances":2}}' ]

given "wrong usage"
deploy BTCUSDT
unusable "Usage:"
deploy btcusdt plan
unusable "is not a fleet name"
deploy BTCUSDT remove
unusable "is not an action"
deploy BTCUSDT apply
unusable "add -auto-approve"
deploy BNBUSDT destroy -auto-approve
unusable "There is no fleet BNBUSDT"
for option in -destroy -target=x -replace=x -out=x --destroy --target=x --replace=x --out=x; do
  deploy BTCUSDT apply -auto-approve "$option"
  unusable "changes the plan of this script"
done
fleets '{"BTCUSDT": {"instance_typ": "t4g.micro"}, "ETHUSDT": {"instances": 2}}'
deploy BTCUSDT plan
unusable "instance_typ of BTCUSDT"
fleets '["BTCUSDT"]'
deploy BTCUSDT plan
unusable "must be like"
printf 'fleets = {}\n' >"$home/copy/terraform.tfvars"
deploy BTCUSDT plan
unusable "is set in a .tfvars file"
finish
