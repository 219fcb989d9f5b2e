# shellcheck shell=bash
# What run.sh and life.sh share; they source it, after setting `needs` to further programs. It ends with 77 where they
# cannot run.

for program in terraform aws jq python3 java curl ${needs:+"$needs"}; do
  command -v "$program" >/dev/null || { printf 'skipped: %s is not installed\n' "$program"; exit 77; }
done
python3 -c 'import moto, yaml' 2>/dev/null || { printf 'skipped: python3 has no moto or no yaml\n'; exit 77; }
emulator="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
repo="$(cd "$emulator/../../../.." && pwd)"
home="$(mktemp -d)"
started=()
clean() {
  trap - EXIT INT TERM
  [ "${#started[@]}" = 0 ] || kill "${started[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$home"
}
trap clean EXIT
trap 'exit 130' INT TERM

# ok and die are the caller's.
same() { [ "$1" = "$2" ] || die "$3: expected \"$2\", got \"$1\""; ok "$3"; }
quietly() { "$@" >"$home/output" 2>&1 || { cat "$home/output" >&2; die "$*"; }; }

# What an emulated host uses of the .rpm, as a tar: the program rpm is not on every machine. host.sh plays the unit and the
# command; infra/packages/test/install.sh tests the packages themselves.
pack() { # jar, package
  local files="$home/package"
  mkdir -p "$files/usr/share/market-collector" "$files/etc/market-collector"
  cp "$1" "$files/usr/share/market-collector/collector.jar"
  cp "$repo/systemd/jvm.options" "$files/etc/market-collector/"
  tar -C "$files" -cf "$2" .
}

# The emulated AWS on a port; further arguments are those of aws.py. Nothing real can be reached any more.
start_aws() {
  export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=ap-northeast-1 AWS_EC2_METADATA_DISABLED=true
  export AWS_ENDPOINT_URL="http://127.0.0.1:$1" AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_PAGER=
  export CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1
  unset AWS_PROFILE AWS_SESSION_TOKEN
  MOTO_IAM_LOAD_MANAGED_POLICIES=true python3 "$emulator/aws.py" "$@" >"$home/aws.events" 2>"$home/aws.log" &
  started+=("$!")
  for _ in $(seq 600); do
    grep -q 'Running on' "$home/aws.log" && break
    sleep 0.1
  done
  if ! kill -0 "${started[0]}" 2>/dev/null || ! grep -q 'Running on' "$home/aws.log"; then
    die "the emulated AWS is not running: $(tail -1 "$home/aws.log")"
  fi
}

# A copy of the configuration that uses only it; sets `terraform` to its directory.
copy_configuration() {
  terraform="$home/repo/infra/terraform"
  mkdir -p "$home/repo/infra"
  cp -r "$repo/systemd" "$home/repo/systemd"
  cp -r "$repo/infra/terraform" "$repo/infra/sql" "$home/repo/infra/"
  rm -rf "$terraform/.terraform" "$terraform/.terraform.lock.hcl" "$terraform"/*.tfstate* "$terraform"/terraform.tfvars "$terraform"/backend.tf "$terraform"/*.auto.tfvars.json
  sed "s|http://127.0.0.1:4599|$AWS_ENDPOINT_URL|" "$emulator/emulated.tf" >"$terraform/override.tf"
}
