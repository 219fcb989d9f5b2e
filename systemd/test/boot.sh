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

die() { printf 'NOT PROVEN: %s\n' "$*" >&2; exit 1; }
cannot() { printf 'skipped: %s\n' "$*"; exit 77; }

# ---- Inside: becomes systemd -----------------------------------------------------------------------------------------
if [ "${1:-}" = --inside ]; then
  home="$2" repo="$3" jar="$4" java="$5"
  mount --make-rprivate /
  mount -t tmpfs -o size=512m tmpfs "$home"
  cd "$home"
  mkdir u w m
  mount -t overlay overlay -o "lowerdir=/,upperdir=$home/u,workdir=$home/w" m
  mount -t proc proc m/proc
  mount -t sysfs sysfs m/sys
  mount -t cgroup2 cgroup2 m/sys/fs/cgroup
  mount -t tmpfs -o mode=755 tmpfs m/run
  mount -t tmpfs -o mode=1777 tmpfs m/tmp
  mount -t tmpfs -o mode=755 tmpfs m/dev
  for device in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0; do
    IFS=: read -r name major minor <<<"$device"
    mknod -m 666 "m/dev/$name" c "$major" "$minor"
  done
  ln -s /proc/self/fd m/dev/fd
  mkdir m/dev/shm m/dev/pts m/dev/mqueue m/dev/hugepages
  mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts m/dev/pts
  ln -s pts/ptmx m/dev/ptmx
  ip link set lo up

  # The machine's own units are not booted: no devices, no network, no timers, no services of its users.
  rm -rf m/etc/systemd/system m/lib/systemd/system/*.wants m/usr/lib/systemd/system/*.wants m/var/lib/systemd
  mkdir -p m/etc/systemd/system m/var/log/journal
  printf '[Unit]\nRequires=systemd-journald.service\nAfter=systemd-journald.service\nAllowIsolate=yes\n' \
    >m/etc/systemd/system/boot-test.target
  printf '[Journal]\nStorage=volatile\nRateLimitIntervalSec=0\n' >m/etc/systemd/journald.conf

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

  mkdir m/old
  cd m
  pivot_root . old
  cd /
  umount -l /old
  exec env -i container=boot-test PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system \
    --unit=boot-test.target --log-target=journal --show-status=no
fi

# ---- Outside ---------------------------------------------------------------------------------------------------------
repo="$(cd "$(dirname "$0")/../.." && pwd)"
jar="$(realpath -e "${1:-$repo/target/collector.jar}")" || die "no jar: mvn -q -DskipTests package"
java="$(readlink -f "${JAVA:-/usr/bin/java}")"
[ "$(id -u)" = 0 ] || cannot "not root"
for program in unshare nsenter ip pgrep pkill timeout systemctl systemd-sysusers systemd-notify; do
  command -v "$program" >/dev/null || cannot "no $program"
done
[ -x /lib/systemd/systemd ] || cannot "no systemd"
[ -x "$java" ] || cannot "no java"
grep -qw overlay /proc/filesystems || cannot "no overlayfs"

home="$(mktemp -d)"
booted="" outer=""
# systemd creates its control groups below the one that this shell is in; so it gets a group of its own.
groups="$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)"
[ -n "$groups" ] || cannot "no cgroup2"
own="$groups/collector-boot-$$"

clean() {
  local code=$?
  trap - EXIT INT TERM
  if [ "$code" != 0 ] && [ -n "$booted" ]; then
    in_it journalctl -b --no-pager -n 60 2>/dev/null | cut -c1-220 >&2 || true
  fi
  if [ -n "$booted" ] && [ -n "${WORK:-}" ]; then
    in_it journalctl -b --no-pager >"$WORK/journal.txt" 2>/dev/null || true
  fi
  # When the first process of the namespace ends, the kernel ends all others in it.
  [ -z "$booted" ] || kill -9 "$booted" 2>/dev/null || true
  [ -z "$outer" ] || { kill -9 "$outer" 2>/dev/null; wait "$outer" 2>/dev/null; } || true
  rm -rf "$home"
  # From the leaves up; a group is busy until its last process has ended.
  for _ in $(seq 50); do
    find "$own" -depth -type d -exec rmdir {} + 2>/dev/null || true
    [ -d "$own" ] || break
    sleep 0.1
  done
  exit "$code"
}
trap clean EXIT
trap 'exit 130' INT TERM

mkdir "$own" 2>/dev/null || cannot "no control group can be created in $groups"
# shellcheck disable=SC2016
unshare --mount --uts --ipc --net true 2>/dev/null || cannot "no namespaces can be created"
(
  echo "$BASHPID" >"$own/cgroup.procs"
  exec unshare --fork --kill-child --pid --mount --uts --ipc --cgroup --net \
    "$BASH" "$0" --inside "$home" "$repo" "$jar" "$java"
) >"$home.log" 2>&1 &
outer=$!

in_it() { timeout --foreground 100 nsenter -t "$booted" -a -- env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin SYSTEMD_PAGER= "$@"; }
now() { date +%s%N; }
since() { awk -v from="$1" -v to="$(now)" 'BEGIN { printf "%.1f s", (to - from) / 1e9 }'; }
# until_true WHAT SECONDS COMMAND...: waits until the command succeeds
until_true() {
  local what="$1" end=$((SECONDS + $2))
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || die "not in time: $what"
    sleep 0.1
  done
}
show() { in_it systemctl show -P "$2" "$1"; }
is() { [ "$(show "$1" "$2")" = "$3" ]; }
says() { in_it journalctl -b -u "$1" -o cat --no-pager | grep -E "$2" >/dev/null; }  # not -q: the writer would fail on a closed pipe
proven() { printf '%-62s %s\n' "$1" "$2"; }
unit=market-collector.service
state=/var/lib/market-collector

find_booted() { booted="$(pgrep -P "$outer" -f '^/lib/systemd/systemd' | head -1)" && [ -n "$booted" ]; }
for _ in $(seq 100); do
  find_booted && break
  kill -0 "$outer" 2>/dev/null || { cat "$home.log"; rm -f "$home.log"; cannot "systemd cannot be booted here"; }
  sleep 0.1
done
rm -f "$home.log"
until_true "systemd answers" 20 in_it systemctl is-active boot-test.target
proven "systemd is booted in its own namespaces" "$(in_it systemctl --version | head -1)"

nsenter -t "$booted" -a -- env -i PATH=/usr/bin java -Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -jar /opt/market-collector/collector.jar simulate \
  --symbol BTCUSDT,ETHUSDT --rate 30 --port 9443 --rest-port 9080 --control-port 9081 >"$home/exchange.log" 2>&1 &
exchange=$!
until_true "the exchange simulator listens" 20 grep -q '^control:' "$home/exchange.log"

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
step='{fault: halt, for: forever}'
http() { # port, request; prints the answer
  # shellcheck disable=SC2016
  in_it timeout 5 bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$1"; printf "%b" "$2" >&3; cat <&3' - "$1" "$2"
}
metrics() { http 8080 'GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n' | grep -E '^collector_(ids_open|trades_accepted_total|duplicates_dropped_total)'; }
# Trades issued while no connection was open are known to be missing as soon as a later trade arrives over one. An
# accepted trade may come from REST; only a trade that both connections delivered is a duplicate.
live() { [[ "$(metrics)" == *'dropped_total{symbol="BTCUSDT"} '[1-9]* ]]; }
until_true "trades arrive after the restart" 20 live
settled=""
http 9081 "POST /fault HTTP/1.0\r\nHost: localhost\r\nContent-Length: ${#step}\r\n\r\n$step" | grep ' 200 ' >/dev/null ||
  die "the exchange simulator did not stop trading"
ids() { in_it sh -c "find $state/bucket -path '*symbol=BTCUSDT*' -name 'part-*.gz' -exec zcat {} + | grep -o '\"t\":[0-9]*' | cut -d: -f2"; }
all_recorded() {
  local sample
  sample="$(metrics)"
  [ "$sample" = "$settled" ] && [[ "$sample" == *'ids_open{symbol="BTCUSDT"} 0'* ]] && return
  settled="$sample"
  sleep 1
  return 1
}
until_true "no more trades arrive and none is missing" 30 all_recorded
from="$(now)"
in_it systemctl stop "$unit"
took="$(since "$from")"
is "$unit" Result success || die "stopped with Result=$(show "$unit" Result)"
is "$unit" ExecMainStatus 143 || die "stopped with $(show "$unit" ExecMainStatus)"
left="$(in_it sh -c "find $state/spool -name 'part-*' | wc -l")"
[ "$left" = 0 ] || die "$left files are left in the spool"
proven "stop: Result=success, exit 143, nothing left in the spool" "$took"

in_it pkill -TERM -f 'collector.jar simulate'
wait "$exchange" 2>/dev/null || true
issued="$(sed -n 's/^BTCUSDT: \([0-9]*\) trades issued.*/\1/p' "$home/exchange.log")"
stored="$(ids | sort -u | wc -l)"
twice=$(($(ids | wc -l) - stored))
if [ -z "$issued" ] || [ "$stored" != "$issued" ]; then
  ids | sort -un | awk 'NR == 1 { print "stored from", $1 } NR > 1 && $1 != last + 1 { print "missing", last + 1, "to", $1 - 1 }
    { last = $1 } END { print "stored to", last }' >&2
  die "$(grep '^BTCUSDT: ' "$home/exchange.log"); $stored in the bucket"
fi
proven "every trade is in the bucket, over a kill, a hang, a restart" "$stored of $issued, $twice twice"
