# Deploys everything that can be on, so that list.py can list it. One fleet has no options, the other has all of them.
# No account and no network: every id is a mock's. `check.sh` runs this as its step "closed".
mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = { names = ["ap-northeast-1d", "ap-northeast-1a", "ap-northeast-1e", "ap-northeast-1c"] }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  # References whose form the provider checks; list.py names all others after what they refer to.
  mock_resource "aws_lambda_function" {
    defaults = { arn = "arn:aws:lambda:ap-northeast-1:123456789012:function" }
  }
  mock_resource "aws_sfn_state_machine" {
    defaults = { arn = "arn:aws:states:ap-northeast-1:123456789012:machine" }
  }
  mock_resource "aws_iam_instance_profile" {
    defaults = { arn = "arn:aws:iam::123456789012:instance-profile/fleet" }
  }
  mock_resource "aws_launch_template" {
    defaults = { id = "lt-0123456789abcdef0", latest_version = 7 }
  }
}

override_resource {
  target = aws_sns_topic.alarms["page"]
  values = { arn = "arn:aws:sns:ap-northeast-1:123456789012:unit-page" }
}

override_resource {
  target = aws_sns_topic.alarms["look"]
  values = { arn = "arn:aws:sns:ap-northeast-1:123456789012:unit-look" }
}

override_resource {
  target = module.audit[0].aws_iam_role.function
  values = { arn = "arn:aws:iam::123456789012:role/audit" }
}

override_resource {
  target = module.audit[0].aws_iam_role.schedule
  values = { arn = "arn:aws:iam::123456789012:role/audit-schedule" }
}

override_resource {
  target = module.query[0].aws_iam_role.daily
  values = { arn = "arn:aws:iam::123456789012:role/merge" }
}

override_resource {
  target = module.query[0].aws_iam_role.schedule
  values = { arn = "arn:aws:iam::123456789012:role/merge-schedule" }
}

variables {
  bucket_name          = "unit-raw"
  name                 = "unit"
  jar_path             = "versions.tf" # any file
  package_path         = "outputs.tf"
  vpc_cidr             = "10.30.0.0/16"
  tags                 = { Team = "data" }
  permissions_boundary = "arn:aws:iam::123456789012:policy/limit"
  alarm_email          = "you@example.com"
  look_email           = "team@example.com"
  scrape_cidrs         = ["10.30.0.0/16"]
  log_days             = 30
  noncurrent_days      = 45
  archive_after_days   = 90
  daily_audit          = true
  query                = true
  query_first_day      = "2025-02-01"
  query_scan_limit_gib = 50
  fleets = {
    BTCUSDT = {}
    MAJORS = {
      symbols       = ["ETHUSDT", "BNBUSDT"]
      instances     = 2
      instance_type = "m7g.medium"
      disk_gib      = 20
      package_path  = "providers.tf" # any other file
      config_path   = "../../configs/collector.yaml"
      environment   = { ROT_SECS = "60" }
    }
  }
}

run "everything" {
  command = apply
}
