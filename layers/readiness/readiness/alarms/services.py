"""The service principals of AWS services that deliver notifications of alarms and of costs."""

ALARMS = "lambda.alarms.cloudwatch.amazonaws.com"
"""CloudWatch as it invokes a function; https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html."""

CLOUDWATCH = "cloudwatch.amazonaws.com"
EVENTS = "events.amazonaws.com"
SNS = "sns.amazonaws.com"

ANOMALIES = "costalerts.amazonaws.com"
BUDGETS = "budgets.amazonaws.com"

CALLED = {
    ANOMALIES: "Cost Anomaly Detection",
    BUDGETS: "AWS Budgets",
    ALARMS: "CloudWatch",
    CLOUDWATCH: "CloudWatch",
    EVENTS: "EventBridge",
    SNS: "SNS",
}
"""Their names in messages."""
