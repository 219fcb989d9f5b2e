#!/bin/bash
# The command `market-collector` of a machine on which systemd runs the collector: packages install it as
# /usr/bin/market-collector. It runs the commands of the jar as the unit runs the collector: the same user, settings,
# directory, Java and options. Its exit code is the command's.
#
# Recording is left to the unit. Nothing here is changed while a command runs.
set -u

settings=/etc/market-collector
jar=/usr/share/market-collector/collector.jar
# Installed by hand.
[ -e "$jar" ] || jar=/opt/market-collector/collector.jar

usage() {
  cat <<'TEXT'
Usage: market-collector [@NAME] COMMAND [OPTION...]
Runs a command of the collector as the unit market-collector does: as the user collector, with the settings of
/etc/market-collector/collector.env, in the directory /var/lib/market-collector. With @NAME as market-collector@NAME.

market-collector help lists the commands. To record: systemctl enable --now market-collector
TEXT
}

fail() { # exit code, message
  printf 'market-collector: %s\n' "$2" >&2
  exit "$1"
}

instance=""
case "${1:-}" in
  @*)
    instance="${1#@}"
    shift
    # It becomes a part of paths.
    [[ $instance =~ ^[A-Za-z0-9_][A-Za-z0-9_.:-]*$ ]] || fail 64 "@$instance is not the name of a unit market-collector@NAME"
    ;;
esac
[ "$#" -gt 0 ] || {
  usage >&2
  exit 64
}

# Without settings, and so as the caller: help and version, and what runs with simulators.
own=""
case "$1" in -* | help | demo | simulate) own=yes ;; esac
for word in "$@"; do
  case "$word" in -h | --help) own=yes ;; esac
done
java=(/usr/bin/java -Dcollector.command=market-collector)
[ -z "$own" ] || exec "${java[@]}" -jar "$jar" "$@"

[ "$(id -u)" = 0 ] || fail 77 "only root may read the settings of the collector: sudo market-collector${instance:+ @$instance} $1"
file="$settings/${instance:+$instance/}collector.env"
[ -e "$file" ] || fail 78 "there is no $file: the unit market-collector${instance:+@$instance} needs it too"

unit="market-collector${instance:+@$instance}"
# systemd replaces $NAME in the words of a command; $$ is a dollar sign.
words=("${@//\$/\$\$}")
run="market-collector-command-$$"
# The collector comes first, for the processor and when memory is short.
systemd-run --quiet --collect --wait --pipe --unit="$run" --description="market-collector $1" \
  --uid=collector --gid=collector --nice=10 \
  --property=EnvironmentFile="$file" --setenv=LOCAL_DIR="/var/lib/$unit/spool" --setenv=LANG=C.UTF-8 \
  --setenv=MALLOC_ARENA_MAX=2 --property=StateDirectory="$unit" --property=StateDirectoryMode=0750 \
  --property=WorkingDirectory="/var/lib/$unit" --property=UMask=0077 --property=NoNewPrivileges=yes \
  --property=LimitNOFILE=16384 --property=LimitCORE=0 --property=OOMScoreAdjust=500 \
  -- "${java[0]}" "@$settings/jvm.options" -Xmx192m "${java[@]:1}" -jar "$jar" "${words[@]}" <&0 &
child=$!

# systemd, not this shell, has the program. The first signal ends it in order, a second one at once.
trap 'systemctl kill --signal=INT "$run" 2>/dev/null' INT
trap 'systemctl kill --signal=TERM "$run" 2>/dev/null' TERM HUP
# A signal ends `wait` early.
while kill -0 "$child" 2>/dev/null; do
  wait "$child"
done
wait "$child"
