#!/usr/bin/env bash
# Adds, changes or removes the collectors of one symbol, and touches no other symbol.
#
#   infra/terraform/deploy-symbol.sh SYMBOL plan|apply|rollback|destroy [-auto-approve] [-no-wait] [-force] [options of terraform plan]
#
# SYMBOL is the name of a fleet: a symbol, or any name whose symbols are listed in fleets.auto.tfvars.json. That file
# lists the fleets; apply adds the name if it is missing, destroy removes it, and everything else about a fleet
# (instances, symbols, settings) is edited there. The state of Terraform keeps a copy for the checkouts of others. No
# action of this script deletes trades from the bucket.
#
# rollback goes back to the package that the fleet ran before, which the bucket keeps. apply and rollback show how the
# instances are replaced, one at a time, until the end; the first one that does not record stops it (-no-wait: only
# start it).
#
# Refused, before anything is changed: a plan that touches another fleet, that changes or destroys something shared, or
# that would end all collectors of this fleet at once: review such a plan with `terraform plan`. Also a list of fleets
# that is not the one of the state, and, without -force, any change while an alarm says that uploads fail.
#
# Exit codes: 0 done, 1 Terraform or the replacement of the instances failed, 2 wrong usage, 3 refused.
set -euo pipefail

usage() {
  printf 'Usage: %s SYMBOL plan|apply|rollback|destroy [-auto-approve] [-no-wait] [-force] [options of terraform plan]\n' "${0##*/}" >&2
  [ $# = 0 ] || printf '%s\n' "$*" >&2
  exit 2
}

[ $# -ge 2 ] || usage
name="$1" action="$2"
shift 2
[[ $name =~ ^[A-Z0-9]{2,20}$ ]] || usage "\"$name\" is not a fleet name: use 2 to 20 capital letters and digits, for example BTCUSDT."
case "$action" in
  plan | apply | rollback | destroy) ;;
  *) usage "\"$action\" is not an action: use plan, apply, rollback or destroy." ;;
esac
approved=no wait=yes force=no
options=()
for option in "$@"; do
  case "$option" in
    -auto-approve | --auto-approve) approved=yes ;;
    -no-wait | --no-wait) wait=no ;;
    -force | --force) force=yes ;;
    -destroy | -target* | -replace* | -out* | --destroy | --target* | --replace* | --out*)
      usage "$option changes the plan of this script; call terraform itself for that." ;;
    *) options+=("$option") ;;
  esac
done
programs="terraform jq"
[ "$action" = plan ] || programs="terraform jq aws"
for program in $programs; do
  command -v "$program" >/dev/null || usage "$program is not installed; install it."
done
if [ "$action" != plan ] && [ "$approved" = no ] && [ ! -t 0 ]; then
  usage "Standard input is not a terminal, so the plan cannot be confirmed; add -auto-approve."
fi

cd "$(dirname "${BASH_SOURCE[0]}")"
list=fleets.auto.tfvars.json
if grep -qsE '^[[:space:]]*fleets[[:space:]]*=' ./*.tfvars; then
  usage "fleets is set in a .tfvars file, which $PWD/$list would override. Move it to that file, as JSON: {\"fleets\": {\"BTCUSDT\": {}}}"
fi
begun="$(date -u +%FT%TZ)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

terraform init -input=false >"$work/init" 2>&1 || { cat "$work/init" >&2; exit 1; }
own="module.fleet[\"$name\"]"
terraform show -json >"$work/state.json" 2>"$work/error" || { cat "$work/error" >&2; exit 1; }
jq -r '[.. | objects | select(has("address")) | .address] | .[]' "$work/state.json" >"$work/state"
# The list as it was last applied; until now deployed by terraform alone, the fleets came from the default.
jq '[.values.root_module.child_modules[]?.address | capture("^module\\.fleet\\[\"(?<name>[^\"]*)\"\\]$") | {(.name): {}}] as $default
  | [.values.root_module.resources[]? | select(.address == "terraform_data.fleets") | .values.input
    | map_values(with_entries(select(.value != null)))] | {fleets: (.[0] // ($default | add) // {})}' \
  "$work/state.json" >"$work/applied.json"
if [ -f "$list" ]; then cp "$list" "$work/before.json"; else cp "$work/applied.json" "$work/before.json"; fi
jq -e '.fleets | type == "object" and all(type == "object")' "$work/before.json" >/dev/null 2>&1 ||
  usage "$PWD/$list must be like {\"fleets\": {\"BTCUSDT\": {}}}."
# Terraform drops what it does not know without a word.
unknown="$(jq -r '.fleets | to_entries[] | .key as $f | .value | keys[]
  | select(IN("symbols", "instances", "instance_type", "disk_gib", "package_path", "environment", "config_path") | not) | "\(.) of \($f)"' "$work/before.json")"
[ -z "$unknown" ] || usage "$PWD/$list has options that do not exist: $(paste -sd, <<<"$unknown"). README.md lists them."
if [ "$action" = destroy ]; then
  if ! jq -e --arg n "$name" '.fleets | has($n)' "$work/before.json" >/dev/null && ! grep -qF "$own" "$work/state"; then
    usage "There is no fleet $name."
  fi
  jq --arg n "$name" 'del(.fleets[$n])' "$work/before.json" >"$work/after.json"
else
  jq --arg n "$name" '.fleets[$n] //= {}' "$work/before.json" >"$work/after.json"
fi

refuse() {
  printf '\nREFUSED, nothing was changed: %s\n' "$1" >&2
  sed 's/^/  /' "$work/refused" >&2
  exit 3
}
# Others deploy with their own checkouts, and this plan would make their fleets what this list says.
jq -rn --arg n "$name" --slurpfile a "$work/applied.json" --slurpfile b "$work/before.json" '$a[0].fleets as $a | $b[0].fleets as $b
  | ($a + $b | keys[]) | select(. != $n and $a[.] != null and $a[.] != $b[.])
  | "\(.): deployed as \($a[.] | tojson), listed as \($b[.] | tojson)"' >"$work/refused"
if [ -s "$work/refused" ]; then
  refuse "$PWD/$list differs from what is deployed. Without that file the list is the deployed one; delete or correct it:"
fi

group="$(jq -r --arg n "$name" '.values.outputs.fleets.value[$n].group // empty' "$work/state.json")"
if [ "$action" != plan ] && [ "$force" = no ] && [ -n "$group" ]; then
  aws cloudwatch describe-alarms --alarm-name-prefix "${group%collector}" --state-value ALARM --output json |
    jq -r '.MetricAlarms[] | select(.StateValue == "ALARM" and (.AlarmName | endswith("no-data") or endswith("uploads-late"))) | "\(.AlarmName): \(.StateReason)"' >"$work/refused"
  if [ -s "$work/refused" ]; then
    refuse "uploads fail, so the instances hold trades that the bucket does not have. Wait until the alarm has ended, or add -force (an instance that ends still uploads its spool first):"
  fi
fi

if [ "$action" = rollback ]; then
  [ -n "$group" ] || usage "There is no fleet $name."
  bucket="$(jq -r .values.outputs.bucket.value "$work/state.json")" key="artifacts/$name/market-collector.rpm"
  current="$(jq -r --arg n "$name" '.values.outputs.fleets.value[$n].package_version' "$work/state.json")"
  earlier="$(aws s3api list-object-versions --bucket "$bucket" --prefix "$key" --output json |
    jq -r --arg k "$key" --arg c "$current" '[.Versions[]? | select(.Key == $k)] as $all | ($all[] | select(.VersionId == $c)) as $now
      | [$all[] | select(.LastModified <= $now.LastModified and .ETag != $now.ETag)] | max_by(.LastModified) | .VersionId // empty')"
  [ -n "$earlier" ] || usage "The bucket has no earlier package of $name; build the one that you want, and apply."
  mkdir -p rollback
  aws s3api get-object --bucket "$bucket" --key "$key" --version-id "$earlier" "rollback/$name.rpm" >"$work/package.json"
  printf '%s goes back to the package of %s.\n' "$name" "$(jq -r .LastModified "$work/package.json")"
  jq --arg n "$name" --arg p "rollback/$name.rpm" '.fleets[$n].package_path = $p' "$work/after.json" >"$work/list.json"
  mv "$work/list.json" "$work/after.json"
fi

terraform plan -input=false -out="$work/plan" -target="$own" -target=terraform_data.fleets -var-file="$work/after.json" ${options[@]+"${options[@]}"} || exit 1
terraform show -json "$work/plan" >"$work/plan.json"
# The changes of the plan, as "create address"; a replacement is "delete+create".
jq -r '.resource_changes[]? | select(.mode == "managed")
  | select(.change.actions != ["no-op"] and .change.actions != ["read"])
  | "\(.change.actions | join("+")) \(.address)"' "$work/plan.json" >"$work/changes"

# Shared resources may only be created, by the first deployment.
if grep -vF " $own." "$work/changes" | grep -v ' terraform_data\.fleets$' | grep -E 'module\.fleet\[|delete|update' >"$work/refused"; then
  refuse "the plan touches more than $name. Review everything with 'terraform plan' before you apply it:"
fi
if [ "$action" != destroy ] && grep -E "^(delete|create\+delete).* module\.fleet\[.*\.aws_autoscaling_group\." "$work/changes" >"$work/refused"; then
  refuse "all collectors of $name would end at once, which leaves a gap:"
fi

group() { aws autoscaling describe-auto-scaling-groups --auto-scaling-group-names "$group" --output json | jq -r "$1"; }
refresh() { # what of the newest one
  aws autoscaling describe-instance-refreshes --auto-scaling-group-name "$group" --max-records 1 --output json |
    jq -r "[.InstanceRefreshes[]?][0] // {} | $1"
}
# shellcheck disable=SC2016 # of jq
outdated='.AutoScalingGroups[0] | .LaunchTemplate.Version as $v | [.Instances[] | select(.LaunchTemplate.Version != $v)] | length'

# Terraform has started the refresh, unless AWS refused it at an earlier apply: then the group is changed and Terraform
# sees nothing left to do (hashicorp/terraform-provider-aws issue 34189).
replace_instances() {
  local status shown="" line
  group="$(terraform output -json fleets | jq -r --arg n "$name" '.[$n].group')"
  status="$(refresh '.Status // "None"')"
  case "$status" in
    Pending | InProgress | Baking) ;;
    *)
      [ "$(group "$outdated")" != 0 ] || return 0
      aws autoscaling start-instance-refresh --auto-scaling-group-name "$group" --strategy Rolling \
        --preferences "$(jq -nc --argjson n "$(group '.AutoScalingGroups[0].MaxSize')" \
          '{MinHealthyPercentage: 100, MaxHealthyPercentage: (100 + (100 / $n | ceil)), InstanceWarmup: 0, SkipMatching: true}')" >/dev/null
      ;;
  esac
  if [ "$wait" = no ]; then
    printf '\nThe instances are being replaced: aws autoscaling describe-instance-refreshes --auto-scaling-group-name %s\n' "$group"
    return 0
  fi
  while true; do
    line="$(refresh '"\(.Status) \(.PercentageComplete // 0) %\(.StatusReason // "" | if . == "" then "" else ": " + . end)"')"
    [ "$line" = "$shown" ] || printf '%s  Instance refresh: %s\n' "$(date -u +%T)" "$line"
    shown="$line"
    status="${line%% *}"
    case "$status" in
      Successful) return 0 ;;
      Pending | InProgress | Baking | Cancelling) ;;
      *) not_replaced "$line" ;;
    esac
    # One that does not record ends its own launch; AWS would launch the next one.
    if [ "$status" != Cancelling ] && aws autoscaling describe-scaling-activities --auto-scaling-group-name "$group" --max-items 20 --output json |
      jq -e --arg t "$begun" '[.Activities[]? | select(.StartTime >= $t and (.StatusCode == "Failed" or .StatusCode == "Cancelled") and (.Description | startswith("Launching")))] | length > 0' >/dev/null; then
      printf '%s  The new instance does not record; the refresh is cancelled.\n' "$(date -u +%T)"
      aws autoscaling cancel-instance-refresh --auto-scaling-group-name "$group" >/dev/null || true
    fi
    sleep "${POLL_SECONDS:-15}"
  done
}

not_replaced() {
  printf '\nNOT REPLACED (%s): %s of %s instances run the version from before, and record on.\n' "$1" \
    "$(group "$outdated")" "$(group '.AutoScalingGroups[0].Instances | length')" >&2
  printf 'What happened: aws ec2 get-console-output --latest --output text --instance-id ID of the new one, or docs/RUNBOOK.md.\n' >&2
  printf 'Back to the package before: %s %s rollback\n' "$0" "$name" >&2
  exit 1
}

if [ ! -s "$work/changes" ]; then
  printf '\nThe configuration of %s has no changes.\n' "$name"
  if [ "$action" = plan ]; then
    exit 0
  fi
elif [ "$action" = plan ]; then
  printf '\nThe plan of %s touches no other fleet. To apply it: %s %s apply\n' "$name" "$0" "$name"
  exit 0
elif [ "$approved" = no ]; then
  read -r -p "Type yes to $action $name: " answer
  [ "$answer" = yes ] || { printf 'Nothing was changed.\n' >&2; exit 2; }
fi
# An interrupted apply has created a part of the fleet: so the fleet is listed before apply, and removed after destroy.
[ "$action" = destroy ] || cp "$work/after.json" "$list"
terraform apply -input=false "$work/plan" || exit 1
[ "$action" != destroy ] || cp "$work/after.json" "$list"
[ "$action" = destroy ] || replace_instances
[ "$action" != rollback ] || printf '\nThe list names rollback/%s.rpm for %s: remove "package_path" there before the next upgrade.\n' "$name" "$name"
printf '\nDone. %s lists the fleets; keep it with your configuration.\n' "$PWD/$list"
