"""Facts about DynamoDB."""
