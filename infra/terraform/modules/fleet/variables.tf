variable "name" {
  description = "Prefix of the names of all resources."
  type        = string
}

variable "fleet" {
  description = "Name of the fleet, in capitals."
  type        = string
}

variable "symbols" {
  description = "Symbols that each instance records; alarms of a process are published under the first one."
  type        = list(string)
}

variable "instances" {
  description = "Number of instances that record the same symbols."
  type        = number
}

variable "instance_type" {
  description = "Type of the instances; the family decides between x86-64 and Arm."
  type        = string
}

variable "disk_gib" {
  description = "Disk of each instance, GiB."
  type        = number
}

variable "package_path" {
  description = "The .rpm that the instances install."
  type        = string
}

variable "environment" {
  description = "More settings of the collector."
  type        = map(string)
}

variable "config_path" {
  description = "A YAML file with settings that are no variables; null: none."
  type        = string
  default     = null
}

variable "http_host" {
  description = "Address on which the pages of the collector listen; every host that reaches it can read them."
  type        = string
  default     = "127.0.0.1"
}

variable "log_days" {
  description = "Number of days for which CloudWatch Logs keeps the logs of the instances; null: they are not sent there."
  type        = number
  default     = null
}

variable "region" {
  description = "Region of all resources."
  type        = string
}

variable "partition" {
  description = "Partition of that region: aws, aws-cn, …"
  type        = string
}

variable "bucket_name" {
  description = "Bucket for the trades and the jar; must be versioned."
  type        = string
}

variable "websocket_url" {
  description = "WebSocket address of the exchange."
  type        = string
}

variable "rest_url" {
  description = "REST address of the exchange."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets over which the instances are spread."
  type        = list(string)
}

variable "public_addresses" {
  description = "Whether instances get public addresses."
  type        = bool
  default     = true
}

variable "security_group_id" {
  description = "Security group that limits the traffic of the instances."
  type        = string
}

variable "page_topic_arn" {
  description = "SNS topic of the alarms that cannot wait until the morning."
  type        = string
}

variable "look_topic_arn" {
  description = "SNS topic of all other alarms."
  type        = string
}

variable "tags" {
  description = "More tags of the instances, their volumes and interfaces."
  type        = map(string)
  default     = {}
}

variable "permissions_boundary" {
  description = "ARN of the policy that bounds the role; null: none."
  type        = string
  default     = null
}
