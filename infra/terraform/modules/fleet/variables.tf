variable "name" {
  description = "Begins the name of everything."
  type        = string
}

variable "fleet" {
  description = "Name of the fleet, in capitals."
  type        = string
}

variable "symbols" {
  description = "What each instance records; alarms on a process are told under the first."
  type        = list(string)
}

variable "instances" {
  description = "How many record the same."
  type        = number
}

variable "instance_type" {
  description = "Their type; the family decides between x86-64 and Arm."
  type        = string
}

variable "disk_gib" {
  description = "Disk of each instance, GiB."
  type        = number
}

variable "jar_path" {
  description = "The jar to run."
  type        = string
}

variable "environment" {
  description = "More settings of the recorder."
  type        = map(string)
}

variable "region" {
  description = "Region of everything."
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
  description = "Where instances may run; they spread over them."
  type        = list(string)
}

variable "security_group_id" {
  description = "What may go in and out."
  type        = string
}

variable "alarm_topic_arn" {
  description = "Who is told of alarms."
  type        = string
}
