# The daily audit: its permissions, when it runs, and its alarms. No account and no network.
mock_provider "aws" {
  mock_resource "aws_s3_object" {
    defaults = { version_id = "version-1" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/unit" }
  }
  mock_resource "aws_lambda_function" {
    defaults = { arn = "arn:aws:lambda:ap-northeast-1:123456789012:function:unit-audit" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:ap-northeast-1:123456789012:log-group:/aws/lambda/unit-audit" }
  }
}

variables {
  name            = "unit"
  region          = "ap-northeast-1"
  partition       = "aws"
  account_id      = "123456789012"
  bucket_name     = "unit-raw"
  symbols         = ["BNBUSDT", "BTCUSDT"]
  jar_path        = "versions.tf"
  alarm_topic_arn = "arn:aws:sns:ap-northeast-1:123456789012:alarms"
}

run "audit" {
  command = apply
  module {
    source = "./modules/audit"
  }

  # Permissions
  assert {
    condition = toset(flatten([for s in jsondecode(aws_iam_role_policy.function.policy).Statement : s.Action])) == toset([
      "s3:ListBucket", "s3:GetObject", "s3:PutObject", "logs:CreateLogStream", "logs:PutLogEvents",
    ])
    error_message = "nothing may be deleted or changed"
  }
  assert {
    condition     = flatten([for s in jsondecode(aws_iam_role_policy.function.policy).Statement : s.Resource if contains(flatten([s.Action]), "s3:PutObject")]) == ["arn:aws:s3:::unit-raw/quality/*"]
    error_message = "only what was found may be written, nothing below raw/"
  }
  assert {
    condition     = flatten([for s in jsondecode(aws_iam_role_policy.function.policy).Statement : s.Resource if contains(flatten([s.Action]), "s3:GetObject")]) == ["arn:aws:s3:::unit-raw/raw/*", "arn:aws:s3:::unit-raw/index/*"]
    error_message = "only what was recorded may be read"
  }
  assert {
    condition     = alltrue([for s in jsondecode(aws_iam_role_policy.function.policy).Statement : s.Effect == "Allow" && s.Resource != "*"])
    error_message = "no permission may be on all resources"
  }
  assert {
    condition     = one(jsondecode(aws_iam_role.function.assume_role_policy).Statement).Principal == { Service = "lambda.amazonaws.com" }
    error_message = "only Lambda may assume the role of the function"
  }
  assert {
    condition = one(jsondecode(aws_iam_role_policy.schedule.policy).Statement) == {
      Sid      = "Invoke", Effect = "Allow", Action = "lambda:InvokeFunction",
      Resource = "arn:aws:lambda:ap-northeast-1:123456789012:function:unit-audit"
    }
    error_message = "the scheduler may invoke this function and do nothing else"
  }
  assert {
    condition     = one(jsondecode(aws_iam_role.schedule.assume_role_policy).Statement).Condition == { StringEquals = { "aws:SourceAccount" = "123456789012" } }
    error_message = "only the scheduler of this account may assume its role"
  }

  # The function
  assert {
    condition     = aws_lambda_function.this.s3_bucket == "unit-raw" && aws_lambda_function.this.s3_key == "artifacts/audit/collector.jar" && aws_lambda_function.this.s3_object_version == "version-1"
    error_message = "it must run exactly the planned jar"
  }
  assert {
    condition = (aws_lambda_function.this.runtime == "java21" && aws_lambda_function.this.architectures == tolist(["arm64"])
      && aws_lambda_function.this.memory_size == 1024 && aws_lambda_function.this.timeout == 900
    && aws_lambda_function.this.reserved_concurrent_executions == 1)
    error_message = "the function has the wrong size"
  }
  assert {
    condition     = aws_lambda_function.this.handler == "io.marketdata.collector.daily.AuditHandler::handleRequest"
    error_message = "the handler is wrong"
  }
  assert {
    condition     = aws_lambda_function.this.environment[0].variables == tomap({ RAW_BUCKET = "unit-raw", SYMBOL = "BNBUSDT,BTCUSDT", LOCAL_DIR = "/tmp/market-data", CLOUDWATCH_NAMESPACE = "MarketData/unit" })
    error_message = "the settings are wrong"
  }
  assert {
    condition     = aws_cloudwatch_log_group.this.retention_in_days == 90 && aws_lambda_function.this.logging_config[0].log_format == "Text"
    error_message = "the log must be kept for 90 days, as text, so that CloudWatch finds the numbers in it"
  }

  # When it runs
  assert {
    condition     = aws_scheduler_schedule.daily.schedule_expression == "cron(0 2 * * ? *)" && aws_scheduler_schedule.daily.schedule_expression_timezone == "UTC"
    error_message = "it must run every day at 02:00 UTC"
  }
  assert {
    condition     = aws_scheduler_schedule.daily.target[0].input == "{}" && aws_scheduler_schedule.daily.target[0].retry_policy[0].maximum_retry_attempts == 10
    error_message = "the schedule must send an empty input, and repeat what was not delivered"
  }

  # Alarms
  assert {
    condition     = toset(keys(aws_cloudwatch_metric_alarm.symbol)) == toset(["BNBUSDT-missing-trades", "BNBUSDT-damages", "BTCUSDT-missing-trades", "BTCUSDT-damages"])
    error_message = "each symbol must have its alarms"
  }
  assert {
    condition = alltrue([for alarm in aws_cloudwatch_metric_alarm.symbol : alarm.namespace == "MarketData/${var.name}" && alarm.threshold == 0
    && alarm.comparison_operator == "GreaterThanThreshold" && alarm.treat_missing_data == "notBreaching" && alarm.dimensions["Exchange"] == "binance"])
    error_message = "one missing trade must raise the alarm"
  }
  assert {
    condition = (aws_cloudwatch_metric_alarm.function["not-run"].treat_missing_data == "breaching" && aws_cloudwatch_metric_alarm.function["not-run"].evaluation_periods == 26
    && aws_cloudwatch_metric_alarm.function["not-run"].period == 3600)
    error_message = "an audit that does not run must raise an alarm"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.function["failed"].metric_name == "Errors" && aws_cloudwatch_metric_alarm.function["failed"].threshold == 0
    error_message = "an audit that fails must raise an alarm"
  }
  assert {
    condition     = alltrue([for alarm in concat(values(aws_cloudwatch_metric_alarm.symbol), values(aws_cloudwatch_metric_alarm.function)) : alarm.alarm_actions == toset([var.alarm_topic_arn]) && endswith(alarm.alarm_description, "docs/RUNBOOK.md#audit-of-a-day")])
    error_message = "every alarm must reach the topic and name its page"
  }
}

run "no_symbol_is_refused" {
  command = plan
  module {
    source = "./modules/audit"
  }
  variables {
    symbols = []
  }
  expect_failures = [var.symbols]
}
