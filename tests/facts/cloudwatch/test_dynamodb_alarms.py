from readiness.alarms.dynamodb import NAMESPACE, USER_ERRORS, series_of
from readiness.alarms.series import Label, Query
from readiness.engine.each import Each
from readiness.facts.cloudwatch.alarm_indexes import DynamodbAlarms, dynamodb_alarms
from readiness.facts.cloudwatch.alarms import Alarm
from tests.rules.alarms import alarm, failures_alarm, opaque

READS = "ReadThrottleEvents"

CARTS = alarm("carts", series_of(READS, "carts"))
ORDERS = alarm("orders", series_of(READS, "orders"))
BOTH = alarm("both", series_of(READS, "carts"), series_of(READS, "orders"))
ERRORS = alarm("errors", USER_ERRORS)
OF_ALL = alarm("of all", insights=(Query(NAMESPACE, READS, "SUM", ("TableName",)),))
OF_ORDERS = alarm("of orders", insights=(Query(NAMESPACE, READS, "SUM", None, (Label("TableName", "orders"),)),))
OF_ACCOUNT = alarm("of account", insights=(Query(NAMESPACE, "UserErrors", "SUM", ()),))
PROMQL = opaque("promql", "promql")
ALL = (CARTS, ORDERS, BOTH, ERRORS, OF_ALL, OF_ORDERS, OF_ACCOUNT, PROMQL, failures_alarm("quote"))


def found() -> DynamodbAlarms:
    return dynamodb_alarms(Each({each.arn: each for each in ALL}))


def names(alarms: list[Alarm]) -> set[str]:
    return {each.name for each in alarms}


def test_a_series_is_watched_by_its_table_and_by_queries_that_take_it() -> None:
    assert names(found().watching(series_of(READS, "carts"))) == {"carts", "both", "of all"}
    assert names(found().watching(series_of(READS, "orders"))) == {"orders", "both", "of all", "of orders"}
    assert names(found().watching(series_of(READS, "carts", "by-session"))) == set()
    assert names(found().watching(USER_ERRORS)) == {"errors", "of account"}


def test_what_is_about_a_table_is_about_it_alone_or_about_all() -> None:
    assert names(found().about("carts")) == {"carts", "both", "errors", "of all"}
    assert names(found().about("orders")) == {"orders", "both", "errors", "of all", "of orders"}
    assert names(found().about("sessions")) == {"errors", "of all"}


def test_of_promql_nobody_can_tell() -> None:
    assert found().opaque == (PROMQL,)


def test_alarms_that_auto_scaling_made_are_not_about_the_table() -> None:
    """They page nobody by design, and are in ALARM for as long as there is little to do."""
    policy = "arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:1:resource/dynamodb/table/carts:policyName/x"
    low = alarm("TargetTracking-table/carts-AlarmLow-1", series_of(READS, "carts"), actions=(policy,), state="ALARM")
    both = alarm("both-1", series_of(READS, "carts"), actions=(policy, "arn:aws:sns:us-east-1:123456789012:on-call"))
    known = dynamodb_alarms(Each({each.arn: each for each in (low, both)}))
    assert names(known.about("carts")) == {"both-1"}
    assert names(known.watching(series_of(READS, "carts"))) == {"both-1"}
