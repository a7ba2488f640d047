"""Alarms on the estimated bill, which are in one Region alone."""

from typing import Any

import pytest

from readiness.aws.client import Aws, Caller
from readiness.engine.each import Each
from readiness.facts.cloudwatch.alarm_indexes import billing_alarms
from readiness.facts.cloudwatch.alarms import alarms
from readiness.model import Reason, Unavailable, Unreadable
from tests.aws.account import ACCOUNT, Account

BILL = {"ServiceName": "AmazonDynamoDB", "Currency": "USD"}
DENIED = Unavailable(Reason.ACCESS_DENIED, "cloudwatch:DescribeAlarms")


@pytest.fixture
def far(account: Account) -> Aws:
    """The same account, seen from another Region."""
    return Aws(ACCOUNT, "eu-west-1", caller=Caller(account.session, "eu-west-1"))


def put(account: Account, name: str, dimensions: dict[str, str], **other: Any) -> None:
    wanted = {"Namespace": "AWS/Billing", "MetricName": "EstimatedCharges", "Statistic": "Maximum", "Period": 21600}
    account.client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        EvaluationPeriods=1,
        Threshold=100,
        **{"ComparisonOperator": "GreaterThanThreshold", **wanted, **other},
    )


@pytest.fixture
def furnished_with_alarms(account: Account) -> Account:
    put(account, "bill", BILL)
    put(account, "too little", BILL, ComparisonOperator="LessThanThreshold")
    put(account, "all services", {"Currency": "USD"})
    put(account, "by its other name", {**BILL, "ServiceName": "Amazon DynamoDB"})
    put(account, "another metric", BILL, Namespace="Shop")
    account.calls.clear()
    return account


def test_where_the_alarms_are_those_that_are_known_serve(furnished_with_alarms: Account) -> None:
    known = alarms(furnished_with_alarms.aws)
    found = billing_alarms(furnished_with_alarms.aws, known)
    assert [alarm.name for alarm in found.of] == ["bill"]
    assert [alarm.name for alarm in found.whole] == ["all services"]
    assert not found.far
    assert furnished_with_alarms.calls == ["cloudwatch:DescribeAlarms"]


@pytest.mark.usefixtures("furnished_with_alarms")
def test_from_another_region_they_are_read_where_they_are(far: Aws) -> None:
    found = billing_alarms(far, alarms(far))
    assert [alarm.name for alarm in found.of] == ["bill"]
    assert found.far


def test_alarms_of_the_table_that_are_denied_do_not_hide_those_far_away(
    furnished_with_alarms: Account, far: Aws
) -> None:
    assert [alarm.name for alarm in billing_alarms(far, Each({}, DENIED)).of] == ["bill"]
    with pytest.raises(Unreadable):
        billing_alarms(furnished_with_alarms.aws, Each({}, DENIED))


def test_other_partitions_have_none(account: Account) -> None:
    china = Aws(ACCOUNT, "cn-north-1", "aws-cn", caller=account.aws.caller)
    assert billing_alarms(china, Each({})).of == ()
    assert account.calls == []
