#!/usr/bin/env bash
# Answers the lifecycle hooks of the Auto Scaling group for this instance:
#
#   lifecycle.sh instance-id                          the id of this instance
#   lifecycle.sh complete HOOK CONTINUE|ABANDON       ends the wait of a hook
#   lifecycle.sh extend HOOK                          the hook waits for its full time again, from now on
#   lifecycle.sh drain                                waits until the group ends this instance; then uploads its spool
#
# market-collector-drain.service runs the last one from the start on. MARKET_COLLECTOR_ROOT and IMDS are for tests.
set -euo pipefail

root="${MARKET_COLLECTOR_ROOT:-}"
metadata="${IMDS:-http://169.254.169.254}/latest"
# shellcheck source=/dev/null
. "$root/opt/market-collector/artifact.env"
export AWS_REGION

say() { printf 'market-collector lifecycle: %s\n' "$*"; }

# The metadata service requires a token; the hop limit of 1 keeps it on this machine.
about() {
  local token
  token="$(curl -fsS --max-time 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$metadata/api/token")" &&
    curl -fsS --max-time 5 -H "X-aws-ec2-metadata-token: $token" "$metadata/meta-data/$1"
}

hook() { # action, hook, further options
  aws autoscaling "$1" --auto-scaling-group-name "$GROUP" --lifecycle-hook-name "$2" \
    --instance-id "$(about instance-id)" "${@:3}"
}

extend() { hook record-lifecycle-action-heartbeat "$1"; }

complete() { hook complete-lifecycle-action "$1" --lifecycle-action-result "$2"; }

# The disk ends with the instance, so the group waits until the spool is in the bucket. While the bucket refuses uploads
# the unit restarts and continues, until AWS ends an instance that has waited for 48 hours.
drain() {
  local beats
  until [ "$(about autoscaling/target-lifecycle-state 2>/dev/null)" = Terminated ]; do
    sleep 5
  done
  say "the group ends this instance: the collector is stopped, its spool is uploaded"
  systemctl stop market-collector
  while extend drain || say "no more time was granted"; do sleep 600; done &
  beats=$!
  # shellcheck disable=SC2064 # the process of now
  trap "kill $beats 2>/dev/null || true" EXIT
  market-collector spool upload --patience 50m
  complete drain CONTINUE
  say "the spool is uploaded, the instance may end"
}

case "${1:-}" in
  instance-id) about instance-id ;;
  complete | extend) "$@" ;;
  drain) drain ;;
  *)
    printf 'Usage: %s instance-id | complete HOOK CONTINUE|ABANDON | extend HOOK | drain\n' "${0##*/}" >&2
    exit 64
    ;;
esac
