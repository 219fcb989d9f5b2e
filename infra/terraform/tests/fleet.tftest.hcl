# One fleet: its permissions, the files its instances read, and how they are replaced. No account and no network.
mock_provider "aws" {
  mock_resource "aws_iam_instance_profile" {
    defaults = { arn = "arn:aws:iam::123456789012:instance-profile/unit" }
  }
  mock_resource "aws_s3_object" {
    defaults = { version_id = "version-1" }
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
  jar_path          = "versions.tf"
  environment       = { ROT_SECS = "60" }
  region            = "ap-northeast-1"
  partition         = "aws"
  bucket_name       = "unit-raw"
  websocket_url     = "wss://stream.binance.com:9443"
  rest_url          = "https://api.binance.com"
  subnet_ids        = ["subnet-a", "subnet-b", "subnet-c"]
  security_group_id = "sg-1"
  alarm_topic_arn   = "arn:aws:sns:ap-northeast-1:123456789012:alarms"
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
    condition     = flatten([for s in jsondecode(aws_iam_role_policy.this.policy).Statement : s.Resource if s.Sid == "OwnJar"]) == ["arn:aws:s3:::unit-raw/artifacts/MAJORS/*"]
    error_message = "only its own jar may be read"
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
      "REST_URL=https://api.binance.com", "HTTP_PORT=8080", "CLOUDWATCH_METRICS=on", "CLOUDWATCH_NAMESPACE=MarketData/unit", "ROT_SECS=60",
    ])
    error_message = "the settings of the collector are wrong"
  }
  assert {
    condition = toset(split("\n", trimspace(one([for f in yamldecode(output.user_data).write_files : f.content if f.path == "/opt/market-collector/artifact.env"])))) == toset([
      "ARTIFACT_BUCKET=unit-raw", "ARTIFACT_KEY=artifacts/MAJORS/collector.jar", "ARTIFACT_VERSION=version-1",
      "ARTIFACT_SHA256=${filesha256("versions.tf")}", "AWS_REGION=ap-northeast-1", "GROUP=unit-majors-collector",
    ])
    error_message = "the planned jar must be named by version and digest"
  }
  assert {
    condition     = one([for f in yamldecode(output.user_data).write_files : f.content if f.path == "/etc/systemd/system/market-collector.service"]) == file("../../systemd/market-collector.service")
    error_message = "the unit must be the unchanged file of the repository"
  }
  assert {
    condition     = one([for f in yamldecode(output.user_data).write_files : f.content if f.path == "/etc/market-collector/jvm.options"]) == file("../../systemd/jvm.options")
    error_message = "the JVM options must be the unchanged file of the repository"
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
    condition     = aws_s3_object.jar.server_side_encryption == "AES256" && aws_s3_object.jar.source_hash == filesha256("versions.tf")
    error_message = "the jar must be stored encrypted, and again when it changes"
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
      "/usr/bin/market-collector"                          = "0755"
      "/etc/market-collector/collector.env"                = "0600"
      "/etc/market-collector/jvm.options"                  = "0644"
      "/etc/systemd/system/market-collector.service"       = "0644"
      "/etc/systemd/system/market-collector-drain.service" = "0644"
      "/etc/systemd/journald.conf.d/market-collector.conf" = "0644"
      "/usr/lib/sysusers.d/market-collector.conf"          = "0644"
    }
    error_message = "these files, with these permissions, and no other"
  }
  assert {
    condition = alltrue([for path, original in {
      "/opt/market-collector/lifecycle.sh"                 = "modules/fleet/files/lifecycle.sh"
      "/etc/systemd/system/market-collector-drain.service" = "modules/fleet/files/market-collector-drain.service"
      "/usr/bin/market-collector"                          = "../../systemd/market-collector.sh"
    } : one([for f in yamldecode(output.user_data).write_files : f.content if f.path == path]) == file(original)])
    error_message = "scripts and units must be the unchanged files of the repository"
  }

  # Alarms
  assert {
    condition     = length(aws_cloudwatch_metric_alarm.this) == 15 && alltrue([for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_actions == toset(["arn:aws:sns:ap-northeast-1:123456789012:alarms"])])
    error_message = "4 alarms for each symbol and 7 for the processes, all to the topic"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["BNBUSDT-degraded"].threshold == 3 && aws_cloudwatch_metric_alarm.this["BNBUSDT-degraded"].treat_missing_data == "breaching"
    error_message = "a missing instance must raise the alarm"
  }
  assert {
    condition     = alltrue([for name, alarm in aws_cloudwatch_metric_alarm.this : alarm.dimensions.Symbol == "ETHUSDT" if !startswith(name, "BNBUSDT-")])
    error_message = "alarms of a process must use the first symbol"
  }
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
