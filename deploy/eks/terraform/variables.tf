variable "region" {
  description = "AWS region; Seoul is near the registers."
  type        = string
  default     = "ap-northeast-2"
}

variable "name" {
  description = "Name of the cluster, and beginning of all other names."
  type        = string
  default     = "paycanary"
}

variable "namespace" {
  description = "Namespace of the release; the role of backups is bound to its account paycanary-jobs."
  type        = string
  default     = "production"
}

variable "cidr" {
  description = "Addresses of the VPC; the chart's values-eks.yaml names the same."
  type        = string
  default     = "10.20.0.0/16"
}

variable "kubernetes_version" {
  description = "Version of Kubernetes: 1.30 or newer."
  type        = string
  default     = "1.34"
}

variable "node_type" {
  description = "Type of the nodes. Graviton: the images must be built for arm64 too."
  type        = string
  default     = "m7g.large"
}

variable "nodes" {
  description = "Fewest and most nodes."
  type        = object({ min = number, max = number })
  default     = { min = 3, max = 8 }
}

variable "database_class" {
  description = "Class of the PostgreSQL instance."
  type        = string
  default     = "db.t4g.medium"
}

variable "redis_type" {
  description = "Type of the cache nodes."
  type        = string
  default     = "cache.t4g.small"
}

variable "multi_az" {
  description = "Keep a second PostgreSQL and a second cache node in another zone."
  type        = bool
  default     = true
}
