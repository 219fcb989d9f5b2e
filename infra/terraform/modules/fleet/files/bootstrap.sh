#!/usr/bin/env bash
# Makes a recorder of a new Amazon Linux 2023: Java, the jar that was planned and no other, the unit. Runs once, as root, from
# cloud-init; may be run again. Everything it needs besides lies where user data has put it. What it says is in
# /var/log/cloud-init-output.log.
set -euo pipefail

here=/opt/market-collector
settings=/etc/market-collector
# shellcheck source=/dev/null
. "$here/artifact.env"
export AWS_REGION

say() { printf 'market-collector bootstrap: %s\n' "$*"; }

# What the network can refuse for a moment is tried for ten minutes.
persist() {
  local try
  for try in $(seq 60); do
    if "$@"; then
      return 0
    fi
    say "attempt $try failed, again in 10 s: $*"
    sleep 10
  done
  say "GIVEN UP: $*"
  return 1
}

# Any Java from 17 on will do; newer ones need less memory.
install_java() {
  local version
  for version in 25 21 17; do
    if dnf -q -y install "java-$version-amazon-corretto-headless"; then
      return 0
    fi
    say "there is no Java $version"
  done
  return 1
}

# Only with a token; the hop limit of 1 keeps it on this machine.
instance_id() {
  local token
  token="$(curl -fsS --max-time 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token)"
  curl -fsS --max-time 5 -H "X-aws-ec2-metadata-token: $token" http://169.254.169.254/latest/meta-data/instance-id
}

# Each object's name holds it, so no two instances can write the same one.
name_instance() {
  local id
  id="$(instance_id)" && [[ $id =~ ^i-[0-9a-f]+$ ]] || return 1
  sed -i '/^INSTANCE_ID=/d' "$settings/collector.env"
  printf 'INSTANCE_ID=%s\n' "$id" >>"$settings/collector.env"
}

# Moved into place only when it is the one that was planned.
fetch_jar() {
  aws s3api get-object --bucket "$ARTIFACT_BUCKET" --key "$ARTIFACT_KEY" --version-id "$ARTIFACT_VERSION" \
    "$here/collector.jar.new" >/dev/null &&
    sha256sum --check --quiet <<<"$ARTIFACT_SHA256  $here/collector.jar.new" &&
    chmod 644 "$here/collector.jar.new" &&
    mv "$here/collector.jar.new" "$here/collector.jar"
}

# The classes as this very Java holds them in memory, kept from a short demo: a start takes a third less of the processor.
# A recorder starts without them just as well, so whatever goes wrong here is told and passed over.
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
    printf '\n# Kept by bootstrap.sh; of no use to another Java or another jar, which ignore it.\n-XX:%s=%s\n' \
      "$option" "$cache/classes" >>"$settings/jvm.options"
  else
    say "no classes kept; the recorder starts without them"
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
