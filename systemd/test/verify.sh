#!/usr/bin/env bash
# Runs systemd's own checks on the units, the collector's under both of its names: `systemd-analyze verify` must find
# nothing, and `systemd-analyze security` must report an exposure of at most 1.5. Changes nothing; needs no root.
#
#   systemd/test/verify.sh [DIRECTORY]    the one with market-collector.service; default: that of this repository
set -euo pipefail
units="$(cd "${1:-"$(dirname "$0")/.."}" && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# systemd treats a symbolic link between units as an alias; installed they are two files.
cp "$units/market-collector.service" "$work/market-collector.service"
cp -L "$units/market-collector@.service" "$work/market-collector@NAME.service"
cp "$units/market-collector-audit.service" "$units/market-collector-audit.timer" "$work"
cd "$work"
# The only part that may be missing on a machine that only builds.
if [ ! -x /usr/bin/java ]; then
  java="$(command -v java)"
  sed -i "s|^ExecStart=/usr/bin/java |ExecStart=$java |" ./*.service
fi

failed=0
for unit in market-collector.service market-collector@NAME.service market-collector-audit.service market-collector-audit.timer; do
  # Each finding is a line; the exit code reports only the worst one.
  found="$(SYSTEMD_LOG_TARGET=console systemd-analyze verify "./$unit" 2>&1)" || found="${found:-verify failed without output}"
  if [ -n "$found" ]; then
    printf '%s: verify finds:\n%s\n' "$unit" "$found"
    failed=1
  else
    printf '%s: verify finds nothing\n' "$unit"
  fi
  case "$unit" in *.timer) continue ;; esac
  if exposure="$(systemd-analyze security --no-pager --offline=yes --threshold=15 "./$unit" 2>&1)"; then
    verdict="at most 1.5"
  else
    verdict="MORE THAN 1.5"
    printf '%s\n' "$exposure" | grep '✗' || true
    failed=1
  fi
  level="$(printf '%s\n' "$exposure" | sed -n 's/.*exposure level for [^:]*: \([0-9.]*\).*/\1/p')"
  if [ -z "$level" ]; then
    printf '%s: no exposure level in:\n%s\n' "$unit" "$exposure"
    failed=1
  fi
  printf '%s: exposure %s, %s\n' "$unit" "$level" "$verdict"
done
# Without one of these the exposure may stay below the threshold, but one bug could take over the machine.
for must in NoNewPrivileges=yes CapabilityBoundingSet= User=collector ProtectSystem=strict RestartPreventExitStatus=78; do
  if ! grep -qx "$must" market-collector.service; then
    printf 'market-collector.service: the line %s is missing\n' "$must"
    failed=1
  fi
done
for must in NoNewPrivileges=yes CapabilityBoundingSet= User=collector ProtectSystem=strict Type=oneshot; do
  if ! grep -qx "$must" market-collector-audit.service; then
    printf 'market-collector-audit.service: the line %s is missing\n' "$must"
    failed=1
  fi
done
exit "$failed"
