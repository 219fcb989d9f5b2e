output "symbols" {
  description = "What is recorded."
  value       = var.symbols
}

output "role_name" {
  description = "Role of the instances."
  value       = aws_iam_role.this.name
}

output "launch_template_name" {
  description = "How an instance is made."
  value       = aws_launch_template.this.name
}

output "group_name" {
  description = "The group that keeps the instances."
  value       = aws_autoscaling_group.this.name
}

output "jar_version" {
  description = "Version id of the jar that new instances run."
  value       = aws_s3_object.jar.version_id
}
