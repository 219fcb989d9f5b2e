provider "aws" {
  region = var.region

  default_tags {
    tags = merge(local.tags, var.tags)
  }
}

locals {
  tags = {
    Project   = var.name
    ManagedBy = "terraform"
  }
}
