#!/usr/bin/env bash
# Writes .mvn/checksums/checksums.sha256 again, as .ci/checksums does for the other builds: the SHA-256 of every file that
# this build takes from a Maven repository. Run it after a change of a version in pom.xml, on JDK 17. It downloads 400 MB.
set -euo pipefail
cd "$(dirname "$0")"
list=".mvn/checksums/checksums.sha256"
repository="$(mktemp -d)"
trap 'rm -rf "$repository"' EXIT

# The checks are off here: they would compare with the list that is to be written.
mvn -B -q "-Dmaven.repo.local=$repository" -Daether.artifactResolver.postProcessor.trustedChecksums=false \
  verify -Dtest=ArgumentsTest \
  org.apache.maven.plugins:maven-dependency-plugin:3.11.0:build-classpath -Dmdep.outputFile=target/classpath
cp "$list" "$repository/before"
(cd "$repository" && find . -type f -path './*/*/*/*' ! -path './io/marketdata/*' \
  \( -name '*.jar' -o -name '*.pom' -o -name '*.xml' \) ! -name 'maven-metadata*' -printf '%P\0' \
  | LC_ALL=C sort -z | xargs -0 sha256sum) > "$list"

changed="$(LC_ALL=C join -1 2 -2 2 <(LC_ALL=C sort -k2 "$repository/before") <(LC_ALL=C sort -k2 "$list") | awk '$2 != $3 {print $1}')"
echo "$(wc -l < "$list") files, before $(wc -l < "$repository/before")."
if [ -n "$changed" ]; then
  printf 'The content of released files changed. Find out why before you commit this list:\n%s\n' "$changed" >&2
  exit 1
fi
