# The network and the cluster, by the modules that most people use.
terraform {
  required_version = ">= 1.9"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
    random = {
      source  = "hashicorp/random"
      version = "~> 3.6"
    }
  }
}

provider "aws" {
  region = var.region
  default_tags {
    tags = { project = var.name }
  }
}

data "aws_availability_zones" "here" {
  state = "available"
}

data "aws_caller_identity" "me" {}

locals {
  zones = slice(data.aws_availability_zones.here.names, 0, 3)
}

module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "~> 6.0"

  name               = var.name
  cidr               = var.cidr
  azs                = local.zones
  private_subnets    = [for n in range(3) : cidrsubnet(var.cidr, 4, n)]
  public_subnets     = [for n in range(3) : cidrsubnet(var.cidr, 8, 240 + n)]
  enable_nat_gateway = true
  single_nat_gateway = true

  public_subnet_tags  = { "kubernetes.io/role/elb" = 1 }
  private_subnet_tags = { "kubernetes.io/role/internal-elb" = 1 }
}

module "eks" {
  source  = "terraform-aws-modules/eks/aws"
  version = "~> 21.0"

  name                   = var.name
  kubernetes_version     = var.kubernetes_version
  vpc_id                 = module.vpc.vpc_id
  subnet_ids             = module.vpc.private_subnets
  endpoint_public_access = true
  enable_irsa            = true

  enable_cluster_creator_admin_permissions = true

  addons = {
    # Without this the chart's network policies are only written down.
    vpc-cni = {
      before_compute       = true
      configuration_values = jsonencode({ enableNetworkPolicy = "true" })
    }
    coredns        = {}
    kube-proxy     = {}
    metrics-server = {}
    aws-efs-csi-driver = {
      service_account_role_arn = module.role_efs.arn
    }
  }

  eks_managed_node_groups = {
    default = {
      ami_type       = "AL2023_ARM_64_STANDARD"
      instance_types = [var.node_type]
      min_size       = var.nodes.min
      max_size       = var.nodes.max
      desired_size   = var.nodes.min
      # Pods get their roles by IRSA; none takes that of its node.
      metadata_options = { http_tokens = "required", http_put_response_hop_limit = 1 }
    }
  }
}
