"""Who may do what, read from IAM policies alone. Pure; it knows AWS's policy language and nothing of this product."""
