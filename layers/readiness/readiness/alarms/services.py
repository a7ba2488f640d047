"""The services of AWS that pass an alarm on, as policies name them."""

ALARMS = "lambda.alarms.cloudwatch.amazonaws.com"
"""CloudWatch, where it calls a function; https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html."""

CLOUDWATCH = "cloudwatch.amazonaws.com"
EVENTS = "events.amazonaws.com"
SNS = "sns.amazonaws.com"

CALLED = {
    ALARMS: "CloudWatch",
    CLOUDWATCH: "CloudWatch",
    EVENTS: "EventBridge",
    SNS: "SNS",
}
"""As messages call them."""
