data "aws_availability_zones" "available" {
  state = "available"

  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

locals {
  own_network = var.vpc_id == null
  all_zones   = sort(data.aws_availability_zones.available.names)
  zones       = local.own_network ? coalesce(var.zone_names, slice(local.all_zones, 0, min(var.zones, length(local.all_zones)))) : []
  vpc_id      = local.own_network ? aws_vpc.this[0].id : var.vpc_id
  subnet_ids  = local.own_network ? [for subnet in aws_subnet.public : subnet.id] : var.subnet_ids
}

#checkov:skip=CKV2_AWS_11:Flow logs cost more than the instances; no service listens in this network.
resource "aws_vpc" "this" {
  count = local.own_network ? 1 : 0

  cidr_block           = var.vpc_cidr
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = { Name = var.name }

  lifecycle {
    precondition {
      condition     = var.zone_names != null || length(local.all_zones) >= var.zones
      error_message = "${var.region} has ${length(local.all_zones)} zones for this account (${join(", ", local.all_zones)}); set zones = ${length(local.all_zones)}, or another region."
    }
    precondition {
      condition     = length(setsubtract(local.zones, local.all_zones)) == 0
      error_message = "${var.region} has these zones for this account: ${join(", ", local.all_zones)}. zone_names has others."
    }
  }
}

# Nothing uses this group. A resource that gets it by mistake has no traffic in either direction.
resource "aws_default_security_group" "closed" {
  count = local.own_network ? 1 : 0

  vpc_id  = aws_vpc.this[0].id
  ingress = []
  egress  = []
}

resource "aws_internet_gateway" "this" {
  count = local.own_network ? 1 : 0

  vpc_id = aws_vpc.this[0].id

  tags = { Name = var.name }
}

# Public subnets and no NAT gateway: it would cost more than the instances, and the security group allows no ingress.
resource "aws_subnet" "public" {
  for_each = { for index, zone in local.zones : zone => index }

  vpc_id                  = aws_vpc.this[0].id
  availability_zone       = each.key
  cidr_block              = cidrsubnet(var.vpc_cidr, 4, each.value)
  map_public_ip_on_launch = false

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_route_table" "public" {
  count = local.own_network ? 1 : 0

  vpc_id = aws_vpc.this[0].id

  tags = { Name = var.name }
}

resource "aws_route" "outward" {
  count = local.own_network ? 1 : 0

  route_table_id         = aws_route_table.public[0].id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this[0].id
}

resource "aws_route_table_association" "public" {
  for_each = aws_subnet.public

  subnet_id      = each.value.id
  route_table_id = aws_route_table.public[0].id

  depends_on = [aws_route.outward]
}

# Free, and uploads do not leave the AWS network. No policy: the system's own packages also come from S3.
resource "aws_vpc_endpoint" "s3" {
  count = local.own_network ? 1 : 0

  vpc_id            = aws_vpc.this[0].id
  service_name      = "com.amazonaws.${var.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [aws_route_table.public[0].id]

  tags = { Name = "${var.name}-s3" }
}

resource "aws_security_group" "collector" {
  name        = "${var.name}-collector"
  description = "Collectors: no ingress, TLS egress"
  vpc_id      = local.vpc_id

  tags = { Name = "${var.name}-collector" }
}

# The name servers and the time server of AWS are reachable regardless of these rules.
resource "aws_vpc_security_group_egress_rule" "outward" {
  for_each = { "443" = "S3, CloudWatch, Session Manager, REST of the exchange, packages", "9443" = "WebSocket of the exchange" }

  security_group_id = aws_security_group.collector.id
  description       = each.value
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = tonumber(each.key)
  to_port           = tonumber(each.key)
}

# Off by default: metrics for a Prometheus in the network. The pages show no trade and no secret, and change nothing.
resource "aws_vpc_security_group_ingress_rule" "metrics" {
  for_each = toset(var.scrape_cidrs)

  security_group_id = aws_security_group.collector.id
  description       = "Prometheus"
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = 8080
  to_port           = 8080
}
