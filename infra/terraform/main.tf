data "aws_partition" "current" {}

locals {
  # A fleet without a list of symbols records the symbol of its name.
  symbols_of = { for name, fleet in var.fleets : name => coalesce(fleet.symbols, [name]) }
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
  jar_path          = coalesce(each.value.jar_path, var.jar_path)
  environment       = coalesce(each.value.environment, {})
  region            = var.region
  partition         = data.aws_partition.current.partition
  bucket_name       = aws_s3_bucket.raw.bucket
  websocket_url     = var.websocket_url
  rest_url          = var.rest_url
  subnet_ids        = [for subnet in aws_subnet.public : subnet.id]
  security_group_id = aws_security_group.collector.id
  alarm_topic_arn   = aws_sns_topic.alarms.arn

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
  partition       = data.aws_partition.current.partition
  account_id      = data.aws_caller_identity.current.account_id
  bucket_name     = aws_s3_bucket.raw.bucket
  symbols         = local.symbols
  jar_path        = var.jar_path
  alarm_topic_arn = aws_sns_topic.alarms.arn

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
  name = "${var.name}-alarms"
}

resource "aws_sns_topic_policy" "alarms" {
  arn = aws_sns_topic.alarms.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "AlarmsOfThisAccount"
      Effect    = "Allow"
      Principal = { Service = "cloudwatch.amazonaws.com" }
      Action    = "sns:Publish"
      Resource  = aws_sns_topic.alarms.arn
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
    }]
  })
}

data "aws_caller_identity" "current" {}

resource "aws_sns_topic_subscription" "email" {
  count = var.alarm_email == null ? 0 : 1

  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = var.alarm_email
}
