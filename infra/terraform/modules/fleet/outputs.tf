output "symbols" {
  description = "Symbols that the fleet records."
  value       = var.symbols
}

output "role_name" {
  description = "Role of the instances."
  value       = aws_iam_role.this.name
}

output "launch_template_name" {
  description = "Launch template of the instances."
  value       = aws_launch_template.this.name
}

output "group_name" {
  description = "Auto Scaling group of the instances."
  value       = aws_autoscaling_group.this.name
}

output "user_data" {
  description = "What cloud-init reads on an instance, unpacked."
  value       = local.user_data
}

output "package_version" {
  description = "Version id of the package that new instances install."
  value       = aws_s3_object.package.version_id
}

output "dashboard_name" {
  description = "CloudWatch dashboard of the fleet."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}
