variable "name" {
  description = "Prefix of the names of all resources."
  type        = string
}

variable "bucket_name" {
  description = "Bucket with the trades. It is only read."
  type        = string
}

variable "tables_bucket_name" {
  description = "Bucket for tables and query results, created here. Nothing in it is the only copy of anything."
  type        = string
}

variable "partition" {
  description = "AWS partition, for ARNs."
  type        = string
}

variable "region" {
  description = "Region of all resources."
  type        = string
}

variable "account_id" {
  description = "Account of all resources."
  type        = string
}

variable "symbols" {
  description = "Symbols that can be queried."
  type        = list(string)
}

variable "first_day" {
  description = "First day that can be queried, as YYYY-MM-DD."
  type        = string
  default     = "2025-01-01"
}

variable "scan_limit_gib" {
  description = "A query that reads more than this is cancelled, GiB. AWS bills some 5 USD for 1,000."
  type        = number
  default     = 100
}

variable "alarm_topic_arn" {
  description = "SNS topic that hears when the daily merge fails."
  type        = string
}
