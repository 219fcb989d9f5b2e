#!/usr/bin/env bash
# Turns a new Amazon Linux 2023 into a collector: Java, and exactly the planned package. cloud-init runs it once, as
# root; it may be run again. User data has already written the settings. Its output is in
# /var/log/cloud-init-output.log.
#
# The Auto Scaling group counts this instance, and ends an older one, only after recording is proven. If it is not, the
# group gets to know and this instance ends. MARKET_COLLECTOR_ROOT and RECORDING_WITHIN are for tests.
set -euo pipefail

root="${MARKET_COLLECTOR_ROOT:-}"
here="$root/opt/market-collector"
settings="$root/etc/market-collector"
# shellcheck source=/dev/null
. "$here/artifact.env"
export AWS_REGION

say() { printf 'market-collector bootstrap: %s\n' "$*"; }

# Retries a command that the network can make fail: 60 attempts in ten minutes.
persist() {
  local try
  for try in $(seq 60); do
    if "$@"; then
      return 0
    fi
    say "attempt $try failed, trying again in 10 s: $*"
    sleep 10
  done
  say "FAILED after 60 attempts: $*"
  return 1
}

# Any Java from 17 on works; newer ones need less memory.
install_java() {
  local version
  for version in 25 21 17; do
    if dnf -q -y install "java-$version-amazon-corretto-headless"; then
      return 0
    fi
    say "Java $version cannot be installed"
  done
  return 1
}

# The id is part of every object name, so no two instances can write the same object.
name_instance() {
  local id
  id="$("$here/lifecycle.sh" instance-id)" && [[ $id =~ ^i-[0-9a-f]+$ ]] || return 1
  sed -i '/^INSTANCE_ID=/d' "$settings/collector.env"
  printf 'INSTANCE_ID=%s\n' "$id" >>"$settings/collector.env"
}

fetch_package() {
  aws s3api get-object --bucket "$ARTIFACT_BUCKET" --key "$ARTIFACT_KEY" --version-id "$ARTIFACT_VERSION" \
    "$here/market-collector.rpm" >/dev/null
}

# A version of an object never changes, so another digest stays another digest. The package keeps the settings that are
# there, and starts nothing.
install_package() {
  sha256sum --check --quiet <<<"$ARTIFACT_SHA256  $here/market-collector.rpm"
  dnf -q -y install "$here/market-collector.rpm"
}

# Optional: the log of the system, in which the collector's is, to CloudWatch Logs. Recording does not depend on it.
send_log() {
  local config="$here/cloudwatch-agent.json"
  printf '{"logs": {"logs_collected": {"files": {"collect_list": [{"file_path": "/var/log/messages", "log_group_name": "%s", "log_stream_name": "{instance_id}", "timestamp_format": "%%b %%d %%H:%%M:%%S"}]}}}}\n' \
    "$LOG_GROUP" >"$config"
  if ! { dnf -q -y install rsyslog amazon-cloudwatch-agent && systemctl enable --now rsyslog &&
    /opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c "file:$config"; }; then
    say "the log is not sent to CloudWatch Logs"
  fi
}

# Saves the loaded classes of a short demo as an archive for this Java: a start takes a third less processor time. The
# collector starts without the archive as well, so a failure here is logged and ignored.
keep_classes() {
  local version option cache="$root/var/cache/market-collector" scratch
  version="$(/usr/bin/java -version 2>&1 | sed -n '1s/.*version "\([0-9]*\).*/\1/p')"
  # An archive of an earlier run would be used while the new one is written, and Java 25 refuses that.
  sed -i -E '/^-XX:(AOTCache|SharedArchiveFile)=/d; /^# Written by bootstrap.sh/d' "$settings/jvm.options"
  rm -f "$cache/classes"
  install -d -m 755 -o collector -g collector "$cache"
  if [ "$version" -ge 25 ]; then
    option=AOTCache
    set -- "-XX:AOTCacheOutput=$cache/classes"
  else
    option=SharedArchiveFile
    set -- "-XX:ArchiveClassesAtExit=$cache/classes"
  fi
  scratch="$(runuser -u collector -- mktemp -d)"
  if (cd "$scratch" && timeout 180 runuser -u collector -- /usr/bin/java "@$settings/jvm.options" "$@" \
    -jar "$root/usr/share/market-collector/collector.jar" demo --seconds 5 --dir "$scratch/demo") && [ -s "$cache/classes" ]; then
    chown -R root:root "$cache"
    printf '\n# Written by bootstrap.sh; another Java or another jar ignores it.\n-XX:%s=%s\n' \
      "$option" "$cache/classes" >>"$settings/jvm.options"
  else
    say "no class archive was written; the collector starts without it"
  fi
  rm -rf "$scratch"
}

# Only an instance that the group still waits for is ended: when this script is run again later, the collector records.
give_up() {
  say "FAILED: this instance does not record, so it ends"
  if "$here/lifecycle.sh" complete recording ABANDON; then
    shutdown -h now
  fi
  exit 1
}

set_up() {
  chmod 755 "$here"
  persist install_java
  persist name_instance
  persist fetch_package
  install_package
  keep_classes
  systemctl daemon-reload
  systemctl enable --now market-collector market-collector-drain
}

if [ "${1:-}" = set-up ]; then
  set_up
  exit 0
fi
# In a process of its own, because bash ignores `set -e` in what it tests.
"$0" set-up || give_up
say "started; journalctl -u market-collector"
"$here/lifecycle.sh" extend recording || say "the group does not wait for this instance"
market-collector health --await-recording "${RECORDING_WITHIN:-12m}" || give_up
"$here/lifecycle.sh" complete recording CONTINUE || say "the group does not wait for this instance"
# Last: however long it takes, the group knows already that this instance records.
[ -z "${LOG_GROUP:-}" ] || send_log
