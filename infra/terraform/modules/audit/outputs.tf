output "function_name" {
  description = "Name of the function; invoke it with {\"day\":\"2026-01-02\"} to verify a day again."
  value       = aws_lambda_function.this.function_name
}

output "symbols" {
  description = "Symbols that it verifies."
  value       = var.symbols
}
