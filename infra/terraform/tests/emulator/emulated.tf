# Laid over a copy of the configuration by run.sh: AWS is moto_server at this machine's own address.
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
    s3          = "http://127.0.0.1:4599"
    sns         = "http://127.0.0.1:4599"
    ssm         = "http://127.0.0.1:4599"
    sts         = "http://127.0.0.1:4599"
  }
}

# moto applies a Deny whatever its condition says, so this one would refuse everything. root.tftest.hcl looks at its text.
resource "aws_s3_bucket_policy" "raw" {
  count = 0
}

# Where the provider waits for AWS to spread a change, a minute for the one and ten seconds for the other. moto has nothing to
# spread.
resource "aws_s3_bucket_lifecycle_configuration" "raw" {
  count = 0
}

resource "aws_vpc" "this" {
  enable_dns_hostnames = false
}
