variable "name" {
  description = "Prefix of the names of all resources."
  type        = string
}

variable "region" {
  description = "Region, for the names of roles: these count for all regions of an account."
  type        = string
}

variable "partition" {
  description = "AWS partition, for example aws."
  type        = string
}

variable "account_id" {
  description = "Account whose scheduler may invoke the function."
  type        = string
}

variable "bucket_name" {
  description = "Bucket with the trades; the jar and the reports go there as well."
  type        = string
}

variable "symbols" {
  description = "Symbols to verify, one after the other."
  type        = list(string)

  validation {
    condition     = length(var.symbols) > 0
    error_message = "symbols is empty; name at least one symbol."
  }
}

variable "jar_path" {
  description = "The jar that the function runs: the collector's."
  type        = string
}

variable "log_days" {
  description = "Number of days for which the log of the function is kept."
  type        = number
  default     = 90
}

variable "alarm_topic_arn" {
  description = "SNS topic of the alarms."
  type        = string
}
