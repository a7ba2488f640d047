"""Facts about IAM and KMS: principals, policies, grants."""
