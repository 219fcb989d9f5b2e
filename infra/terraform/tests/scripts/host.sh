#!/usr/bin/env bash
# Runs bootstrap.sh and lifecycle.sh in a directory, against programs of a machine that only log their calls and give
# prepared answers. That the collector and AWS understand the calls is proven by tests/emulator/life.sh.
set -euo pipefail

tests="$(cd "$(dirname "$0")/.." && pwd)"
# shellcheck source=SCRIPTDIR/common.sh
. "$tests/scripts/common.sh"
export MARKET_COLLECTOR_ROOT="$home/root" IMDS="http://metadata"
own="$home/root/opt/market-collector" settings="$home/root/etc/market-collector"

for name in dnf chown install shutdown systemctl; do program "$name" </dev/null; done
# shellcheck disable=SC2016 # of the programs
{
  program timeout <<<'exit 1'
  program runuser <<<'[ "$4" != mktemp ] || exec mktemp -d'
  program aws <<<'[ "$2" != get-object ] || printf "%s" "$(cat "$ANSWERS/package")" >"${@: -1}"'
  # The time between two heartbeats; no other wait is real.
  program sleep <<<'[ "$1" != 600 ] || exec /bin/sleep 3'
  # An upload takes long enough for a heartbeat.
  program market-collector <<<'[ "$1" != spool ] || for _ in $(seq 50); do grep -q heartbeat "$CALLS" || /bin/sleep 0.1; done'
  # A token must have been fetched, and be sent.
  program curl <<<'case "$*" in
  *"-X PUT"*"ttl-seconds: 60 http://metadata/latest/api/token"*) printf token ;;
  *"X-aws-ec2-metadata-token: token http://metadata/latest/meta-data/instance-id") cat "$ANSWERS/instance-id" ;;
  *"X-aws-ec2-metadata-token: token http://metadata/latest/meta-data/autoscaling/target-lifecycle-state")
    head -1 "$ANSWERS/state"
    [ "$(wc -l <"$ANSWERS/state")" = 1 ] || sed -i 1d "$ANSWERS/state" ;;
  *) exit 22 ;;
esac'
}
given() { # the case: a new instance
  case="$1"
  rm -rf "$home/root" "$ANSWERS"
  mkdir -p "$own" "$settings" "$home/root/var/cache/market-collector" "$ANSWERS"
  cp "$tests"/../modules/fleet/files/*.sh "$own/"
  : >"$ANSWERS/fails"
  printf 'the package' >"$ANSWERS/package"
  printf 'ARTIFACT_BUCKET=unit-raw\nARTIFACT_KEY=artifacts/UNIT/market-collector.rpm\nARTIFACT_VERSION=v7\nARTIFACT_SHA256=%s\nAWS_REGION=ap-northeast-1\nGROUP=unit-collector\n' \
    "$(sha256sum <"$ANSWERS/package" | cut -d' ' -f1)" >"$own/artifact.env"
  printf 'SYMBOL=BTCUSDT\nINSTANCE_ID=i-0ld\n' >"$settings/collector.env"
  printf -- '-Xmx128m\n' >"$settings/jvm.options"
  printf 'i-0123abcd' >"$ANSWERS/instance-id"
  printf 'InService\nInService\nTerminated\n' >"$ANSWERS/state"
}
hook="--auto-scaling-group-name unit-collector --lifecycle-hook-name"
abandoned() {
  ends_with 1
  calls "aws autoscaling complete-lifecycle-action $hook recording --instance-id i-0123abcd --lifecycle-action-result ABANDON"
  calls "shutdown -h now"
  never "CONTINUE"
}

given "a new instance that records"
run "$own/bootstrap.sh"
ends_with 0
calls "aws s3api get-object --bucket unit-raw --key artifacts/UNIT/market-collector.rpm --version-id v7"
before "dnf -q -y install java-25-amazon-corretto-headless" "aws s3api get-object"
before "aws s3api get-object" "dnf -q -y install $own/market-collector.rpm"
before "install $own/market-collector.rpm" "systemctl daemon-reload"
before "systemctl daemon-reload" "systemctl enable --now market-collector market-collector-drain"
before "systemctl enable" "autoscaling record-lifecycle-action-heartbeat $hook recording --instance-id i-0123abcd"
before "record-lifecycle-action-heartbeat" "market-collector health --await-recording 12m"
before "market-collector health" "autoscaling complete-lifecycle-action $hook recording --instance-id i-0123abcd --lifecycle-action-result CONTINUE"
never "shutdown"
proof "the settings are wrong" [ "$(cat "$settings/collector.env")" = $'SYMBOL=BTCUSDT\nINSTANCE_ID=i-0123abcd' ]

given "an instance that does not record"
fails "market-collector health --await-recording"
run "$own/bootstrap.sh"
abandoned

given "an instance that does not record, and that the group does not wait for"
fails "market-collector health --await-recording"
fails complete-lifecycle-action
run "$own/bootstrap.sh"
ends_with 1
never "shutdown"

given "an instance that records, run again later"
fails lifecycle-action
run "$own/bootstrap.sh"
ends_with 0
never "shutdown"

given "a package that is not the planned one"
printf 'another package' >"$ANSWERS/package"
run "$own/bootstrap.sh"
abandoned
never "systemctl enable"
proof "it is fetched again" [ "$(grep -c get-object "$CALLS")" = 1 ]
never "install $own/market-collector.rpm"

given "a package that cannot be fetched"
fails get-object
run "$own/bootstrap.sh"
abandoned
never "systemctl enable"
proof "it is not tried 60 times" [ "$(grep -c 'aws s3api get-object' "$CALLS") $(grep -c '^sleep 10$' "$CALLS")" = "60 60" ]

given "logs for CloudWatch"
printf 'LOG_GROUP=/market-collector/unit\n' >>"$own/artifact.env"
run "$own/bootstrap.sh"
ends_with 0
calls "dnf -q -y install rsyslog amazon-cloudwatch-agent"
before "systemctl enable --now market-collector" "systemctl enable --now rsyslog"
before "lifecycle-action-result CONTINUE" "dnf -q -y install rsyslog"
proof "the agent reads another file, or sends to another group" [ "$(jq -c '.logs.logs_collected.files.collect_list[] | [.file_path, .log_group_name]' "$own/cloudwatch-agent.json")" = '["/var/log/messages","/market-collector/unit"]' ]

given "logs for CloudWatch that cannot be sent"
printf 'LOG_GROUP=/market-collector/unit\n' >>"$own/artifact.env"
fails rsyslog
run "$own/bootstrap.sh"
ends_with 0

given "a unit that does not start"
fails "systemctl enable --now"
run "$own/bootstrap.sh"
abandoned

given "an instance without an id"
printf '<html>' >"$ANSWERS/instance-id"
run "$own/bootstrap.sh"
ends_with 1
never "systemctl enable"

given "an older Java only"
fails java-25-amazon
run "$own/bootstrap.sh"
ends_with 0
calls "dnf -q -y install java-21-amazon-corretto-headless"
never "java-17"

given "the end of an instance"
run "$own/lifecycle.sh" drain
ends_with 0
proof "it does not wait for its end" [ "$(grep -c 'target-lifecycle-state' "$CALLS") $(grep -c '^sleep 5$' "$CALLS")" = "3 2" ]
before "target-lifecycle-state" "systemctl stop market-collector"
before "systemctl stop market-collector" "market-collector spool upload --patience 50m"
before "market-collector spool upload" "autoscaling complete-lifecycle-action $hook drain --instance-id i-0123abcd --lifecycle-action-result CONTINUE"
calls "autoscaling record-lifecycle-action-heartbeat $hook drain"

given "the end of an instance whose uploads fail"
fails "market-collector spool upload"
run "$own/lifecycle.sh" drain
ends_with 1
never "complete-lifecycle-action"

case="the unit that runs it"
for line in "ExecStart=/opt/market-collector/lifecycle.sh drain" "Restart=on-failure" "StartLimitIntervalSec=0" "WantedBy=multi-user.target"; do
  proof "it has no $line" grep -qx "$line" "$tests/../modules/fleet/files/market-collector-drain.service"
done

given "wrong usage"
run "$own/lifecycle.sh" finish
ends_with 64
never "aws"
finish
