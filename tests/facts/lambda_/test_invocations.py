from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from readiness.facts.lambda_.metrics import FunctionNames, Invocations, function_names, invocations
from tests.aws import logs
from tests.aws.account import Account
from tests.rules.facts import AT, NOW
from tests.rules.functions import DENIED, each, function_arn, table_function


def functions(*names: str) -> FunctionNames:
    return function_names(each(*(table_function(name=name) for name in names)))


def invoke(account: Account, function: str, times: int, **ago: float) -> None:
    logs.publish(account, AT - timedelta(**ago), times, "AWS/Lambda", "Invocations", FunctionName=function)


def test_the_sum_of_seven_days_of_each_function(account: Account) -> None:
    invoke(account, "cart", 3, days=6)
    invoke(account, "cart", 4, hours=1)
    invoke(account, "cart", 100, days=8)
    found = invocations(account.aws, functions("cart", "quote"), NOW)
    assert found == Invocations({"cart": 7, "quote": 0})


def test_functions_that_are_undecided_are_left_out(account: Account) -> None:
    undecided = each(table_function(name="cart"), unread=(function_arn("quote"),), unlisted=DENIED)
    assert invocations(account.aws, function_names(undecided), NOW) == Invocations({"cart": 0})


def test_no_call_where_there_is_no_function(account: Account) -> None:
    assert invocations(account.aws, functions(), NOW) == Invocations({})
    assert account.calls == []


def test_as_many_functions_a_call_as_aws_allows(account: Account) -> None:
    names = [f"cart-{number}" for number in range(501)]
    invoke(account, "cart-99", 2, hours=1)
    found = invocations(account.aws, functions(*names), NOW)
    assert len(found.of) == 501
    assert found.of["cart-99"] == 2
    assert account.calls.count("cloudwatch:GetMetricData") == 2


def test_values_that_are_spread_over_pages(account: Account) -> None:
    account.answer(
        "cloudwatch",
        "GetMetricData",
        {"MetricDataResults": [{"Id": "q0", "StatusCode": "PartialData", "Values": [1.0]}], "NextToken": "more"},
        {"MetricDataResults": [{"Id": "q0", "StatusCode": "Complete", "Values": [2.0]}]},
    )
    assert invocations(account.aws, functions("cart"), NOW).of == {"cart": 3}


@pytest.mark.parametrize("code", ["InternalError", "Forbidden"])
def test_a_count_that_cloudwatch_could_not_read_is_not_zero(account: Account, code: str) -> None:
    unread = {"Id": "q0", "StatusCode": code, "Values": []}
    read = {"Id": "q1", "StatusCode": "Complete", "Values": [2.0]}
    account.answer("cloudwatch", "GetMetricData", {"MetricDataResults": [unread, read]})
    assert invocations(account.aws, functions("cart", "quote"), NOW).of == {"quote": 2}


def test_a_refused_call_is_no_zero(account: Account) -> None:
    account.refuse("cloudwatch", "GetMetricData", "AccessDenied", 403)
    with pytest.raises(ClientError):
        invocations(account.aws, functions("cart"), NOW)
