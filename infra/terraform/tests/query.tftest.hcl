# The tables of Athena and their daily merge. No account and no network: what Athena makes of the statements is not shown.
mock_provider "aws" {
  override_during = plan
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::unit-tables" }
  }
  mock_resource "aws_athena_workgroup" {
    defaults = { arn = "arn:aws:athena:ap-northeast-1:123456789012:workgroup/unit" }
  }
  mock_resource "aws_sfn_state_machine" {
    defaults = { arn = "arn:aws:states:ap-northeast-1:123456789012:stateMachine:unit-merge" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/unit-merge" }
  }
}

variables {
  name               = "unit-data"
  bucket_name        = "unit-raw"
  tables_bucket_name = "unit-tables"
  partition          = "aws"
  region             = "ap-northeast-1"
  account_id         = "123456789012"
  symbols            = ["ETHUSDT", "BTCUSDT"]
  alarm_topic_arn    = "arn:aws:sns:ap-northeast-1:123456789012:alarms"
}

run "tables_and_merge" {
  command = plan
  module {
    source = "./modules/query"
  }

  assert {
    condition = alltrue([for key, value in one(one(aws_glue_catalog_table.raw_trades.storage_descriptor).ser_de_info).parameters :
    strcontains(file("../sql/athena-raw.sql"), "'${key}' = '${value}'")])
    error_message = "the mapping of the keys must be the one of infra/sql/athena-raw.sql"
  }
  assert {
    condition = alltrue([for column in one(aws_glue_catalog_table.raw_trades.storage_descriptor).columns :
    can(regex("\n    ${column.name} ${column.type}[,\n]", file("../sql/athena-raw.sql")))])
    error_message = "the columns must be those of infra/sql/athena-raw.sql"
  }
  assert {
    condition     = length(one(one(aws_glue_catalog_table.raw_trades.storage_descriptor).ser_de_info).parameters) == 2 + length(one(aws_glue_catalog_table.raw_trades.storage_descriptor).columns)
    error_message = "every column needs a mapping: the keys of the exchange differ only in case"
  }
  assert {
    condition     = aws_glue_catalog_table.raw_trades.parameters["projection.symbol.values"] == "BTCUSDT,ETHUSDT"
    error_message = "the symbols of the fleets must be queryable"
  }
  assert {
    condition     = aws_glue_catalog_table.raw_trades.parameters["storage.location.template"] == "s3://unit-raw/raw/exchange=binance/stream=trade/symbol=$${symbol}/dt=$${dt}/$${hh}/"
    error_message = "a partition must be the folder of an hour"
  }
  assert {
    condition     = one(aws_athena_workgroup.this.configuration).bytes_scanned_cutoff_per_query == 107374182400 && one(aws_athena_workgroup.this.configuration).enforce_workgroup_configuration
    error_message = "a query must not scan without a limit"
  }
  assert {
    condition     = [for s in aws_athena_named_query.daily : regex("^[A-Z]+", s.query)] == ["CREATE", "CREATE", "CREATE", "CREATE", "MERGE", "MERGE"]
    error_message = "two views, two tables, then trades and bars"
  }
  assert {
    condition     = alltrue([for s in aws_athena_named_query.daily : length(regexall("YOUR-|2025-01-1|market_data\\.", s.query)) == 0])
    error_message = "no placeholder may be left"
  }
  assert {
    condition     = strcontains(aws_athena_named_query.daily[4].query, "WHERE dt = CAST(current_date - INTERVAL '1' DAY AS varchar)") && strcontains(aws_athena_named_query.daily[2].query, "LOCATION 's3://unit-tables/trades/'")
    error_message = "yesterday is merged, into the bucket of the tables"
  }
  assert {
    condition     = jsondecode(aws_sfn_state_machine.daily.definition).States["Statement06"].Next == "Done" && length(jsondecode(aws_sfn_state_machine.daily.definition).States) == 7
    error_message = "the statements must run one after the other, each once"
  }
}

run "rights" {
  command = plan
  module {
    source = "./modules/query"
  }

  assert {
    condition = [for s in jsondecode(aws_iam_role_policy.daily.policy).Statement : s.Resource
    if length(setintersection(toset(flatten([s.Action])), toset(["s3:PutObject", "s3:DeleteObject"]))) > 0] == [["arn:aws:s3:::unit-tables", "arn:aws:s3:::unit-tables/*"]]
    error_message = "nothing may be written or deleted beside the trades"
  }
  assert {
    condition     = alltrue([for s in jsondecode(aws_iam_role_policy.daily.policy).Statement : s.Resource != "*" && !strcontains(jsonencode(s.Action), "*")])
    error_message = "no right may be for everything"
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.schedule.policy).Statement == [{ Effect = "Allow", Action = "states:StartExecution", Resource = "arn:aws:states:ap-northeast-1:123456789012:stateMachine:unit-merge" }]
    error_message = "the schedule may start the merge, and nothing else"
  }
}
