from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from readiness.alarms.dynamodb import NAMESPACE, OPERATIONS
from readiness.alarms.route import Route, silent
from readiness.alarms.series import Label, Query
from readiness.checklist import AlarmSettings
from readiness.facts.cloudwatch.alarms import Alarm
from readiness.facts.dynamodb.operations import OperationsAllowed, OperationsInUse
from readiness.facts.dynamodb.tags import QueriedTags
from readiness.model import Reason, Remedy, Status, Unavailable, Unreadable
from tests.rules import table_alarms as given
from tests.rules.alarms import DOUBTFUL, SILENT, UNKNOWN, alarm, math, opaque
from tests.rules.alarms_wired.builders import DENIED, NO_TAGS, READ, WRITE, errors, spikes, throttles
from tests.rules.table_alarms import INDEX, events, query, requests


def one_by_one(*operations: str) -> list[Alarm]:
    return [requests(each, name=f"throttled {each}") for each in operations]


@pytest.mark.parametrize(
    "alarms",
    [
        pytest.param([events()], id="the events, filled and added up"),
        pytest.param([alarm("r", given.summed(READ)), alarm("w", given.summed(WRITE))], id="reads and writes apart"),
        pytest.param([events(state="INSUFFICIENT_DATA")], id="a new alarm, which has no data until the first throttle"),
        pytest.param(one_by_one("GetItem", "PutItem", "Query"), id="the requests of every operation in use"),
        pytest.param([requests("GetItem", "PutItem", "Query")], id="their sum"),
        pytest.param([query()], id="a query over all operations"),
    ],
)
def test_somebody_hears_of_throttling(alarms: Sequence[Alarm]) -> None:
    assert throttles(*alarms).status is Status.PASS


@pytest.mark.parametrize(
    ("alarms", "message"),
    [
        pytest.param([], "no alarm on throttling reaches on-call: no alarm watches ReadThrottleEvents", id="no alarm"),
        pytest.param(
            [alarm("r", given.summed(READ))],
            "no alarm on throttling reaches on-call: no alarm watches WriteThrottleEvents",
            id="reads alone",
        ),
        pytest.param(
            [alarm("old", given.summed("ThrottledRequests"))],
            "no alarm on throttling reaches on-call: no alarm watches ReadThrottleEvents",
            id="requests without their operation, of which there is no metric",
        ),
        pytest.param(
            one_by_one("GetItem", "PutItem"),
            "no alarm on throttling reaches on-call: no alarm watches ThrottledRequests of Query",
            id="an operation short",
        ),
        pytest.param(
            [events(INDEX.name)],
            "no alarm on throttling reaches on-call: no alarm watches ReadThrottleEvents",
            id="an index alone",
        ),
        pytest.param(
            [events(operator="LessThanThreshold")],
            "no alarm on throttling reaches on-call: alarm table throttled: only low values breach its threshold",
            id="one that goes off when nothing is throttled",
        ),
    ],
)
def test_nobody_hears_of_throttling(alarms: Sequence[Alarm], message: str) -> None:
    verdict = throttles(*alarms)
    assert (verdict.status, verdict.message) == (Status.FAIL, message)


def test_ten_operations_fit_into_one_alarm_and_the_eleventh_is_missed() -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html: math alarms."""
    ten = [each for each in OPERATIONS if not each.startswith("Batch")][:10]
    assert throttles(requests(*ten), used=OperationsInUse(tuple(ten))).status is Status.PASS
    eleven = OperationsInUse((*ten, "UpdateItem"))
    assert throttles(requests(*ten), used=eleven).status is Status.FAIL
    assert throttles(query(), used=eleven).status is Status.PASS


def test_where_no_operation_is_known_to_be_used_any_may_be() -> None:
    assert throttles(*one_by_one("GetItem"), used=OperationsInUse(())).status is Status.FAIL
    assert throttles(query(), used=OperationsInUse(())).status is Status.PASS


def test_operations_that_the_checklist_names_are_used_too() -> None:
    alarms = one_by_one("GetItem", "PutItem", "Query")
    assert throttles(*alarms, settings=AlarmSettings(("Scan",))).status is Status.FAIL
    assert throttles(*alarms, requests("Scan", name="scan"), settings=AlarmSettings(("Scan",))).status is Status.PASS


def test_batches_that_nobody_watches_are_a_warning() -> None:
    verdict = throttles(*one_by_one("GetItem"), used=OperationsInUse(("BatchGetItem", "GetItem")))
    assert verdict.status is Status.WARN
    assert "batch operations are not covered: no alarm watches ThrottledRequests of BatchGetItem" in verdict.message
    assert throttles(query(), used=OperationsInUse(("BatchGetItem", "GetItem"))).status is Status.PASS


def test_the_causes_of_an_index_are_its_own_but_for_the_limit_of_writes() -> None:
    """The page on throttling documents WriteAccountLimitThrottleEvents for tables alone."""
    documented = ("KeyRangeThroughput", "MaxOnDemandThroughput", "AccountLimit")
    metrics = [f"{way}{cause}ThrottleEvents" for way in ("Read", "Write") for cause in documented]
    own = [alarm(metric, given.summed(metric, INDEX.name)) for metric in metrics]
    of_table = alarm("limit", given.summed(metrics[-1]))
    assert throttles(*own, index=True).status is Status.WARN
    assert throttles(*own[:-1], of_table, index=True).status is Status.WARN
    assert throttles(*own[:-1], index=True).status is Status.FAIL


def test_causes_alone_are_a_warning() -> None:
    assert throttles(*given.caused("KeyRangeThroughput", "MaxOnDemandThroughput", "AccountLimit")).status is Status.WARN
    assert throttles(*given.caused("KeyRangeThroughput", "MaxOnDemandThroughput")).status is Status.FAIL


@pytest.mark.parametrize(
    ("route", "status"),
    [pytest.param(SILENT, Status.FAIL, id="nobody"), pytest.param(DOUBTFUL, Status.WARN, id="maybe somebody")],
)
def test_the_first_broken_link_is_named_with_the_alarm(route: Route, status: Status) -> None:
    verdict = throttles(events(), leading=route)
    assert verdict.status is status
    assert verdict.message.endswith(f": alarm table throttled: {route.why}")


def test_a_change_of_the_verdict_has_a_subject_of_its_own() -> None:
    assert throttles().subject == "no alarm on throttling reaches on-call any more"
    assert throttles(events()).subject == "an alarm on throttling reaches on-call again"


def test_one_alarm_that_pages_is_enough() -> None:
    assert throttles(events(), query(), leading=SILENT).status is Status.PASS


@pytest.mark.parametrize(
    ("alarms", "other"),
    [
        pytest.param([events()], {"leading": UNKNOWN}, id="whom the alarm reaches"),
        pytest.param([], {"used": DENIED}, id="which operations are used"),
    ],
)
def test_what_can_not_be_read_is_unknown(alarms: Sequence[Alarm], other: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        throttles(*alarms, **other)


def test_operations_that_are_denied_hide_no_alarm_on_events() -> None:
    assert throttles(events(), used=DENIED).status is Status.PASS


def both(statistic: str, threshold: float, **other: Any) -> list[Alarm]:
    """An alarm each on what is throttled of reads and of writes."""
    return [
        alarm(metric, replace(given.summed(metric), statistic=statistic), threshold=threshold, **other)
        for metric in (READ, WRITE)
    ]


@pytest.mark.parametrize(
    ("alarms", "status", "why"),
    [
        pytest.param(both("Average", 1), Status.FAIL, "the Average of", id="an average above 1"),
        pytest.param(both("Maximum", 5), Status.FAIL, "the Maximum of", id="a maximum above 5"),
        pytest.param(both("Minimum", 1), Status.FAIL, "the Minimum of", id="a minimum above 1"),
        pytest.param(both("Average", 0), Status.PASS, "", id="an average above 0"),
        pytest.param(both("Sum", 1e9), Status.FAIL, "cannot be breached", id="a billion events a minute"),
        pytest.param(both("Sum", 500), Status.WARN, "above 100 events a minute", id="500 events a minute"),
        pytest.param(
            both("Sum", 0, period_seconds=86_400, datapoints=7), Status.FAIL, "after 7 days", id="seven days of seven"
        ),
        pytest.param(
            [math("a", "IF(FILL(m1,0)>0 AND FILL(m2,0)>0,1,0)", given.summed(READ), given.summed(WRITE))],
            Status.FAIL,
            "stays OK while only ReadThrottleEvents is high",
            id="reads and writes at once",
        ),
        pytest.param(
            [math("a", "IF(FILL(m1,0)>0 OR FILL(m2,0)>0,1,0)", given.summed(READ), given.summed(WRITE))],
            Status.PASS,
            "",
            id="either of both",
        ),
        pytest.param(
            [
                math(
                    "a",
                    "FILL(m1,0)+FILL(m2,0)",
                    given.summed(READ),
                    given.summed(WRITE),
                    operator="GreaterThanOrEqualToThreshold",
                )
            ],
            Status.FAIL,
            "always in ALARM",
            id="a sum that is never below its threshold",
        ),
        pytest.param(
            [math("a", "RATE(m1)", given.summed(READ)), *both("Sum", 0)[1:]],
            Status.WARN,
            "RATE is not evaluated",
            id="how much it changes",
        ),
    ],
)
def test_an_alarm_on_throttling_fires_in_time(alarms: Sequence[Alarm], status: Status, why: str) -> None:
    verdict = throttles(*alarms)
    assert verdict.status is status
    assert why in verdict.message


def test_how_many_events_are_too_many_is_the_checklists() -> None:
    assert throttles(*both("Sum", 500), settings=AlarmSettings(events_per_minute=1000)).status is Status.PASS
    assert throttles(*both("Sum", 50), settings=AlarmSettings(events_per_minute=10)).status is Status.WARN


def test_one_alarm_that_fires_makes_up_for_one_that_does_not() -> None:
    assert throttles(*both("Average", 1), events()).status is Status.PASS


FUNCTIONS_DO = OperationsAllowed(frozenset({"GetItem", "PutItem", "Query"}))


GET_AND_PUT = one_by_one("GetItem", "PutItem")


@pytest.mark.parametrize(
    ("used", "status", "why"),
    [
        pytest.param(
            ("GetItem", "PutItem", "GetRecords"), Status.PASS, "", id="a consumer of the stream reads records"
        ),
        pytest.param(
            ("DeleteItem", "GetItem", "PutItem", "TransactWriteItems"), Status.PASS, "", id="the monitor's own writes"
        ),
        pytest.param(("GetItem", "PutItem", "Query"), Status.FAIL, "ThrottledRequests of Query", id="a query"),
        pytest.param(
            ("BatchGetItem", "Scan"),
            Status.FAIL,
            "ThrottledRequests of BatchExecuteStatement",
            id="nothing that a function may do, so that any may be used",
        ),
    ],
)
def test_operations_that_no_function_does_need_no_alarm(used: tuple[str, ...], status: Status, why: str) -> None:
    verdict = throttles(*GET_AND_PUT, used=OperationsInUse(used), allowed=FUNCTIONS_DO)
    assert verdict.status is status
    assert why in verdict.message


def test_all_operations_that_no_alarm_watches_are_named() -> None:
    verdict = throttles(*one_by_one("GetItem"))
    assert (
        verdict.message
        == "no alarm on throttling reaches on-call: no alarm watches ThrottledRequests of PutItem and Query"
    )


@pytest.mark.parametrize(
    "allowed",
    [
        pytest.param(DENIED, id="who may do what is denied"),
        pytest.param(OperationsAllowed(frozenset({"GetItem"}), DENIED), id="one role could not be read"),
        pytest.param(OperationsAllowed(None, DENIED), id="the functions could not be listed"),
    ],
)
def test_whose_operation_it_is_may_be_unknown(allowed: OperationsAllowed | Unavailable) -> None:
    with pytest.raises(Unreadable) as unread:
        throttles(*GET_AND_PUT, allowed=allowed)
    assert unread.value.first == DENIED
    assert throttles(*GET_AND_PUT, requests("Query", name="q"), allowed=allowed).status is Status.PASS
    assert throttles(allowed=allowed).status is Status.FAIL, "no alarm at all is no question of whose they are"
    declared = AlarmSettings(("Scan",))
    assert throttles(*GET_AND_PUT, allowed=allowed, settings=declared).status is Status.FAIL


@pytest.mark.parametrize(
    "allowed", [DENIED, OperationsAllowed(frozenset({"GetItem"}), DENIED)], ids=["denied", "one role is denied"]
)
def test_any_operation_may_be_used_where_none_was_seen_and_not_all_roles_are_read(
    allowed: OperationsAllowed | Unavailable,
) -> None:
    with pytest.raises(Unreadable) as unread:
        throttles(*GET_AND_PUT, used=OperationsInUse(()), allowed=allowed)
    assert unread.value.first == DENIED


def test_without_functions_all_operations_count() -> None:
    assert throttles(*GET_AND_PUT, allowed=OperationsAllowed(None)).status is Status.FAIL
    assert throttles(*GET_AND_PUT, requests("Query", name="q"), allowed=OperationsAllowed(None)).status is Status.PASS


def test_an_operation_that_is_not_known_yet_has_no_alarm() -> None:
    used, allowed = OperationsInUse(("GetItem", "SearchVectors")), OperationsAllowed(None)
    verdict = throttles(*one_by_one("GetItem"), used=used, allowed=allowed)
    assert "SearchVectors" in verdict.message


def by_tag(*tags: Label) -> list[Alarm]:
    queries = [Query(NAMESPACE, metric, "SUM", ("TableName",), tags=tags) for metric in (READ, WRITE)]
    return [alarm(f"all {query.metric}", insights=(query,)) for query in queries]


PROD = Label("Env", "prod")


@pytest.mark.parametrize(
    ("tags", "live", "status", "why"),
    [
        pytest.param((PROD,), {"Env": "prod"}, Status.PASS, "", id="the table's own tag"),
        pytest.param((PROD,), {"Env": "test"}, Status.FAIL, "tag Env = prod is required", id="another"),
        pytest.param((PROD,), {}, Status.FAIL, "tag Env", id="a tag that it has not"),
        pytest.param((PROD, Label("Team", "a")), {"Env": "prod"}, Status.FAIL, "tag Team", id="one of two"),
        pytest.param((Label("Env", "test", equal=False),), {"Env": "prod"}, Status.PASS, "", id="all but another"),
        pytest.param(
            (Label("Env", "prod", equal=False),), {"Env": "prod"}, Status.FAIL, "tag Env != prod", id="all but it"
        ),
    ],
)
def test_a_query_by_tags_watches_what_has_them(
    tags: tuple[Label, ...], live: dict[str, str], status: Status, why: str
) -> None:
    verdict = throttles(*by_tag(*tags), tags=QueriedTags(live))
    assert verdict.status is status
    assert why in verdict.message


def test_what_an_alarm_watches_by_name_needs_no_tag() -> None:
    by_name_and_tag = events(insights=tuple(each for found in by_tag(PROD) for each in found.insights))
    assert throttles(by_name_and_tag, tags=NO_TAGS).status is Status.PASS


def test_the_tags_of_a_query_on_something_else_do_not_matter() -> None:
    other = Query("AWS/SQS", "NumberOfMessagesSent", "SUM", ("QueueName",), tags=(PROD,))
    assert throttles(events(insights=(other,)), tags=NO_TAGS).status is Status.PASS


def test_a_broken_link_is_mended_by_its_own_remedy() -> None:
    mended = silent("its actions are switched off", Remedy("aws cloudwatch {AlarmName}", {"AlarmName": "a"}))
    verdict = throttles(events(), leading=mended)
    assert verdict.remedy == mended.remedy
    assert verdict.evidence == {"AlarmName": "a", "NotRead": "CloudWatch Omni"}


def test_tags_that_are_denied_are_needed_by_queries_alone() -> None:
    with pytest.raises(Unreadable):
        throttles(*by_tag(PROD), tags=DENIED)
    assert throttles(*by_tag(PROD), events(), tags=DENIED).status is Status.PASS
    assert throttles(tags=DENIED).status is Status.FAIL


def test_an_alarm_that_can_not_be_read_may_watch_what_no_other_does() -> None:
    for check in (throttles, errors, spikes):
        with pytest.raises(Unreadable) as unread:
            check(opaque("logs"))
        assert unread.value.first.reason is Reason.NOT_HERE
        told_of_another = AlarmSettings(vouched={"logs": "other"})
        assert check(opaque("logs"), settings=told_of_another).status is Status.FAIL
        assert check(opaque("logs", actions=()), settings=told_of_another).status is Status.FAIL
    assert throttles(opaque("logs"), *both("Sum", 500)).status is Status.WARN, "one that is doubtful is known of"
    assert throttles(opaque("logs"), events()).status is Status.PASS


def test_what_is_not_looked_at_is_said() -> None:
    assert throttles().evidence["NotRead"] == "CloudWatch Omni"
    assert "NotRead" not in throttles(events()).evidence


def test_an_alarm_on_promql_counts_where_the_checklist_says_what_it_watches() -> None:
    promql = opaque("shop", "promql")
    with pytest.raises(Unreadable) as unread:
        throttles(promql)
    assert unread.value.first.detail.startswith("alarm shop: ")
    assert throttles(promql, leading=SILENT).status is Status.FAIL
    assert throttles(promql, settings=AlarmSettings(vouched={"shop": "reads"})).status is Status.FAIL
    vouched = AlarmSettings(vouched={"shop": "throttling"})
    assert throttles(promql, settings=vouched).status is Status.PASS
    assert throttles(promql, settings=vouched, leading=SILENT).status is Status.FAIL


@pytest.mark.parametrize(
    ("alarms", "status"),
    [
        pytest.param([events(INDEX.name)], Status.PASS, id="its own events"),
        pytest.param([events()], Status.FAIL, id="the events of its table, which leave it out"),
        pytest.param([query()], Status.PASS, id="requests, which are those of the index too"),
    ],
)
def test_an_index(alarms: Sequence[Alarm], status: Status) -> None:
    assert throttles(*alarms, index=True).status is status
