data "aws_availability_zones" "available" {
  state = "available"

  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

locals {
  all_zones = sort(data.aws_availability_zones.available.names)
  zones     = slice(local.all_zones, 0, min(var.zones, length(local.all_zones)))
}

#checkov:skip=CKV2_AWS_11:Flow logs cost more than the instances; no service listens in this network.
resource "aws_vpc" "this" {
  cidr_block           = var.vpc_cidr
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = { Name = var.name }

  lifecycle {
    precondition {
      condition     = length(local.all_zones) >= var.zones
      error_message = "${var.region} has ${length(local.all_zones)} zones for this account (${join(", ", local.all_zones)}); set zones = ${length(local.all_zones)}, or another region."
    }
  }
}

# Nothing uses this group. A resource that gets it by mistake has no traffic in either direction.
resource "aws_default_security_group" "closed" {
  vpc_id  = aws_vpc.this.id
  ingress = []
  egress  = []
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id

  tags = { Name = var.name }
}

# Public subnets and no NAT gateway: it would cost more than the instances, and the security group allows no ingress.
resource "aws_subnet" "public" {
  for_each = { for index, zone in local.zones : zone => index }

  vpc_id                  = aws_vpc.this.id
  availability_zone       = each.key
  cidr_block              = cidrsubnet(var.vpc_cidr, 4, each.value)
  map_public_ip_on_launch = false

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.this.id

  tags = { Name = var.name }
}

resource "aws_route" "outward" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this.id
}

resource "aws_route_table_association" "public" {
  for_each = aws_subnet.public

  subnet_id      = each.value.id
  route_table_id = aws_route_table.public.id

  depends_on = [aws_route.outward]
}

# Free, and uploads do not leave the AWS network. No policy: the system's own packages also come from S3.
resource "aws_vpc_endpoint" "s3" {
  vpc_id            = aws_vpc.this.id
  service_name      = "com.amazonaws.${var.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [aws_route_table.public.id]

  tags = { Name = "${var.name}-s3" }
}

resource "aws_security_group" "collector" {
  name        = "${var.name}-collector"
  description = "Collectors: no ingress, TLS egress"
  vpc_id      = aws_vpc.this.id

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
