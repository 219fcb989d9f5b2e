output "workgroup" {
  description = "Athena workgroup with the scan limit; choose it in the console."
  value       = aws_athena_workgroup.this.name
}

output "database" {
  description = "Glue database of the tables and views."
  value       = aws_glue_catalog_database.this.name
}
