#!/usr/bin/env bash
# Turns a new Amazon Linux 2023 into a collector: Java, exactly the planned jar, the unit. cloud-init runs it once, as
# root; it may be run again. User data has already written the other files. Its output is in
# /var/log/cloud-init-output.log.
set -euo pipefail

here=/opt/market-collector
settings=/etc/market-collector
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

# The metadata service requires a token; the hop limit of 1 keeps it on this machine.
instance_id() {
  local token
  token="$(curl -fsS --max-time 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token)"
  curl -fsS --max-time 5 -H "X-aws-ec2-metadata-token: $token" http://169.254.169.254/latest/meta-data/instance-id
}

# The id is part of every object name, so no two instances can write the same object.
name_instance() {
  local id
  id="$(instance_id)" && [[ $id =~ ^i-[0-9a-f]+$ ]] || return 1
  sed -i '/^INSTANCE_ID=/d' "$settings/collector.env"
  printf 'INSTANCE_ID=%s\n' "$id" >>"$settings/collector.env"
}

# Moved into place only if its digest is the planned one.
fetch_jar() {
  aws s3api get-object --bucket "$ARTIFACT_BUCKET" --key "$ARTIFACT_KEY" --version-id "$ARTIFACT_VERSION" \
    "$here/collector.jar.new" >/dev/null &&
    sha256sum --check --quiet <<<"$ARTIFACT_SHA256  $here/collector.jar.new" &&
    chmod 644 "$here/collector.jar.new" &&
    mv "$here/collector.jar.new" "$here/collector.jar"
}

# Saves the loaded classes of a short demo as an archive for this Java: a start takes a third less processor time. The
# collector starts without the archive as well, so a failure here is logged and ignored.
keep_classes() {
  local version option cache=/var/cache/market-collector scratch
  version="$(/usr/bin/java -version 2>&1 | sed -n '1s/.*version "\([0-9]*\).*/\1/p')"
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
    -jar "$here/collector.jar" demo --seconds 5 --dir "$scratch/demo") && [ -s "$cache/classes" ]; then
    chown -R root:root "$cache"
    sed -i "/^-XX:$option=/d" "$settings/jvm.options"
    printf '\n# Written by bootstrap.sh; another Java or another jar ignores it.\n-XX:%s=%s\n' \
      "$option" "$cache/classes" >>"$settings/jvm.options"
  else
    say "no class archive was written; the collector starts without it"
  fi
  rm -rf "$scratch"
}

main() {
  chmod 755 "$here"
  persist install_java
  systemd-sysusers
  persist name_instance
  persist fetch_jar
  keep_classes
  systemctl daemon-reload
  systemctl enable --now market-collector
  say "started; journalctl -u market-collector"
}

main "$@"
