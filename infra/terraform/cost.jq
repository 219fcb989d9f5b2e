# The estimate of a month, from the JSON of a plan: jq -r --arg name FLEET -f cost.jq plan.json
# docs/COST.md explains the formula and the prices, which are those of Tokyo.

def hour: {
  "t3.nano": 0.0068, "t3.micro": 0.0136, "t3.small": 0.0272, "t3.medium": 0.0544,
  "t4g.nano": 0.0054, "t4g.micro": 0.0108, "t4g.small": 0.0216, "t4g.medium": 0.0432
}[.];

(.variables // {} | map_values(.value)) as $all
| (if $all.public_addresses == false then 0 else 3.65 end) as $address
| [$all.fleets // {($name): {}} | to_entries[] | .key as $key | .value
    | { $key, n: (.instances // $all.instance_count // 3), type: (.instance_type // "t3.micro"), d: (.disk_gib // 8),
        s: (.symbols // [$key] | length), r: (.environment.ROT_SECS // 5 | tonumber) }
    | .p = (.type | hour)
    | .usd = 730 * .n * (.p // 0) + 0.096 * .n * .d + $address * .n + 24.7 * .n * .s / .r + 0.06 * .n * .s
        + 0.30 * (5 * .s + 7) + 0.44 * .n + 0.10 * (4 * .s + 9)] as $fleets
# Three dashboards are free, and each fleet has one.
| ([$fleets[].usd] | add + 3 * ([length - 3, 0] | max) | round) as $sum
| ([$fleets[] | select(.p == null) | "the instances of \(.key) (\(.type) has no price there)"]
  + [$all | to_entries[] | select((.key | IN("daily_audit", "log_days", "query")) and .value) | .key]) as $missing
| ($all.region // "ap-northeast-1") as $region
| if $region != "ap-northeast-1" then
    "Estimate: none. docs/COST.md has the prices of ap-northeast-1, and this is \($region)."
  else
    ($fleets[] | select(.key == $name)
      | "Estimate: \(.key) \(.usd | round) USD a month (\(.n) x \(.type) with \(.d) GiB, symbols: \(.s), ROT_SECS \(.r)), "
        + "all fleets \($sum) USD; see docs/COST.md."),
    ($missing | select(. != []) | "Not in the estimate: \(join(", ")).")
  end
