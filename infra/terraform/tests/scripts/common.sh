# shellcheck shell=bash
# What the tests of the scripts share: programs that log how they are called, and one line for each failed proof. The
# caller sets `case` and calls `finish` at its end.

home="$(mktemp -d)"
trap 'rm -rf "$home"' EXIT
mkdir "$home/programs"
export PATH="$home/programs:$PATH" CALLS="$home/calls" ANSWERS="$home/answers"
failures=0 proofs=0 case="" code=0

program() { # name; its body comes from standard input
  # shellcheck disable=SC2016 # of the program
  {
    printf '#!/usr/bin/env bash\ncall="%s $*"\nprintf "%%s\\n" "$call" >>"$CALLS"\n' "$1"
    printf '! grep -qFf "$ANSWERS/fails" <<<"$call" || exit 1\n'
    cat
  } >"$home/programs/$1"
  chmod 755 "$home/programs/$1"
}
fails() { printf '%s\n' "$@" >>"$ANSWERS/fails"; } # a part of the call that fails
run() { # a command; its exit code is in `code`
  code=0
  : >"$CALLS"
  "$@" >"$home/output" 2>&1 </dev/null || code=$?
}
failed() {
  failures=$((failures + 1))
  printf 'NOT PROVEN: %s: %s\n' "$case" "$1"
  sed 's/^/    /' "$CALLS" "$home/output"
}
proof() { # what is wrong otherwise, then a command
  proofs=$((proofs + 1))
  "${@:2}" >/dev/null || failed "$1"
}
ends_with() { proof "the exit code is $code instead of $1" [ "$code" = "$1" ]; }
says() { proof "\"$1\" is not said" grep -qF -- "$1" "$home/output"; }
calls() { proof "\"$1\" is not called" grep -qF -- "$1" "$CALLS"; }
never() { proof "\"$1\" is called" not grep -qF -- "$1" "$CALLS"; }
not() { ! "$@"; }
# shellcheck disable=SC2016 # of awk
before() { # a call comes before another
  proof "\"$1\" does not come before \"$2\"" awk -v a="$1" -v b="$2" 'index($0, a) && !x {x = NR} index($0, b) && !y {y = NR} END {exit !(x && y && x < y)}' "$CALLS"
}
finish() {
  [ "$failures" = 0 ] || exit 1
  printf '%d proofs\n' "$proofs"
}
