# One fleet: its permissions, the files its instances read, and how they are replaced. No account and no network.
mock_provider "aws" {
  mock_resource "aws_iam_instance_profile" {
    defaults = { arn = "arn:aws:iam::123456789012:instance-profile/unit" }
  }
  mock_resource "aws_s3_object" {
    defaults = { version_id = "version-1" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:ap-northeast-1:123456789012:log-group:/market-collector/unit-majors" }
  }
  mock_resource "aws_launch_template" {
    defaults = { id = "lt-0123456789abcdef0", latest_version = 7 }
  }
}

variables {
  name              = "unit"
  fleet             = "MAJORS"
  symbols           = ["ETHUSDT", "BNBUSDT"]
  instances         = 3
  instance_type     = "t3.micro"
  disk_gib          = 8
  package_path      = "versions.tf"
  environment       = { ROT_SECS = "60" }
  region            = "ap-northeast-1"
  partition         = "aws"
  bucket_name       = "unit-raw"
  websocket_url     = "wss://stream.binance.com:9443"
  rest_url          = "https://api.binance.com"
  subnet_ids        = ["subnet-a", "subnet-b", "subnet-c"]
  security_group_id = "sg-1"
  page_topic_arn    = "arn:aws:sns:ap-northeast-1:123456789012:unit-page"
  look_topic_arn    = "arn:aws:sns:ap-northeast-1:123456789012:unit-look"
}

run "fleet" {
  command = apply
  module {
    source = "./modules/fleet"
  }

  # Permissions
  assert {
    condition = toset(flatten([for s in jsondecode(aws_iam_role_policy.this.policy).Statement : s.Action])) == toset([
      "s3:PutObject", "s3:GetObject", "s3:GetObjectVersion", "cloudwatch:PutMetricData",
      "autoscaling:CompleteLifecycleAction", "autoscaling:RecordLifecycleActionHeartbeat",
      "ssm:UpdateInstanceInformation", "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
      "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
    ])
    error_message = "nothing may be listed, deleted or changed"
  }
  assert {
    condition = toset(flatten([for s in jsondecode(aws_iam_role_policy.this.policy).Statement : s.Resource if s.Sid == "Trades"])) == toset([
      "arn:aws:s3:::unit-raw/raw/exchange=binance/stream=trade/symbol=ETHUSDT/*",
      "arn:aws:s3:::unit-raw/raw/exchange=binance/stream=trade/symbol=BNBUSDT/*",
      "arn:aws:s3:::unit-raw/index/exchange=binance/stream=trade/symbol=ETHUSDT/*",
      "arn:aws:s3:::unit-raw/index/exchange=binance/stream=trade/symbol=BNBUSDT/*",
      "arn:aws:s3:::unit-raw/raw/doctor/*",
      "arn:aws:s3:::unit-raw/unparsed/*",
    ])
    error_message = "only below its own symbols, and where doctor writes its probes"
  }
  assert {
    condition     = flatten([for s in jsondecode(aws_iam_role_policy.this.policy).Statement : s.Resource if s.Sid == "OwnPackage"]) == ["arn:aws:s3:::unit-raw/artifacts/MAJORS/*"]
    error_message = "only its own package may be read"
  }
  assert {
    condition     = [for s in jsondecode(aws_iam_role_policy.this.policy).Statement : try(s.Condition.StringEquals["cloudwatch:namespace"], s.Sid) if s.Resource == "*"] == ["MarketData/unit", "Sessions"]
    error_message = "on all resources only sessions, and metrics of the namespace"
  }
  assert {
    condition     = [for s in jsondecode(aws_iam_role_policy.this.policy).Statement : s.Resource if s.Sid == "OwnGroup"] == ["arn:aws:autoscaling:ap-northeast-1:*:autoScalingGroup:*:autoScalingGroupName/unit-majors-collector"]
    error_message = "only hooks of its own group may be answered"
  }
  assert {
    condition     = one(jsondecode(aws_iam_role.this.assume_role_policy).Statement).Principal == { Service = "ec2.amazonaws.com" }
    error_message = "only EC2 instances may assume the role"
  }

  # The files that an instance reads
  assert {
    condition     = startswith(output.user_data, "#cloud-config\n") && aws_launch_template.this.user_data == base64gzip(output.user_data)
    error_message = "cloud-init recognises the user data by its first line, packed or not"
  }
  assert {
    condition = toset(split("\n", trimspace(one([for f in yamldecode(output.user_data).write_files : f.content if f.path == "/etc/market-collector/collector.env"])))) == toset([
      "RAW_BUCKET=unit-raw", "SYMBOL=ETHUSDT,BNBUSDT", "AWS_REGION=ap-northeast-1", "WS_URL=wss://stream.binance.com:9443",
      "REST_URL=https://api.binance.com", "HTTP_PORT=8080", "HTTP_HOST=127.0.0.1", "CLOUDWATCH_METRICS=on", "CLOUDWATCH_NAMESPACE=MarketData/unit", "ROT_SECS=60",
    ])
    error_message = "the settings of the collector are wrong"
  }
  assert {
    condition = toset(split("\n", trimspace(one([for f in yamldecode(output.user_data).write_files : f.content if f.path == "/opt/market-collector/artifact.env"])))) == toset([
      "ARTIFACT_BUCKET=unit-raw", "ARTIFACT_KEY=artifacts/MAJORS/market-collector.rpm", "ARTIFACT_VERSION=version-1",
      "ARTIFACT_SHA256=${filesha256("versions.tf")}", "AWS_REGION=ap-northeast-1", "GROUP=unit-majors-collector",
    ])
    error_message = "the planned package must be named by version and digest"
  }
  assert {
    condition     = one([for f in yamldecode(output.user_data).write_files : f.content if f.path == "/opt/market-collector/bootstrap.sh"]) == file("modules/fleet/files/bootstrap.sh")
    error_message = "bootstrap.sh must be the unchanged file that shellcheck checks"
  }
  assert {
    condition     = alltrue([for f in yamldecode(output.user_data).write_files : f.permissions == "0600" || !endswith(f.path, ".env")])
    error_message = "only root may read the settings"
  }
  assert {
    condition     = aws_s3_object.package.server_side_encryption == "AES256" && aws_s3_object.package.source_hash == filesha256("versions.tf")
    error_message = "the package must be stored encrypted, and again when it changes"
  }

  # The machine
  assert {
    condition     = aws_launch_template.this.metadata_options[0].http_tokens == "required" && aws_launch_template.this.metadata_options[0].http_put_response_hop_limit == 1
    error_message = "the metadata only with a token, and within one hop"
  }
  assert {
    condition     = aws_launch_template.this.block_device_mappings[0].ebs[0].encrypted == "true" && aws_launch_template.this.block_device_mappings[0].ebs[0].volume_type == "gp3"
    error_message = "the disk must be an encrypted gp3 volume"
  }
  assert {
    condition     = endswith(aws_launch_template.this.image_id, "al2023-ami-kernel-default-x86_64") && startswith(aws_launch_template.this.image_id, "resolve:ssm:")
    error_message = "the image must be the newest Amazon Linux 2023 at the time of the launch"
  }
  assert {
    condition     = aws_launch_template.this.key_name == null || aws_launch_template.this.key_name == ""
    error_message = "there must be no SSH key"
  }
  assert {
    condition     = aws_launch_template.this.credit_specification[0].cpu_credits == "unlimited"
    error_message = "a throttled collector loses trades"
  }

  # Replacement: one at a time, the new instance first
  assert {
    condition     = aws_autoscaling_group.this.min_size == 3 && aws_autoscaling_group.this.max_size == 3 && length(aws_autoscaling_group.this.vpc_zone_identifier) == 3
    error_message = "three instances over three zones"
  }
  assert {
    condition     = aws_autoscaling_group.this.instance_maintenance_policy[0].min_healthy_percentage == 100 && aws_autoscaling_group.this.instance_maintenance_policy[0].max_healthy_percentage == 134
    error_message = "never one less, one more at most"
  }
  assert {
    condition     = aws_autoscaling_group.this.instance_refresh[0].preferences[0].min_healthy_percentage == 100 && aws_autoscaling_group.this.instance_refresh[0].preferences[0].max_healthy_percentage == 134 && aws_autoscaling_group.this.instance_refresh[0].preferences[0].auto_rollback != true
    error_message = "an upgrade must keep the same limits; AWS refuses a rollback with this image"
  }
  assert {
    condition     = aws_autoscaling_group.this.launch_template[0].version == "7"
    error_message = "a changed template must start a refresh"
  }
  assert {
    condition     = aws_autoscaling_group.this.health_check_type == "EC2"
    error_message = "an outage of the exchange must not terminate instances that hold a spool"
  }

  assert {
    condition = toset([for hook in aws_autoscaling_group.this.initial_lifecycle_hook : "${hook.name} ${hook.lifecycle_transition} ${hook.default_result} ${hook.heartbeat_timeout}"]) == toset([
      "recording autoscaling:EC2_INSTANCE_LAUNCHING ABANDON 900", "drain autoscaling:EC2_INSTANCE_TERMINATING CONTINUE 3600",
    ])
    error_message = "an instance counts when it records, and ends when its spool is uploaded"
  }
  assert {
    condition     = aws_autoscaling_group.this.max_instance_lifetime == 2592000
    error_message = "hosts are patched by being replaced"
  }
  assert {
    condition     = yamldecode(output.user_data).runcmd == [["/opt/market-collector/bootstrap.sh"]]
    error_message = "the first start runs bootstrap.sh and nothing else"
  }
  assert {
    condition = { for f in yamldecode(output.user_data).write_files : f.path => f.permissions } == {
      "/opt/market-collector/bootstrap.sh"                 = "0700"
      "/opt/market-collector/lifecycle.sh"                 = "0700"
      "/opt/market-collector/artifact.env"                 = "0600"
      "/etc/market-collector/collector.env"                = "0600"
      "/etc/systemd/system/market-collector-drain.service" = "0644"
      "/etc/systemd/journald.conf.d/market-collector.conf" = "0644"
    }
    error_message = "these files, with these permissions, and no other"
  }
  assert {
    condition = alltrue([for path, original in {
      "/opt/market-collector/lifecycle.sh"                 = "modules/fleet/files/lifecycle.sh"
      "/etc/systemd/system/market-collector-drain.service" = "modules/fleet/files/market-collector-drain.service"
    } : one([for f in yamldecode(output.user_data).write_files : f.content if f.path == path]) == file(original)])
    error_message = "scripts and units must be the unchanged files of the repository"
  }

  # Alarms
  assert {
    condition     = length(aws_cloudwatch_metric_alarm.this) == 16
    error_message = "4 alarms for each symbol and 8 for the processes"
  }
  assert {
    condition = toset([for name, alarm in aws_cloudwatch_metric_alarm.this : name if alarm.alarm_actions == toset([var.page_topic_arn])]) == toset([
      "ETHUSDT-no-data", "ETHUSDT-all-stale", "ETHUSDT-gaps-unrecoverable", "BNBUSDT-no-data", "BNBUSDT-all-stale", "BNBUSDT-gaps-unrecoverable", "redundancy-lost",
    ])
    error_message = "these cannot wait until the morning"
  }
  assert {
    condition = alltrue([for alarm in concat(values(aws_cloudwatch_metric_alarm.this), aws_cloudwatch_metric_alarm.credits) :
    length(alarm.alarm_actions) == 1 && contains([var.page_topic_arn, var.look_topic_arn], one(alarm.alarm_actions)) && alarm.actions_enabled != false])
    error_message = "every alarm reaches one of the topics"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["BNBUSDT-degraded"].threshold == 3 && aws_cloudwatch_metric_alarm.this["BNBUSDT-degraded"].treat_missing_data == "breaching"
    error_message = "a missing instance must raise the alarm"
  }
  assert {
    condition     = alltrue([for name, alarm in aws_cloudwatch_metric_alarm.this : alarm.dimensions.Symbol == "ETHUSDT" if !startswith(name, "BNBUSDT-")])
    error_message = "alarms of a process must use the first symbol"
  }
  assert {
    condition = alltrue([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets :
    widget.properties.metrics == [for symbol in var.symbols : ["MarketData/unit", widget.properties.metrics[0][1], "Symbol", symbol]]])
    error_message = "the dashboard shows the symbols of the fleet, and no other"
  }
  assert {
    condition     = aws_iam_role.this.name == "unit-majors-ap-northeast-1" && aws_cloudwatch_dashboard.this.dashboard_name == "unit-majors-ap-northeast-1"
    error_message = "names that count for all regions of an account must have the region"
  }
  assert {
    condition     = length(aws_cloudwatch_log_group.this) == 0
    error_message = "logs stay on the instances by default"
  }
}

run "a_single_instance_is_no_loss_of_redundancy" {
  command = plan
  module {
    source = "./modules/fleet"
  }
  variables {
    instances = 1
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["redundancy-lost"].threshold == 1
    error_message = "an alarm that is never over is no alarm"
  }
}

run "options_of_a_fleet_reach_its_instances" {
  command = apply
  module {
    source = "./modules/fleet"
  }
  variables {
    config_path      = "../../configs/collector.yaml"
    http_host        = "0.0.0.0"
    log_days         = 30
    public_addresses = false
  }

  assert {
    condition = (one([for f in yamldecode(output.user_data).write_files : f.content if f.path == "/etc/market-collector/collector.yaml"]) == file("../../configs/collector.yaml")
    && contains(split("\n", one([for f in yamldecode(output.user_data).write_files : f.content if f.path == "/etc/market-collector/collector.env"])), "COLLECTOR_CONFIG=/etc/market-collector/collector.yaml"))
    error_message = "the YAML file is on the host, and the collector reads it"
  }
  assert {
    condition     = contains(split("\n", one([for f in yamldecode(output.user_data).write_files : f.content if f.path == "/etc/market-collector/collector.env"])), "HTTP_HOST=0.0.0.0")
    error_message = "the pages listen for a Prometheus"
  }
  assert {
    condition     = contains(split("\n", one([for f in yamldecode(output.user_data).write_files : f.content if f.path == "/opt/market-collector/artifact.env"])), "LOG_GROUP=/market-collector/unit-majors") && one(aws_cloudwatch_log_group.this).retention_in_days == 30
    error_message = "bootstrap.sh sends the log to the group"
  }
  assert {
    condition     = [for s in jsondecode(aws_iam_role_policy.this.policy).Statement : s if s.Sid == "Log"] == [{ Sid = "Log", Effect = "Allow", Action = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"], Resource = "arn:aws:logs:ap-northeast-1:123456789012:log-group:/market-collector/unit-majors:*" }]
    error_message = "the role may write to its own group of logs only"
  }
  assert {
    condition     = aws_launch_template.this.network_interfaces[0].associate_public_ip_address == "false"
    error_message = "no public address where the network has a NAT gateway"
  }
}

run "a_bucket_without_versioning_is_refused" {
  command   = apply
  state_key = "unversioned"
  module {
    source = "./modules/fleet"
  }
  override_resource {
    target = aws_s3_object.package
    values = { version_id = "null" }
  }
  expect_failures = [aws_s3_object.package]
}

run "tags_and_a_boundary" {
  command = plan
  module {
    source = "./modules/fleet"
  }
  variables {
    tags                 = { Team = "data" }
    permissions_boundary = "arn:aws:iam::123456789012:policy/limit"
  }

  assert {
    condition     = { for each in aws_launch_template.this.tag_specifications : each.resource_type => each.tags } == { for type in ["instance", "volume", "network-interface"] : type => tomap({ Team = "data", Name = "unit-majors-collector", Fleet = "MAJORS" }) }
    error_message = "instances, volumes and interfaces have the tags"
  }
  assert {
    condition     = aws_iam_role.this.permissions_boundary == "arn:aws:iam::123456789012:policy/limit"
    error_message = "the role has the boundary"
  }
}

run "a_single_instance_ends_after_its_replacement_has_started" {
  command = plan
  module {
    source = "./modules/fleet"
  }
  variables {
    instances = 1
  }

  assert {
    condition     = aws_autoscaling_group.this.instance_maintenance_policy[0].max_healthy_percentage == 200
    error_message = "one instance more than one is 200 %"
  }
}

run "an_arm_family_gets_the_arm_image_and_no_credits_outside_family_t" {
  command = plan
  module {
    source = "./modules/fleet"
  }
  variables {
    instance_type = "m7g.medium"
  }

  assert {
    condition     = endswith(aws_launch_template.this.image_id, "-arm64") && length(aws_launch_template.this.credit_specification) == 0
    error_message = "m7g is Arm and has no credits"
  }
}

run "user_data_above_the_limit_of_ec2_is_refused" {
  command = plan
  module {
    source = "./modules/fleet"
  }
  variables {
    environment = { for i in range(400) : "SETTING_NUMBER_${i}" => sha512("${i}") } # which nothing packs
  }
  expect_failures = [aws_autoscaling_group.this]
}
