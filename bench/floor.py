"""The least that any tool of this kind does: import boto3 and make one call."""

import boto3

boto3.client("dynamodb").describe_table(TableName="babesclub-commerce")
