locals {
  # docs/MONITORING.md explains each metric. page: cannot wait until the morning. Alarms of each symbol:
  symbol_alarms = {
    no-data = {
      metric = "RecordsUploaded", statistic = "Sum", comparison = "LessThanThreshold", threshold = 1, minutes = 5, missing = "breaching", page = true
      text   = "No instance has uploaded a trade of this symbol for 5 minutes."
      about  = "uploads-stopped"
    }
    degraded = {
      metric = "Up", statistic = "Sum", comparison = "LessThanThreshold", threshold = var.instances, minutes = 10, missing = "breaching", page = false
      text   = "Fewer than ${var.instances} instances have been up for 10 minutes."
      about  = "collector-down"
    }
    all-stale = {
      metric = "LastTradeAgeSeconds", statistic = "Minimum", comparison = "GreaterThanThreshold", threshold = 60, minutes = 3, missing = "missing", page = true
      text   = "No instance has received a trade for 60 seconds, for 3 minutes in a row. Raise the threshold for a symbol that trades rarely."
      about  = "instance-stale"
    }
    gaps-unrecoverable = {
      metric = "UnrecoverableTrades", statistic = "Sum", comparison = "GreaterThanThreshold", threshold = 0, minutes = 1, missing = "notBreaching", page = true
      text   = "An instance has an unrecoverable gap; check whether another instance has recorded these trades."
      about  = "gaps-unrecoverable"
    }
  }

  # Alarms of the processes, published under the first symbol:
  process_alarms = {
    redundancy-lost = {
      metric = "Up", statistic = "Sum", comparison = "LessThanThreshold", threshold = min(2, var.instances), minutes = 5, missing = "breaching", page = true
      text   = "Fewer than ${min(2, var.instances)} instances have been up for 5 minutes; the next one that ends loses trades."
      about  = "instance-gone"
    }
    failing = {
      metric = "Health", statistic = "Maximum", comparison = "GreaterThanOrEqualToThreshold", threshold = 2, minutes = 2, missing = "missing", page = false
      text   = "An instance is failing: it does not record, or does not upload."
      about  = "health"
    }
    all-degraded = {
      metric = "Health", statistic = "Minimum", comparison = "GreaterThanOrEqualToThreshold", threshold = 1, minutes = 15, missing = "missing", page = false
      text   = "Every instance has been degraded or failing for 15 minutes."
      about  = "health"
    }
    uploads-late = {
      metric = "SpoolOldestAgeSeconds", statistic = "Maximum", comparison = "GreaterThanThreshold", threshold = 300, minutes = 5, missing = "missing", page = false
      text   = "The oldest part in the backlog of an instance has waited for more than 5 minutes."
      about  = "uploads-stopped"
    }
    upload-failures = {
      metric = "UploadFailures", statistic = "Sum", comparison = "GreaterThanThreshold", threshold = 10, minutes = 5, missing = "notBreaching", page = false
      text   = "More than 10 puts per minute have failed for 5 minutes."
      about  = "uploads-stopped"
    }
    spool-filling = {
      metric = "SpoolBytes", statistic = "Maximum", comparison = "GreaterThanThreshold", threshold = 1717986918, minutes = 5, missing = "missing", page = false
      text   = "The spool of an instance has reached 80 % of its limit of 2 GiB; at 2 GiB ingestion pauses."
      about  = "spool-full"
    }
    heap-tight = {
      metric = "HeapUsedPercent", statistic = "Maximum", comparison = "GreaterThanThreshold", threshold = 95, minutes = 15, missing = "missing", page = false
      text   = "The heap of an instance has been more than 95 % full for 15 minutes."
      about  = "memory"
    }
    clock-off = {
      metric = "ClockSkewMs", statistic = "Maximum", comparison = "GreaterThanThreshold", threshold = 2000, minutes = 5, missing = "missing", page = false
      text   = "The clock of an instance is more than 2 s off; its arrival times are wrong, no trade is lost."
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
  alarm_actions       = [each.value.page ? var.page_topic_arn : var.look_topic_arn]
  ok_actions          = [each.value.page ? var.page_topic_arn : var.look_topic_arn]

  # An alarm that exists before the instances record would begin with a message.
  depends_on = [aws_autoscaling_group.this]
}

# Instances of family t that use more than their baseline of the processor are not throttled here; AWS charges for it.
resource "aws_cloudwatch_metric_alarm" "credits" {
  count = startswith(var.instance_type, "t") ? 1 : 0

  alarm_name          = "${local.id}-paid-credits"
  alarm_description   = "An instance has used more processor time than its credits cover for 30 minutes, and AWS charges for it. docs/COST.md"
  namespace           = "AWS/EC2"
  metric_name         = "CPUSurplusCreditsCharged"
  dimensions          = { AutoScalingGroupName = aws_autoscaling_group.this.name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 6
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.look_topic_arn]
}
