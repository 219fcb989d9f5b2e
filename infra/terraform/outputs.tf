output "bucket" {
  description = "The bucket with the trades; their keys begin with raw/."
  value       = local.bucket_name
}

output "raw_bucket_name" {
  description = "The same, under the name of the specification."
  value       = local.bucket_name
}

output "bucket_arn" {
  description = "ARN of the bucket."
  value       = local.bucket_arn
}

output "fleets" {
  description = "Symbols of each fleet, and the names of its role, its launch template and its Auto Scaling group."
  value = { for name, fleet in module.fleet : name => {
    symbols         = fleet.symbols
    role            = fleet.role_name
    launch_template = fleet.launch_template_name
    group           = fleet.group_name
    package_version = fleet.package_version
  } }
}

output "alarm_topics" {
  description = "SNS topics of the alarms, page and look; subscribe to receive them."
  value       = { for name, topic in aws_sns_topic.alarms : name => topic.arn }
}

output "dashboards" {
  description = "Address of the CloudWatch dashboard of each fleet."
  value       = { for name, fleet in module.fleet : name => "https://${var.region}.console.aws.amazon.com/cloudwatch/home?region=${var.region}#dashboards/dashboard/${fleet.dashboard_name}" }
}

output "audit_function" {
  description = "Name of the Lambda function of the daily audit; null without it."
  value       = one(module.audit[*].function_name)
}
