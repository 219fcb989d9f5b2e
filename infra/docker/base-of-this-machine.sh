#!/usr/bin/env bash
# Builds a base image from this machine's JDK 25 and bash, to try the Dockerfile where no image can be pulled.
#   infra/docker/base-of-this-machine.sh NAME      then: docker build --build-arg BASE=NAME …
# Not for production: it gets no updates. Needs a container engine, and Linux with a JDK 25; ends with 77 without them.
set -euo pipefail

name="${1:?name of the image to build}"
java="$("$(dirname "$0")/../../.ci/newer-jdk")"
if [ -z "$java" ] || ! command -v ldd > /dev/null; then
  echo "no base can be built here: a JDK 25 or ldd is missing"
  exit 77
fi
root="$(mktemp -d)"
trap 'rm -rf "$root"' EXIT

mkdir -p "$root"/{bin,etc,opt,tmp,usr/bin,var/lib}
chmod 0755 "$root" # mktemp creates it with mode 0700
chmod 1777 "$root/tmp"
echo 'root:x:0:0:root:/:/bin/bash' > "$root/etc/passwd"
echo 'root:x:0:' > "$root/etc/group"
"$java/bin/jlink" --generate-cds-archive \
  --add-modules java.se,jdk.crypto.ec,jdk.httpserver,jdk.management,jdk.naming.dns,jdk.net,jdk.security.auth,jdk.unsupported,jdk.zipfs \
  --strip-debug --no-header-files --no-man-pages --output "$root/opt/java" > /dev/null
# In some distributions cacerts is a symbolic link to the system's file.
rm -f "$root/opt/java/lib/security/cacerts"
cp -L "$java/lib/security/cacerts" "$root/opt/java/lib/security/cacerts"
ln -s /opt/java/bin/java "$root/usr/bin/java"

programs=()
for program in bash cat chmod find id mkdir sh touch; do
  programs+=("$(readlink -f "$(command -v "$program")")")
  cp -L "$(command -v "$program")" "$root/bin/$program"
done
# The libraries of all of them, at their own paths. Libraries that java loads later (libnss) are left out: the test
# queries no name server.
{ ldd "${programs[@]}" "$root"/opt/java/bin/java "$root"/opt/java/lib/*.so "$root"/opt/java/lib/server/libjvm.so 2>/dev/null || true; } \
  | grep -oE '/[^ ]+\.so[^ )]*' | grep -v "^$root" | sort -u | while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp -L "$library" "$root$library"
  done

tar -C "$root" -c . | docker import --change 'ENV PATH=/usr/bin:/bin JAVA_HOME=/opt/java' - "$name" > /dev/null
echo "built $name: $("$root/opt/java/bin/java" -version 2>&1 | head -1)"
