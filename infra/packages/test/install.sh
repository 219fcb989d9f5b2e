#!/usr/bin/env bash
# Installs, upgrades, removes and purges the packages in a real systemd in its own namespaces, and proves what
# docs/INSTALL.md promises: one line per proof. Nothing changes on this machine (systemd/test/machine.sh).
#
#   infra/packages/test/install.sh [DIRECTORY]    the one with the packages; default: target; takes two minutes
#
# Needs root, apt, python3, systemd and a Java from Debian packages, and for the RPM package rpm. Ends with 0 if everything
# is proven, 1 if not, 77 if it cannot run here.
set -euo pipefail
# shellcheck source=SCRIPTDIR/../../../systemd/test/machine.sh
. "$(dirname "$0")/../../../systemd/test/machine.sh"

if [ "${1:-}" = --inside ]; then
  home="$2" packages="$3"
  make_root "$home"
  cp "$packages"/first.deb "$packages"/second.deb "$packages"/collector.jar m/srv/
  [ ! -e "$packages/first.rpm" ] || cp "$packages/first.rpm" m/srv/
  become_systemd
fi

target="$(realpath -e "${1:-$(dirname "$0")/../../../target}")"
for program in apt-get python3; do
  command -v "$program" >/dev/null || cannot "no $program"
done
trap clean EXIT
scratch="$(mktemp -d)"
packages="$scratch"
for package in "$target"/market-collector_*_all.deb; do
  [ -e "$package" ] || cannot "no package: mvn -Ppackages package -DskipTests"
  cp "$package" "$packages/first.deb"
done
cp "$target/collector.jar" "$packages/collector.jar"
dpkg-deb -R "$packages/first.deb" "$packages/second"
cmp -s "$packages/second/usr/share/market-collector/collector.jar" "$packages/collector.jar" ||
  cannot "the packages are older than the jar: mvn -Ppackages package -DskipTests"
for package in "$target"/market-collector-*.noarch.rpm; do
  ! command -v rpm >/dev/null || cp "$package" "$packages/first.rpm"
done

# The next version: both files of settings have a new line at their end.
for file in "$packages"/second/etc/market-collector/*; do
  printf '# of the second version\n' >>"$file"
done
sed -i 's/^Version: .*/&+second/' "$packages/second/DEBIAN/control"
(cd "$packages/second" && find usr etc -type f -print0 | xargs -0 md5sum) >"$packages/md5sums"
mv "$packages/md5sums" "$packages/second/DEBIAN/md5sums"
dpkg-deb -Zgzip -z1 -b "$packages/second" "$packages/second.deb" >/dev/null

boot_machine "$packages"
unit=market-collector.service
second=market-collector@second.service
state=/var/lib/market-collector
settings=/etc/market-collector
# The machine may have been made without these.
in_it dpkg --no-triggers --dry-run -i /srv/first.deb >/dev/null 2>&1 || cannot "dpkg does not know a Java from 17 on, or systemd"
in_it apt-get check >/dev/null 2>&1 || cannot "apt finds broken packages on this machine"

# ends_with CODE TEXT COMMAND...: the command's exit code, and a pattern in what it prints
ends_with() {
  local code=0 out
  out="$(in_it "${@:3}" 2>&1)" || code=$?
  [ "$code" = "$1" ] || die "${*:3} ended with $code: $out"
  grep -E -- "$2" <<<"$out" >/dev/null || die "${*:3} printed: $out"
}
collector() { in_it market-collector "$@"; }
other="setpriv --reuid=65534 --regid=65534 --clear-groups"
holds() { in_it find "$@" -print -quit | grep -q .; }
none() { ! in_it test -e "$1" || die "there is still $1"; }
mode() { [ "$(in_it stat -c '%U %a' "$1")" = "$2" ] || die "$(in_it stat -c '%n %U %a' "$1")"; }
apt() { # as apt, without its questions; what the package needs is there, so nothing is fetched
  in_it env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Options::=--force-confold "$@" >"$home/apt.log" 2>&1 ||
    { cat "$home/apt.log" >&2; die "apt-get $*"; }
}

# ---- Install ---------------------------------------------------------------------------------------------------------
start_exchange /srv/collector.jar
in_it python3 -m http.server --directory /srv --bind 127.0.0.1 9090 >/dev/null 2>&1 &
until_true "the package can be downloaded" 20 http 9090 'HEAD /first.deb HTTP/1.0\r\n\r\n'
begun="$(now)"
in_it /usr/lib/apt/apt-helper -q download-file http://127.0.0.1:9090/first.deb /tmp/market-collector.deb >/dev/null 2>&1 || die "no download"
cmp <(in_it cat /tmp/market-collector.deb) "$packages/first.deb" || die "another file was downloaded"
apt install /tmp/market-collector.deb
is "$unit" ActiveState inactive || die "the installation started the unit"
[ "$(show "$unit" UnitFileState)" = disabled ] || die "the installation enabled the unit"
mode $settings/collector.env "root 600"
mode $settings/jvm.options "root 644"
none /opt/market-collector
none /etc/systemd/system/$unit
in_it id collector >/dev/null || die "no user collector"
grep -q 'edit /etc/market-collector/collector.env' "$home/apt.log" || die "the installation does not say what to do"
proven "install: user, unit, settings; nothing enabled or started" "$(since "$begun")"

# ---- Record ----------------------------------------------------------------------------------------------------------
edited() { # file, bucket, port
  # shellcheck disable=SC2016
  in_it sed -i -e "s|^#*RAW_BUCKET=.*|RAW_BUCKET=file:$2|" -e "s|^HTTP_PORT=.*|HTTP_PORT=$3|" -e "s|^INSTANCE_ID=.*|INSTANCE_ID=port-$3|" \
    -e '$aWS_URL=ws://127.0.0.1:9443\nREST_URL=http://127.0.0.1:9080' "$1"
}
edited $settings/collector.env /srv/bucket 8080
# The bucket is a directory that the unit may not write to by itself.
in_it install -d -o collector -g collector /srv/bucket
in_it install -d "/run/systemd/system/$unit.d"
in_it sh -c "printf '[Service]\nReadWritePaths=/srv/bucket\n' >/run/systemd/system/$unit.d/bucket.conf"
in_it systemctl daemon-reload
in_it systemctl enable --now "$unit" 2>/dev/null
is "$unit" ActiveState active || die "$unit is $(show "$unit" ActiveState)"
until_true "a part is in the bucket" 30 holds /srv/bucket -name 'manifest-*.json'
proven "from download to the first part in the bucket, one file edited" "$(since "$begun")"

in_it install -d $settings/second
in_it cp $settings/collector.env $settings/second/collector.env
edited $settings/second/collector.env $state@second/bucket 8081
in_it systemctl enable --now "$second" 2>/dev/null
until_true "the second collector uploads" 30 holds $state@second/bucket -name 'manifest-*.json'
until_true "it is healthy" 30 collector @second health
until_true "the first is healthy" 30 collector health
proven "market-collector@second: own settings, port and directory" "$(in_it stat -c '%n %U %a' $state@second)"

# ---- Commands beside the collector -----------------------------------------------------------------------------------
ends_with 0 'port-8081|BTCUSDT' market-collector @second spool ls
# shellcheck disable=SC2016
ends_with 64 '\$HOME %H a  b' market-collector tail --symbol '$HOME %H a  b'
in_it timeout --preserve-status -s INT 8 market-collector tail -f --spool >"$home/tail.log" 2>"$home/tail.err" && code=0 || code=$?
[ "$code" = 130 ] || die "tail -f ended with $code after Ctrl-C: $(cat "$home/tail.err")"
grep -q ' BTCUSDT ' "$home/tail.log" || die "tail printed $(head -3 "$home/tail.log")"
ends_with 0 'ok .*/srv/bucket' market-collector doctor
# shellcheck disable=SC2016
in_it sh -c 'market-collector verify --symbol BTCUSDT --day "$(date -u +%F)" --json >/tmp/verify.json' || true
ends_with 0 . market-collector backfill --from-verify /tmp/verify.json --dry-run
in_it systemctl list-units --all --no-legend 'market-collector-command-*' | grep -q . && die "the program of tail is still there"
in_it sh -c 'market-collector tail --bucket file:/srv/bucket --since 10m --json | head -1' | grep -q '"s":"BTCUSDT"' || die "a pipe has no lines"
proven "market-collector tail: through a pipe; Ctrl-C ends it with 130" "$(wc -l <"$home/tail.log") trades in 8 s"

# ---- Upgrade ---------------------------------------------------------------------------------------------------------
before="$(show "$unit" MainPID) $(show "$second" MainPID)"
kept="$(in_it sha256sum $settings/collector.env)"
marker="$(in_it stat -c %i $state/spool/.spool)"
begin="$(now)"
apt install /srv/second.deb
took="$(since "$begin")"
for each in "$unit" "$second"; do
  is "$each" ActiveState active || die "$each is $(show "$each" ActiveState) after the upgrade"
  grep -qw "$(show "$each" MainPID)" <<<"$before" && die "$each still runs the old version"
done
[ "$(in_it sha256sum $settings/collector.env)" = "$kept" ] || die "the upgrade changed edited settings"
mode $settings/collector.env "root 600"
in_it tail -1 $settings/jvm.options | grep -q second || die "a file that was not edited is still the old one"
[ "$(in_it stat -c %i $state/spool/.spool)" = "$marker" ] || die "another spool"
[ "$(show "$unit" UnitFileState)" = enabled ] || die "the upgrade disabled the unit"
in_it dpkg -s market-collector | grep -q '^Version: .*+second' || die "no second version"
pause="$(in_it journalctl -b -u "$unit" -o short-unix --no-pager | awk '/ Stopping: /{stop=$1} / Started /{start=$1} END {printf "%.1f", start - stop}')"
proven "upgrade: edited settings and spool kept, units restarted" "$took, $pause s from stop to start"

# ---- Remove ----------------------------------------------------------------------------------------------------------
# The bucket of the second collector is not writable, so its backlog cannot be uploaded.
in_it chown -R root $state@second/bucket
record_the_last_trade
until_true "the second collector has a backlog" 60 holds $state@second/spool -name 'part-*'
begin="$(now)"
apt remove market-collector
took="$(since "$begin")"
for each in "$unit" "$second"; do
  is "$each" ActiveState inactive || is "$each" ActiveState failed || die "$each is $(show "$each" ActiveState) after the removal"
done
in_it pgrep -u collector >/dev/null && die "a process of the collector is left"
none /etc/systemd/system/multi-user.target.wants/$unit
none /etc/systemd/system/multi-user.target.wants/$second
none /usr/share/market-collector
none /usr/bin/market-collector
in_it test -e $settings/collector.env || die "the removal deleted the settings"
holds $state/spool -name 'part-*' && die "the first collector has a backlog"
backlog="$(in_it find $state@second/spool -name 'part-*' | wc -l)"
[ "$backlog" -gt 0 ] || die "the removal deleted the backlog of the second collector"
proven "remove: stopped and disabled; settings kept" "$took"
prove_every_trade_is_in /srv/bucket "every trade is in the bucket, over upgrade and removal"

# ---- Purge -----------------------------------------------------------------------------------------------------------
apt purge market-collector
none $settings
none $state
grep -q "$state@second is kept" "$home/apt.log" || die "the purge does not say what it keeps: $(cat "$home/apt.log")"
[ "$(in_it find $state@second/spool -name 'part-*' | wc -l)" = "$backlog" ] || die "the purge deleted the backlog"
proven "purge: settings and the empty spool deleted, the backlog kept" "$backlog files of $state@second"

apt install /srv/second.deb
ends_with 64 '^Usage: market-collector ' market-collector
ends_with 64 'is not the name of a unit' market-collector @../x health
# shellcheck disable=SC2086
ends_with 77 'sudo market-collector health' $other market-collector health
ends_with 78 'there is no /etc/market-collector/none/collector.env' market-collector @none health
# shellcheck disable=SC2086
ends_with 0 '^Usage: market-collector spool ls' $other market-collector spool ls --help
ends_with 2 'no collector answers|not answer' market-collector health
proven "command: usage 64, not root 77, no settings 78, help for all" "$(collector --version | head -1)"

in_it systemctl start --no-block "$unit"
until_true "the unit without a bucket has failed" 30 is "$unit" ActiveState failed
is "$unit" ExecMainStatus 78 || die "$unit ended with $(show "$unit" ExecMainStatus)"
says "$unit" RAW_BUCKET || die "the journal does not name RAW_BUCKET"
proven "start before the settings are edited: exit 78, names RAW_BUCKET" "no bucket of others is used"

in_it install -d -o collector -g collector /srv/saved
ends_with 0 . market-collector spool upload --dir $state@second/spool --to file:/srv/saved
holds $state@second/spool -name 'part-*' && die "spool upload left files"
holds /srv/saved -name 'manifest-*.json' || die "spool upload stored nothing"
proven "what the purge kept, uploaded as its message says" "$(in_it find /srv/saved -name 'part-*' | wc -l) parts"
apt purge market-collector

# ---- RPM -------------------------------------------------------------------------------------------------------------
if [ ! -e "$packages/first.rpm" ]; then
  printf 'not proven here: the RPM package, because this machine has no rpm or there is no such package\n'
  exit 0
fi
rpm_of_debian() { in_it rpm --nodeps "$@" 2>"$home/rpm.log" >&2 || { cat "$home/rpm.log" >&2; die "rpm $*"; }; }
rpm -qp --requires "$packages/first.rpm" | grep -qx 'java-headless >= 1:17' || die "the RPM package needs no Java"
in_it systemctl reset-failed
rpm_of_debian -i /srv/first.rpm
is "$unit" ActiveState inactive || die "the RPM package started the unit"
mode $settings/collector.env "root 600"
cmp <(dpkg-deb -c "$packages/first.deb" | awk '/^-/ {print $1, substr($NF, 2), $3}' | sort) \
  <(rpm -qplv "$packages/first.rpm" | awk '/^-/ {print $1, $NF, $5}' | sort) || die "the packages have different files"
in_it sed -i 's|^#RAW_BUCKET=.*|RAW_BUCKET=file:/srv/bucket|' $settings/collector.env
in_it systemctl enable --now "$unit" 2>/dev/null
before="$(show "$unit" MainPID)"
rpm_of_debian -U --replacepkgs /srv/first.rpm
is "$unit" ActiveState active || die "$unit is $(show "$unit" ActiveState) after rpm -U"
[ "$(show "$unit" MainPID)" != "$before" ] || die "the RPM package did not restart the unit"
in_it grep -qx RAW_BUCKET=file:/srv/bucket $settings/collector.env || die "rpm -U changed edited settings"
rpm_of_debian -e market-collector
is "$unit" ActiveState inactive || is "$unit" ActiveState failed || die "$unit is $(show "$unit" ActiveState) after rpm -e"
none /etc/systemd/system/multi-user.target.wants/$unit
in_it grep -qx RAW_BUCKET=file:/srv/bucket $settings/collector.env.rpmsave || die "rpm -e deleted edited settings"
in_it test -d $state/spool || die "rpm -e deleted the spool"
proven "RPM: the same files; installed, reinstalled, removed" "settings and spool kept"
