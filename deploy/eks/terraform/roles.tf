# Roles for service accounts (IRSA): each may do one thing, and only from the account that it names.
data "aws_iam_policy_document" "backups" {
  statement {
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.backups.arn]
  }
  statement {
    actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
    resources = ["${aws_s3_bucket.backups.arn}/*"]
  }
}

data "aws_iam_policy_document" "secrets" {
  statement {
    actions   = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
    resources = [aws_secretsmanager_secret.settings.arn]
  }
}

resource "aws_iam_policy" "backups" {
  name   = "${var.name}-backups"
  policy = data.aws_iam_policy_document.backups.json
}

resource "aws_iam_policy" "secrets" {
  name   = "${var.name}-secrets"
  policy = data.aws_iam_policy_document.secrets.json
}

module "role_backups" {
  source  = "terraform-aws-modules/iam/aws//modules/iam-role-for-service-accounts"
  version = "~> 6.0"

  name            = "${var.name}-backups"
  use_name_prefix = false
  policies        = { backups = aws_iam_policy.backups.arn }
  oidc_providers = {
    cluster = {
      provider_arn               = module.eks.oidc_provider_arn
      namespace_service_accounts = ["${var.namespace}:paycanary-jobs"]
    }
  }
}

module "role_secrets" {
  source  = "terraform-aws-modules/iam/aws//modules/iam-role-for-service-accounts"
  version = "~> 6.0"

  name     = "${var.name}-external-secrets"
  policies = { secrets = aws_iam_policy.secrets.arn }
  oidc_providers = {
    cluster = {
      provider_arn               = module.eks.oidc_provider_arn
      namespace_service_accounts = ["external-secrets:external-secrets"]
    }
  }
}

module "role_efs" {
  source  = "terraform-aws-modules/iam/aws//modules/iam-role-for-service-accounts"
  version = "~> 6.0"

  name                  = "${var.name}-efs"
  attach_efs_csi_policy = true
  oidc_providers = {
    cluster = {
      provider_arn               = module.eks.oidc_provider_arn
      namespace_service_accounts = ["kube-system:efs-csi-controller-sa"]
    }
  }
}

module "role_balancer" {
  source  = "terraform-aws-modules/iam/aws//modules/iam-role-for-service-accounts"
  version = "~> 6.0"

  name                                   = "${var.name}-load-balancer"
  attach_load_balancer_controller_policy = true
  oidc_providers = {
    cluster = {
      provider_arn               = module.eks.oidc_provider_arn
      namespace_service_accounts = ["kube-system:aws-load-balancer-controller"]
    }
  }
}

output "backups_role" {
  description = "For serviceAccount.jobsAnnotations of the chart."
  value       = module.role_backups.arn
}

output "backups_target" {
  description = "For backup.target of the chart."
  value       = "s3://${aws_s3_bucket.backups.bucket}/production"
}

output "efs_id" {
  description = "For the StorageClass efs: deploy/eks/cluster-objects.yaml."
  value       = aws_efs_file_system.home.id
}

output "secrets_role" {
  description = "For the account of External Secrets."
  value       = module.role_secrets.arn
}

output "balancer_role" {
  description = "For the account of the AWS Load Balancer Controller."
  value       = module.role_balancer.arn
}
