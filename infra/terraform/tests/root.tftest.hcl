# The shared resources. No account and no network: the provider is mocked, so this shows the requests to AWS, not what
# AWS does with them.
mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  bucket_name  = "unit-raw"
  jar_path     = "versions.tf" # any file
  package_path = "versions.tf"
}

run "the_bucket_is_private_and_keeps_its_objects" {
  command = plan

  assert {
    condition     = aws_s3_bucket.raw[0].force_destroy == false
    error_message = "a bucket that holds trades must not be destroyed"
  }
  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.raw[0].block_public_acls, aws_s3_bucket_public_access_block.raw[0].block_public_policy,
      aws_s3_bucket_public_access_block.raw[0].ignore_public_acls, aws_s3_bucket_public_access_block.raw[0].restrict_public_buckets,
    ])
    error_message = "no object may become public"
  }
  assert {
    condition     = aws_s3_bucket_versioning.raw[0].versioning_configuration[0].status == "Enabled"
    error_message = "objects deleted by mistake must stay for a while"
  }
  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.raw[0].rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    error_message = "the default encryption must be AES256"
  }
  assert {
    condition     = one(aws_s3_bucket_ownership_controls.raw[0].rule).object_ownership == "BucketOwnerEnforced"
    error_message = "access control lists must be disabled"
  }
  assert {
    condition = toset([for s in jsondecode(aws_s3_bucket_policy.raw[0].policy).Statement : "${s.Sid} ${s.Effect} ${jsonencode(s.Condition)}"]) == toset([
      "TlsOnly Deny {\"Bool\":{\"aws:SecureTransport\":\"false\"}}",
      "ModernTlsOnly Deny {\"NumericLessThan\":{\"s3:TlsVersion\":\"1.2\"}}",
      "NoOtherEncryption Deny {\"StringNotEqualsIfExists\":{\"s3:x-amz-server-side-encryption\":\"AES256\"}}",
      "WriteOnce Deny {\"Null\":{\"s3:if-none-match\":\"true\"}}",
    ])
    error_message = "the bucket policy must refuse plain HTTP, old TLS, other encryption and overwriting, and allow nothing"
  }
  assert {
    condition     = length(aws_s3_bucket_lifecycle_configuration.raw[0].rule) == 1
    error_message = "no object moves to an archive by default"
  }
}

run "archiving_skips_small_objects" {
  command = plan
  variables {
    archive_after_days = 30
  }

  assert {
    condition     = one([for rule in aws_s3_bucket_lifecycle_configuration.raw[0].rule : rule.filter[0].and[0].object_size_greater_than if rule.id == "archive"]) == 131072
    error_message = "an archived object below 128 KiB costs more"
  }
}

run "the_network_has_no_ingress_and_only_tls_egress" {
  command = plan

  assert {
    condition     = toset([for rule in aws_vpc_security_group_egress_rule.outward : rule.from_port]) == toset([443, 9443])
    error_message = "egress is allowed to 443 and 9443 only"
  }
  assert {
    condition     = alltrue([for rule in aws_vpc_security_group_egress_rule.outward : rule.ip_protocol == "tcp" && rule.from_port == rule.to_port])
    error_message = "each rule must allow one port"
  }
  assert {
    condition     = length(aws_default_security_group.closed[0].ingress) == 0 && length(aws_default_security_group.closed[0].egress) == 0
    error_message = "the default security group must have no rules"
  }
  assert {
    condition     = alltrue([for subnet in aws_subnet.public : subnet.map_public_ip_on_launch == false])
    error_message = "only the launch template may assign public addresses"
  }
  assert {
    condition     = keys(aws_subnet.public) == ["ap-northeast-1a", "ap-northeast-1c", "ap-northeast-1d"]
    error_message = "there must be one subnet in each of three zones"
  }
  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.metrics) == 0
    error_message = "no connection from outside by default"
  }
  assert {
    condition     = aws_vpc_endpoint.s3[0].vpc_endpoint_type == "Gateway"
    error_message = "only the gateway endpoint is free"
  }
}

run "a_fleet_without_a_list_records_the_symbol_of_its_name" {
  command = plan
  variables {
    fleets = { BTCUSDT = {}, MAJORS = { symbols = ["ETHUSDT", "BNBUSDT"], instances = 2 } }
  }

  assert {
    condition     = module.fleet["BTCUSDT"].symbols == tolist(["BTCUSDT"]) && module.fleet["MAJORS"].symbols == tolist(["ETHUSDT", "BNBUSDT"])
    error_message = "there must be one fleet for each entry, with its symbols"
  }
  assert {
    condition     = keys(output.dashboards) == ["BTCUSDT", "MAJORS"] && endswith(output.dashboards["MAJORS"], "#dashboards/dashboard/market-data-majors-ap-northeast-1")
    error_message = "every fleet has a dashboard of its own"
  }
}

run "there_is_no_audit_by_default" {
  command = plan

  assert {
    condition     = length(module.audit) == 0 && output.audit_function == null
    error_message = "the daily audit must be off by default"
  }
}

run "the_audit_verifies_the_symbols_of_all_fleets" {
  command = plan
  variables {
    fleets      = { BTCUSDT = {}, MAJORS = { symbols = ["ETHUSDT", "BNBUSDT"] } }
    daily_audit = true
  }

  assert {
    condition     = output.audit_function == "market-data-audit"
    error_message = "there must be one function for all symbols"
  }
  assert {
    condition     = module.audit[0].symbols == tolist(["BNBUSDT", "BTCUSDT", "ETHUSDT"])
    error_message = "it must verify every symbol that is recorded"
  }
}

run "without_an_address_there_is_no_mail_subscription" {
  command = plan

  assert {
    condition     = length(aws_sns_topic_subscription.email) == 0
    error_message = "without alarm_email there must be no subscription"
  }
}

run "one_address_gets_all_alarms" {
  command = plan
  variables {
    alarm_email = "all@example.com"
  }

  assert {
    condition     = { for topic, subscription in aws_sns_topic_subscription.email : topic => subscription.endpoint } == { page = "all@example.com", look = "all@example.com" }
    error_message = "no alarm may get lost because a second address is not set"
  }
}

run "alarms_that_can_wait_go_elsewhere" {
  command = plan
  variables {
    alarm_email = "pager@example.com"
    look_email  = "team@example.com"
  }

  assert {
    condition     = { for topic, subscription in aws_sns_topic_subscription.email : topic => subscription.endpoint } == { page = "pager@example.com", look = "team@example.com" }
    error_message = "each topic has its address"
  }
}

run "an_existing_bucket_and_network_are_used_and_not_managed" {
  command = plan
  variables {
    create_bucket    = false
    vpc_id           = "vpc-0123456789abcdef0"
    subnet_ids       = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
    public_addresses = false
  }

  assert {
    condition = length(concat(
      aws_s3_bucket.raw, aws_s3_bucket_versioning.raw, aws_s3_bucket_policy.raw, aws_s3_bucket_public_access_block.raw,
      aws_s3_bucket_ownership_controls.raw, aws_s3_bucket_server_side_encryption_configuration.raw, aws_s3_bucket_lifecycle_configuration.raw,
    )) == 0
    error_message = "nothing about an existing bucket may be changed"
  }
  assert {
    condition     = length(concat(aws_vpc.this, aws_internet_gateway.this, aws_route_table.public, aws_route.outward, aws_vpc_endpoint.s3, aws_default_security_group.closed, values(aws_subnet.public), values(aws_route_table_association.public))) == 0
    error_message = "nothing in an existing network may be changed but a security group added"
  }
  assert {
    condition     = aws_security_group.collector.vpc_id == "vpc-0123456789abcdef0" && local.subnet_ids == tolist(["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"])
    error_message = "instances are in the existing network"
  }
  assert {
    condition     = output.bucket == "unit-raw" && output.bucket_arn == "arn:aws:s3:::unit-raw"
    error_message = "the outputs name the existing bucket"
  }
}

run "zones_can_be_chosen_by_name" {
  command = plan
  variables {
    zone_names = ["ap-northeast-1d", "ap-northeast-1a"]
  }

  assert {
    condition     = keys(aws_subnet.public) == ["ap-northeast-1a", "ap-northeast-1d"]
    error_message = "one subnet for each named zone"
  }
}

run "metrics_are_readable_from_the_named_ranges_only" {
  command = plan
  variables {
    scrape_cidrs = ["10.20.0.0/16"]
  }

  assert {
    condition     = { for key, rule in aws_vpc_security_group_ingress_rule.metrics : key => [rule.cidr_ipv4, rule.ip_protocol, rule.from_port, rule.to_port] } == { "10.20.0.0/16" = ["10.20.0.0/16", "tcp", 8080, 8080] }
    error_message = "one port, from one range"
  }
}

run "a_us_region_is_allowed_with_the_market_data_hosts" {
  command = plan
  variables {
    region        = "us-east-1"
    websocket_url = "wss://data-stream.binance.vision"
    rest_url      = "https://data-api.binance.vision"
  }
}

run "two_zones_are_enough_where_they_are_wanted" {
  command = plan

  variables {
    zones = 2
  }
  override_data {
    target = data.aws_availability_zones.available
    values = { names = ["ap-northeast-1c", "ap-northeast-1a"] }
  }
  assert {
    condition     = toset(keys(aws_subnet.public)) == toset(["ap-northeast-1a", "ap-northeast-1c"])
    error_message = "one subnet for each zone"
  }
}

run "the_outputs_of_the_specification" {
  command = plan

  assert {
    condition     = output.raw_bucket_name == "unit-raw" && output.bucket_arn == "arn:aws:s3:::unit-raw"
    error_message = "the outputs of the specification"
  }
}

run "tables_for_queries_are_created_on_request_only" {
  command = plan

  assert {
    condition     = length(module.query) == 0
    error_message = "query must be off by default"
  }
}

run "tables_for_queries_cover_the_symbols_of_all_fleets" {
  command = plan
  variables {
    query  = true
    fleets = { BTCUSDT = {}, MAJORS = { symbols = ["ETHUSDT", "BNBUSDT"] } }
  }

  assert {
    condition     = one(module.query).workgroup == "market-data"
    error_message = "there must be a workgroup"
  }
}
