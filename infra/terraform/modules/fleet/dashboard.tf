locals {
  widgets = [
    { title = "Trades uploaded per minute, all instances", metric = "RecordsUploaded", stat = "Sum" },
    { title = "Instances that are up", metric = "Up", stat = "Sum" },
    { title = "Seconds since the last trade, worst instance", metric = "LastTradeAgeSeconds", stat = "Maximum" },
    { title = "Unrecoverable trades", metric = "UnrecoverableTrades", stat = "Sum" },
    { title = "Trades missing when a part was packed", metric = "GapTrades", stat = "Sum" },
    { title = "Health, worst instance (2 is failing)", metric = "Health", stat = "Maximum" },
    { title = "Age of the oldest part in the backlog, seconds, worst instance", metric = "SpoolOldestAgeSeconds", stat = "Maximum" },
    { title = "Spool, fullest instance", metric = "SpoolBytes", stat = "Maximum" },
    { title = "Failed puts", metric = "UploadFailures", stat = "Sum" },
    { title = "Connections that ended", metric = "Reconnects", stat = "Sum" },
    { title = "Heap in use, %, worst instance", metric = "HeapUsedPercent", stat = "Maximum" },
    { title = "Clock offset, ms, worst instance", metric = "ClockSkewMs", stat = "Maximum" },
  ]
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = local.global_id
  dashboard_body = jsonencode({
    widgets = [for index, widget in local.widgets : {
      type   = "metric"
      x      = 8 * (index % 3)
      y      = 6 * floor(index / 3)
      width  = 8
      height = 6
      properties = {
        title   = widget.title
        region  = var.region
        view    = "timeSeries"
        period  = 60
        stat    = widget.stat
        metrics = [for symbol in var.symbols : [local.namespace, widget.metric, "Symbol", symbol]]
      }
    }]
  })
}
