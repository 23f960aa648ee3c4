# What stands beside the cluster: PostgreSQL, Redis, the lake's volume, backups, and the one secret that the chart reads.
resource "aws_security_group" "services" {
  name        = "${var.name}-services"
  description = "PostgreSQL, Redis and EFS, for the cluster's nodes"
  vpc_id      = module.vpc.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "services" {
  for_each = { postgresql = 5432, redis = 6379, nfs = 2049 }

  description                  = each.key
  security_group_id            = aws_security_group.services.id
  referenced_security_group_id = module.eks.node_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
}

resource "random_password" "database" {
  length  = 40
  special = false
}

resource "random_password" "redis" {
  length  = 40
  special = false
}

resource "random_password" "signing" {
  length  = 48
  special = false
}

resource "aws_db_subnet_group" "state" {
  name       = var.name
  subnet_ids = module.vpc.private_subnets
}

resource "aws_db_instance" "state" {
  identifier                 = var.name
  engine                     = "postgres"
  engine_version             = "17"
  instance_class             = var.database_class
  allocated_storage          = 20
  max_allocated_storage      = 200
  storage_type               = "gp3"
  storage_encrypted          = true
  db_name                    = "paycanary"
  username                   = "paycanary"
  password                   = random_password.database.result
  multi_az                   = var.multi_az
  backup_retention_period    = 14
  deletion_protection        = true
  auto_minor_version_upgrade = true
  db_subnet_group_name       = aws_db_subnet_group.state.name
  vpc_security_group_ids     = [aws_security_group.services.id]
  final_snapshot_identifier  = "${var.name}-last"
}

resource "aws_elasticache_subnet_group" "cache" {
  name       = var.name
  subnet_ids = module.vpc.private_subnets
}

# Queue and cache share it: nothing is evicted.
resource "aws_elasticache_parameter_group" "cache" {
  name   = var.name
  family = "valkey8"
  parameter {
    name  = "maxmemory-policy"
    value = "noeviction"
  }
}

resource "aws_elasticache_replication_group" "cache" {
  replication_group_id       = var.name
  description                = "Cache, rate limits and jobs of paycanary"
  engine                     = "valkey"
  engine_version             = "8.0"
  node_type                  = var.redis_type
  num_cache_clusters         = var.multi_az ? 2 : 1
  automatic_failover_enabled = var.multi_az
  parameter_group_name       = aws_elasticache_parameter_group.cache.name
  subnet_group_name          = aws_elasticache_subnet_group.cache.name
  security_group_ids         = [aws_security_group.services.id]
  at_rest_encryption_enabled = true
  transit_encryption_enabled = true
  auth_token                 = random_password.redis.result
}

resource "aws_efs_file_system" "home" {
  encrypted        = true
  throughput_mode  = "elastic"
  performance_mode = "generalPurpose"
  tags             = { Name = "${var.name}-home" }
}

resource "aws_efs_mount_target" "home" {
  count = 3

  file_system_id  = aws_efs_file_system.home.id
  subnet_id       = module.vpc.private_subnets[count.index]
  security_groups = [aws_security_group.services.id]
}

resource "aws_s3_bucket" "backups" {
  bucket = "${var.name}-backups-${data.aws_caller_identity.me.account_id}"
}

resource "aws_s3_bucket_public_access_block" "backups" {
  bucket                  = aws_s3_bucket.backups.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "backups" {
  bucket = aws_s3_bucket.backups.id
  versioning_configuration {
    status = "Enabled"
  }
}

# Keys of the registers are added by hand, in the console or by the CLI: they stand in no state file of Terraform.
resource "aws_secretsmanager_secret" "settings" {
  name = "${var.name}/production"
}

resource "aws_secretsmanager_secret_version" "settings" {
  secret_id = aws_secretsmanager_secret.settings.id
  secret_string = jsonencode({
    PAYCANARY_SECRET = random_password.signing.result
    DATABASE_URL     = "postgresql://paycanary:${random_password.database.result}@${aws_db_instance.state.endpoint}/paycanary?sslmode=require"
    REDIS_URL        = "rediss://:${random_password.redis.result}@${aws_elasticache_replication_group.cache.primary_endpoint_address}:6379/0"
  })
  lifecycle {
    ignore_changes = [secret_string]
  }
}
