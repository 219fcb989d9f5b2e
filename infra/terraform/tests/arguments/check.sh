#!/usr/bin/env bash
# Checks every argument of the configuration without Terraform and without an account, against AWS provider 6.25.0 from
# npm (37 MB, kept in ~/.cache/market-data-arguments). Ends with 0 without problems, 1 with problems, 77 if it cannot
# run here.
#
#   infra/terraform/tests/arguments/check.sh [DIRECTORY]    default: this configuration
set -euo pipefail

here="$(cd "$(dirname "$0")" && pwd)"
configuration="$(cd "${1:-$here/../..}" && pwd)"
for program in node npm; do
  command -v "$program" >/dev/null || { printf 'skipped: %s is not installed\n' "$program"; exit 77; }
done
cache="${XDG_CACHE_HOME:-$HOME/.cache}/market-data-arguments"
mkdir -p "$cache"
cd "$cache"
provider=cdktf-provider-aws-21.22.1.tgz
[ -f package.json ] || printf '{"private": true}\n' >package.json
if [ ! -d node_modules/@cdktf/hcl2json ] || [ ! -f "$provider" ]; then
  printf 'Fetching the parser and the list of arguments from npm; the next run uses the copy in %s\n' "$cache"
  if ! { npm install --silent --ignore-scripts --no-audit --no-fund @cdktf/hcl2json@0.21.0 && npm pack --silent @cdktf/provider-aws@21.22.1; } >fetch.log 2>&1; then
    printf 'skipped: npm could not be reached: %s\n' "$(tail -1 fetch.log)"
    exit 77
  fi
fi
# Unpacks only the needed files; all of them take 400 MB.
sed -nE 's/^resource "aws_([a-z0-9_]+)".*/\1/p; s/^data "(aws_[a-z0-9_]+)".*/data-\1/p' "$configuration"/*.tf "$configuration"/modules/*/*.tf |
  sort -u | sed 's|_|-|g; s|.*|package/lib/&/index.d.ts|' >wanted
# A file that tar does not find is an unknown resource; the check reports it.
rm -rf package
tar -xzf "$provider" -T wanted 2>/dev/null || true
NODE_PATH="$cache/node_modules" node "$here/check.js" package "$configuration" "$configuration"/modules/*/
