#!/usr/bin/env bash
# A real systemd in its own namespaces, for the tests that source this file. Nothing changes on this machine: the root is
# an overlay in memory, the network is a loopback device without a route to the outside. Needs root, unshare, nsenter, ip,
# overlayfs and systemd. WORK=/dir keeps the journal there.
set -euo pipefail

die() { printf 'NOT PROVEN: %s\n' "$*" >&2; exit 1; }
cannot() { printf 'skipped: %s\n' "$*"; exit 77; }
proven() { printf '%-62s %s\n' "$1" "$2"; }

# ---- Inside: becomes systemd -----------------------------------------------------------------------------------------
# make_root DIRECTORY: makes the root in its folder m, and enters DIRECTORY
make_root() {
  local home="$1" device name major minor
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
  printf '[Unit]\nRequires=systemd-journald.service\nWants=dbus.socket\nAfter=systemd-journald.service\nAllowIsolate=yes\n' \
    >m/etc/systemd/system/boot-test.target
  printf '[Journal]\nStorage=volatile\nRateLimitIntervalSec=0\n' >m/etc/systemd/journald.conf
}

# become_systemd: systemd with that root; does not return
become_systemd() {
  mkdir m/old
  cd m
  pivot_root . old
  cd /
  umount -l /old
  exec env -i container=boot-test PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system \
    --unit=boot-test.target --log-target=journal --show-status=no
}

# ---- Outside ---------------------------------------------------------------------------------------------------------
# scratch is a directory that the calling script makes, and that is deleted at the end.
home="" booted="" outer="" own="" exchange="" settled="" scratch=""

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
  rm -rf "$home" "$scratch"
  # From the leaves up; a group is busy until its last process has ended.
  for _ in $(seq 50); do
    find "$own" -depth -type d -exec rmdir {} + 2>/dev/null || true
    [ -d "$own" ] || break
    sleep 0.1
  done
  exit "$code"
}

# boot_machine ARGUMENT...: runs the calling script with --inside, a directory and the arguments in new namespaces, and
# waits until systemd answers
boot_machine() {
  local program groups
  [ "$(id -u)" = 0 ] || cannot "not root"
  for program in unshare nsenter ip pgrep pkill timeout systemctl systemd-sysusers systemd-notify; do
    command -v "$program" >/dev/null || cannot "no $program"
  done
  [ -x /lib/systemd/systemd ] || cannot "no systemd"
  grep -qw overlay /proc/filesystems || cannot "no overlayfs"

  home="$(mktemp -d)"
  # systemd creates its control groups below the one that this shell is in; so it gets a group of its own.
  groups="$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)"
  [ -n "$groups" ] || cannot "no cgroup2"
  own="$groups/collector-boot-$$"
  trap clean EXIT
  trap 'exit 130' INT TERM

  mkdir "$own" 2>/dev/null || cannot "no control group can be created in $groups"
  # shellcheck disable=SC2016
  unshare --mount --uts --ipc --net true 2>/dev/null || cannot "no namespaces can be created"
  (
    echo "$BASHPID" >"$own/cgroup.procs"
    exec unshare --fork --kill-child --pid --mount --uts --ipc --cgroup --net \
      "$BASH" "$0" --inside "$home" "$@"
  ) >"$home.log" 2>&1 &
  outer=$!

  for _ in $(seq 100); do
    find_booted && break
    kill -0 "$outer" 2>/dev/null || { cat "$home.log"; rm -f "$home.log"; cannot "systemd cannot be booted here"; }
    sleep 0.1
  done
  rm -f "$home.log"
  until_true "systemd answers" 20 in_it systemctl is-active boot-test.target
  proven "systemd is booted in its own namespaces" "$(in_it systemctl --version | head -1)"
}
find_booted() { booted="$(pgrep -P "$outer" -f '^/lib/systemd/systemd' | head -1)" && [ -n "$booted" ]; }

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

# ---- The exchange ----------------------------------------------------------------------------------------------------
# start_exchange JAR: its simulator, inside, with a log outside
start_exchange() {
  nsenter -t "$booted" -a -- env -i PATH=/usr/bin java -Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -jar "$1" simulate \
    --symbol BTCUSDT,ETHUSDT --rate 30 --port 9443 --rest-port 9080 --control-port 9081 >"$home/exchange.log" 2>&1 &
  exchange=$!
  until_true "the exchange simulator listens" 20 grep -q '^control:' "$home/exchange.log"
}

http() { # port, request; prints the answer
  # shellcheck disable=SC2016
  in_it timeout 5 bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$1"; printf "%b" "$2" >&3; cat <&3' - "$1" "$2"
}
metrics() { http 8080 'GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n' | grep -E '^collector_(ids_open|trades_accepted_total|duplicates_dropped_total)'; }
# Trades issued while no connection was open are known to be missing as soon as a later trade arrives over one. An
# accepted trade may come from REST; only a trade that both connections delivered is a duplicate.
live() { [[ "$(metrics)" == *'dropped_total{symbol="BTCUSDT"} '[1-9]* ]]; }
all_recorded() {
  local sample
  sample="$(metrics)"
  [ "$sample" = "$settled" ] && [[ "$sample" == *'ids_open{symbol="BTCUSDT"} 0'* ]] && return
  settled="$sample"
  sleep 1
  return 1
}

# record_the_last_trade: the simulator issues no more trades, and the collector has all of them
record_the_last_trade() {
  local step='{fault: halt, for: forever}'
  until_true "both connections deliver trades" 20 live
  settled=""
  http 9081 "POST /fault HTTP/1.0\r\nHost: localhost\r\nContent-Length: ${#step}\r\n\r\n$step" | grep ' 200 ' >/dev/null ||
    die "the exchange simulator did not stop trading"
  until_true "no more trades arrive and none is missing" 30 all_recorded
}

ids() { in_it sh -c "find $1 -path '*symbol=BTCUSDT*' -name 'part-*.gz' -exec zcat {} + | grep -o '\"t\":[0-9]*' | cut -d: -f2"; }

# prove_every_trade_is_in BUCKET TEXT: ends the simulator and compares what it issued with what is stored
prove_every_trade_is_in() {
  local issued stored twice
  in_it pkill -TERM -f 'collector.jar simulate'
  wait "$exchange" 2>/dev/null || true
  issued="$(sed -n 's/^BTCUSDT: \([0-9]*\) trades issued.*/\1/p' "$home/exchange.log")"
  stored="$(ids "$1" | sort -u | wc -l)"
  twice=$(($(ids "$1" | wc -l) - stored))
  if [ -z "$issued" ] || [ "$stored" != "$issued" ]; then
    ids "$1" | sort -un | awk 'NR == 1 { print "stored from", $1 } NR > 1 && $1 != last + 1 { print "missing", last + 1, "to", $1 - 1 }
      { last = $1 } END { print "stored to", last }' >&2
    die "$(grep '^BTCUSDT: ' "$home/exchange.log"); $stored in the bucket"
  fi
  proven "$2" "$stored of $issued, $twice twice"
}
