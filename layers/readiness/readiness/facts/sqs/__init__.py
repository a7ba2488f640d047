"""Facts about SQS."""
