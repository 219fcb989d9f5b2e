locals {
  database = replace(var.name, "-", "_")
  raw      = "arn:${var.partition}:s3:::${var.bucket_name}"

  # The statements of infra/sql, so that what is scheduled is what is documented.
  statements = { for file in ["athena-raw", "athena-iceberg"] : file => [
    for statement in split(";\n", join("\n", [
      for line in split("\n", file("${path.module}/../../../sql/${file}.sql")) : line if !startswith(line, "--")
    ])) :
    replace(replace(replace(replace(replace(replace(trimspace(statement),
      "market_data.", "${local.database}."),
      "YOUR-TABLES", var.tables_bucket_name),
      "TIMESTAMP '2025-01-15 00:00:00'", "(CAST(current_date AS timestamp) - INTERVAL '1' DAY)"),
      "TIMESTAMP '2025-01-16 00:00:00'", "CAST(current_date AS timestamp)"),
      "'2025-01-15'", "CAST(current_date - INTERVAL '1' DAY AS varchar)"),
    "YOUR-BUCKET", var.bucket_name)
    if trimspace(statement) != ""
  ] }
  views  = [for statement in local.statements["athena-raw"] : statement if startswith(statement, "CREATE OR REPLACE VIEW")]
  tables = [for statement in local.statements["athena-iceberg"] : statement if startswith(statement, "CREATE TABLE")]
  merges = [for statement in local.statements["athena-iceberg"] : statement if startswith(statement, "MERGE")]
  daily  = concat(local.views, local.tables, local.merges)
}

#checkov:skip=CKV_AWS_18:Query results need no access log.
#checkov:skip=CKV_AWS_21:Everything in it is derived.
#checkov:skip=CKV_AWS_144:Everything in it is derived.
#checkov:skip=CKV_AWS_145:Trades are public.
#checkov:skip=CKV2_AWS_62:No consumer needs a notification.
resource "aws_s3_bucket" "tables" {
  bucket        = var.tables_bucket_name
  force_destroy = true
}

resource "aws_s3_bucket_public_access_block" "tables" {
  bucket                  = aws_s3_bucket.tables.bucket
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "tables" {
  bucket = aws_s3_bucket.tables.bucket

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "tables" {
  bucket = aws_s3_bucket.tables.bucket

  rule {
    id     = "results"
    status = "Enabled"

    filter {
      prefix = "results/"
    }

    expiration {
      days = 7
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}

resource "aws_athena_workgroup" "this" {
  name          = var.name
  force_destroy = true

  configuration {
    enforce_workgroup_configuration    = true
    publish_cloudwatch_metrics_enabled = true
    bytes_scanned_cutoff_per_query     = var.scan_limit_gib * 1073741824

    engine_version {
      selected_engine_version = "Athena engine version 3"
    }

    result_configuration {
      output_location = "s3://${aws_s3_bucket.tables.bucket}/results/"

      encryption_configuration {
        encryption_option = "SSE_S3"
      }
    }
  }
}

resource "aws_athena_named_query" "daily" {
  count = length(local.daily)

  name      = format("%02d %s", count.index + 1, substr(join(" ", slice(split(" ", replace(local.daily[count.index], "\n", " ")), 0, 6)), 0, 100))
  workgroup = aws_athena_workgroup.this.id
  database  = aws_glue_catalog_database.this.name
  query     = local.daily[count.index]
}

resource "aws_glue_catalog_database" "this" {
  name = local.database
}

# The columns and the mapping of infra/sql/athena-raw.sql, which says why.
resource "aws_glue_catalog_table" "raw_trades" {
  database_name = aws_glue_catalog_database.this.name
  name          = "raw_trades"
  table_type    = "EXTERNAL_TABLE"

  parameters = {
    EXTERNAL                    = "TRUE"
    "projection.enabled"        = "true"
    "projection.symbol.type"    = "enum"
    "projection.symbol.values"  = join(",", sort(var.symbols))
    "projection.dt.type"        = "date"
    "projection.dt.format"      = "yyyy-MM-dd"
    "projection.dt.range"       = "${var.first_day},NOW+1DAYS"
    "projection.hh.type"        = "integer"
    "projection.hh.range"       = "0,23"
    "projection.hh.digits"      = "2"
    "storage.location.template" = "s3://${var.bucket_name}/raw/exchange=binance/stream=trade/symbol=$${symbol}/dt=$${dt}/$${hh}/"
  }

  storage_descriptor {
    location      = "s3://${var.bucket_name}/raw/exchange=binance/stream=trade/"
    input_format  = "org.apache.hadoop.mapred.TextInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"

    ser_de_info {
      serialization_library = "org.openx.data.jsonserde.JsonSerDe"
      parameters = {
        "case.insensitive"       = "FALSE"
        "ignore.malformed.json"  = "FALSE"
        "mapping.event_type"     = "e"
        "mapping.event_time_raw" = "E"
        "mapping.trade_symbol"   = "s"
        "mapping.trade_id"       = "t"
        "mapping.price"          = "p"
        "mapping.quantity"       = "q"
        "mapping.trade_time_raw" = "T"
        "mapping.buyer_is_maker" = "m"
        "mapping.received_us"    = "recv_us"
        "mapping.origin"         = "src"
      }
    }

    dynamic "columns" {
      for_each = [
        ["event_type", "string"], ["event_time_raw", "bigint"], ["trade_symbol", "string"], ["trade_id", "bigint"],
        ["price", "string"], ["quantity", "string"], ["trade_time_raw", "bigint"], ["buyer_is_maker", "boolean"],
        ["received_us", "bigint"], ["origin", "string"],
      ]

      content {
        name = columns.value[0]
        type = columns.value[1]
      }
    }
  }

  dynamic "partition_keys" {
    for_each = [["symbol", "string"], ["dt", "string"], ["hh", "int"]]

    content {
      name = partition_keys.value[0]
      type = partition_keys.value[1]
    }
  }
}
