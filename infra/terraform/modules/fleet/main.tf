locals {
  id     = "${var.name}-${lower(var.fleet)}"
  bucket = "arn:${var.partition}:s3:::${var.bucket_name}"
  # Two installations in an account must not hide each other's outages.
  namespace = "MarketData/${var.name}"
  group     = "${local.id}-collector"
  # Names of roles and dashboards count for all regions of an account.
  global_id = "${local.id}-${var.region}"
  prefixes  = [for pair in setproduct(["raw", "index"], var.symbols) : "${pair[0]}/exchange=binance/stream=trade/symbol=${pair[1]}/*"]
  # AWS marks its Arm families with a g after the generation: t4g, m7g, c7gn, x2gd.
  arch   = can(regex("^[a-z]+[0-9]+g", var.instance_type)) ? "arm64" : "x86_64"
  config = "/etc/market-collector/collector.yaml"

  settings = merge(var.environment, var.config_path == null ? {} : { COLLECTOR_CONFIG = local.config }, {
    RAW_BUCKET           = var.bucket_name
    SYMBOL               = join(",", var.symbols)
    AWS_REGION           = var.region
    WS_URL               = var.websocket_url
    REST_URL             = var.rest_url
    HTTP_PORT            = "8080"
    HTTP_HOST            = var.http_host
    CLOUDWATCH_METRICS   = "on"
    CLOUDWATCH_NAMESPACE = local.namespace
  })

  artifact = merge({
    ARTIFACT_BUCKET  = var.bucket_name
    ARTIFACT_KEY     = aws_s3_object.package.key
    ARTIFACT_VERSION = aws_s3_object.package.version_id
    ARTIFACT_SHA256  = aws_s3_object.package.source_hash
    AWS_REGION       = var.region
    GROUP            = local.group
  }, var.log_days == null ? {} : { LOG_GROUP = aws_cloudwatch_log_group.this[0].name })

  # The package brings the jar, the unit, its options and the command market-collector. The rest is of AWS: unchanged
  # files of the repository, so that instances run the files that its tests have checked.
  user_data = join("", ["#cloud-config\n", yamlencode({
    write_files = concat([
      { path = "/opt/market-collector/bootstrap.sh", permissions = "0700", content = file("${path.module}/files/bootstrap.sh") },
      { path = "/opt/market-collector/lifecycle.sh", permissions = "0700", content = file("${path.module}/files/lifecycle.sh") },
      { path = "/opt/market-collector/artifact.env", permissions = "0600", content = join("", [for name, value in local.artifact : "${name}=${value}\n"]) },
      { path = "/etc/market-collector/collector.env", permissions = "0600", content = join("", [for name, value in local.settings : "${name}=${value}\n"]) },
      { path = "/etc/systemd/system/market-collector-drain.service", permissions = "0644", content = file("${path.module}/files/market-collector-drain.service") },
      # The log shares the disk with the spool.
      { path = "/etc/systemd/journald.conf.d/market-collector.conf", permissions = "0644", content = "[Journal]\nSystemMaxUse=200M\n" },
      ], var.config_path == null ? [] : [
      { path = local.config, permissions = "0644", content = file(var.config_path) },
    ])
    runcmd = [["/opt/market-collector/bootstrap.sh"]]
  })])
  # cloud-init reads it packed as well.
  user_data_gzip  = base64gzip(local.user_data)
  user_data_bytes = length(local.user_data_gzip) / 4 * 3
}

# One object for each fleet, so that a new version can be tried on one fleet. The version id is part of the launch
# template: an instance installs exactly the planned package, and an older template still finds its own.
resource "aws_s3_object" "package" {
  bucket                 = var.bucket_name
  key                    = "artifacts/${var.fleet}/market-collector.rpm"
  source                 = var.package_path
  source_hash            = filesha256(var.package_path)
  checksum_algorithm     = "SHA256"
  server_side_encryption = "AES256"

  lifecycle {
    postcondition {
      condition     = !contains(["", "null"], coalesce(self.version_id, "null"))
      error_message = "The bucket ${var.bucket_name} has no versioning, so an instance could not be sure of its package, and a deleted object would be gone. Switch versioning on, delete artifacts/${var.fleet}/market-collector.rpm there, which has no version, and apply again."
    }
  }
}

resource "aws_cloudwatch_log_group" "this" {
  count = var.log_days == null ? 0 : 1

  name              = "/market-collector/${local.id}"
  retention_in_days = var.log_days
}

resource "aws_iam_role" "this" {
  name        = local.global_id
  description = "Permissions of the collectors of ${var.fleet}"
  # null: without a boundary.
  permissions_boundary = var.permissions_boundary
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ec2.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

# No list, no delete, no objects of another symbol. GetObject reads back a put whose answer was lost.
resource "aws_iam_role_policy" "this" {
  name = "record"
  role = aws_iam_role.this.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Sid      = "Trades"
        Effect   = "Allow"
        Action   = ["s3:PutObject", "s3:GetObject"]
        Resource = [for prefix in concat(local.prefixes, ["raw/doctor/*", "unparsed/*"]) : "${local.bucket}/${prefix}"]
      },
      {
        Sid      = "OwnPackage"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:GetObjectVersion"]
        Resource = "${local.bucket}/artifacts/${var.fleet}/*"
      },
      {
        Sid       = "Numbers"
        Effect    = "Allow"
        Action    = "cloudwatch:PutMetricData"
        Resource  = "*"
        Condition = { StringEquals = { "cloudwatch:namespace" = local.namespace } }
      },
      {
        Sid      = "OwnGroup"
        Effect   = "Allow"
        Action   = ["autoscaling:CompleteLifecycleAction", "autoscaling:RecordLifecycleActionHeartbeat"]
        Resource = "arn:${var.partition}:autoscaling:${var.region}:*:autoScalingGroup:*:autoScalingGroupName/${local.group}"
      },
      {
        # Session Manager instead of SSH: no key, no open port, every session in CloudTrail. AWS's own policy for it may
        # also read every parameter of the account.
        Sid    = "Sessions"
        Effect = "Allow"
        Action = [
          "ssm:UpdateInstanceInformation", "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
          "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
        ]
        Resource = "*"
      },
      ], [for group in aws_cloudwatch_log_group.this : {
        Sid      = "Log"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
        Resource = "${group.arn}:*"
    }])
  })
}

resource "aws_iam_instance_profile" "this" {
  name = local.global_id
  role = aws_iam_role.this.name
}

#checkov:skip=CKV_AWS_88:A public address instead of a NAT gateway for 45 USD a month; the security group allows no ingress.
resource "aws_launch_template" "this" {
  name        = local.group
  description = "Collector of ${join(", ", var.symbols)}"
  # Each new instance starts from the newest system image; a new image alone changes no plan.
  image_id                             = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${local.arch}"
  instance_type                        = var.instance_type
  update_default_version               = true
  ebs_optimized                        = true
  instance_initiated_shutdown_behavior = "terminate"
  user_data                            = local.user_data_gzip

  iam_instance_profile {
    arn = aws_iam_instance_profile.this.arn
  }

  network_interfaces {
    associate_public_ip_address = var.public_addresses
    delete_on_termination       = true
    security_groups             = [var.security_group_id]
  }

  # Requires a token and allows one hop: a request that an attacker tricks the process into sending has no token.
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_size           = var.disk_gib
      volume_type           = "gp3"
      encrypted             = true
      delete_on_termination = true
    }
  }

  # A throttled collector loses trades. The alarm on credits reports when this costs money.
  dynamic "credit_specification" {
    for_each = startswith(var.instance_type, "t") ? ["unlimited"] : []

    content {
      cpu_credits = credit_specification.value
    }
  }

  dynamic "tag_specifications" {
    for_each = ["instance", "volume", "network-interface"]

    content {
      resource_type = tag_specifications.value
      tags          = merge(var.tags, { Name = local.group, Fleet = var.fleet })
    }
  }
}

# Instances are replaced one at a time, the new one first: during an upgrade there is one instance more, never one less.
# A new one counts only after bootstrap.sh has proven that it records: a bad release stops at the first instance, and the
# older ones record on. No auto_rollback: AWS refuses it for a template that names its image by resolve:ssm.
resource "aws_autoscaling_group" "this" {
  name                    = local.group
  min_size                = var.instances
  max_size                = var.instances
  desired_capacity        = var.instances
  vpc_zone_identifier     = var.subnet_ids
  default_instance_warmup = 0
  termination_policies    = ["OldestLaunchTemplate", "OldestInstance"]
  # Not the health of the application: an outage of the exchange must not terminate instances that hold a spool.
  health_check_type = "EC2"
  # Hosts are patched by being replaced.
  max_instance_lifetime = 30 * 24 * 3600
  # Terraform waits for instances that record; this is the time that bootstrap.sh may take, and the start of the machine.
  wait_for_capacity_timeout = "30m"

  launch_template {
    id      = aws_launch_template.this.id
    version = aws_launch_template.this.latest_version
  }

  # AWS documents that an instance which is not proven in time ends, too.
  initial_lifecycle_hook {
    name                 = "recording"
    lifecycle_transition = "autoscaling:EC2_INSTANCE_LAUNCHING"
    default_result       = "ABANDON"
    heartbeat_timeout    = 900
  }

  # The disk ends with the instance: lifecycle.sh uploads the spool first.
  initial_lifecycle_hook {
    name                 = "drain"
    lifecycle_transition = "autoscaling:EC2_INSTANCE_TERMINATING"
    default_result       = "CONTINUE"
    heartbeat_timeout    = 3600
  }

  instance_maintenance_policy {
    min_healthy_percentage = 100
    max_healthy_percentage = 100 + ceil(100 / var.instances)
  }

  instance_refresh {
    strategy = "Rolling"

    preferences {
      min_healthy_percentage = 100
      max_healthy_percentage = 100 + ceil(100 / var.instances)
      instance_warmup        = 0
      skip_matching          = true
    }
  }

  dynamic "tag" {
    for_each = var.tags

    content {
      key                 = tag.key
      value               = tag.value
      propagate_at_launch = false
    }
  }

  tag {
    key                 = "Fleet"
    value               = var.fleet
    propagate_at_launch = true
  }

  # An instance that starts without its permissions records nothing.
  depends_on = [aws_iam_role_policy.this]

  lifecycle {
    # EC2 accepts no more, and an instance that starts without its unit records nothing.
    precondition {
      condition     = local.user_data_bytes <= 16384
      error_message = "The user data has ${local.user_data_bytes} bytes, but EC2 accepts at most 16384; shorten environment or the file at config_path."
    }
  }
}
