#!/usr/bin/env bash
# Boots a real systemd in its own namespaces, installs the unit as README.md says, records from the jar's exchange
# simulator, and proves each promise of the unit: one line per proof. Nothing changes on this machine: the root is an
# overlay in memory, the network is a loopback device without a route to the outside.
#
#   systemd/test/boot.sh [collector.jar]    default: target/collector.jar; takes half a minute
#
# Needs root, unshare, nsenter, ip, overlayfs and systemd. Ends with 0 if everything is proven, 1 if not, 77 if it
# cannot run here. JAVA=/path/to/bin/java uses another Java than /usr/bin/java. WORK=/dir keeps the journal there.
set -euo pipefail

# shellcheck source=SCRIPTDIR/machine.sh
. "$(dirname "$0")/machine.sh"

# ---- Inside: becomes systemd -----------------------------------------------------------------------------------------
if [ "${1:-}" = --inside ]; then
  home="$2" repo="$3" jar="$4" java="$5"
  make_root "$home"

  # The steps of README.md, below another root.
  install -D -m 644 "$repo/systemd/market-collector.sysusers" m/usr/lib/sysusers.d/market-collector.conf
  chroot m systemd-sysusers market-collector.conf
  install -D -m 644 "$jar" m/opt/market-collector/collector.jar
  install -D -m 644 "$repo/systemd/jvm.options" m/etc/market-collector/jvm.options
  for unit in market-collector.service market-collector@.service; do
    install -m 644 "$repo/systemd/$unit" "m/etc/systemd/system/$unit"
  done
  if [ "$java" != /usr/bin/java ]; then
    ln -sf "$java" m/usr/bin/java
  fi

  # Only for the test: shorter times, so that it takes seconds and not minutes.
  for unit in market-collector.service market-collector@.service; do
    mkdir "m/etc/systemd/system/$unit.d"
    printf '[Service]\nWatchdogSec=6\nTimeoutAbortSec=2\nRestartSec=2\n' >"m/etc/systemd/system/$unit.d/quick.conf"
  done
  settings() { # name of the instance, or nothing; symbol; port; more
    install -d "m/etc/market-collector/$1"
    { sed -e "s|^RAW_BUCKET=.*|RAW_BUCKET=file:/var/lib/market-collector${1:+@$1}/bucket|" -e "s|^SYMBOL=.*|SYMBOL=$2|" \
        -e "s|^INSTANCE_ID=.*|INSTANCE_ID=boot-${1:-plain}|" -e "s|^HTTP_PORT=.*|HTTP_PORT=$3|" \
        "$repo/systemd/collector.env.example"
      printf '%s\n' WS_URL=ws://127.0.0.1:9443 REST_URL=http://127.0.0.1:9080 "${@:4}"
    } >"m/etc/market-collector/$1/collector.env"
    chmod 600 "m/etc/market-collector/$1/collector.env"
  }
  settings "" BTCUSDT 8080
  settings second ETHUSDT 8081
  settings wrong ../../etc 8082

  become_systemd
fi

# ---- Outside ---------------------------------------------------------------------------------------------------------
repo="$(cd "$(dirname "$0")/../.." && pwd)"
jar="$(realpath -e "${1:-$repo/target/collector.jar}")" || die "no jar: mvn -q -DskipTests package"
java="$(readlink -f "${JAVA:-/usr/bin/java}")"
[ -x "$java" ] || cannot "no java"
boot_machine "$repo" "$jar" "$java"
unit=market-collector.service
state=/var/lib/market-collector

start_exchange /opt/market-collector/collector.jar

# ---- Start -----------------------------------------------------------------------------------------------------------
from="$(now)"
in_it systemctl start --no-block "$unit" market-collector@wrong.service
until_true "the program runs" 20 says "$unit" '^INFO - Starting: collector'
is "$unit" ActiveState activating || die "started before READY=1: $(show "$unit" ActiveState)"
until_true "$unit is active" 30 is "$unit" ActiveState active
says "$unit" '^INFO - Status: ' || die "started before the collector was"
proven "start: activating while the JVM starts, active after READY=1" "$(since "$from")"

# The simulator starts trading at its first connection. That must be one of this collector, so that it gets every trade.
until_true "a connection is open" 20 says "$unit" '^INFO - Connected: connection'
in_it systemctl start --no-block market-collector@second.service

# A target that wants the unit, as multi-user.target would; otherwise systemd forgets how the unit ended.
in_it systemctl add-wants boot-test.target "$unit" 2>/dev/null

pid="$(show "$unit" MainPID)"
locked="$(in_it sed -n 's/^\(Uid\|CapEff\|CapBnd\|NoNewPrivs\|Seccomp\):\s*\([0-9a-f]*\).*/\1=\2/p' "/proc/$pid/status" | tr '\n' ' ')"
[[ "$locked" =~ ^Uid=[1-9][0-9]*\ CapEff=0+\ CapBnd=0+\ NoNewPrivs=1\ Seccomp=2\ $ ]] || die "sandbox: $locked"
proven "sandbox: own user, no capability, system calls filtered" "$locked"

group="/sys/fs/cgroup$(show "$unit" ControlGroup)"
if limit="$(in_it cat "$group/memory.max" 2>/dev/null)"; then
  [ "$limit" = "$(show "$unit" MemoryMax)" ] || die "the kernel's limit is $limit"
  proven "memory: the kernel knows the limit" "$limit bytes, $(in_it cat "$group/memory.current") used"
else
  printf 'not proven here: MemoryMax, because the control groups of this machine do not count memory\n'
fi

until_true "parts are in the bucket" 30 in_it sh -c "find $state/bucket -name 'part-*' | grep -q ."
status_is() { [[ "$(show "$1" StatusText)" =~ $2 ]]; }
until_true "the status line reports trades" 20 status_is "$unit" '^ok, BTCUSDT last trade [0-9.]+ s ago, backlog [0-9]+ parts?, spool [0-9.]+ MB$'
proven "status line" "$(show "$unit" StatusText)"

says "$unit" '^[0-9<]' && die "a line in the journal has its own time or priority"
in_it journalctl -b -u "$unit" -p warning -o cat --no-pager | grep '^INFO' >/dev/null && die "an INFO line has the priority of a warning"
proven "journal: lines of the collector, each with its priority" "$(in_it journalctl -b -u "$unit" -o cat --no-pager | grep -c '^INFO')"

# ---- Several on one machine ------------------------------------------------------------------------------------------
second=market-collector@second.service
until_true "the second collector is active" 30 is "$second" ActiveState active
until_true "the second collector uploads" 30 in_it sh -c "find $state@second/bucket -name 'part-boot-second-*' | grep -q ."
until_true "the port of the second collector answers" 10 in_it bash -c 'exec 3<>/dev/tcp/127.0.0.1/8081'
in_it sh -c "find $state/bucket | grep -q ETHUSDT" && die "the first collector records the symbol of the second"
proven "template: own settings, own port, own state directory" "$(in_it stat -c '%n %U %a' "$state@second")"
in_it systemctl stop "$second"

# ---- kill -9 ---------------------------------------------------------------------------------------------------------
restarts() { [ "$(show "$unit" NRestarts)" -ge "$1" ] && is "$unit" ActiveState active; }
from="$(now)"
in_it systemctl kill --kill-whom=main --signal=KILL "$unit"
until_true "restarted after kill -9" 40 restarts 1
proven "kill -9: restarted, active again (RestartSec=2 here)" "$(since "$from")"

# ---- A JVM that hangs as a whole -------------------------------------------------------------------------------------
pid="$(show "$unit" MainPID)"
in_it kill -QUIT "$pid"
until_true "the stacks are in the journal" 10 says "$unit" 'Full thread dump'
is "$unit" MainPID "$pid" || die "SIGQUIT ended the collector"
proven "WatchdogSignal: all stacks in the journal, still running" "$(in_it journalctl -b -u "$unit" -o cat --no-pager | grep -c '^"') threads"

from="$(now)"
in_it kill -STOP "$pid"
until_true "the watchdog fires" 30 says "$unit" 'Watchdog timeout'
fired="$(since "$from")"
until_true "restarted after the hang" 60 restarts 2
says "$unit" "Failed with result 'watchdog'" || die "restarted for a reason other than the watchdog"
proven "hang (SIGSTOP): watchdog after $fired (WatchdogSec=6 here), restarted" "$(since "$from")"

# ---- systemctl restart -----------------------------------------------------------------------------------------------
from="$(now)"
before="$(show "$unit" MainPID)"
in_it systemctl restart "$unit"
is "$unit" ActiveState active || die "not active after a restart"
[ "$(show "$unit" MainPID)" != "$before" ] || die "the same process is running after a restart"
proven "systemctl restart: drained, started, active" "$(since "$from")"

# ---- Wrong settings --------------------------------------------------------------------------------------------------
wrong=market-collector@wrong.service
is "$wrong" ActiveState failed || die "$wrong is $(show "$wrong" ActiveState)"
is "$wrong" ExecMainStatus 78 || die "$wrong ended with $(show "$wrong" ExecMainStatus)"
is "$wrong" NRestarts 0 || die "$wrong was restarted"
in_it journalctl -b -u "$wrong" -p err -o cat --no-pager | grep 'SYMBOL' >/dev/null || die "no error in the journal names SYMBOL"
proven "wrong setting: exit 78, not restarted, journalctl -p err names it" "NRestarts=$(show "$wrong" NRestarts)"

# ---- Stop with drain, and the count of all trades --------------------------------------------------------------------
record_the_last_trade
from="$(now)"
in_it systemctl stop "$unit"
took="$(since "$from")"
is "$unit" Result success || die "stopped with Result=$(show "$unit" Result)"
is "$unit" ExecMainStatus 143 || die "stopped with $(show "$unit" ExecMainStatus)"
left="$(in_it sh -c "find $state/spool -name 'part-*' | wc -l")"
[ "$left" = 0 ] || die "$left files are left in the spool"
proven "stop: Result=success, exit 143, nothing left in the spool" "$took"

prove_every_trade_is_in $state/bucket "every trade is in the bucket, over a kill, a hang, a restart"
