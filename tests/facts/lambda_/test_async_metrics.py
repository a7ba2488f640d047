from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from readiness.engine.each import Each
from readiness.facts.lambda_.invocation_paths import DlqFunction
from readiness.facts.lambda_.metrics import (
    METRICS,
    AsyncMetrics,
    async_events,
    async_functions,
    async_losses,
    async_metrics,
)
from tests.aws.account import Account
from tests.aws.functions import arn_of
from tests.rules.facts import AT, NOW


def functions(*names: str) -> Each[DlqFunction]:
    return Each({arn_of(name): DlqFunction(name, arn_of(name)) for name in names})


def read(account: Account, *names: str) -> AsyncMetrics | None:
    """One call for the events that were received, and one for those that were lost."""
    asked = async_functions(functions(*names))
    if asked is None:
        return None
    return async_metrics(async_events(account.aws, asked, NOW), async_losses(account.aws, asked, NOW))


def count(account: Account, function: str, metric: str, value: int, **ago: float) -> None:
    account.client("cloudwatch").put_metric_data(
        Namespace="AWS/Lambda",
        MetricData=[
            {
                "MetricName": metric,
                "Dimensions": [{"Name": "FunctionName", "Value": function}],
                "Timestamp": AT - timedelta(**ago),
                "Value": value,
            }
        ],
    )


def test_sums_of_fourteen_days(account: Account) -> None:
    count(account, "checkout", "AsyncEventsReceived", 3, days=13)
    count(account, "checkout", "AsyncEventsReceived", 4, hours=1)
    count(account, "checkout", "AsyncEventsReceived", 100, days=15)
    count(account, "carts", "DeadLetterErrors", 2, hours=1)
    found = read(account, "checkout", "carts")
    nothing = dict.fromkeys(METRICS, 0)
    assert found == AsyncMetrics(
        {"checkout": nothing | {"AsyncEventsReceived": 7}, "carts": nothing | {"DeadLetterErrors": 2}}
    )


def test_no_call_where_there_is_no_function(account: Account) -> None:
    assert read(account) is None
    assert account.calls == []


def test_one_call_for_as_many_functions_as_aws_allows(account: Account) -> None:
    names = [f"checkout-{number}" for number in range(126)]
    count(account, "checkout-99", "AsyncEventsDropped", 1, hours=1)
    found = read(account, *names)
    assert found
    assert len(found.of) == 126
    assert found.of["checkout-99"]["AsyncEventsDropped"] == 1
    assert account.calls.count("cloudwatch:GetMetricData") == 2


def result(number: int, *values: float, status: str = "Complete") -> dict[str, Any]:
    return {"Id": f"q{number}", "Values": list(values), "StatusCode": status}


def test_values_on_several_pages_are_added_up(account: Account) -> None:
    pages: list[dict[str, Any]] = [
        {"MetricDataResults": [result(0, 1, 2, status="PartialData")], "NextToken": "more"},
        {"MetricDataResults": [result(0, 4)]},
        {"MetricDataResults": [*map(result, range(3))]},
    ]
    account.answer("cloudwatch", "GetMetricData", *pages)
    found = read(account, "checkout")
    assert found
    assert found.of["checkout"]["AsyncEventsReceived"] == 7


UNREAD = "InternalError"


@pytest.mark.parametrize(
    ("received", "lost", "known"),
    [
        pytest.param([result(0, status=UNREAD), result(1)], [*map(result, range(6))], "checkout", id="received"),
        pytest.param(
            [*map(result, range(2))], [*map(result, range(5)), result(5, status=UNREAD)], "carts", id="what it lost"
        ),
    ],
)
def test_a_function_whose_metric_could_not_be_read_is_not_said_to_have_none(
    account: Account, received: list[Any], lost: list[Any], known: str
) -> None:
    account.answer("cloudwatch", "GetMetricData", {"MetricDataResults": received}, {"MetricDataResults": lost})
    found = read(account, "carts", "checkout")
    assert found
    assert list(found.of) == [known]
    assert found.unread


def test_a_denied_call_is_not_no_data(account: Account) -> None:
    account.refuse("cloudwatch", "GetMetricData", "AccessDenied", 403)
    with pytest.raises(ClientError):
        read(account, "checkout")
