# What root.tftest.hcl and refused.tftest.hcl mock of AWS.
mock_data "aws_availability_zones" {
  defaults = { names = ["ap-northeast-1d", "ap-northeast-1a", "ap-northeast-1c"] }
}
mock_data "aws_partition" {
  defaults = { partition = "aws" }
}
mock_data "aws_caller_identity" {
  defaults = { account_id = "123456789012" }
}
mock_resource "aws_s3_bucket" {
  defaults = { arn = "arn:aws:s3:::unit-raw" }
}
mock_resource "aws_sns_topic" {
  defaults = { arn = "arn:aws:sns:ap-northeast-1:123456789012:market-data-alarms" }
}
mock_resource "aws_iam_instance_profile" {
  defaults = { arn = "arn:aws:iam::123456789012:instance-profile/unit" }
}
