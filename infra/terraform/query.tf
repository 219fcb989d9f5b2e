# SQL over the trades, off by default: tables, a workgroup with a limit, and a daily merge; docs/QUERYING.md.
module "query" {
  source = "./modules/query"
  count  = var.query ? 1 : 0

  name               = var.name
  bucket_name        = local.bucket_name
  tables_bucket_name = "${var.bucket_name}-tables"
  partition          = data.aws_partition.current.partition
  region             = var.region
  account_id         = data.aws_caller_identity.current.account_id
  symbols            = flatten(values(local.symbols_of))
  first_day          = var.query_first_day
  scan_limit_gib     = var.query_scan_limit_gib
  alarm_topic_arn    = aws_sns_topic.alarms["look"].arn
}
