"""Evaluation of IAM policies. Pure; it knows AWS's policy language and nothing of this product."""
