locals {
  # docs/MONITORING.md says what each number is. One alarm for each symbol:
  symbol_alarms = {
    no-data = {
      metric = "RecordsUploaded", statistic = "Sum", comparison = "LessThanThreshold", threshold = 1, minutes = 5, missing = "breaching"
      text   = "No trade of it has reached the bucket for 5 minutes from any instance."
      about  = "uploads-stopped"
    }
    degraded = {
      metric = "Heartbeat", statistic = "Sum", comparison = "LessThanThreshold", threshold = var.instances, minutes = 10, missing = "breaching"
      text   = "Fewer than ${var.instances} instances have run for 10 minutes."
      about  = "collector-down"
    }
    all-blind = {
      metric = "LastTradeAgeSeconds", statistic = "Minimum", comparison = "GreaterThanThreshold", threshold = 60, minutes = 3, missing = "missing"
      text   = "No instance has got a trade for a minute. For a symbol that trades rarely raise the threshold."
      about  = "instance-blind"
    }
    lost = {
      metric = "LostTrades", statistic = "Sum", comparison = "GreaterThanThreshold", threshold = 0, minutes = 1, missing = "notBreaching"
      text   = "An instance has given trades up; see whether another one has them."
      about  = "trades-lost"
    }
  }

  # and one for the processes, under the first symbol:
  process_alarms = {
    failing = {
      metric = "Health", statistic = "Maximum", comparison = "GreaterThanOrEqualToThreshold", threshold = 2, minutes = 2, missing = "missing"
      text   = "An instance does not record, or does not upload."
      about  = "health"
    }
    all-degraded = {
      metric = "Health", statistic = "Minimum", comparison = "GreaterThanOrEqualToThreshold", threshold = 1, minutes = 15, missing = "missing"
      text   = "No instance is well."
      about  = "health"
    }
    uploads-late = {
      metric = "SpoolOldestAgeSeconds", statistic = "Maximum", comparison = "GreaterThanThreshold", threshold = 300, minutes = 5, missing = "missing"
      text   = "A part has waited for the bucket for more than 5 minutes."
      about  = "uploads-stopped"
    }
    upload-failures = {
      metric = "UploadFailures", statistic = "Sum", comparison = "GreaterThanThreshold", threshold = 10, minutes = 5, missing = "notBreaching"
      text   = "More than 10 puts a minute have failed for 5 minutes."
      about  = "uploads-stopped"
    }
    spool-filling = {
      metric = "SpoolBytes", statistic = "Maximum", comparison = "GreaterThanThreshold", threshold = 1717986918, minutes = 5, missing = "missing"
      text   = "The spool of an instance has reached 80 % of its 2 GiB; at 2 GiB reading stops."
      about  = "spool-full"
    }
    heap-tight = {
      metric = "HeapUsedPercent", statistic = "Maximum", comparison = "GreaterThanThreshold", threshold = 95, minutes = 15, missing = "missing"
      text   = "The heap of an instance is nearly full, and stays so."
      about  = "memory"
    }
    clock-off = {
      metric = "ClockSkewMs", statistic = "Maximum", comparison = "GreaterThanThreshold", threshold = 2000, minutes = 5, missing = "missing"
      text   = "The clock of an instance is 2 s off; times of arrival are wrong, no trade is lost by it."
      about  = "clock"
    }
  }

  alarms = merge(
    merge([for symbol in var.symbols : { for name, alarm in local.symbol_alarms : "${symbol}-${name}" => merge(alarm, { symbol = symbol }) }]...),
    { for name, alarm in local.process_alarms : name => merge(alarm, { symbol = var.symbols[0] }) },
  )
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${local.id}-${each.key}"
  alarm_description   = "${each.value.text} docs/RUNBOOK.md#${each.value.about}"
  namespace           = local.namespace
  metric_name         = each.value.metric
  dimensions          = { Symbol = each.value.symbol }
  statistic           = each.value.statistic
  period              = 60
  evaluation_periods  = each.value.minutes
  datapoints_to_alarm = each.value.minutes
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  treat_missing_data  = each.value.missing
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]
}

# Instances of family t that need more than their share of a processor are not slowed down here, but paid for.
resource "aws_cloudwatch_metric_alarm" "credits" {
  count = startswith(var.instance_type, "t") ? 1 : 0

  alarm_name          = "${local.id}-paid-credits"
  alarm_description   = "The instances use more processor than is included, and it is charged for. docs/COST.md"
  namespace           = "AWS/EC2"
  metric_name         = "CPUSurplusCreditsCharged"
  dimensions          = { AutoScalingGroupName = aws_autoscaling_group.this.name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 6
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arn]
}
