from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from readiness.alarms.series import series
from readiness.facts.cloudwatch.alarms import KINDS, Alarm, alarms, stuck, watchers
from readiness.model import Reason
from tests.aws.account import ACCOUNT, REGION, Account
from tests.aws.alarms import SINCE, combine, describe
from tests.rules.alarms import alarm, failures_alarm, queue_alarm
from tests.rules.facts import AT, ago

TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:on-call"
METRIC = {"MetricName": "WriteFailure", "Namespace": "Shop", "Statistic": "Sum", "Period": 60}


def put(account: Account, name: str, **other: Any) -> None:
    wanted = {
        "AlarmName": name,
        "Dimensions": [{"Name": "Domain", "Value": "cart"}],
        "EvaluationPeriods": 3,
        "Threshold": 0,
        "ComparisonOperator": "GreaterThanThreshold",
        "AlarmActions": [TOPIC],
        **METRIC,
        **other,
    }
    account.client("cloudwatch").put_metric_alarm(**wanted)


def without(account: Account, member: str) -> None:
    account.alter("cloudwatch", "DescribeAlarms", lambda answer: answer["MetricAlarms"][0].pop(member, None))


def read(account: Account) -> dict[str, Alarm]:
    return {alarm.name: alarm for alarm in alarms(account.aws)}


def test_a_metric_alarm(account: Account) -> None:
    put(account, "carts", DatapointsToAlarm=2, TreatMissingData="notBreaching")
    [found] = alarms(account.aws)
    assert found.arn == f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:carts"
    assert found.kind == "metric"
    assert found.watches == (series("Shop", "WriteFailure", "Sum", Domain="cart"),)
    assert (found.actions_enabled, found.actions) == (True, (TOPIC,))
    assert (found.threshold, found.operator) == (0, "GreaterThanThreshold")
    assert (found.periods, found.datapoints, found.period_seconds) == (3, 2, 60)
    assert found.state_since.tzinfo is UTC
    assert found.evaluation_state is None


def test_what_nobody_chose_has_the_default(account: Account) -> None:
    put(account, "carts")
    without(account, "TreatMissingData")
    found = read(account)["carts"]
    assert found.datapoints == 3


def test_other_actions_than_those_of_an_alarm_are_none(account: Account) -> None:
    put(account, "carts", AlarmActions=[], OKActions=[TOPIC], InsufficientDataActions=[TOPIC], ActionsEnabled=False)
    found = read(account)["carts"]
    assert (found.actions, found.actions_enabled) == ((), False)


def test_metric_math(account: Account) -> None:
    stat = {"Metric": {"Namespace": "Shop", "MetricName": "WriteFailure"}, "Period": 300, "Stat": "Sum"}
    account.client("cloudwatch").put_metric_alarm(
        AlarmName="filled",
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        Metrics=[
            {"Id": "m1", "MetricStat": stat, "ReturnData": False},
            {"Id": "e1", "Expression": "FILL(m1, 0)", "ReturnData": True},
        ],
    )
    found = read(account)["filled"]
    assert (found.watches, found.period_seconds) == ((series("Shop", "WriteFailure", "Sum"),), 300)


def test_a_composite_alarm(account: Account) -> None:
    put(account, "carts")
    combine(account, "any", 'ALARM("carts")', TOPIC, ActionsSuppressor="deploying", ActionsSuppressedBy="Alarm")
    found = read(account)["any"]
    assert (found.kind, found.rule, found.actions) == ("composite", 'ALARM("carts")', (TOPIC,))
    assert (found.suppressor, found.suppressed_by) == ("deploying", "Alarm")
    assert (found.watches, found.state_since) == ((), SINCE)


def test_a_promql_alarm_has_no_metric(account: Account) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html: EvaluationCriteria."""
    put(account, "promql")
    for member in ("MetricName", "Namespace", "Dimensions", "Statistic", "Period", "EvaluationPeriods", "Threshold"):
        without(account, member)
    criteria = {"PromQLCriteria": {"Query": "rate(failures[5m]) > 0", "PendingPeriod": 60}}
    describe(account, "promql", EvaluationCriteria=criteria)
    found = read(account)["promql"]
    assert (found.kind, found.watches, found.periods) == ("promql", (), None)


def test_a_log_alarm_may_watch_anything(account: Account) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html: LogAlarms."""
    put(account, "carts")
    described = {**_described("logs"), "AlarmActions": [TOPIC], "ScheduledQueryConfiguration": {"QueryString": "x"}}
    account.alter("cloudwatch", "DescribeAlarms", lambda answer: answer.update(LogAlarms=[described]))
    found = read(account)
    assert (found["logs"].kind, found["logs"].actions, found["logs"].watches) == ("log", (TOPIC,), ())
    assert found["logs"].opaque
    assert not found["carts"].opaque


def test_all_kinds_of_alarms_are_asked_for(account: Account) -> None:
    model = account.client("cloudwatch").meta.service_model
    assert sorted(KINDS) == sorted(model.shape_for("AlarmType").enum)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({}, id="nothing at all"),
        pytest.param({"CompositeAlarms": []}, id="no metric alarms"),
        pytest.param({"MetricAlarms": []}, id="no composite alarms"),
    ],
)
def test_a_list_that_is_not_there_is_not_empty(account: Account, answer: dict[str, Any]) -> None:
    account.answer("cloudwatch", "DescribeAlarms", answer)
    found = alarms(account.aws)
    assert found.unlisted
    assert (found.unlisted.reason, found.unlisted.permission) == (Reason.INCOMPLETE_ANSWER, "cloudwatch:DescribeAlarms")


@pytest.mark.parametrize(
    "member", ["Namespace", "Statistic", "Period", "EvaluationPeriods", "Threshold", "ComparisonOperator"]
)
def test_an_alarm_of_which_is_not_told_what_it_compares_may_watch_anything(account: Account, member: str) -> None:
    put(account, "carts")
    without(account, member)
    found = read(account)["carts"]
    assert found.opaque
    assert (found.opaque.reason, found.opaque.detail) == (Reason.INCOMPLETE_ANSWER, _detail(member))
    assert (found.watches, found.actions) == ((), (TOPIC,))


@pytest.mark.parametrize("member", ["AlarmName", "ActionsEnabled", "StateValue"])
def test_an_alarm_that_lacks_more_is_unreadable_and_no_other(account: Account, member: str) -> None:
    put(account, "carts")
    put(account, "orders")
    without(account, member)
    known, unread = alarms(account.aws).readable()
    assert [alarm.name for alarm in known] == ["orders"]
    assert unread
    assert unread.reason is Reason.INCOMPLETE_ANSWER


def test_what_only_some_alarms_have_is_left_out(account: Account) -> None:
    put(account, "carts")
    for member in ("AlarmActions", "OKActions", "Dimensions", "EvaluationState", "DatapointsToAlarm"):
        without(account, member)
    found = read(account)["carts"]
    assert (found.actions, found.ok_actions, found.datapoints) == ((), (), 3)
    assert found.watches == (series("Shop", "WriteFailure", "Sum"),)


def test_an_alarm_may_warm_up(account: Account) -> None:
    put(account, "carts")
    describe(
        account,
        "carts",
        WarmUpConfiguration={"WarmUpPeriodDurationInMinutes": 60},
        AlarmConfigurationUpdatedTimestamp=SINCE,
    )
    found = read(account)["carts"]
    assert found.warming(SINCE + timedelta(minutes=60))
    assert not found.warming(SINCE + timedelta(minutes=61))


SCALES = "arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:1:resource/dynamodb/table/shop:policyName/p"


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        pytest.param((SCALES,), True, id="scales"),
        pytest.param((SCALES, TOPIC), False, id="scales, and tells somebody"),
        pytest.param((), False, id="does nothing"),
        pytest.param(("no-arn",), False, id="does what nobody knows"),
    ],
)
def test_alarms_that_scale_capacity(actions: tuple[str, ...], expected: bool) -> None:  # noqa: FBT001  a column
    assert alarm("a", actions=actions).scales is expected


def test_how_it_is_evaluated_and_since_when_it_is_so(account: Account) -> None:
    put(account, "carts")
    describe(account, "carts", EvaluationState="PARTIAL_DATA", StateTransitionedTimestamp=SINCE)
    found = read(account)["carts"]
    assert (found.evaluation_state, found.state_since) == ("PARTIAL_DATA", SINCE)


def test_five_thousand_alarms_take_fifty_calls(account: Account) -> None:
    """MaxRecords is at most 100; an empty page is not the last one."""
    pages = [
        {"MetricAlarms": [_described(f"a{page:02}{number:02}") for number in range(100)], "CompositeAlarms": []}
        for page in range(50)
    ]
    pages[7] = {}
    for number, page in enumerate(pages[:-1]):
        page["NextToken"] = str(number)  # type: ignore[assignment]  # a page of JSON
    account.answer("cloudwatch", "DescribeAlarms", *pages)
    seen: list[Any] = []
    account.client("cloudwatch").meta.events.register(
        "provide-client-params.cloudwatch.DescribeAlarms", lambda params, **_event: seen.append(params)
    )
    assert len(alarms(account.aws)) == 4900
    assert len(seen) == 50
    assert {(*each["AlarmTypes"], each["MaxRecords"]) for each in seen} == {
        ("MetricAlarm", "CompositeAlarm", "LogAlarm", 100)
    }


def test_a_refusal_is_left_to_the_collector(account: Account) -> None:
    account.refuse("cloudwatch", "DescribeAlarms", "AccessDenied")
    with pytest.raises(ClientError, match="AccessDenied"):
        alarms(account.aws)


def test_watchers_watch_the_exact_dimensions() -> None:
    cart, checkout = failures_alarm("cart"), failures_alarm("checkout")
    one = series("BabesClub/Commerce", "WriteFailure", Domain="cart")
    assert watchers([cart, checkout, queue_alarm("letters")], one) == [cart]
    assert watchers([cart], series("BabesClub/Commerce", "WriteFailure")) == []
    assert watchers([cart], series("BabesClub/Commerce", "WriteFailure", Domain="cart", service="cart")) == []


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(alarm("a", state="ALARM", state_since=ago(days=3)), True, id="for three days"),
        pytest.param(alarm("a", state="ALARM", state_since=ago(hours=24)), False, id="for a day"),
        pytest.param(alarm("a", state="OK", state_since=ago(days=3)), False, id="OK for three days"),
    ],
)
def test_stuck(found: Alarm, expected: bool) -> None:  # noqa: FBT001  a column of the table
    assert stuck(found, AT) is expected


def _detail(member: str) -> str:
    """Where it is missing; an alarm without its one statistic may have another."""
    return f"MetricAlarms[].{'ExtendedStatistic' if member == 'Statistic' else member}"


def _described(name: str) -> dict[str, Any]:
    return {
        "AlarmName": name,
        "AlarmArn": name,
        "ActionsEnabled": True,
        "StateValue": "OK",
        "StateUpdatedTimestamp": datetime.now(UTC) - timedelta(days=1),
        **METRIC,
    }
