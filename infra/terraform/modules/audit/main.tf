locals {
  id     = "${var.name}-audit"
  bucket = "arn:${var.partition}:s3:::${var.bucket_name}"
  # That of the collectors: two installations in an account must not hide each other's gaps.
  namespace = "MarketData/${var.name}"
}

# The bucket holds the packages of the fleets as well; those have capital letters in their folder.
resource "aws_s3_object" "jar" {
  bucket                 = var.bucket_name
  key                    = "artifacts/audit/collector.jar"
  source                 = var.jar_path
  source_hash            = filesha256(var.jar_path)
  checksum_algorithm     = "SHA256"
  server_side_encryption = "AES256"
}

resource "aws_iam_role" "function" {
  name        = "${local.id}-${var.region}"
  description = "Permissions of the daily audit"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

# It reads what was recorded and writes what it found: no write below raw/, no delete. Its numbers go through its log.
resource "aws_iam_role_policy" "function" {
  name = "audit"
  role = aws_iam_role.function.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "List"
        Effect   = "Allow"
        Action   = "s3:ListBucket"
        Resource = local.bucket
      },
      {
        Sid      = "ReadWhatWasRecorded"
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = ["${local.bucket}/raw/*", "${local.bucket}/index/*"]
      },
      {
        Sid      = "WriteWhatItFound"
        Effect   = "Allow"
        Action   = "s3:PutObject"
        Resource = "${local.bucket}/quality/*"
      },
      {
        Sid      = "Log"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.this.arn}:*"
      },
    ]
  })
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/lambda/${local.id}"
  retention_in_days = var.log_days
}

#checkov:skip=CKV_AWS_117:It reaches S3 over TLS and no network of ours; in the VPC it would need an endpoint for its log.
#checkov:skip=CKV_AWS_116:A failed audit raises an alarm, and the audit of a day can be repeated at any time.
#checkov:skip=CKV_AWS_50:One invocation a day; its log says how long each symbol took.
resource "aws_lambda_function" "this" {
  function_name     = local.id
  description       = "Verifies yesterday's trades of ${length(var.symbols)} symbols in ${var.bucket_name}"
  role              = aws_iam_role.function.arn
  runtime           = "java21"
  architectures     = ["arm64"]
  handler           = "io.marketdata.collector.daily.AuditHandler::handleRequest"
  s3_bucket         = var.bucket_name
  s3_key            = aws_s3_object.jar.key
  s3_object_version = aws_s3_object.jar.version_id
  memory_size       = 1024
  timeout           = 900
  # Two audits of one day would write the same objects.
  reserved_concurrent_executions = 1

  ephemeral_storage {
    size = 512
  }

  environment {
    variables = {
      RAW_BUCKET = var.bucket_name
      SYMBOL     = join(",", var.symbols)
      # For work; the function needs no disk.
      LOCAL_DIR            = "/tmp/market-data"
      CLOUDWATCH_NAMESPACE = local.namespace
    }
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.this.name
  }

  depends_on = [aws_iam_role_policy.function]
}

resource "aws_iam_role" "schedule" {
  name        = "${local.id}-schedule-${var.region}"
  description = "Lets the scheduler invoke the daily audit"
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
  name = "invoke"
  role = aws_iam_role.schedule.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Invoke"
      Effect   = "Allow"
      Action   = "lambda:InvokeFunction"
      Resource = aws_lambda_function.this.arn
    }]
  })
}

# Two hours after the end of the UTC day, when late parts and the indexes of its last hour are in the bucket.
resource "aws_scheduler_schedule" "daily" {
  name                         = local.id
  description                  = "Daily audit of ${var.bucket_name}"
  schedule_expression          = "cron(0 2 * * ? *)"
  schedule_expression_timezone = "UTC"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_lambda_function.this.arn
    role_arn = aws_iam_role.schedule.arn
    # Without an input the scheduler sends an event of its own, which the function refuses.
    input = "{}"

    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 10
    }
  }
}
