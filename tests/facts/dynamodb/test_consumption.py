from datetime import timedelta
from typing import Any

import msgspec
import pytest

from readiness.alarms.dynamodb import series_of
from readiness.facts.dynamodb.consumption import READS, WRITES, Consumption, consumption
from readiness.facts.dynamodb.table import Table
from tests.aws.account import TABLE, Account
from tests.aws.completed import complete
from tests.aws.logs import publish
from tests.rules.facts import AT, NOW, ago, description

complete()

INDEX = "by-session"


def read(account: Account, table: Table) -> Consumption:
    return consumption(account.aws, table, description(indexes=(INDEX,)), NOW)


def test_what_is_consumed_is_added_up_over_five_minutes(account: Account, table: Table) -> None:
    for minute in (1, 2, 3):
        publish(account, ago(days=1) + timedelta(minutes=minute), 10, "AWS/DynamoDB", READS, TableName=TABLE)
    named = {"TableName": TABLE, "GlobalSecondaryIndexName": INDEX}
    publish(account, ago(days=1, minutes=-1), 7, "AWS/DynamoDB", WRITES, **named)
    publish(account, ago(days=15), 900, "AWS/DynamoDB", WRITES, TableName=TABLE)
    found = read(account, table)
    assert found.usual(series_of(READS, TABLE)) == 30
    assert found.usual(series_of(WRITES, TABLE, INDEX)) == 7
    assert found.usual(series_of(WRITES, TABLE)) is None
    assert found.at == AT


def test_all_but_a_hundredth_are_lower(account: Account, table: Table) -> None:
    values = [float(number) for number in range(1, 201)]
    answers = [{"Id": f"q{number}", "StatusCode": "Complete", "Values": values[::-1]} for number in range(4)]
    account.answer("cloudwatch", "GetMetricData", {"MetricDataResults": answers})
    assert read(account, table).usual(series_of(READS, TABLE)) == 198


def test_what_could_not_be_read_is_not_there(account: Account, table: Table) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataResult.html: StatusCode."""
    answers: list[dict[str, Any]] = [
        {"Id": f"q{number}", "StatusCode": "InternalError" if number else "Complete", "Values": []}
        for number in range(4)
    ]
    account.answer("cloudwatch", "GetMetricData", {"MetricDataResults": answers})
    found = read(account, table)
    assert found.usual(series_of(READS, TABLE)) is None
    with pytest.raises(KeyError):
        found.usual(series_of(WRITES, TABLE))


def test_one_call_asks_for_the_table_and_its_indexes(account: Account, table: Table) -> None:
    read(account, table)
    assert account.calls == ["cloudwatch:GetMetricData"]


def test_it_can_be_kept() -> None:
    known = Consumption(AT, {READS: 12.5, WRITES: None})
    assert msgspec.convert(msgspec.to_builtins(known), Consumption) == known
