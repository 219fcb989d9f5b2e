locals {
  # The numbers of yesterday, published once a day; docs/DATA_QUALITY.md explains them.
  symbol_alarms = {
    missing-trades = { metric = "MissingTrades", text = "Trades of yesterday are missing in the bucket." }
    damages        = { metric = "Damages", text = "Objects of yesterday are missing or damaged in the bucket." }
  }

  function_alarms = {
    failed = {
      namespace = "AWS/Lambda", metric = "Errors", comparison = "GreaterThanThreshold", threshold = 0, hours = 1, missing = "notBreaching", clears = false
      text      = "The daily audit has failed: a symbol could not be verified, or its report could not be put."
    }
    not-run = {
      namespace = "AWS/Lambda", metric = "Invocations", comparison = "LessThanThreshold", threshold = 1, hours = 26, missing = "breaching", clears = true
      text      = "The daily audit has not run for 26 hours."
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "symbol" {
  for_each = merge([for symbol in var.symbols : { for name, alarm in local.symbol_alarms : "${symbol}-${name}" => merge(alarm, { symbol = symbol }) }]...)

  alarm_name          = "${local.id}-${each.key}"
  alarm_description   = "${each.value.text} docs/RUNBOOK.md#audit-of-a-day"
  namespace           = local.namespace
  metric_name         = each.value.metric
  dimensions          = { Exchange = "binance", Symbol = each.value.symbol }
  statistic           = "Maximum"
  period              = 3600
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  # One message for each day that is not complete. The alarm is over an hour later, which says nothing about that day.
  treat_missing_data = "notBreaching"
  alarm_actions      = [var.alarm_topic_arn]
}

resource "aws_cloudwatch_metric_alarm" "function" {
  for_each = local.function_alarms

  alarm_name          = "${local.id}-${each.key}"
  alarm_description   = "${each.value.text} docs/RUNBOOK.md#audit-of-a-day"
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = { FunctionName = aws_lambda_function.this.function_name }
  statistic           = "Sum"
  period              = 3600
  evaluation_periods  = each.value.hours
  datapoints_to_alarm = each.value.hours
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  treat_missing_data  = each.value.missing
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = each.value.clears ? [var.alarm_topic_arn] : []
}
