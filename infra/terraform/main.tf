data "aws_partition" "current" {}

locals {
  # A fleet without a list of symbols records the symbol of its name.
  symbols_of = { for name, fleet in var.fleets : name => coalesce(fleet.symbols, [name]) }
  symbols    = sort(flatten(values(local.symbols_of)))
  # Without package_path the only package of the build; without one the variable is refused.
  package_path = var.package_path != null ? var.package_path : "../../target/${one(local.packages)}"
  packages     = fileset("../../target", "market-collector-*.noarch.rpm")
  # What cannot wait until the morning goes to the first topic.
  alarm_emails = { page = var.alarm_email, look = var.look_email == null ? var.alarm_email : var.look_email }
}

# The list of fleets, in the state that colleagues share: deploy-symbol.sh refuses another list.
resource "terraform_data" "fleets" {
  input = var.fleets
}

# A fleet uses the shared resources only through the inputs of this module, and depends on everything that protects the
# bucket: so -target='module.fleet["X"]', as deploy-symbol.sh plans, never creates an open bucket or a network without a
# route to the outside.
module "fleet" {
  source   = "./modules/fleet"
  for_each = var.fleets

  name              = var.name
  fleet             = each.key
  symbols           = local.symbols_of[each.key]
  instances         = coalesce(each.value.instances, var.instance_count)
  instance_type     = coalesce(each.value.instance_type, "t3.micro")
  disk_gib          = coalesce(each.value.disk_gib, 8)
  package_path      = coalesce(each.value.package_path, local.package_path)
  environment       = coalesce(each.value.environment, {})
  region            = var.region
  partition         = data.aws_partition.current.partition
  bucket_name       = local.bucket_name
  websocket_url     = var.websocket_url
  rest_url          = var.rest_url
  config_path       = each.value.config_path
  subnet_ids        = local.subnet_ids
  public_addresses  = var.public_addresses
  security_group_id = aws_security_group.collector.id
  http_host         = length(var.scrape_cidrs) == 0 ? "127.0.0.1" : "0.0.0.0"
  log_days          = var.log_days
  page_topic_arn    = aws_sns_topic.alarms["page"].arn
  look_topic_arn    = aws_sns_topic.alarms["look"].arn

  tags                 = merge(local.tags, var.tags)
  permissions_boundary = var.permissions_boundary

  depends_on = [
    aws_s3_bucket_versioning.raw,
    aws_s3_bucket_policy.raw,
    aws_s3_bucket_public_access_block.raw,
    aws_s3_bucket_ownership_controls.raw,
    aws_s3_bucket_server_side_encryption_configuration.raw,
    aws_s3_bucket_lifecycle_configuration.raw,
    aws_route_table_association.public,
    aws_vpc_endpoint.s3,
    aws_vpc_security_group_egress_rule.outward,
    aws_default_security_group.closed,
    aws_sns_topic_policy.alarms,
    aws_sns_topic_subscription.email,
  ]
}

module "audit" {
  source = "./modules/audit"
  count  = var.daily_audit ? 1 : 0

  name            = var.name
  region          = var.region
  partition       = data.aws_partition.current.partition
  account_id      = data.aws_caller_identity.current.account_id
  bucket_name     = local.bucket_name
  symbols         = local.symbols
  jar_path        = var.jar_path
  alarm_topic_arn = aws_sns_topic.alarms["look"].arn

  depends_on = [
    aws_s3_bucket_versioning.raw,
    aws_s3_bucket_policy.raw,
    aws_s3_bucket_public_access_block.raw,
    aws_s3_bucket_ownership_controls.raw,
    aws_s3_bucket_server_side_encryption_configuration.raw,
    aws_sns_topic_policy.alarms,
    aws_sns_topic_subscription.email,
  ]
}

#checkov:skip=CKV_AWS_26:Alarms hold no secret; CloudWatch cannot publish to a topic that is encrypted with the key that AWS manages.
resource "aws_sns_topic" "alarms" {
  for_each = local.alarm_emails

  name = "${var.name}-${each.key}"
}

resource "aws_sns_topic_policy" "alarms" {
  for_each = aws_sns_topic.alarms

  arn = each.value.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "AlarmsOfThisAccount"
      Effect    = "Allow"
      Principal = { Service = "cloudwatch.amazonaws.com" }
      Action    = "sns:Publish"
      Resource  = each.value.arn
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
    }]
  })
}

data "aws_caller_identity" "current" {}

resource "aws_sns_topic_subscription" "email" {
  for_each = { for topic, email in local.alarm_emails : topic => email if email != null }

  topic_arn = aws_sns_topic.alarms[each.key].arn
  protocol  = "email"
  endpoint  = each.value
}
