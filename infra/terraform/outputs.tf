output "bucket" {
  description = "The bucket with the trades; their keys begin with raw/."
  value       = aws_s3_bucket.raw.bucket
}

output "raw_bucket_name" {
  description = "The same, under the name of the specification."
  value       = aws_s3_bucket.raw.bucket
}

output "bucket_arn" {
  description = "ARN of the bucket."
  value       = aws_s3_bucket.raw.arn
}

output "fleets" {
  description = "Symbols of each fleet, and the names of its role, its launch template and its Auto Scaling group."
  value = { for name, fleet in module.fleet : name => {
    symbols         = fleet.symbols
    role            = fleet.role_name
    launch_template = fleet.launch_template_name
    group           = fleet.group_name
    jar_version     = fleet.jar_version
  } }
}

output "alarm_topic" {
  description = "SNS topic of the alarms; subscribe to receive them."
  value       = aws_sns_topic.alarms.arn
}

output "dashboard" {
  description = "Address of the CloudWatch dashboard."
  value       = "https://${var.region}.console.aws.amazon.com/cloudwatch/home?region=${var.region}#dashboards/dashboard/${aws_cloudwatch_dashboard.this.dashboard_name}"
}

output "audit_function" {
  description = "Name of the Lambda function of the daily audit; null without it."
  value       = one(module.audit[*].function_name)
}
