import pytest
from msgspec.structs import replace

from readiness.alarms.dynamodb import NAMESPACE, series_of
from readiness.alarms.series import Query, series
from readiness.facts.cloudwatch.alarms import Alarm
from readiness.facts.dynamodb.consumption import READS, WRITES
from readiness.model import Status
from readiness.rules.alarms_wired import dead
from tests.aws.account import TABLE
from tests.rules import table_alarms as given
from tests.rules.alarms import alarm, math
from tests.rules.alarms_wired.builders import READ, spikes
from tests.rules.facts import description
from tests.rules.functions import THE_TABLE
from tests.rules.table_alarms import ALL, INDEX, events, indexed, query

OLD_INDEX = events("by-cart")


@pytest.mark.parametrize(
    ("found", "status", "why"),
    [
        pytest.param(
            alarm("a", given.summed("UserErrors")),
            Status.FAIL,
            "is never published, expected dimensions: none",
            id="table",
        ),
        pytest.param(
            alarm("a", series(NAMESPACE, "UserErrors", Operation="PutItem")),
            Status.FAIL,
            "is never published, expected dimensions: none",
            id="errors by operation, which are nobody's table",
        ),
        pytest.param(
            alarm("a", given.summed("ThrottledRequests")),
            Status.FAIL,
            "expected dimensions: Operation and TableName",
            id="requests without their operation",
        ),
        pytest.param(
            alarm("a", given.summed("SystemErrors")),
            Status.FAIL,
            "expected dimensions: Operation and TableName",
            id="system errors without their operation",
        ),
        pytest.param(OLD_INDEX, Status.FAIL, "the table has no index by-cart", id="an index that is gone"),
        pytest.param(
            alarm("vectors", series_of("VectorSearchRequestBytes", TABLE, VectorIndexName="by-taste")),
            Status.FAIL,
            "the table has no vector index by-taste",
            id="a vector index that is gone",
        ),
        pytest.param(
            alarm("a", given.summed("ProvisionedReadCapacityUnits")),
            Status.FAIL,
            "is not published for a table in on-demand mode",
            id="what is provisioned of a table on demand",
        ),
        pytest.param(
            alarm("a", given.summed(READ), units=("Percent",)),
            Status.FAIL,
            "is published in Count",
            id="a wrong unit",
        ),
        pytest.param(
            alarm("a", given.summed(READ), period_seconds=10), Status.FAIL, "period is 10 seconds", id="too short"
        ),
        pytest.param(
            alarm("a", given.summed(READ), given.summed(READ, "by-cart")),
            Status.WARN,
            "one of its metrics never has data: the table has no index by-cart",
            id="a part of a sum",
        ),
        pytest.param(events(INDEX.name), Status.PASS, "", id="an index that is there"),
        pytest.param(alarm("a", given.summed(READ), units=("Count",)), Status.PASS, "", id="the right unit"),
        pytest.param(alarm("a", given.summed("NewMetric")), Status.PASS, "", id="a metric that nobody knows"),
        pytest.param(
            alarm("a", series_of("ThrottledRequests", "orders")), Status.PASS, "", id="an alarm on another table"
        ),
        pytest.param(given.user_errors(), Status.PASS, "", id="errors of the account"),
        pytest.param(query(), Status.PASS, "", id="a query"),
    ],
)
def test_alarms_on_what_is_never_published(found: Alarm, status: Status, why: str) -> None:
    [verdict] = dead(THE_TABLE, description(indexes=(INDEX.name,)), indexed(found))
    assert verdict.status is status
    assert why in verdict.message
    assert verdict.resource == (None if status is Status.PASS else found.arn)


def test_an_alarm_on_a_vector_index_that_is_there_can_go_off() -> None:
    vectors = alarm("vectors", series_of("VectorSearchRequestBytes", TABLE, VectorIndexName="by-taste"))
    [verdict] = dead(THE_TABLE, description(vector_indexes=("by-taste",)), indexed(vectors))
    assert verdict.status is Status.PASS


def test_what_an_alarm_watches_of_other_tables_is_not_judged_here() -> None:
    """Neither a series of another table nor one of another namespace is dead because this table lacks it."""
    mixed = alarm(
        "mixed",
        series_of(READ, "orders", "by-cart"),
        series("AWS/SQS", "ThrottledRequests", "Sum", TableName=TABLE),
        given.summed(READ),
    )
    [verdict] = dead(THE_TABLE, description(), indexed(mixed))
    assert verdict.status is Status.PASS


def test_an_alarm_that_also_queries_is_dead_in_part() -> None:
    of_all = Query(NAMESPACE, READ, "SUM", ("TableName",))
    [verdict] = dead(THE_TABLE, description(), indexed(alarm("a", given.summed(READ, "by-cart"), insights=(of_all,))))
    assert verdict.status is Status.WARN


def test_the_statistic_of_another_series_is_no_matter() -> None:
    """An average of writes beside a sum of reads says nothing against the alarm on reads."""
    mixed = math(
        "a", "m1 + m2 * 0", given.summed(READS), replace(given.summed(WRITES), statistic="Average"), threshold=9
    )
    assert spikes(mixed).status is Status.PASS


def test_of_many_alarms_those_are_named_that_are_dead() -> None:
    verdicts = list(dead(THE_TABLE, description(), indexed(*ALL, OLD_INDEX)))
    assert {each.evidence["AlarmName"] for each in verdicts} == {"by-cart throttled", f"{INDEX.name} throttled"}
