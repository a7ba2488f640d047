import shlex
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from readiness.alarms.dynamodb import NAMESPACE, OPERATIONS, series_of
from readiness.alarms.route import Route, silent
from readiness.alarms.series import Label, Query, series
from readiness.checklist import AlarmSettings
from readiness.engine.each import Each
from readiness.facts.cloudwatch.alarm_indexes import OF_ACCOUNT, function_alarms, throttles_of
from readiness.facts.cloudwatch.alarms import Alarm, AnomalyModels
from readiness.facts.dynamodb.consumption import READS, WRITES, Consumption
from readiness.facts.dynamodb.operations import OperationsAllowed, OperationsInUse
from readiness.facts.dynamodb.tags import QueriedTags
from readiness.facts.lambda_.table_functions import TableFunction
from readiness.facts.recorded.attestations import Drill, Drills
from readiness.facts.sns.subscriptions import Filtering, Subscription
from readiness.facts.sns.topics import TopicAttributes
from readiness.model import Gone, Reason, Remedy, Status, Unavailable, Unreadable, Verdict
from readiness.rules.alarms_wired import (
    Training,
    concurrency,
    confirmed,
    dead,
    drilled,
    fed,
    function_throttles,
    index_spikes,
    index_throttling,
    read_spikes,
    redriven,
    rule,
    steady,
    stuck,
    throttling,
    trained,
    user_errors,
    vector_indexes,
    write_spikes,
)
from tests.aws.account import TABLE
from tests.rules import table_alarms as given
from tests.rules.alarms import DOUBTFUL, SILENT, TOPIC, UNKNOWN, alarm, described, math, opaque, routes
from tests.rules.facts import NOW, ago, checklist, description
from tests.rules.functions import THE_TABLE, table_function
from tests.rules.table_alarms import ALL, INDEX, USED, band, consumption, events, indexed, query, requests, static

DENIED = Unavailable(Reason.ACCESS_DENIED, "cloudwatch:ListMetrics", "AccessDenied")
READ, WRITE = "ReadThrottleEvents", "WriteThrottleEvents"
ANY_OPERATION = OperationsAllowed(frozenset(OPERATIONS))
NO_TAGS = QueriedTags({})


def throttles(
    *alarms: Alarm,
    used: OperationsInUse | Unavailable = USED,
    allowed: OperationsAllowed | Unavailable = ANY_OPERATION,
    tags: QueriedTags | Unavailable = NO_TAGS,
    settings: AlarmSettings | None = None,
    index: bool = False,
    leading: Route | None = None,
) -> Verdict:
    """`leading` is where the first alarm leads; all others page."""
    wanted = checklist(alarms=settings or AlarmSettings())
    led = {alarms[0].name: leading} if leading else {}
    known = indexed(*alarms), routes(*alarms, **led), used, allowed, tags, wanted
    return index_throttling(THE_TABLE, INDEX, *known) if index else throttling(THE_TABLE, *known)


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


def errors(*alarms: Alarm, settings: AlarmSettings | None = None) -> Verdict:
    wanted = checklist(alarms=settings or AlarmSettings())
    return user_errors(indexed(*alarms), routes(*alarms), wanted)


@pytest.mark.parametrize(
    ("alarms", "status"),
    [
        pytest.param([given.user_errors()], Status.PASS, id="without a dimension"),
        pytest.param([], Status.FAIL, id="no alarm"),
        pytest.param([alarm("dead", given.summed("UserErrors"), threshold=50)], Status.FAIL, id="with a table name"),
        pytest.param([given.user_errors(threshold=0)], Status.WARN, id="the first error of any table"),
        pytest.param(
            [given.user_errors(threshold=0), alarm("b", given.USER_ERRORS, threshold=5)],
            Status.PASS,
            id="that, and another",
        ),
        pytest.param([given.user_errors(operator="LessThanThreshold")], Status.FAIL, id="too few errors"),
        pytest.param(
            [given.user_errors(threshold=0, operator="GreaterThanOrEqualToThreshold")], Status.FAIL, id="none is enough"
        ),
        pytest.param([given.user_errors(threshold=5000)], Status.WARN, id="a thousand a minute"),
        pytest.param([given.user_errors(datapoints=6)], Status.WARN, id="for half an hour"),
        pytest.param([query("UserErrors")], Status.FAIL, id="a query for dimensions that it does not have"),
    ],
)
def test_wrong_requests(alarms: Sequence[Alarm], status: Status) -> None:
    assert errors(*alarms).status is status


def test_wrong_requests_by_promql() -> None:
    vouched = AlarmSettings(vouched={"shop": "user-errors"})
    assert errors(opaque("shop", "promql"), settings=vouched).status is Status.PASS


def spikes(
    *alarms: Alarm,
    usual: Consumption | Unavailable | None = None,
    settings: AlarmSettings | None = None,
    **other: Any,
) -> Verdict:
    wanted = checklist(alarms=settings or AlarmSettings())
    known = indexed(*alarms), routes(*alarms), usual or consumption(), NO_TAGS, wanted
    return read_spikes(THE_TABLE, description(**other), *known)


@pytest.mark.parametrize(
    ("found", "status", "why"),
    [
        pytest.param(band(READS), Status.PASS, "", id="a band of what is to be expected"),
        pytest.param(
            band(READS, operator="LessThanLowerOrGreaterThanUpperThreshold"), Status.PASS, "", id="a band, both ways"
        ),
        pytest.param(
            band(READS, operator="LessThanLowerThreshold"),
            Status.FAIL,
            "only low values",
            id="a band, downwards alone",
        ),
        pytest.param(band(READS, state="INSUFFICIENT_DATA"), Status.PASS, "", id="a band that is still trained"),
        pytest.param(static(READS, 1.2), Status.PASS, "", id="a threshold of 1.2 times what is usual"),
        pytest.param(static(READS, 20), Status.PASS, "", id="of 20 times"),
        pytest.param(static(READS, 1.1), Status.WARN, "too low: 1.1 times", id="of 1.1 times"),
        pytest.param(static(READS, 21), Status.WARN, "too high: 21 times", id="of 21 times"),
        pytest.param(static(READS, 5, period_seconds=60), Status.PASS, "", id="over a minute"),
        pytest.param(static(READS, 5, period_seconds=3600), Status.WARN, "only after 1 hour", id="over an hour"),
        pytest.param(static(READS, 5, "Average"), Status.FAIL, "is Average", id="an average, of single requests"),
        pytest.param(static(READS, 5, "Maximum"), Status.FAIL, "is Maximum", id="a maximum, of single requests"),
        pytest.param(static(READS, 5, "Minimum"), Status.FAIL, "is Minimum", id="a minimum, of single requests"),
        pytest.param(static(READS, 5, operator="LessThanThreshold"), Status.FAIL, "only low values", id="too little"),
        pytest.param(
            math("a", "m1 / 60", given.summed(READS), threshold=500), Status.PASS, "", id="math, whose scale is its own"
        ),
        pytest.param(math("a", "RATE(m1)", given.summed(READS), threshold=9), Status.PASS, "", id="a rate of change"),
        pytest.param(
            math("a", "RATE(m1)", given.summed(READS), operator="LessThanThreshold"),
            Status.FAIL,
            "only low values",
            id="a drop",
        ),
        pytest.param(
            math("a", "m1 / m2", given.summed(READS), given.summed(READS), threshold=3),
            Status.PASS,
            "",
            id="compared with a longer period of itself",
        ),
        pytest.param(
            math("a", "MIN([m1, m2])", given.summed(READS), given.summed(WRITES), threshold=9),
            Status.FAIL,
            "stays OK while only ConsumedReadCapacityUnits",
            id="reads and writes at once",
        ),
        pytest.param(
            math("a", "TIME_SERIES(m1)", given.summed(READS)), Status.WARN, "TIME_SERIES", id="math that can't be told"
        ),
        pytest.param(
            static(READS, 0, operator="GreaterThanOrEqualToThreshold"), Status.FAIL, "always in ALARM", id="0"
        ),
        pytest.param(static(READS, 5, datapoints=12), Status.WARN, "only after 1 hour", id="an hour of 12 of 12"),
        pytest.param(static(READS, 5, units=("Bytes",)), Status.FAIL, "published in Count", id="a wrong unit"),
        pytest.param(band(READS, datapoints=288), Status.FAIL, "only after 1 day", id="a band for a day"),
        pytest.param(static(WRITES, 5), Status.FAIL, "no alarm watches", id="the writes"),
        pytest.param(query(READS, "TableName", threshold=5000, period_seconds=300), Status.PASS, "", id="a query"),
        pytest.param(
            query(READS, "TableName", function="AVG", threshold=5000),
            Status.FAIL,
            "is Average",
            id="a query, averaged",
        ),
        pytest.param(
            alarm("old", series(NAMESPACE, "ProvisionedReadCapacityUnits", "Sum", TableName=TABLE)),
            Status.FAIL,
            "no alarm watches",
            id="what is provisioned",
        ),
    ],
)
def test_unusually_much_that_is_read(found: Alarm, status: Status, why: str) -> None:
    verdict = spikes(found)
    assert verdict.status is status
    assert why in verdict.message


def test_no_alarm_on_what_is_read_or_written() -> None:
    none = indexed(), routes(), consumption(), NO_TAGS, checklist()
    for check, way in ((read_spikes, "Read"), (write_spikes, "Write")):
        verdict = check(THE_TABLE, description(), *none)
        assert verdict.status is Status.FAIL
        expected = f"no alarm on unusual {way.lower()}s reaches on-call: no alarm watches Consumed{way}CapacityUnits"
        assert verdict.message == expected


def test_a_threshold_that_can_not_be_reached() -> None:
    high = static(READS, 15)  # 15,000 units in five minutes, 50 a second
    assert spikes(high, max_reads=100).status is Status.PASS
    verdict = spikes(high, max_reads=50)
    assert verdict.status is Status.FAIL
    assert "at most 50 units a second can be consumed" in verdict.message


def test_a_threshold_above_the_quota_that_aws_may_have_raised() -> None:
    verdict = spikes(static(READS, 15_000), usual=consumption(1_000_000))
    assert verdict.status is Status.WARN
    assert "quota" in verdict.message


@pytest.mark.parametrize("usual", [None, 0.0], ids=["no datapoint", "zeros"])
def test_a_threshold_that_nothing_can_be_compared_with(usual: float | None) -> None:
    assert spikes(static(READS, 5), usual=consumption(usual)).status is Status.WARN
    assert spikes(band(READS), usual=consumption(usual)).status is Status.PASS


@pytest.mark.parametrize(
    "usual", [DENIED, Consumption(NOW.at, {})], ids=["denied", "CloudWatch could not read this one"]
)
def test_what_is_usual_is_needed_for_thresholds_alone(usual: Consumption | Unavailable) -> None:
    with pytest.raises(Unreadable):
        spikes(static(READS, 5), usual=usual)
    assert spikes(band(READS), usual=usual).status is Status.PASS
    assert spikes(static(READS, 5), band(READS), usual=usual).status is Status.PASS
    assert spikes(static(READS, 5, "Average"), usual=usual).status is Status.FAIL


def test_unusually_much_by_promql() -> None:
    promql = opaque("shop", "promql")
    assert spikes(promql, settings=AlarmSettings(vouched={"shop": "reads"})).status is Status.PASS
    assert spikes(promql, settings=AlarmSettings(vouched={"shop": "writes"})).status is Status.FAIL


@pytest.mark.parametrize(
    ("alarms", "status"),
    [
        pytest.param([band(READS, INDEX.name), band(WRITES, INDEX.name)], Status.PASS, id="its reads and writes"),
        pytest.param([band(READS, INDEX.name)], Status.WARN, id="its reads alone"),
        pytest.param([band(READS), band(WRITES)], Status.WARN, id="those of the table"),
    ],
)
def test_unusually_much_of_an_index(alarms: Sequence[Alarm], status: Status) -> None:
    known = indexed(*alarms), routes(*alarms), consumption(), NO_TAGS, checklist()
    assert index_spikes(THE_TABLE, INDEX, *known).status is status


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


@pytest.mark.parametrize(
    ("found", "status"),
    [
        pytest.param(events(state="ALARM", state_since=ago(days=3)), Status.WARN, id="for three days"),
        pytest.param(events(state="ALARM", state_since=ago(hours=24)), Status.PASS, id="for a day"),
        pytest.param(events(), Status.PASS, id="OK"),
        pytest.param(query(state="ALARM", state_since=ago(days=3)), Status.WARN, id="a query"),
        pytest.param(
            alarm(
                "each",
                insights=(Query(NAMESPACE, READ, "SUM", ("TableName",), grouped=("TableName",)),),
                state="ALARM",
                state_since=ago(days=3),
            ),
            Status.PASS,
            id="a query that tells of each table by itself",
        ),
        pytest.param(
            alarm(
                f"TargetTracking-table/{TABLE}-AlarmLow-0001",
                given.summed(WRITES),
                actions=(
                    "arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:1:resource/dynamodb/table/a:policy",
                ),
                operator="LessThanThreshold",
                state="ALARM",
                state_since=ago(days=30),
            ),
            Status.PASS,
            id="one that takes capacity away for weeks, and is to call nobody",
        ),
        pytest.param(
            alarm("a", series_of(READ, "orders"), state="ALARM", state_since=ago(days=3)),
            Status.PASS,
            id="another table",
        ),
    ],
)
def test_alarms_that_are_stuck(found: Alarm, status: Status) -> None:
    [verdict] = stuck(THE_TABLE, indexed(found), NOW)
    assert verdict.status is status


@pytest.mark.parametrize(
    ("found", "status"),
    [
        pytest.param(events(periods=1), Status.WARN, id="filled, one period"),
        pytest.param(events(periods=5), Status.PASS, id="filled, several periods"),
        pytest.param(events(periods=1, filled=False), Status.PASS, id="not filled"),
    ],
)
def test_alarms_that_take_a_late_datapoint_for_a_gap(found: Alarm, status: Status) -> None:
    [verdict] = steady(THE_TABLE, indexed(found))
    assert verdict.status is status


DATALESS = static(READS, 5, state="INSUFFICIENT_DATA", state_since=ago(days=2))


def feeds(found: Alarm, usual: Consumption | Unavailable | None = None, trained_as: str = "TRAINED") -> Verdict:
    [verdict] = fed(THE_TABLE, indexed(found), usual or consumption(), given.models([found], trained_as), NOW)
    return verdict


@pytest.mark.parametrize(
    ("found", "status"),
    [
        pytest.param(DATALESS, Status.FAIL, id="for two days, though it is published"),
        pytest.param(replace(DATALESS, state_since=ago(hours=24)), Status.WARN, id="for a day"),
        pytest.param(replace(DATALESS, state_since=ago(minutes=16)), Status.WARN, id="for more than three periods"),
        pytest.param(replace(DATALESS, state_since=ago(minutes=15)), Status.PASS, id="for three periods"),
        pytest.param(replace(DATALESS, state="OK"), Status.PASS, id="it has some"),
        pytest.param(
            events(state="INSUFFICIENT_DATA", state_since=ago(days=30)), Status.PASS, id="throttles, which are rare"
        ),
    ],
)
def test_alarms_without_data(found: Alarm, status: Status) -> None:
    assert feeds(found).status is status


def test_an_alarm_that_warms_up_has_no_data_yet() -> None:
    warming = replace(DATALESS, configured=ago(hours=1), warm_up=120)
    assert feeds(warming).status is Status.WARN
    assert feeds(replace(warming, configured=ago(hours=2))).status is Status.WARN
    assert feeds(replace(warming, configured=ago(hours=3))).status is Status.FAIL
    rare = events(state="INSUFFICIENT_DATA", configured=ago(hours=1), warm_up=120)
    assert feeds(rare).status is Status.WARN, "its actions are off, whatever it watches"


def test_an_alarm_has_no_data_where_nothing_is_consumed() -> None:
    assert feeds(DATALESS, consumption(None)).status is Status.WARN
    with pytest.raises(Unreadable):
        feeds(DATALESS, DENIED)


def test_an_alarm_on_anomalies_has_none_while_its_model_is_trained() -> None:
    unusual = band(READS, state="INSUFFICIENT_DATA", state_since=ago(days=2))
    assert feeds(unusual, trained_as="PENDING_TRAINING").status is Status.PASS
    assert feeds(unusual).status is Status.FAIL


def training(models: AnomalyModels, before: Training | None = None) -> list[Verdict]:
    earlier = Each({band(READS).arn: before} if before else {})
    return list(trained(THE_TABLE, indexed(*ALL), models, NOW, earlier))


@pytest.mark.parametrize(
    ("state", "since", "status"),
    [
        pytest.param("PENDING_TRAINING", None, Status.WARN, id="just made"),
        pytest.param("PENDING_TRAINING", ago(days=15), Status.WARN, id="for 15 days"),
        pytest.param("PENDING_TRAINING", ago(days=15, minutes=1), Status.FAIL, id="for longer"),
        pytest.param("TRAINED_INSUFFICIENT_DATA", ago(days=16), Status.FAIL, id="too little data for longer"),
        pytest.param("TRAINED", ago(days=16), Status.PASS, id="trained"),
    ],
)
def test_how_far_a_model_is_trained(state: str, since: Any, status: Status) -> None:
    before = Training(state, since) if since else None
    verdicts = training(given.models(ALL, **{READS: state}), before)
    assert [each.status for each in verdicts] == [status, Status.PASS]
    assert [each.resource for each in verdicts] == [band(READS).arn, band(WRITES).arn]
    carried = verdicts[0].carry
    assert carried == (None if state == "TRAINED" else Training(state, since or NOW.at))


def test_a_model_that_is_not_there() -> None:
    assert [each.status for each in training(AnomalyModels(()))] == [Status.WARN, Status.WARN]


def test_a_table_without_alarms_on_anomalies_needs_no_model() -> None:
    [verdict] = trained(THE_TABLE, indexed(events()), AnomalyModels(()), NOW, Each({}))
    assert verdict.status is Status.NOT_APPLICABLE


FUNCTIONS: Each[TableFunction] = Each({each.arn: each for each in (table_function(), table_function(name="cart"))})
OF_CHECKOUT, OF_ALL = throttles_of("checkout")
EXECUTIONS = replace(OF_ACCOUNT[0], statistic="Maximum")


def of_functions(*alarms: Alarm, **other: Route) -> Verdict:
    known = function_alarms(Each({each.arn: each for each in alarms}))
    return function_throttles(FUNCTIONS, known, routes(*alarms, **other), checklist())


@pytest.mark.parametrize(
    ("alarms", "status", "why"),
    [
        pytest.param([], Status.WARN, "Throttles of cart and Throttles of checkout: no alarm", id="none"),
        pytest.param([alarm("a", replace(OF_ALL, statistic="Sum"))], Status.PASS, "", id="one on all of the account"),
        pytest.param(
            [alarm("a", replace(OF_CHECKOUT, statistic="Sum"))],
            Status.WARN,
            "on-call for Throttles of cart",
            id="one",
        ),
        pytest.param(
            [alarm("a", replace(OF_ALL, statistic="Average"), threshold=1)],
            Status.WARN,
            "cannot be breached",
            id="one that never fires",
        ),
    ],
)
def test_functions_that_are_throttled(alarms: Sequence[Alarm], status: Status, why: str) -> None:
    verdict = of_functions(*alarms)
    assert verdict.status is status
    assert why in verdict.message


def test_whom_an_alarm_on_functions_reaches_may_be_unknown() -> None:
    with pytest.raises(Unreadable):
        of_functions(alarm("a", replace(OF_ALL, statistic="Sum")), a=UNKNOWN)


@pytest.mark.parametrize(
    ("found", "status"),
    [
        pytest.param(None, Status.WARN, id="no alarm"),
        pytest.param(alarm("a", EXECUTIONS, threshold=800), Status.PASS, id="executions"),
        pytest.param(alarm("a", replace(OF_ACCOUNT[1], statistic="Maximum"), threshold=800), Status.PASS, id="claimed"),
        pytest.param(alarm("a", EXECUTIONS, threshold=5000), Status.WARN, id="above the default"),
        pytest.param(alarm("a", series("AWS/Lambda", EXECUTIONS.metric, FunctionName="a")), Status.WARN, id="one's"),
    ],
)
def test_the_concurrency_of_the_account(found: Alarm | None, status: Status) -> None:
    assert of_account(*([found] if found else [])).status is status


def test_an_alarm_that_cannot_be_read_may_watch_functions() -> None:
    unread = opaque("logs")
    with pytest.raises(Unreadable):
        of_functions(unread)
    with pytest.raises(Unreadable):
        of_account(unread)
    assert of_functions(unread, alarm("a", replace(OF_ALL, statistic="Sum"))).status is Status.PASS
    assert of_account(unread, logs=SILENT).status is Status.WARN, "it tells nobody, whatever it watches"


def of_account(*alarms: Alarm, **other: Route) -> Verdict:
    known = function_alarms(Each({each.arn: each for each in alarms}))
    return concurrency(FUNCTIONS, known, routes(*alarms, **other), checklist())


def test_without_functions_nobody_is_throttled() -> None:
    none = function_alarms(Each({}))
    assert function_throttles(Each({}), none, routes(), checklist()).status is Status.NOT_APPLICABLE
    assert concurrency(Each({}), none, routes(), checklist()).status is Status.NOT_APPLICABLE


def vectors(*alarms: Alarm, indexes: tuple[str, ...] = ("by-look",)) -> Verdict:
    known = indexed(*alarms), routes(*alarms), NO_TAGS, checklist()
    return vector_indexes(THE_TABLE, description(vector_indexes=indexes), *known)


def on_vectors(index: str, metric: str = "VectorSearchRequestBytes", **other: Any) -> Alarm:
    one = replace(series_of(metric, TABLE, VectorIndexName=index), statistic="Sum")
    return alarm(f"{metric} {index}", one, **{"threshold": 1e9, "period_seconds": 300, **other})


@pytest.mark.parametrize(
    ("alarms", "status"),
    [
        pytest.param([], Status.WARN, id="no alarm"),
        pytest.param([on_vectors("by-look")], Status.PASS, id="what is searched"),
        pytest.param([on_vectors("by-look", "VectorWriteRequestBytes")], Status.PASS, id="what is written"),
        pytest.param([on_vectors("by-sound")], Status.WARN, id="another index"),
        pytest.param([on_vectors("by-look", units=("Count",))], Status.WARN, id="a wrong unit"),
    ],
)
def test_a_vector_index_has_metrics_of_its_own(alarms: Sequence[Alarm], status: Status) -> None:
    assert vectors(*alarms).status is status


def test_an_index_of_several_that_nobody_watches_is_named() -> None:
    verdict = vectors(on_vectors("by-look"), indexes=("by-look", "by-sound"))
    assert verdict.message == (
        "no alarm is certain to reach on-call for vector index by-sound: no alarm watches VectorSearchRequestBytes"
    )
    made = made_by("vector-indexes", verdict)
    assert vectors(on_vectors("by-look"), made, indexes=("by-look", "by-sound")).status is Status.PASS


def test_without_a_vector_index_there_is_nothing_to_watch() -> None:
    assert vectors(indexes=()).status is Status.NOT_APPLICABLE


OPEN = TopicAttributes((), pending=0, key=None, relay=())


@pytest.mark.parametrize(
    ("attributes", "status"),
    [
        pytest.param(OPEN, Status.PASS, id="all have"),
        pytest.param(replace(OPEN, pending=2), Status.WARN, id="two have not"),
        pytest.param(Gone("it"), Status.PASS, id="a topic that is gone, which the route says"),
    ],
)
def test_who_has_not_confirmed(attributes: TopicAttributes | Gone, status: Status) -> None:
    [verdict] = confirmed(THE_TABLE, indexed(*ALL), Each({TOPIC: attributes, "other": replace(OPEN, pending=1)}))
    assert verdict.status is status


def test_a_topic_that_is_denied_is_unknown() -> None:
    with pytest.raises(Unreadable) as unread:
        list(confirmed(THE_TABLE, indexed(*ALL), Each({TOPIC: DENIED})))
    assert unread.value.elements == {TOPIC: DENIED}


def delivers(protocol: str, filtering: Filtering | Unavailable, topic: str = TOPIC) -> list[Verdict]:
    arn = f"{topic}:1"
    known = Each({arn: Subscription(arn, protocol, None)})
    return list(redriven(THE_TABLE, indexed(*ALL), known, Each({arn: filtering})))


@pytest.mark.parametrize(
    ("protocol", "topic", "kept", "status"),
    [
        pytest.param("https", TOPIC, False, Status.WARN, id="a web hook without a queue"),
        pytest.param("https", TOPIC, True, Status.PASS, id="a web hook with one"),
        pytest.param("email", TOPIC, False, Status.PASS, id="mail"),
        pytest.param("https", f"{TOPIC}-other", False, Status.PASS, id="a topic of other alarms"),
    ],
)
def test_what_can_not_be_delivered(protocol: str, topic: str, *, kept: bool, status: Status) -> None:
    [verdict] = delivers(protocol, Filtering(f"{topic}:1", redriven=kept), topic)
    assert verdict.status is status


def test_a_subscription_that_is_denied_is_unknown() -> None:
    with pytest.raises(Unreadable):
        delivers("https", DENIED)


def set_off(delivered: bool | None, **since: float) -> Drill:  # noqa: FBT001  a column of the table
    return Drill("throttled", "arn", ago(**since), "arn:aws:iam::123456789012:user/ada", delivered)


@pytest.mark.parametrize(
    ("made", "status"),
    [
        pytest.param((), Status.NOT_APPLICABLE, id="never"),
        pytest.param((set_off(True, days=180),), Status.PASS, id="somebody was reached half a year ago"),
        pytest.param((set_off(True, days=181),), Status.NOT_APPLICABLE, id="longer ago, which proves nothing now"),
        pytest.param((set_off(False, days=2),), Status.FAIL, id="nobody was reached"),
        pytest.param((set_off(None, days=2),), Status.WARN, id="nobody could see whether"),
        pytest.param((set_off(False, days=2), set_off(True, days=1)), Status.PASS, id="nobody, and then somebody"),
        pytest.param((set_off(True, days=2), set_off(False, days=1)), Status.FAIL, id="somebody, and then nobody"),
    ],
)
def test_alarms_that_were_set_off_on_purpose(made: tuple[Drill, ...], status: Status) -> None:
    verdict = drilled(Drills(made), NOW)
    assert verdict.status is status
    assert not verdict.evidence or verdict.evidence["By"].endswith("user/ada")


Judge = Callable[[Alarm], Verdict]
REMEDIES: dict[str, Judge] = {
    "throttling": throttles,
    "index-throttling": lambda made: throttles(made, index=True),
    "user-errors": errors,
    "read-spikes": spikes,
    "function-throttles": of_functions,
    "concurrency": of_account,
}


def made_by(check: str, verdict: Verdict) -> Alarm:
    """The alarm that the remedy of a check makes, as DescribeAlarms would answer."""
    [fix] = [each.fix for each in rule.checks if each.name == check]
    values = {"table": TABLE, "region": "us-east-1", **verdict.evidence}
    words = shlex.split(fix.format_map({key: shlex.quote(str(value)) for key, value in values.items()}))
    return described(words[words.index("put-metric-alarm") + 1 :])


MISSING: dict[str, Callable[[], Verdict]] = {
    "throttling": throttles,
    "index-throttling": lambda: throttles(index=True),
    "user-errors": errors,
    "read-spikes": spikes,
    "function-throttles": of_functions,
    "concurrency": of_account,
}


@pytest.mark.parametrize("check", REMEDIES)
def test_the_alarm_that_is_offered_satisfies_the_check(check: str) -> None:
    made = made_by(check, MISSING[check]())
    assert REMEDIES[check](made).status is Status.PASS
    assert all(verdict.status is Status.PASS for verdict in steady(THE_TABLE, indexed(made)))
    indexes = description(indexes=(INDEX.name,))
    assert all(verdict.status is Status.PASS for verdict in dead(THE_TABLE, indexes, indexed(made)))
