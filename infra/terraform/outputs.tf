output "bucket" {
  description = "The bucket with the trades; their keys begin with raw/."
  value       = aws_s3_bucket.raw.bucket
}

output "fleets" {
  description = "What each fleet records, and the names of its role, its launch template and its group of instances."
  value = { for name, fleet in module.fleet : name => {
    symbols         = fleet.symbols
    role            = fleet.role_name
    launch_template = fleet.launch_template_name
    group           = fleet.group_name
    jar_version     = fleet.jar_version
  } }
}

output "alarm_topic" {
  description = "Subscribe here to be told of alarms."
  value       = aws_sns_topic.alarms.arn
}

output "dashboard" {
  description = "The dashboard in CloudWatch."
  value       = "https://${var.region}.console.aws.amazon.com/cloudwatch/home?region=${var.region}#dashboards/dashboard/${aws_cloudwatch_dashboard.this.dashboard_name}"
}
