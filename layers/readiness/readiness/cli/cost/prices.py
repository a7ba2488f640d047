"""List prices of us-east-1 in dollars, without free tiers, as of November 2026.

https://aws.amazon.com/cloudwatch/pricing/, https://aws.amazon.com/lambda/pricing/,
https://aws.amazon.com/eventbridge/pricing/, https://aws.amazon.com/dynamodb/pricing/on-demand/,
https://aws.amazon.com/sqs/pricing/, https://aws.amazon.com/sns/pricing/, https://aws.amazon.com/kms/pricing/,
https://aws.amazon.com/aws-cost-management/aws-cost-explorer/pricing/, https://aws.amazon.com/cloudtrail/pricing/,
https://aws.amazon.com/guardduty/pricing/, https://aws.amazon.com/secrets-manager/pricing/,
https://aws.amazon.com/config/pricing/
"""

AS_OF = "November 2026"

METRIC = 0.30
"""A custom metric for a month, charged for the hours in which it gets data."""

ALARM = 0.10
"""An alarm with a period of 60 seconds or more for a month."""

METRIC_READ = 0.01 / 1_000
"""A metric in a request of GetMetricData or GetInsightRuleReport."""

METRIC_REQUEST = 0.01 / 1_000
"""A request of ListMetrics. DescribeAlarms and the other requests that only describe are free."""

LOG_BYTE = 0.50 / 1_000_000_000
"""A byte of logs that CloudWatch ingests."""

LOG_BYTE_MONTH = 0.03 / 1_000_000_000
"""A byte of logs that CloudWatch stores for a month."""

COST_REQUEST = 0.01
"""A request of the Cost Explorer API, for each page."""

GB_SECOND = 0.0000133334
"""A second of a Lambda function with 1 GB of memory, on arm64."""

INVOCATION = 0.20 / 1_000_000
"""A request of Lambda."""

SCHEDULED = 1.00 / 1_000_000
"""An invocation by EventBridge Scheduler."""

WRITE_UNIT = 0.625 / 1_000_000
"""A write request unit of DynamoDB: 1 KB, half of it in a transaction."""

READ_UNIT = 0.125 / 1_000_000
"""A read request unit of DynamoDB: 4 KB, read consistently."""

QUEUE_REQUEST = 0.40 / 1_000_000
"""A request of SQS."""

KMS_REQUEST = 0.03 / 10_000
"""A request of KMS, those about AWS managed keys included."""

MESSAGE = 0.50 / 1_000_000
"""A request to publish to SNS."""

EMAIL = 2.00 / 100_000
"""A delivery of SNS by email."""

TRAIL_EVENT = 2.00 / 100_000
"""A management event in a second copy of CloudTrail's. The first copy is free."""

GUARDDUTY_EVENT = 4.00 / 1_000_000
"""A management event that GuardDuty analyzes."""

KEY = 1.00
"""A customer managed key of KMS for a month."""

SECRET = 0.40
"""A secret of Secrets Manager for a month."""

DASHBOARD = 3.00
"""A dashboard for a month, beyond the first three of the account with at most 50 metrics each."""

EVALUATION = 0.001
"""An evaluation of a rule of AWS Config."""

STORED_BYTE = 0.25 / 1_000_000_000
"""A byte that DynamoDB stores for a month."""
