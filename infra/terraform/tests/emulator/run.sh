#!/usr/bin/env bash
# Deploys to an emulated AWS and proves what can be proven there, one line per proof: all calls are accepted, an
# instance would read the right files, the jar records into the bucket with the instance's own settings and role, the
# audit runs under its role, and destroy keeps the bucket. life.sh plays what comes later.
#
#   infra/terraform/tests/emulator/run.sh [collector.jar]    default: target/collector.jar; takes some minutes
#
# Needs terraform with the AWS provider (TF_CLI_ARGS_init=-plugin-dir=DIR uses one from a mirror), python3 with moto 5 and yaml,
# aws, jq and Java. It touches nothing real: every address is 127.0.0.1. Ends with 0 if everything is proven, 1 if
# not, 77 if it cannot run here.
#
# Not proven here: how instances are replaced (life.sh); nor, because moto does not implement it: conditions of policies, zones,
# `resolve:ssm`, Systems Manager; nor that a second plan is empty, because moto does not keep all attributes of launch
# templates and groups. Permissions are checked for refusals only: moto cannot verify signatures of keys with "=". The
# resources that emulated.tf removes are not deployed.
set -euo pipefail

# shellcheck source=SCRIPTDIR/common.sh
. "$(dirname "$0")/common.sh"
jar="$(realpath -e "${1:-$repo/target/collector.jar}")"
port="${PORT:-4599}"
api="http://127.0.0.1:$port"
ok() { printf 'ok: %s (%d s)\n' "$*" "$SECONDS"; }
die() { printf 'NOT PROVEN: %s\n' "$*" >&2; exit 1; }
await() { # file, pattern
  for _ in $(seq 600); do
    grep -q "$2" "$1" 2>/dev/null && return
    sleep 0.1
  done
  cat "$1" >&2
  die "no \"$2\" within a minute"
}

# ---- The emulated AWS, and a copy of the configuration that uses only it ---------------------------------------------
start_aws "$port"
copy_configuration
cat >"$terraform/terraform.tfvars" <<CONFIGURATION
bucket_name  = "emulated-market-data"
jar_path     = "$jar"
package_path = "$home/collector.rpm"
CONFIGURATION
pack "$jar" "$home/collector.rpm"
cd "$terraform"
fleet() { # ids of its instances
  aws autoscaling describe-auto-scaling-groups --auto-scaling-group-names "market-data-$1-collector" |
    jq -r '.AutoScalingGroups[].Instances[].InstanceId' | sort
}

# ---- One symbol ------------------------------------------------------------------------------------------------------
quietly ./deploy-symbol.sh BTCUSDT apply -auto-approve
first="$(fleet btcusdt)"
same "$(wc -l <<<"$first")" 3 "deploy-symbol.sh BTCUSDT apply starts 3 instances"
same "$(jq -c .fleets fleets.auto.tfvars.json)" '{"BTCUSDT":{}}' "and lists the fleet"
same "$(aws s3api get-bucket-versioning --bucket emulated-market-data | jq -r .Status)" Enabled "the bucket keeps deleted objects"
same "$(aws s3api get-public-access-block --bucket emulated-market-data | jq -c '[.PublicAccessBlockConfiguration[]] | unique')" '[true]' "the bucket is not public"
same "$(aws s3api get-bucket-encryption --bucket emulated-market-data | jq -r '.. | .SSEAlgorithm? // empty')" AES256 "the bucket encrypts with AES256"

# ---- The files that an instance reads, and what it records with them -------------------------------------------------
# shellcheck disable=SC2016
aws ec2 describe-launch-template-versions --launch-template-name market-data-btcusdt-collector --versions '$Latest' |
  jq -r '.LaunchTemplateVersions[0].LaunchTemplateData.UserData' | base64 -d | gunzip >"$home/user-data"
python3 - "$home/user-data" "$home/host" <<'PYTHON'
import pathlib, sys, yaml
for file in yaml.safe_load(open(sys.argv[1]))["write_files"]:
    path = pathlib.Path(sys.argv[2] + file["path"])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(file["content"])
PYTHON
cmp -s "$home/host/etc/systemd/system/market-collector-drain.service" "$repo/infra/terraform/modules/fleet/files/market-collector-drain.service" || die "the unit in the user data differs from the file of the repository"
ok "the user data holds the unit of the repository"
if command -v cloud-init >/dev/null; then
  quietly cloud-init schema --config-file "$home/user-data"
  ok "cloud-init finds nothing wrong with the user data"
else
  printf 'skipped: cloud-init is not installed\n'
fi
# As bootstrap.sh fetches it.
# shellcheck source=/dev/null
. "$home/host/opt/market-collector/artifact.env"
aws s3api get-object --bucket "$ARTIFACT_BUCKET" --key "$ARTIFACT_KEY" --version-id "$ARTIFACT_VERSION" "$home/host/collector.rpm" >/dev/null
sha256sum --check --quiet <<<"$ARTIFACT_SHA256  $home/host/collector.rpm" || die "the fetched package is not the planned one"
ok "the planned package can be fetched by its version, and its digest is right"
tar -C "$home/host" --skip-old-files -xf "$home/host/collector.rpm"

java -Xmx64m -XX:TieredStopAtLevel=1 -jar "$jar" simulate --rate 100 --port $((port + 1)) --rest-port $((port + 2)) >"$home/exchange.log" 2>&1 &
started+=("$!")
await "$home/exchange.log" '^WS_URL='
role="$(aws iam get-role --role-name market-data-btcusdt-ap-northeast-1 | jq -r .Role.Arn)"
keys="$(aws sts assume-role --role-arn "$role" --role-session-name instance | jq .Credentials)"
as_role() {
  AWS_ACCESS_KEY_ID="$(jq -r .AccessKeyId <<<"$keys")" AWS_SECRET_ACCESS_KEY="$(jq -r .SecretAccessKey <<<"$keys")" \
    AWS_SESSION_TOKEN="$(jq -r .SessionToken <<<"$keys")" "$@"
}
collectors=()
for instance in $(head -2 <<<"$first"); do
  mkdir -p "$home/$instance"
  mapfile -t settings <"$home/host/etc/market-collector/collector.env"
  (cd "$home/$instance" && as_role exec env "${settings[@]}" INSTANCE_ID="$instance" LOCAL_DIR="$home/$instance/spool" HTTP_PORT=0 \
    WS_URL="ws://127.0.0.1:$((port + 1))" REST_URL="http://127.0.0.1:$((port + 2))" \
    java "@$home/host/etc/market-collector/jvm.options" -jar "$home/host/usr/share/market-collector/collector.jar") >"$home/$instance.log" 2>&1 &
  collectors+=("$!")
  started+=("$!")
done
for instance in $(head -2 <<<"$first"); do
  await "$home/$instance.log" 'Uploaded: '
done
last="$(curl -fsS "http://127.0.0.1:$((port + 2))/api/v3/trades?symbol=BTCUSDT&limit=1" | jq '.[0].id')"
sleep 1
kill "${collectors[@]}"
wait "${collectors[@]}" || true
aws s3 sync --only-show-errors s3://emulated-market-data "$home/bucket"
python3 "$emulator/verify.py" "$home/bucket" BTCUSDT "$last" || die "the bucket is not complete"
ok "two instances recorded with their user data and their role, and the bucket holds all that was issued"

# ---- What the role may not do ----------------------------------------------------------------------------------------
curl -fsS -H 'Content-Type: text/plain' -d 0 "$api/moto-api/reset-auth" >/dev/null
denied() { # description, then a command
  if as_role "${@:2}" >"$home/output" 2>&1; then die "$1 is allowed"; fi
  grep -qE 'AccessDenied|UnauthorizedOperation|not authorized|Forbidden|403' "$home/output" || { cat "$home/output" >&2; die "$1 was refused for another reason"; }
  ok "the role may not $1"
}
denied "list the bucket" aws s3api list-objects-v2 --bucket emulated-market-data
denied "write outside its prefixes" aws s3api put-object --bucket emulated-market-data --key elsewhere
denied "replace its package" aws s3api put-object --bucket emulated-market-data --key artifacts/BTCUSDT/market-collector.rpm
denied "read another fleet's package" aws s3api get-object --bucket emulated-market-data --key artifacts/ETHUSDT/market-collector.rpm "$home/never"
denied "change the bucket's policy" aws s3api delete-bucket-policy --bucket emulated-market-data
denied "delete the bucket" aws s3api delete-bucket --bucket emulated-market-data
denied "terminate instances" aws ec2 terminate-instances --instance-ids "$(head -1 <<<"$first")"
as_role aws s3api get-object --bucket emulated-market-data --key artifacts/BTCUSDT/market-collector.rpm "$home/own" >/dev/null || die "the role may not read its package"
ok "the role may read its package"
curl -fsS -H 'Content-Type: text/plain' -d 1000000000 "$api/moto-api/reset-auth" >/dev/null

# ---- The daily audit -------------------------------------------------------------------------------------------------
same "$(aws lambda list-functions | jq '.Functions | length')" 0 "there is no audit by default"
quietly terraform apply -auto-approve -target=module.audit -var daily_audit=true
same "$(aws lambda get-function --function-name market-data-audit | jq -c '.Configuration | [.Runtime, .Handler, .Environment.Variables.SYMBOL]')" \
  '["java21","io.marketdata.collector.daily.AuditHandler::handleRequest","BTCUSDT"]' "with daily_audit the function is there"
same "$(aws scheduler get-schedule --name market-data-audit | jq -c '[.ScheduleExpression, .ScheduleExpressionTimezone, .Target.Input]')" \
  '["cron(0 2 * * ? *)","UTC","{}"]' "and its schedule"
role="$(aws iam get-role --role-name market-data-audit-ap-northeast-1 | jq -r .Role.Arn)"
keys="$(aws sts assume-role --role-arn "$role" --role-session-name audit | jq .Credentials)"
(cd "$home" && as_role env RAW_BUCKET=emulated-market-data AWS_REGION=ap-northeast-1 java -Xmx128m -XX:TieredStopAtLevel=1 -cp "$jar" \
  io.marketdata.collector.Main verify --symbol BTCUSDT --day yesterday --requests 8 --publish) >"$home/audit.log" 2>&1 || [ "$?" = 1 ] || { cat "$home/audit.log" >&2; die "the audit cannot run with its role"; }
grep -q 'Published: quality/' "$home/audit.log" || { cat "$home/audit.log" >&2; die "the audit has published nothing"; }
ok "under its role the audit reads the bucket and publishes its report"
curl -fsS -H 'Content-Type: text/plain' -d 0 "$api/moto-api/reset-auth" >/dev/null
recorded=raw/recorded # moto cannot verify signatures of keys with "="
denied "write below raw/ as the audit" aws s3api put-object --bucket emulated-market-data --key "$recorded"
denied "delete objects as the audit" aws s3api delete-object --bucket emulated-market-data --key "$recorded"
denied "invoke functions as the audit" aws lambda invoke --function-name market-data-audit "$home/never"
curl -fsS -H 'Content-Type: text/plain' -d 1000000000 "$api/moto-api/reset-auth" >/dev/null

# ---- Destroy, as docs/TERRAFORM_DEPLOYMENT.md says -------------------------------------------------------------------
if terraform destroy -auto-approve >"$home/output" 2>&1; then die "terraform destroy destroys the bucket"; fi
grep -q prevent_destroy "$home/output" || { cat "$home/output" >&2; die "terraform destroy was refused for another reason"; }
ok "terraform destroy is refused because of the bucket"
terraform state list | grep '^aws_s3_bucket' | xargs terraform state rm >/dev/null
quietly terraform destroy -auto-approve
same "$(terraform state list | wc -l)" 0 "without the bucket in the state, everything else is destroyed"
same "$(fleet btcusdt | wc -l)" 0 "no instance is left"
same "$(aws s3api get-public-access-block --bucket emulated-market-data | jq -c '[.PublicAccessBlockConfiguration[]] | unique')" '[true]' "the bucket is still not public"
rm -rf "$home/after"
aws s3 sync --only-show-errors s3://emulated-market-data/raw "$home/after/raw"
diff -r "$home/bucket/raw" "$home/after/raw" >/dev/null || die "the bucket has lost objects"
ok "and still holds every trade"
