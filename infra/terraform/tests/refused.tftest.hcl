# Inputs that are refused, beside those of root.tftest.hcl. No account and no network.
mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = { names = ["ap-northeast-1a", "ap-northeast-1c", "ap-northeast-1d"] }
  }
  override_during = plan
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:ap-northeast-1:123456789012:market-data-alarms" }
  }
  mock_resource "aws_iam_instance_profile" {
    defaults = { arn = "arn:aws:iam::123456789012:instance-profile/unit" }
  }
}

variables {
  bucket_name  = "unit-raw"
  jar_path     = "versions.tf" # any file
  package_path = "versions.tf"
}

run "a_bucket_name_without_space_for_the_name_of_the_tables" {
  command = plan
  variables {
    query       = true
    bucket_name = "unit-raw-of-the-data-platform-team-in-tokyo-ap-northeast-1"
  }
  expect_failures = [var.query]
}

run "queries_without_a_limit" {
  command = plan
  variables {
    query_scan_limit_gib = 0
  }
  expect_failures = [var.query_scan_limit_gib]
}

run "a_disk_that_is_too_large" {
  command = plan
  variables {
    fleets = { BTCUSDT = { disk_gib = 1001 } }
  }
  expect_failures = [var.fleets]
}

run "a_setting_that_is_no_variable" {
  command = plan
  variables {
    fleets = { BTCUSDT = { environment = { "log-level" = "INFO" } } }
  }
  expect_failures = [var.fleets]
}

run "the_key_of_another_provider_among_the_settings" {
  command = plan
  variables {
    fleets = { BTCUSDT = { environment = { PROVIDER_KEY = "secret" } } }
  }
  expect_failures = [var.fleets]
}

run "a_tag_of_aws" {
  command = plan
  variables {
    tags = { "aws:name" = "mine" }
  }
  expect_failures = [var.tags]
}
