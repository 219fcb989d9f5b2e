# With create_bucket = false the bucket and everything about it is the owner's: versioned, private, encrypted with AES256,
# and with a policy like the one below. Terraform then only puts packages into it.
locals {
  bucket_arn = "arn:${data.aws_partition.current.partition}:s3:::${var.bucket_name}"
  # From the resource, so that everything that uses the name waits for the bucket.
  bucket_name = one(concat(aws_s3_bucket.raw[*].bucket, data.aws_s3_bucket.existing[*].bucket))
}

data "aws_s3_bucket" "existing" {
  count = var.create_bucket ? 0 : 1

  bucket = var.bucket_name
}

#checkov:skip=CKV_AWS_18:Access logs would be more objects than the trades themselves. Use CloudTrail data events where they are needed.
#checkov:skip=CKV_AWS_144:Every trade is stored by several instances; a second region is the owner's choice and bill.
#checkov:skip=CKV_AWS_145:The collector requests AES256 with each put. Trades are public.
#checkov:skip=CKV2_AWS_62:No consumer needs a notification for each object.
resource "aws_s3_bucket" "raw" {
  count = var.create_bucket ? 1 : 0

  bucket        = var.bucket_name
  force_destroy = false

  # The only copy of the trades. To destroy it on purpose, empty the bucket and remove this line.
  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_ownership_controls" "raw" {
  count = var.create_bucket ? 1 : 0

  bucket = aws_s3_bucket.raw[0].bucket

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "raw" {
  count = var.create_bucket ? 1 : 0

  bucket                  = aws_s3_bucket.raw[0].bucket
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "raw" {
  count = var.create_bucket ? 1 : 0

  bucket = aws_s3_bucket.raw[0].bucket

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "raw" {
  count = var.create_bucket ? 1 : 0

  bucket = aws_s3_bucket.raw[0].bucket

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "raw" {
  count = var.create_bucket ? 1 : 0

  bucket = aws_s3_bucket.raw[0].bucket

  rule {
    id     = "leftovers"
    status = "Enabled"
    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }

    noncurrent_version_expiration {
      noncurrent_days = var.noncurrent_days
    }

    expiration {
      expired_object_delete_marker = true
    }
  }

  dynamic "rule" {
    for_each = var.archive_after_days == null ? [] : [var.archive_after_days]

    content {
      id     = "archive"
      status = "Enabled"

      filter {
        and {
          prefix = "raw/"
          # Glacier bills a smaller object as 128 KiB, and each move costs as much as 20 puts.
          object_size_greater_than = 131072
        }
      }

      transition {
        days          = rule.value
        storage_class = "GLACIER_IR"
      }
    }
  }

  depends_on = [aws_s3_bucket_versioning.raw]
}

resource "aws_s3_bucket_policy" "raw" {
  count = var.create_bucket ? 1 : 0

  bucket = aws_s3_bucket.raw[0].bucket
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [local.bucket_arn, "${local.bucket_arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "ModernTlsOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [local.bucket_arn, "${local.bucket_arn}/*"]
        Condition = { NumericLessThan = { "s3:TlsVersion" = "1.2" } }
      },
      {
        # IfExists also matches a put without the header, so that is denied as well. The collector always sends it.
        Sid       = "NoOtherEncryption"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:PutObject"
        Resource  = "${local.bucket_arn}/*"
        Condition = { StringNotEqualsIfExists = { "s3:x-amz-server-side-encryption" = "AES256" } }
      },
      {
        # An object is never overwritten, whatever credentials are used: a put must send If-None-Match.
        Sid       = "WriteOnce"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:PutObject"
        Resource  = [for prefix in ["raw", "unparsed", "index"] : "${local.bucket_arn}/${prefix}/*"]
        Condition = { Null = { "s3:if-none-match" = "true" } }
      },
    ]
  })

  # S3 accepts no policy while the public access block is being changed.
  depends_on = [aws_s3_bucket_public_access_block.raw]
}
