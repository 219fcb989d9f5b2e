# Inputs that are refused before anything is planned. No account and no network.
mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  bucket_name  = "unit-raw"
  jar_path     = "versions.tf" # any file
  package_path = "versions.tf"
}

run "half_of_an_existing_network_is_refused" {
  command = plan
  variables {
    vpc_id = "vpc-0123456789abcdef0"
  }
  expect_failures = [var.subnet_ids]
}

run "a_subnet_that_is_none_is_refused" {
  command = plan
  variables {
    vpc_id     = "vpc-0123456789abcdef0"
    subnet_ids = ["subnet"]
  }
  expect_failures = [var.subnet_ids]
}

run "an_own_network_without_public_addresses_is_refused" {
  command = plan
  variables {
    public_addresses = false
  }
  expect_failures = [var.public_addresses]
}

run "a_zone_that_the_region_does_not_have_is_refused" {
  command = plan
  variables {
    zone_names = ["ap-northeast-1a", "ap-northeast-1b"]
  }
  expect_failures = [aws_vpc.this[0]]
}

run "a_region_that_binance_refuses_is_an_error" {
  command = plan
  variables {
    region = "us-east-1"
  }
  expect_failures = [var.region]
}

# Each of these is wrong by itself; one plan checks all of them.
run "every_wrong_variable_is_reported_before_anything_is_planned" {
  command = plan
  variables {
    bucket_name        = "my.bucket"
    name               = "Market Data"
    jar_path           = "tests/nothing.jar"
    websocket_url      = "ws://stream.binance.com:9443"
    rest_url           = "http://api.binance.com"
    vpc_cidr           = "10.0.0.0/28"
    zones              = 4
    alarm_email        = "me"
    look_email         = "us"
    zone_names         = []
    vpc_id             = "network"
    scrape_cidrs       = ["0.0.0.0/0"]
    log_days           = 2
    daily_audit        = true
    package_path       = "tests/nothing.rpm"
    noncurrent_days    = 0
    archive_after_days = 0
  }
  expect_failures = [
    var.bucket_name, var.name, var.jar_path, var.websocket_url, var.rest_url, var.vpc_cidr, var.zones,
    var.alarm_email, var.look_email, var.zone_names, var.vpc_id, var.scrape_cidrs, var.log_days,
    var.package_path, var.noncurrent_days, var.archive_after_days,
  ]
}

run "an_unknown_form_of_region_is_refused" {
  command = plan
  variables {
    region = "tokyo"
  }
  expect_failures = [var.region]
}

run "a_region_with_too_few_zones_is_an_error" {
  command = plan

  override_data {
    target = data.aws_availability_zones.available
    values = { names = ["ap-northeast-1a", "ap-northeast-1c"] }
  }
  expect_failures = [aws_vpc.this[0]]
}

run "a_tag_that_is_set_here_is_refused" {
  command = plan

  variables {
    tags = { Name = "mine" }
  }
  expect_failures = [var.tags]
}

run "a_boundary_that_is_no_policy_is_refused" {
  command = plan

  variables {
    permissions_boundary = "limit"
  }
  expect_failures = [var.permissions_boundary]
}

run "half_an_instance_for_all_is_refused" {
  command = plan

  variables {
    instance_count = 1.5
  }
  expect_failures = [var.instance_count]
}

run "a_fleet_name_in_lower_case_is_refused" {
  command = plan
  variables {
    fleets = { btcusdt = {} }
  }
  expect_failures = [var.fleets]
}

run "an_exchange_on_a_port_without_egress_is_refused" {
  command = plan
  variables {
    websocket_url = "wss://stream.binance.com:8080"
  }
  expect_failures = [var.websocket_url]
}

run "a_symbol_in_lower_case_is_refused" {
  command = plan
  variables {
    fleets = { MAJORS = { symbols = ["btcusdt"] } }
  }
  expect_failures = [var.fleets]
}

run "an_empty_list_of_symbols_is_refused" {
  command = plan
  variables {
    fleets = { MAJORS = { symbols = [] } }
  }
  expect_failures = [var.fleets]
}

run "a_symbol_in_two_fleets_is_refused" {
  command = plan
  variables {
    fleets = { BTCUSDT = {}, MAJORS = { symbols = ["ETHUSDT", "BTCUSDT"] } }
  }
  expect_failures = [var.fleets]
}

run "half_an_instance_is_refused" {
  command = plan
  variables {
    fleets = { BTCUSDT = { instances = 1.5 } }
  }
  expect_failures = [var.fleets]
}

run "a_disk_that_is_too_small_is_refused" {
  command = plan
  variables {
    fleets = { BTCUSDT = { disk_gib = 4 } }
  }
  expect_failures = [var.fleets]
}

run "a_missing_package_of_a_fleet_is_refused" {
  command = plan
  variables {
    fleets = { BTCUSDT = { package_path = "tests/nothing.rpm" } }
  }
  expect_failures = [var.fleets]
}

run "a_file_of_settings_that_is_not_there_is_refused" {
  command = plan
  variables {
    fleets = { BTCUSDT = { config_path = "tests/nothing.yaml" } }
  }
  expect_failures = [var.fleets]
}

run "a_setting_that_the_module_sets_is_refused" {
  command = plan
  variables {
    fleets = { BTCUSDT = { environment = { RAW_BUCKET = "elsewhere" } } }
  }
  expect_failures = [var.fleets]
}

run "a_key_among_the_settings_is_refused" {
  command = plan
  variables {
    fleets = { BTCUSDT = { environment = { AWS_ACCESS_KEY_ID = "AKIAIOSFODNN7EXAMPLE" } } }
  }
  expect_failures = [var.fleets]
}

run "a_setting_with_a_line_break_is_refused" {
  command = plan
  variables {
    fleets = { BTCUSDT = { environment = { LOG_LEVEL = "INFO\nSYMBOL=X" } } }
  }
  expect_failures = [var.fleets]
}

run "a_first_day_that_does_not_exist_is_refused" {
  command = plan
  variables {
    query_first_day = "2025-02-30"
  }
  expect_failures = [var.query_first_day]
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
