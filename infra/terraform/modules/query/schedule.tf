# Every day: the views, the tables if they are new, then the trades and the bars of yesterday. A run that failed may be
# started again, and any day twice: a MERGE inserts only what is not there.
resource "aws_sfn_state_machine" "daily" {
  name     = "${var.name}-merge"
  role_arn = aws_iam_role.daily.arn

  definition = jsonencode({
    StartAt = "Statement01"
    States = merge({ Done = { Type = "Succeed" } }, { for i, statement in local.daily : format("Statement%02d", i + 1) => {
      Type     = "Task"
      Resource = "arn:${var.partition}:states:::athena:startQueryExecution.sync"
      Parameters = {
        QueryString           = statement
        WorkGroup             = aws_athena_workgroup.this.name
        QueryExecutionContext = { Database = aws_glue_catalog_database.this.name }
      }
      ResultPath = null
      Retry      = [{ ErrorEquals = ["States.ALL"], IntervalSeconds = 60, MaxAttempts = 3, BackoffRate = 4 }]
      Next       = i + 1 < length(local.daily) ? format("Statement%02d", i + 2) : "Done"
    } })
  })
}

resource "aws_iam_role" "daily" {
  name = "${var.name}-merge-${var.region}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "states.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "daily" {
  name = "merge"
  role = aws_iam_role.daily.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Queries"
        Effect   = "Allow"
        Action   = ["athena:StartQueryExecution", "athena:StopQueryExecution", "athena:GetQueryExecution", "athena:GetDataCatalog"]
        Resource = [aws_athena_workgroup.this.arn, "arn:${var.partition}:athena:${var.region}:${var.account_id}:datacatalog/AwsDataCatalog"]
      },
      {
        Sid    = "Catalog"
        Effect = "Allow"
        Action = ["glue:GetDatabase", "glue:GetTable", "glue:GetTables", "glue:CreateTable", "glue:UpdateTable", "glue:GetPartition", "glue:GetPartitions"]
        Resource = [
          "arn:${var.partition}:glue:${var.region}:${var.account_id}:catalog",
          "arn:${var.partition}:glue:${var.region}:${var.account_id}:database/${local.database}",
          "arn:${var.partition}:glue:${var.region}:${var.account_id}:table/${local.database}/*",
        ]
      },
      {
        Sid      = "ReadTrades"
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = "${local.raw}/raw/*"
      },
      {
        Sid       = "ListTrades"
        Effect    = "Allow"
        Action    = "s3:ListBucket"
        Resource  = local.raw
        Condition = { StringLike = { "s3:prefix" = "raw/*" } }
      },
      {
        Sid      = "Buckets"
        Effect   = "Allow"
        Action   = "s3:GetBucketLocation"
        Resource = [local.raw, aws_s3_bucket.tables.arn]
      },
      {
        Sid      = "Tables"
        Effect   = "Allow"
        Action   = ["s3:ListBucket", "s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
        Resource = [aws_s3_bucket.tables.arn, "${aws_s3_bucket.tables.arn}/*"]
      },
    ]
  })
}

resource "aws_scheduler_schedule" "daily" {
  name                         = "${var.name}-merge"
  description                  = "Merges yesterday into the tables, an hour after it ended."
  schedule_expression          = "cron(0 1 * * ? *)"
  schedule_expression_timezone = "UTC"

  flexible_time_window {
    mode                      = "FLEXIBLE"
    maximum_window_in_minutes = 15
  }

  target {
    arn      = aws_sfn_state_machine.daily.arn
    role_arn = aws_iam_role.schedule.arn
  }
}

resource "aws_iam_role" "schedule" {
  name = "${var.name}-merge-schedule-${var.region}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "scheduler.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "schedule" {
  name = "start"
  role = aws_iam_role.schedule.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "states:StartExecution", Resource = aws_sfn_state_machine.daily.arn }]
  })
}

resource "aws_cloudwatch_metric_alarm" "failed" {
  alarm_name          = "${var.name}-merge-failed"
  alarm_description   = "The daily merge of trades into Athena's tables failed. The raw data is not affected: look at the execution of the state machine ${var.name}-merge, and start it again."
  namespace           = "AWS/States"
  metric_name         = "ExecutionsFailed"
  dimensions          = { StateMachineArn = aws_sfn_state_machine.daily.arn }
  statistic           = "Sum"
  period              = 3600
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arn]
}
