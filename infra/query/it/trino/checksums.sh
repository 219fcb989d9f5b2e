#!/usr/bin/env bash
# Writes .mvn/checksums/checksums.sha256 again, as .ci/checksums does for the other builds: the SHA-256 of every file that
# this build takes from a Maven repository. Run it after a change of a version in pom.xml, on JDK 25 and after a build of
# the root. It downloads 560 MB.
set -euo pipefail
cd "$(dirname "$0")"
repository="$(mktemp -d)"
trap 'rm -rf "$repository"' EXIT

# The checks are off here: they would compare with the list that is to be written.
mvn -B -q "-Dmaven.repo.local=$repository" -Daether.artifactResolver.postProcessor.trustedChecksums=false \
  verify -Dtest=TrinoTest#compactedFilesGiveTheirRows
../../../../.ci/write-digests "$repository" .mvn/checksums/checksums.sha256
