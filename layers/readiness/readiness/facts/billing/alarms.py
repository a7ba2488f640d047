"""Alarms on the estimated charges (AWS/Billing EstimatedCharges), which AWS publishes in us-east-1 only."""

from readiness.alarms.series import series
from readiness.aws.client import Aws
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.cloudwatch.alarms import Alarm, read_alarms, watchers
from readiness.model import Fact

HOME = "us-east-1"
METRIC = "AWS/Billing", "EstimatedCharges"
BILL = series(*METRIC, Currency="USD", ServiceName="AmazonDynamoDB")
WHOLE = series(*METRIC, Currency="USD")
"""The charges of all services together."""


class BillingAlarms(Fact):
    """Alarms on the charges of DynamoDB (`of`) and on all (`whole`); `far`: in another Region than the table."""

    of: tuple[Alarm, ...]
    far: bool
    whole: tuple[Alarm, ...] = ()


@fact("cloudwatch:DescribeAlarms")
def billing_alarms(aws: Aws, alarms: Each[Alarm]) -> BillingAlarms:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/monitor_estimated_charges_with_cloudwatch.html."""
    far = aws.region != HOME
    if far and aws.partition != "aws":
        return BillingAlarms((), far)
    found = [alarm for alarm in (read_alarms(aws, HOME) if far else alarms) if not alarm.heeds_too_little]
    own = watchers(found, BILL)
    return BillingAlarms(tuple(own), far, tuple(alarm for alarm in watchers(found, WHOLE) if alarm not in own))
