# shellcheck shell=bash
# shellcheck disable=SC2154 # home, terraform, emulator: of life.sh
# The scenes of life.sh, which sources this file. Each begins with three instances that record BTCUSDT, in the directory of
# the first installation, and leaves them so.
set -euo pipefail

scene_first() {
  release first
  quietly deploy BTCUSDT apply
  local running; running="$(instances)"
  same "$(wc -l <<<"$running")" 3 "the first deployment ends when three instances record"
  complete "deployed"
}

scene_releases() {
  local old new
  old="$(instances)"
  release second
  quietly deploy BTCUSDT apply
  grep -q 'Instance refresh: Successful' "$home/output" || { cat "$home/output"; die "the end of the refresh is not shown"; }
  new="$(instances)"
  same "$(wc -l <<<"$new") $(comm -12 <(echo "$old") <(echo "$new") | wc -l)" "3 0" "a new release replaces all three, and its progress is shown"
  all_run second || die "an instance runs another package"
  complete "upgraded"

  release broken
  fails 1 'NOT REPLACED' "the apply of a release that does not start is an error, and says so" deploy BTCUSDT apply
  same "$(instances)" "$new" "a release that does not start stops at its first instance; all old ones record on"
  complete "after the broken release"

  quietly deploy BTCUSDT rollback
  all_run second || die "after the rollback an instance runs another package"
  same "$(jq -c .fleets fleets.auto.tfvars.json)" '{"BTCUSDT":{"package_path":"rollback/BTCUSDT.rpm"}}' "rollback goes back to the package before, and the list names it"
  printf '{"fleets": {"BTCUSDT": {}}}\n' >fleets.auto.tfvars.json
  complete "rolled back"
}

scene_refusals() {
  local next=first
  ! all_run first || next=second
  release "$next"
  alarm market-data-btcusdt-uploads-late ALARM
  fails 3 'uploads-late: of the test' "while an alarm says that uploads fail, an apply is refused" deploy BTCUSDT apply
  alarm market-data-btcusdt-uploads-late OK

  emulate refresh on
  fails 1 'The refresh is refused' "a refresh that AWS refuses is an error" deploy BTCUSDT apply
  quietly deploy BTCUSDT apply
  all_run "$next" || die "the second apply has not replaced the instances"
  ok "the second apply starts it again, though Terraform sees no change"
  complete "after the refused refresh"
}

# The bucket refuses trades: just after an instance has begun to end, whose replacement records, and before all three
# that are in service are terminated.
scene_outage() {
  local ending all since id parts
  ending="$(instances | head -1)"
  terminate "$ending"
  await "its replacement" grep -q "$ending is to end" "$home/aws.events"
  emulate s3 on
  since="$SECONDS"
  all="$(instances)"
  same "$(wc -l <<<"$all")" 3 "one instance is ending, three others record, and the bucket refuses uploads"
  for id in $all; do terminate "$id"; done
  sleep "${S3_AWAY:-60}"
  same "$(instances)" "$all" "while the bucket refuses uploads no terminated instance ends, because no new one records"
  ! grep -q "$ending ends" "$home/aws.events" || die "$ending has ended before its spool was uploaded"
  parts="$(find "$home/hosts/$ending/spool" -name '*.gz' | wc -l)"
  [ "$parts" -gt 0 ] || die "$ending has no part in its spool"
  ok "the instance that was already ending still waits, with parts in its spool ($parts)"
  emulate s3 off
  since="$((SECONDS - since))"
  for id in $ending $all; do await "the end of $id" grep -q "$id ends" "$home/aws.events"; done
  same "$(instances | wc -l)" 3 "the bucket is back after $since s: the four end, and three others record"
  same "$(grep -E "($(paste -sd'|' <<<"$all")|$ending) ends .*: 0$" "$home/aws.events" -c)" 4 "all four ended with an empty spool"
  complete "after the outage"
}
terminate() { aws autoscaling terminate-instance-in-auto-scaling-group --instance-id "$1" --no-should-decrement-desired-capacity >/dev/null; }

# Another name and another bucket, in the same account and region, which has two zones now.
scene_second() {
  local since other=market-data-2-btcusdt
  python3 "$emulator/inventory.py" | sort >"$home/before"
  emulate zones on
  checkout second <<CONFIGURATION
name = "market-data-2"
bucket_name = "emulated-second"
package_path = "$home/first.rpm"
instance_count = 2
CONFIGURATION
  fails 1 'has 2 zones for this account .*; set zones = 2' "in a region with two zones the default of three is refused, with the number to set" deploy BTCUSDT apply
  python3 "$emulator/inventory.py" | sort | diff "$home/before" - || die "the refused plan has changed the account"
  echo 'zones = 2' >>terraform.tfvars
  since="$(date -u +%FT%TZ)"
  quietly deploy BTCUSDT apply
  emulate zones off
  same "$(instances "$other-collector" | wc -l) $(zones_of "$other-collector")" "2 2" "with zones = 2 a second installation is deployed: two instances, a group over two zones"
  complete "the second installation" emulated-second
  complete "the first beside it"
  only_adds '^(market-data-2|emulated-second)' "it adds groups, roles, alarms, topics and a network of its own, and changes nothing of the first"
  same "$(of_installation '^market-data-2.* alarm ' | grep -o '"Namespace": "MarketData/[^"]*"' | sort -u)" '"Namespace": "MarketData/market-data-2"' "its alarms watch its own namespace only"
  same "$(of_installation '^market-data-2-btcusdt[^ ]* role ' | grep -cE 'emulated-market-data|market-data-btcusdt')" 0 "its role names nothing of the first"
  await "the numbers of the second" up_sums_to market-data-2 2 "$since"
  await "the numbers of the first" up_sums_to market-data 3 "$since"
  ok "each namespace counts the instances of its own installation: 3 and 2"

  alarm market-data-btcusdt-BTCUSDT-no-data ALARM
  quietly deploy BTCUSDT destroy
  ok "an alarm of the first installation does not block the second, which is destroyed"
  alarm market-data-btcusdt-BTCUSDT-no-data OK
  complete "the second installation, destroyed" emulated-second
  complete "the first, alone again"
  only_adds '^(market-data-2(-look|-page)?|emulated-second) ' "nothing of the first has changed; shared resources and the bucket of the second stay"
}
zones_of() { # group
  aws autoscaling describe-auto-scaling-groups --auto-scaling-group-names "$1" | jq '.AutoScalingGroups[0].AvailabilityZones | unique | length'
}
of_installation() { python3 "$emulator/inventory.py" | grep -E "$1"; }
only_adds() { # pattern of what may be new, what that proves
  python3 "$emulator/inventory.py" | sort >"$home/after"
  if [ -n "$(comm -23 "$home/before" "$home/after")" ] || comm -13 "$home/before" "$home/after" | grep -vE "$1"; then
    diff "$home/before" "$home/after" >&2 || true
    die "$2"
  fi
  ok "$2"
}
up_sums_to() { # name, number, since
  aws cloudwatch get-metric-statistics --namespace "MarketData/$1" --metric-name Up --dimensions Name=Symbol,Value=BTCUSDT \
    --statistics Sum --period 60 --start-time "$3" --end-time "$(date -u +%FT%TZ)" | jq -e --argjson n "$2" 'any(.Datapoints[]; .Sum == $n)'
}

# A third installation, in a bucket that its owner has created and keeps.
scene_bucket() {
  local objects
  aws s3api create-bucket --bucket emulated-existing --create-bucket-configuration LocationConstraint=ap-northeast-1 >/dev/null
  put_report 1
  checkout existing <<CONFIGURATION
name = "market-data-3"
bucket_name = "emulated-existing"
create_bucket = false
package_path = "$home/first.rpm"
instance_count = 1
CONFIGURATION
  fails 1 'has no versioning.*Switch versioning on, delete artifacts/BTCUSDT/market-collector.rpm' "an existing bucket without versioning is refused, and the message says what to do" deploy BTCUSDT apply
  same "$(instances market-data-3-btcusdt-collector | wc -l)" 0 "and no instance is started"
  aws s3api put-bucket-versioning --bucket emulated-existing --versioning-configuration Status=Enabled
  aws s3api delete-object --bucket emulated-existing --key artifacts/BTCUSDT/market-collector.rpm >/dev/null
  put_report 2
  objects="$(versions | grep reports/)"
  quietly deploy BTCUSDT apply
  same "$(terraform state list | grep -c '^aws_s3_bucket' || true)" 0 "after that it is used, and Terraform manages nothing of the bucket"
  complete "in an existing bucket" emulated-existing
  quietly deploy BTCUSDT destroy
  versions >"$home/stored"
  quietly terraform destroy -auto-approve
  same "$(terraform state list | wc -l)" 0 "all of the third installation is destroyed, without a special step for the bucket"
  versions | diff "$home/stored" - >&2 || die "the bucket has lost objects"
  same "$(versions | grep reports/)" "$objects" "the bucket is still there, with every object of its owner"
  complete "the third installation, destroyed" emulated-existing
}
put_report() { # number
  echo "report $1" >"$home/report"
  aws s3api put-object --bucket emulated-existing --key "reports/$1.txt" --body "$home/report" >/dev/null
}
versions() { # in the existing bucket, but the packages, which Terraform manages
  aws s3api list-object-versions --bucket emulated-existing |
    jq -r '.Versions[] | select(.Key | startswith("artifacts/") | not) | "\(.Key) \(.VersionId) \(.ETag)"'
}

# The same installation, from another checkout.
scene_colleague() {
  local before
  cp -r "$terraform" "$home/repo/infra/colleague"
  cd "$home/repo/infra/colleague"
  rm -rf fleets.auto.tfvars.json .terraform
  quietly deploy ETHUSDT apply
  same "$(jq -c '.fleets | keys' fleets.auto.tfvars.json)" '["BTCUSDT","ETHUSDT"]' "another checkout deploys a second symbol and gets the list of fleets from the state"
  cd "$terraform"
  fails 3 'ETHUSDT: deployed as {}, listed as null' "the first checkout, which does not know it, is refused" deploy BTCUSDT apply
  rm fleets.auto.tfvars.json
  quietly deploy BTCUSDT apply
  same "$(jq -c '.fleets | keys' fleets.auto.tfvars.json)" '["BTCUSDT","ETHUSDT"]' "and without its list it has the deployed one"
  complete "the second symbol" emulated-market-data ETHUSDT
  jq '.fleets.ETHUSDT.instances = 1' "$home/repo/infra/colleague/fleets.auto.tfvars.json" >fleets.auto.tfvars.json
  fails 3 'differs from what is deployed' "a list that says something else about a colleague's fleet is refused" deploy BTCUSDT apply
  cp "$home/repo/infra/colleague/fleets.auto.tfvars.json" .
  fails 3 'REFUSED, nothing was changed' "a plan for another network is refused" deploy ETHUSDT apply -var vpc_cidr=10.99.0.0/16
  fails 3 'REFUSED, nothing was changed' "a plan with another name for all resources is refused" deploy ETHUSDT apply -var name=other
  cp fleets.auto.tfvars.json "$home/list"
  jq '.fleets.ETHUSDT.instance_typ = "t4g.micro"' "$home/list" >fleets.auto.tfvars.json
  fails 2 'instance_typ of ETHUSDT' "an option that does not exist is refused" ./deploy-symbol.sh ETHUSDT plan
  cp "$home/list" fleets.auto.tfvars.json

  before="$(instances)"
  quietly deploy ETHUSDT destroy
  same "$(instances) $(jq -c '.fleets | keys' fleets.auto.tfvars.json)" "$before [\"BTCUSDT\"]" "the second symbol goes, without a change to the first"
}

scene_last() {
  quietly deploy BTCUSDT destroy
  same "$(instances | wc -l)" 0 "destroy ends all instances"
  same "$(grep ' ends (' "$home/aws.events" | grep -v 'launch is abandoned' | grep -vc ': 0$' || true)" 0 "no instance that recorded ended with a file in its spool"
  complete "destroyed"
  if judge emulated-market-data BTCUSDT "$(($(sed 's/.* up to \([0-9]*\).*/\1/' "$home/verify.log") + 1))"; then
    die "a trade that was never stored is not missed"
  fi
  grep -q ' 1 missing' "$home/verify.log" || { cat "$home/verify.log" >&2; die "a trade that was never stored is not counted"; }
  ok "one id more would have been reported as missing"
}
