variable "bucket_name" {
  description = "Bucket for the trades and the packages. Bucket names are globally unique. Terraform never destroys it."
  type        = string

  validation {
    # A dot would break the certificate of the bucket's own host name.
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bucket_name))
    error_message = "bucket_name must be 3 to 63 lower-case letters, digits and hyphens, without dots, for example my-market-data-4711."
  }
}

variable "create_bucket" {
  description = "Whether Terraform creates the bucket. false: it exists already, has versioning, and everything else about it is yours; see docs/TERRAFORM_DEPLOYMENT.md."
  type        = bool
  default     = true
}

variable "region" {
  description = "Region of all resources. Choose one near the exchange: Binance runs in Tokyo, and refuses addresses in the US (HTTP 451)."
  type        = string
  default     = "ap-northeast-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must be an AWS region, for example ap-northeast-1."
  }

  validation {
    condition     = !startswith(var.region, "us-") || can(regex("^wss://data-stream\\.binance\\.vision(:|/|$)", var.websocket_url))
    error_message = "Binance answers addresses in the US with HTTP 451. Use another region (ap-northeast-1 is nearest), or set websocket_url to wss://data-stream.binance.vision and rest_url to https://data-api.binance.vision."
  }
}

variable "name" {
  description = "Prefix of the names of all resources, so that several installations fit into one account."
  type        = string
  default     = "market-data"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,20}$", var.name))
    error_message = "name must be 2 to 21 lower-case letters, digits and hyphens, beginning with a letter."
  }
}

variable "fleets" {
  description = <<-EOT
    Fleets of collectors, by name; each instance of a fleet records every symbol of the fleet. Options of a fleet:
      symbols        list of symbols; without it the symbol that the fleet is named after
      instances      number of instances that record the same symbols, in different zones; without it var.instance_count
      instance_type  of any family, without it t3.micro; an Arm family (t4g) gets the Arm image
      disk_gib       disk of each instance, without it 8, for the system and the spool; the spool takes at most 2 GiB of it
      package_path   another package than var.package_path, to try a new version on one fleet first
      environment    more settings of the collector, as README.md lists them, for example { ROT_SECS = "60" }
      config_path    a YAML file with the settings that are no variables, as configs/collector.yaml shows them
  EOT
  type = map(object({
    symbols       = optional(list(string))
    instances     = optional(number)
    instance_type = optional(string)
    disk_gib      = optional(number)
    package_path  = optional(string)
    environment   = optional(map(string))
    config_path   = optional(string)
  }))
  default = { BTCUSDT = {} }

  validation {
    condition     = alltrue([for fleet in keys(var.fleets) : can(regex("^[A-Z0-9]{2,20}$", fleet))])
    error_message = "A fleet name must be 2 to 20 capital letters and digits, usually its symbol: BTCUSDT."
  }

  validation {
    condition     = alltrue(flatten([for fleet in values(var.fleets) : [for symbol in coalesce(fleet.symbols, []) : can(regex("^[A-Z0-9]{2,32}$", symbol))]]))
    error_message = "symbols must be in capitals, as the exchange writes them: [\"BTCUSDT\", \"ETHUSDT\"]."
  }

  validation {
    condition     = alltrue([for fleet in values(var.fleets) : fleet.symbols == null || length(coalesce(fleet.symbols, ["-"])) > 0])
    error_message = "symbols is empty; leave it out to record the symbol that the fleet is named after."
  }

  validation {
    condition     = length(flatten([for name, fleet in var.fleets : coalesce(fleet.symbols, [name])])) == length(distinct(flatten([for name, fleet in var.fleets : coalesce(fleet.symbols, [name])])))
    error_message = "A symbol is in two fleets. It would be recorded and paid for twice, and its alarms would mix both fleets. Remove it from one of them."
  }

  validation {
    condition     = alltrue([for fleet in values(var.fleets) : contains(range(1, 10), coalesce(fleet.instances, 3))])
    error_message = "instances must be a whole number from 1 to 9."
  }

  validation {
    condition     = alltrue([for fleet in values(var.fleets) : coalesce(fleet.disk_gib, 8) >= 8 && coalesce(fleet.disk_gib, 8) <= 1000])
    error_message = "disk_gib must be 8 to 1000; the system takes about 3 GiB."
  }

  validation {
    condition     = alltrue([for fleet in values(var.fleets) : fleet.package_path == null || fileexists(coalesce(fleet.package_path, "-"))])
    error_message = "There is no file at the package_path of a fleet."
  }

  validation {
    condition     = alltrue([for fleet in values(var.fleets) : fleet.config_path == null || can(yamldecode(file(coalesce(fleet.config_path, "/"))))])
    error_message = "There is no YAML file at the config_path of a fleet."
  }

  validation {
    condition = alltrue(flatten([for fleet in values(var.fleets) : [for name, value in coalesce(fleet.environment, {}) :
      can(regex("^[A-Z][A-Z0-9_]*$", name)) && !can(regex("[\n\r\"'\\\\]", value))
    ]]))
    error_message = "environment must hold NAME = \"value\", without quotes, backslashes or line breaks in a value."
  }

  validation {
    condition = alltrue(flatten([for fleet in values(var.fleets) : [for name in keys(coalesce(fleet.environment, {})) :
      !contains(["RAW_BUCKET", "SYMBOL", "INSTANCE_ID", "AWS_REGION", "LOCAL_DIR", "WS_URL", "REST_URL", "HTTP_PORT", "HTTP_HOST", "CLOUDWATCH_METRICS", "CLOUDWATCH_NAMESPACE", "COLLECTOR_CONFIG"], name)
    ]]))
    error_message = "environment must not hold the settings that this module sets itself: RAW_BUCKET, SYMBOL, INSTANCE_ID, AWS_REGION, LOCAL_DIR, WS_URL, REST_URL, HTTP_PORT, HTTP_HOST, CLOUDWATCH_METRICS, CLOUDWATCH_NAMESPACE, COLLECTOR_CONFIG."
  }

  validation {
    condition = alltrue(flatten([for fleet in values(var.fleets) : [for name in keys(coalesce(fleet.environment, {})) :
      !startswith(name, "AWS_") && !endswith(name, "_KEY")
    ]]))
    error_message = "environment must not hold keys: the role of the instances gives the permissions, and every account that may describe instances can read user data."
  }
}

variable "instance_count" {
  description = "Number of instances of a fleet that names none; 3 survive the loss of two."
  type        = number
  default     = 3

  validation {
    condition     = contains(range(1, 10), var.instance_count)
    error_message = "instance_count must be a whole number from 1 to 9."
  }
}

variable "tags" {
  description = "More tags of every resource, the instances, their volumes and interfaces."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.tags) : !contains(["Project", "ManagedBy", "Name", "Fleet"], name) && !startswith(name, "aws:")])
    error_message = "tags must not hold Project, ManagedBy, Name or Fleet, which are set here, or names that begin with aws:."
  }
}

variable "permissions_boundary" {
  description = "ARN of the policy that bounds every role of collectors, where the account requires one; null: none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary == null || can(regex("^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/", var.permissions_boundary))
    error_message = "permissions_boundary must be the ARN of a policy."
  }
}

variable "package_path" {
  description = "The .rpm that the instances install; null: the one in ../../target."
  type        = string
  default     = null

  validation {
    condition     = var.package_path == null ? length(local.packages) == 1 : fileexists(var.package_path)
    error_message = "There is no file at package_path, or without it not one package in ../../target. Build it first, in the root of the repository: mvn -q -DskipTests -Ppackages package"
  }
}

variable "jar_path" {
  description = "The jar that the daily audit runs."
  type        = string
  default     = "../../target/collector.jar"

  validation {
    condition     = !var.daily_audit || fileexists(var.jar_path)
    error_message = "There is no file at jar_path. Build it first, in the root of the repository: mvn -q -DskipTests package"
  }
}

variable "websocket_url" {
  description = "WebSocket address of the exchange, or several separated by commas."
  type        = string
  default     = "wss://stream.binance.com:9443"

  validation {
    condition     = alltrue([for url in split(",", var.websocket_url) : can(regex("^wss://[a-z0-9.-]+(:(443|9443))?/?$", trimspace(url)))])
    error_message = "websocket_url must begin with wss:// and use port 443 or 9443: the security group allows no other port."
  }
}

variable "rest_url" {
  description = "REST address of the exchange, for backfill."
  type        = string
  default     = "https://api.binance.com"

  validation {
    condition     = can(regex("^https://[a-z0-9.-]+(:443)?/?$", var.rest_url))
    error_message = "rest_url must begin with https:// and use port 443."
  }
}

variable "vpc_cidr" {
  description = "Address range of the network, a /16 to /22. Changing it replaces the network and everything in it."
  type        = string
  default     = "10.20.0.0/16"

  validation {
    condition     = can(cidrsubnet(var.vpc_cidr, 4, 0)) && can(regex("/(1[6-9]|2[0-2])$", var.vpc_cidr))
    error_message = "vpc_cidr must be like 10.20.0.0/16, from /16 to /22."
  }
}

variable "zones" {
  description = "Number of availability zones over which the instances are spread."
  type        = number
  default     = 3

  validation {
    condition     = contains([1, 2, 3], var.zones)
    error_message = "zones must be 1, 2 or 3."
  }
}

variable "zone_names" {
  description = "Names of the availability zones, in place of their number."
  type        = list(string)
  default     = null

  validation {
    condition     = var.zone_names == null || contains(range(1, 17), length(distinct(coalesce(var.zone_names, []))))
    error_message = "zone_names must have 1 to 16 names, for example [\"ap-northeast-1a\", \"ap-northeast-1c\"]."
  }
}

variable "vpc_id" {
  description = "An existing network to use, with subnet_ids. null: Terraform creates one."
  type        = string
  default     = null

  validation {
    condition     = var.vpc_id == null || can(regex("^vpc-[0-9a-f]+$", var.vpc_id))
    error_message = "vpc_id must be like vpc-0123456789abcdef0."
  }
}

variable "subnet_ids" {
  description = "Subnets of the existing network, in different zones, with a route to the internet."
  type        = list(string)
  default     = null

  validation {
    condition     = (var.subnet_ids == null) == (var.vpc_id == null)
    error_message = "Set both vpc_id and subnet_ids, or neither of them."
  }

  validation {
    condition     = var.subnet_ids == null || alltrue([for id in coalesce(var.subnet_ids, []) : can(regex("^subnet-[0-9a-f]+$", id))]) && length(coalesce(var.subnet_ids, [""])) > 0
    error_message = "subnet_ids must be like [\"subnet-0123456789abcdef0\"]."
  }
}

variable "public_addresses" {
  description = "Whether instances get public addresses. false only where subnet_ids have a NAT gateway."
  type        = bool
  default     = true

  validation {
    condition     = var.public_addresses || var.vpc_id != null
    error_message = "The network of Terraform has no NAT gateway, so its instances need public addresses. Use vpc_id and subnet_ids for instances without."
  }
}

variable "scrape_cidrs" {
  description = "Address ranges from which a Prometheus may read the metrics of the instances (port 8080); none by default. The pages of the collector then listen on all addresses of the instance."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for range in var.scrape_cidrs : can(cidrhost(range, 0)) && !endswith(range, "/0")])
    error_message = "scrape_cidrs must hold ranges like 10.20.0.0/16, and not the whole internet."
  }
}

variable "log_days" {
  description = "Number of days for which CloudWatch Logs keeps the logs of the instances; null: they are not sent there. 1, 3, 5, 7, 14, 30, 60, 90, 180 or 365."
  type        = number
  default     = null

  validation {
    condition     = var.log_days == null || contains([1, 3, 5, 7, 14, 30, 60, 90, 180, 365], coalesce(var.log_days, 1))
    error_message = "log_days must be 1, 3, 5, 7, 14, 30, 60, 90, 180 or 365, or null."
  }
}

variable "alarm_email" {
  description = "Mail address that receives the alarms; AWS sends a request for confirmation there. null: the topics are created without a subscription."
  type        = string
  default     = null

  validation {
    condition     = var.alarm_email == null || can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", var.alarm_email))
    error_message = "alarm_email must be an address like you@example.com."
  }
}

variable "look_email" {
  description = "Mail address that receives the alarms that can wait until the morning; null: alarm_email receives them as well."
  type        = string
  default     = null

  validation {
    condition     = var.look_email == null || can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", var.look_email))
    error_message = "look_email must be an address like you@example.com."
  }
}

variable "noncurrent_days" {
  description = "Number of days for which a deleted or overwritten object can be restored."
  type        = number
  default     = 30

  validation {
    condition     = var.noncurrent_days >= 1 && floor(var.noncurrent_days) == var.noncurrent_days
    error_message = "noncurrent_days must be a whole number of at least 1."
  }
}

variable "archive_after_days" {
  description = "Number of days after which raw objects above 128 KiB move to Glacier Instant Retrieval. null: never. Parts of 5 seconds are smaller and stay; see docs/COST.md."
  type        = number
  default     = null

  validation {
    condition     = var.archive_after_days == null || coalesce(var.archive_after_days, 1) >= 1
    error_message = "archive_after_days must be at least 1, or null."
  }
}

variable "query" {
  description = "Whether to create tables for Athena, and to merge every day into them; a second bucket, BUCKET_NAME-tables, holds them."
  type        = bool
  default     = false

  validation {
    condition     = !var.query || length(var.bucket_name) <= 56
    error_message = "bucket_name must have at most 56 characters with query = true, because the bucket of the tables is called BUCKET_NAME-tables."
  }
}

variable "query_first_day" {
  description = "First day that can be queried, as YYYY-MM-DD."
  type        = string
  default     = "2025-01-01"

  validation {
    condition     = can(regex("^20[0-9]{2}-[01][0-9]-[0-3][0-9]$", var.query_first_day)) && can(formatdate("YYYY", "${var.query_first_day}T00:00:00Z"))
    error_message = "query_first_day must be a day like 2025-01-31."
  }
}

variable "query_scan_limit_gib" {
  description = "A query of Athena that reads more than this is cancelled, GiB."
  type        = number
  default     = 100

  validation {
    condition     = var.query_scan_limit_gib >= 1 && floor(var.query_scan_limit_gib) == var.query_scan_limit_gib
    error_message = "query_scan_limit_gib must be a whole number of at least 1."
  }
}

variable "daily_audit" {
  description = "Whether a Lambda function verifies yesterday's trades of all symbols every day at 02:00 UTC, puts reports below quality/ in the bucket and raises alarms."
  type        = bool
  default     = false
}
