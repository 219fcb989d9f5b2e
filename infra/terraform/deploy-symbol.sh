#!/usr/bin/env bash
# Adds, changes or removes the collectors of one symbol, and touches no other symbol.
#
#   infra/terraform/deploy-symbol.sh SYMBOL plan|apply|destroy [-auto-approve] [options of terraform plan]
#
# SYMBOL is the name of a fleet: a symbol, or any name whose symbols are listed in fleets.auto.tfvars.json. That file
# lists the fleets; apply adds the name if it is missing, destroy removes it, and everything else about a fleet
# (instances, symbols, settings) is edited there. No action of this script deletes trades from the bucket.
#
# Refused, before anything is changed: a plan that touches another fleet, that changes or destroys something shared, or
# that would end all collectors of this fleet at once. Review such a plan with `terraform plan`.
#
# Exit codes: 0 done, 1 Terraform failed, 2 wrong usage, 3 the plan is refused.
set -euo pipefail

usage() {
  printf 'Usage: %s SYMBOL plan|apply|destroy [-auto-approve] [options of terraform plan]\n' "${0##*/}" >&2
  [ $# = 0 ] || printf '%s\n' "$*" >&2
  exit 2
}

[ $# -ge 2 ] || usage
name="$1" action="$2"
shift 2
[[ $name =~ ^[A-Z0-9]{2,20}$ ]] || usage "\"$name\" is not a fleet name: use 2 to 20 capital letters and digits, for example BTCUSDT."
case "$action" in
  plan | apply | destroy) ;;
  *) usage "\"$action\" is not an action: use plan, apply or destroy." ;;
esac
approved=no
options=()
for option in "$@"; do
  case "$option" in
    -auto-approve | --auto-approve) approved=yes ;;
    -destroy | -target* | -replace* | -out* | --destroy | --target* | --replace* | --out*)
      usage "$option changes the plan of this script; call terraform itself for that." ;;
    *) options+=("$option") ;;
  esac
done
for program in terraform jq; do
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
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

terraform init -input=false >"$work/init" 2>&1 || { cat "$work/init" >&2; exit 1; }
own="module.fleet[\"$name\"]"
terraform state list >"$work/state" 2>"$work/error" || grep -q 'No state file' "$work/error" || { cat "$work/error" >&2; exit 1; }
if [ -f "$list" ]; then
  cp "$list" "$work/before.json"
else
  # Until now deployed by terraform alone: the existing fleets came from the default.
  sed -n 's/^module\.fleet\["\([^"]*\)"\].*/\1/p' "$work/state" | sort -u |
    jq -R . | jq -s '{fleets: (map({(.): {}}) | add // {})}' >"$work/before.json"
fi
jq -e '.fleets | type == "object"' "$work/before.json" >/dev/null || usage "$PWD/$list must be like {\"fleets\": {\"BTCUSDT\": {}}}."
if [ "$action" = destroy ]; then
  if ! jq -e --arg n "$name" '.fleets | has($n)' "$work/before.json" >/dev/null && ! grep -qF "$own" "$work/state"; then
    usage "There is no fleet $name."
  fi
  jq --arg n "$name" 'del(.fleets[$n])' "$work/before.json" >"$work/after.json"
else
  jq --arg n "$name" '.fleets[$n] //= {}' "$work/before.json" >"$work/after.json"
fi

terraform plan -input=false -out="$work/plan" -target="$own" -var-file="$work/after.json" ${options[@]+"${options[@]}"} || exit 1
terraform show -json "$work/plan" >"$work/plan.json"
# The changes of the plan, as "create address"; a replacement is "delete+create".
jq -r '.resource_changes[]? | select(.mode == "managed")
  | select(.change.actions != ["no-op"] and .change.actions != ["read"])
  | "\(.change.actions | join("+")) \(.address)"' "$work/plan.json" >"$work/changes"

refuse() {
  printf '\nREFUSED, nothing was changed: %s\n' "$1" >&2
  sed 's/^/  /' "$work/refused" >&2
  exit 3
}
# Shared resources may only be created, by the first deployment.
if grep -vF " $own." "$work/changes" | grep -E 'module\.fleet\[|delete|update' >"$work/refused"; then
  refuse "the plan touches more than $name. Review everything with 'terraform plan' before you apply it:"
fi
if [ "$action" != destroy ] && grep -E "^(delete|create\+delete).* module\.fleet\[.*\.aws_autoscaling_group\." "$work/changes" >"$work/refused"; then
  refuse "all collectors of $name would end at once, which leaves a gap:"
fi

if [ ! -s "$work/changes" ]; then
  printf '\nNothing to do: %s has no changes.\n' "$name"
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
printf '\nDone. %s lists the fleets; keep it with your configuration.\n' "$PWD/$list"
