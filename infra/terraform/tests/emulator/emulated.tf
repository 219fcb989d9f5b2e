# run.sh copies this over a copy of the configuration: AWS is moto_server on the loopback address.
provider "aws" {
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_requesting_account_id  = false
  s3_use_path_style           = true

  endpoints {
    autoscaling = "http://127.0.0.1:4599"
    cloudwatch  = "http://127.0.0.1:4599"
    ec2         = "http://127.0.0.1:4599"
    iam         = "http://127.0.0.1:4599"
    lambda      = "http://127.0.0.1:4599"
    logs        = "http://127.0.0.1:4599"
    s3          = "http://127.0.0.1:4599"
    scheduler   = "http://127.0.0.1:4599"
    sns         = "http://127.0.0.1:4599"
    ssm         = "http://127.0.0.1:4599"
    sts         = "http://127.0.0.1:4599"
  }
}

# moto applies a Deny without evaluating its condition, so this policy would refuse every put. root.tftest.hcl checks
# its text.
resource "aws_s3_bucket_policy" "raw" {
  count = 0
}

# The provider waits for AWS to propagate these changes: a minute for this one and ten seconds for the next. moto has
# nothing to propagate.
resource "aws_s3_bucket_lifecycle_configuration" "raw" {
  count = 0
}

resource "aws_vpc" "this" {
  enable_dns_hostnames = false
}
