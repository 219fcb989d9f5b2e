#!/usr/bin/env bash
# Measures the tests: plants each fault of mutations.txt in a copy, and runs check.sh until a step fails.
#
#   infra/terraform/tests/mutations.sh [ID...]    default: all, JOBS=2 at a time (default: as many as processors)
#
# One line for each fault: "caught" with the step and the first line of its report, or "survived". The step format counts
# for nothing. Ends with 1 below 95 %, or if the text of a fault is not in its file.
set -euo pipefail

tests="$(cd "$(dirname "$0")" && pwd)"
repo="$(cd "$tests/../../.." && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# Reads the list; sets the arrays ids, and by id: file, right, wrong.
declare -A file right wrong
ids=() id="" part=""
while IFS= read -r line; do
  case "$line" in
    '== '*)
      IFS='|' read -r id name _ <<<"${line#== }"
      id="${id// /}" part=right
      ids+=("$id")
      file[$id]="${name// /}" right[$id]="" wrong[$id]=""
      ;;
    --) part=wrong ;;
    *)
      case "$part" in
        right) right[$id]+="$line"$'\n' ;;
        wrong) wrong[$id]+="$line"$'\n' ;;
      esac
      ;;
  esac
done <"$tests/mutations.txt"

copy() { # name
  mkdir -p "$work/$1/infra"
  cp -r "$repo/systemd" "$repo/configs" "$work/$1/"
  cp -r "$repo/infra/terraform" "$repo/infra/sql" "$work/$1/infra/"
}

plant() { # id; makes the copy $work/ID
  local target="$work/$1/infra/terraform/${file[$1]}" old new text rest
  copy "$1"
  # An empty line ends an entry; a replacement of nothing removes the line.
  old="${right[$1]%$'\n'}" new="${wrong[$1]%$'\n'}"
  [[ $new != *$'\n' ]] || new="${new%$'\n'}"
  text="$(<"$target")"$'\n'
  if [ -z "$new" ] && [[ $text == *"$old"$'\n'* ]]; then old+=$'\n'; fi
  rest="${text#*"$old"}"
  if [ "$rest" = "$text" ] || [[ $rest == *"$old"* ]]; then
    printf 'ERROR     %s: its text is not exactly once in %s\n' "$1" "${file[$1]}"
    return 1
  fi
  printf '%s%s%s' "${text%%"$old"*}" "$new" "$rest" >"$target"
}

try() { # id
  local steps step code report="$work/$1.report"
  plant "$1" || return 0
  case "${file[$1]} ${right[$1]}" in
    deploy-symbol.sh*) steps="deploy scripts" ;;
    *.sh\ *) steps="host scripts" ;;
    *regex* | *length\(* | *startswith\(var* | *contains\(* | *endswith\(name*) steps="test closed" ;;
    *) steps="closed test" ;;
  esac
  for step in $steps deploy host scripts closed test validate; do
    code=0
    ONLY="$step" "$tests/check.sh" "$work/$1" >"$report" 2>&1 || code=$?
    case "$code" in
      0) ;;
      1)
        printf 'caught    %-28s by %-8s %s\n' "$1" "$step:" "$(grep -m1 -E '^(NOT PROVEN|[-+][^-+]|.*Error: |In )' "$report" | cut -c1-150)"
        rm -rf "${work:?}/$1"
        return
        ;;
      *)
        printf 'ERROR     %s: check.sh cannot run here: %s\n' "$1" "$(tail -1 "$report")"
        return
        ;;
    esac
  done
  printf 'survived  %s\n' "$1"
}

# Without a fault every step passes. The provider is downloaded once.
if [ -z "${TF_CLI_ARGS_init:-}" ]; then
  copy right
  rm -rf "$work/right/infra/terraform/backend.tf" "$work/right/infra/terraform/.terraform"
  terraform -chdir="$work/right/infra/terraform" init -backend=false -input=false >/dev/null
  export TF_CLI_ARGS_init="-plugin-dir=$work/right/infra/terraform/.terraform/providers"
fi
"$tests/check.sh" >"$work/report" 2>&1 || { cat "$work/report"; exit 1; }

[ $# = 0 ] || ids=("$@")
for id in "${ids[@]}"; do
  [ -n "${file[$id]:-}" ] || { printf 'There is no %s in mutations.txt.\n' "$id" >&2; exit 1; }
  while [ "$(jobs -rp | wc -l)" -ge "${JOBS:-$(nproc)}" ]; do wait -n || true; done
  try "$id" | tee -a "$work/results" &
done
wait
all="${#ids[@]}" caught="$(grep -c '^caught' "$work/results" || true)"
printf '%d of %d caught (%d %%)\n' "$caught" "$all" $((100 * caught / all))
! grep -q '^ERROR' "$work/results" && [ $((100 * caught)) -ge $((95 * all)) ]
