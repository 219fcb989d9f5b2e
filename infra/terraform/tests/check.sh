#!/usr/bin/env bash
# Checks this configuration without an account: its format, its arguments, the planned resources (tests/*.tftest.hcl,
# with a mock of AWS), that nothing is deployed which closed/expected.txt does not list, and its scripts. Works on a copy
# and changes nothing in the repository.
#
#   infra/terraform/tests/check.sh [DIRECTORY]    default: this repository; it must hold infra/terraform, infra/sql and systemd
#   infra/terraform/tests/check.sh --write        writes closed/expected.txt, to accept what was changed; read its diff
#
# ONLY="validate" selects steps: format, deploy and host (the scripts, against prepared answers), scripts, validate, test,
# closed, lint; FILTER=tests/fleet.tftest.hcl selects a file of tests.
# The AWS provider comes from the registry, or from a mirror: TF_CLI_ARGS_init=-plugin-dir=DIR.
# Ends with 0 if every step passes, 1 if one fails, 77 if terraform or its provider is not available.
set -euo pipefail

write=no
if [ "${1:-}" = --write ]; then
  write=yes ONLY=closed
  shift
fi
repo="$(cd "${1:-"$(dirname "$0")/../../.."}" && pwd)"
if ! command -v terraform >/dev/null; then
  printf 'terraform is not installed; only the arguments are checked, without it\n'
  exec "$repo/infra/terraform/tests/arguments/check.sh"
fi
export CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1 TF_CLI_ARGS="-no-color"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
mkdir "$work/infra"
cp -r "$repo/systemd" "$repo/configs" "$work/"
cp -r "$repo/infra/terraform" "$repo/infra/sql" "$work/infra/"
cd "$work/infra/terraform"
rm -rf .terraform terraform.tfvars ./*.auto.tfvars.json ./*.tfstate* backend.tf override.tf

failed=0
step() { # name, then a command
  case " ${ONLY:-format deploy host scripts validate test closed lint} " in *" $1 "*) ;; *) return 0 ;; esac
  local code=0
  "${@:2}" >"$work/output" 2>&1 || code=$?
  case "$code" in
    0) printf 'ok: %s%s\n' "$1" "$(sed -nE 's/^(Success! )?([0-9]+ (passed|proofs)).*/, \2/p' "$work/output")" ;;
    77) printf 'skipped: %s, %s\n' "$1" "$(tail -1 "$work/output")" ;;
    *)
      printf 'FAILED: %s\n' "$1"
      cat "$work/output"
      failed=1
      ;;
  esac
}
# shellcheck disable=SC2317 # called by step
scripts() {
  command -v shellcheck >/dev/null || { echo 'shellcheck is not installed'; return 77; }
  shellcheck -S style -x deploy-symbol.sh modules/fleet/files/*.sh tests/*.sh tests/arguments/check.sh tests/scripts/*.sh tests/emulator/*.sh
}
# shellcheck disable=SC2317 # called by step
behaviour() { # of a script
  command -v jq >/dev/null || { echo 'jq is not installed'; return 77; }
  "tests/scripts/$1.sh"
}
# shellcheck disable=SC2317 # called by step
closed() {
  if ! python3 -c 'import yaml' 2>/dev/null; then
    echo 'python3 has no yaml'
    return 77
  fi
  # It fails at its end, because the bucket cannot be destroyed; list.py requires that its run has passed.
  terraform test -test-directory=tests/closed -json -verbose >"$work/deployed" || true
  python3 tests/closed/list.py <"$work/deployed" >"$work/actual" || return 1
  if [ "$write" = yes ]; then
    cp "$work/actual" "$repo/infra/terraform/tests/closed/expected.txt"
  elif ! diff -U0 tests/closed/expected.txt "$work/actual"; then
    printf 'If this change is wanted, accept it with infra/terraform/tests/check.sh --write, and commit expected.txt with it.\n'
    return 1
  fi
}
# shellcheck disable=SC2317 # called by step
lint() {
  command -v tflint >/dev/null || { echo 'tflint is not installed'; return 77; }
  tflint --recursive --config "$PWD/.tflint.hcl"
}
step format terraform fmt -check -diff -recursive
step deploy behaviour deploy-symbol
step host behaviour host
step scripts scripts
init() { terraform init -backend=false -input=false >"$work/init" 2>&1; }
# A mirror may have another version of the provider than the lock file.
if ! init && { ! grep -q 'lock file' "$work/init" || ! rm .terraform.lock.hcl || ! init; }; then
  if grep -qE 'could not connect to registry|no such host|Failed to query available provider' "$work/init"; then
    printf 'skipped: no AWS provider, the Terraform registry cannot be reached\n'
    [ "$failed" = 0 ] && exit 77
    exit 1
  fi
  printf 'FAILED: init\n'
  cat "$work/init"
  exit 1
fi
step validate terraform validate
step test terraform test ${FILTER:+"-filter=$FILTER"}
step closed closed
step lint lint
exit "$failed"
