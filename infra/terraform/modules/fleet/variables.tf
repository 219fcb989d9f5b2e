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

variable "jar_path" {
  description = "The jar that the instances run."
  type        = string
}

variable "environment" {
  description = "More settings of the collector."
  type        = map(string)
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

variable "security_group_id" {
  description = "Security group that limits the traffic of the instances."
  type        = string
}

variable "alarm_topic_arn" {
  description = "SNS topic that receives the alarms."
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
