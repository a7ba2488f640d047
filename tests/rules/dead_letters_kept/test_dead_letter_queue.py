import pytest

from readiness.engine.each import Each
from readiness.facts.cloudwatch.alarm_indexes import queue_alarms as alarms_on_queues
from readiness.facts.lambda_.function_sources import FunctionSource
from readiness.facts.lambda_.invocation_paths import InvocationPath, InvocationPaths, InvokeConfigs
from readiness.facts.lambda_.metrics import AsyncMetrics
from readiness.model import Gone, Status, Unavailable, Unreadable
from readiness.rules.dead_letters_kept import (
    asynchronous,
    delivered,
    encrypting,
    exists,
    functions,
    redrive,
    retained,
    retried,
    standard,
    tried,
    used,
    watched,
)
from tests.rules.alarms import routes
from tests.rules.dead_letters import (
    DAY,
    DEAD,
    KEPT,
    MAPPING,
    POLLED,
    TOPIC,
    letters,
    metrics,
    polled,
    qualifier,
    roles,
    source,
    target,
    target_queue,
    waiting,
    way,
    ways,
)
from tests.rules.dead_letters_kept.builders import API, MISSING, NONE, SYNCHRONOUS, UNKEPT, configs, sends, wanting
from tests.rules.facts import NOW, checklist
from tests.rules.functions import DENIED, THE_TABLE, each, table_function

STREAM = Each({MAPPING: source()})


UNSEEN = {"synchronous": (), "asynchronous": (), "others": ()}


@pytest.mark.parametrize(
    ("names", "status"),
    [
        pytest.param(("carts-api", "checkout"), Status.PASS, id="every pattern fits a function"),
        pytest.param(("checkout",), Status.FAIL, id="a pattern fits none"),
        pytest.param((), Status.FAIL, id="no function at all"),
    ],
)
def test_functions(names: tuple[str, ...], status: Status) -> None:
    found = each(*(table_function(name=name) for name in names))
    assert functions(wanting("*cart*", "*checkout*"), found).status is status


def test_a_pattern_that_fits_none_of_those_that_could_be_read_is_unknown() -> None:
    with pytest.raises(Unreadable):
        functions(wanting("*cart*"), each(table_function(), unlisted=DENIED))


def test_patterns_that_fit_are_certain_though_others_could_not_be_read() -> None:
    assert functions(wanting("*checkout*"), each(table_function(), unlisted=DENIED)).status is Status.PASS


def test_a_checklist_that_demands_it_of_none_has_nothing_to_judge() -> None:
    assert functions(wanting(), each(table_function())).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("found", "others", "received", "status"),
    [
        pytest.param(way(), ways("$LATEST"), 0, Status.PASS, id="invoked asynchronously, and kept"),
        pytest.param(way(**UNKEPT), ways("$LATEST"), 0, Status.FAIL, id="invoked asynchronously, and kept nowhere"),
        pytest.param(
            way(name="live", **UNKEPT), ways("live"), 0, Status.FAIL, id="kept for $LATEST, and its alias is invoked"
        ),
        pytest.param(
            way(**UNSEEN, **UNKEPT), ways("live", aliased=True), 0, Status.WARN, id="not kept where nobody invokes it"
        ),
        pytest.param(
            way(name="1"), ways("1", aliased=True), 0, Status.PASS, id="invoked by its number, and kept for it"
        ),
        pytest.param(
            way(**UNSEEN, **UNKEPT), ways("1", aliased=True), 0, Status.WARN, id="a version is invoked, and not $LATEST"
        ),
        pytest.param(
            way(unkept=("7",)), ways("$LATEST"), 0, Status.FAIL, id="one of two weighted versions has no dead letters"
        ),
        pytest.param(SYNCHRONOUS, ways("$LATEST"), 0, Status.PASS, id="a dead-letter queue, be it never used"),
        pytest.param(
            way(synchronous=API, asynchronous=(), **UNKEPT), ways("$LATEST"), 0, Status.FAIL, id="synchronous, and none"
        ),
        pytest.param(
            way(asynchronous=(), others=("lex.amazonaws.com",)), ways("$LATEST"), 0, Status.PASS, id="who knows how"
        ),
        pytest.param(
            way(asynchronous=(), others=("lex.amazonaws.com",), **UNKEPT),
            ways("$LATEST"),
            0,
            Status.FAIL,
            id="who knows how, and kept nowhere",
        ),
        pytest.param(way(**UNSEEN), ways(), 0, Status.PASS, id="nobody is seen, and kept"),
        pytest.param(way(**UNSEEN, **UNKEPT), ways(), 0, Status.FAIL, id="nobody is seen, and kept nowhere"),
        pytest.param(
            way(name="live", **UNSEEN, **UNKEPT),
            ways(aliased=True),
            5,
            Status.FAIL,
            id="invoked under a role that no policy shows, and the alias keeps nothing",
        ),
        pytest.param(
            way(**UNSEEN, **UNKEPT),
            ways(aliased=True),
            5,
            Status.WARN,
            id="likewise, and it is $LATEST beside an alias",
        ),
    ],
)
def test_asynchronous(found: InvocationPath, others: InvocationPaths, received: int, status: Status) -> None:
    counted = metrics(AsyncEventsReceived=received)
    assert asynchronous(qualifier(found.name), found, others, NONE, counted).status is status


@pytest.mark.parametrize(
    ("found", "received", "status"),
    [
        pytest.param(way(**UNSEEN, **UNKEPT), 0, Status.NOT_APPLICABLE, id="polled alone"),
        pytest.param(way(**UNSEEN, **UNKEPT), 2, Status.FAIL, id="polled, and asynchronous by the metric"),
        pytest.param(way(**UNKEPT), 0, Status.FAIL, id="polled, and invoked asynchronously"),
    ],
)
def test_what_is_polled_needs_nothing_more(found: InvocationPath, received: int, status: Status) -> None:
    seen = ways("$LATEST") if found.seen else ways()
    counted = metrics(AsyncEventsReceived=received)
    assert asynchronous(qualifier(), found, seen, STREAM, counted).status is status


@pytest.mark.parametrize(
    ("found", "sources", "received", "status"),
    [
        pytest.param(way(), NONE, 0, Status.PASS, id="invoked asynchronously"),
        pytest.param(SYNCHRONOUS, NONE, 0, Status.WARN, id="only by who waits for the answer"),
        pytest.param(SYNCHRONOUS, NONE, 3, Status.PASS, id="asynchronous by the metric, whatever the policy says"),
        pytest.param(way(synchronous=API), NONE, 0, Status.PASS, id="by who waits, and by who does not"),
        pytest.param(way(asynchronous=(), others=("lex.amazonaws.com",)), NONE, 0, Status.PASS, id="who knows how"),
        pytest.param(way(**UNSEEN), NONE, 0, Status.PASS, id="nobody is seen"),
        pytest.param(way(**UNSEEN), STREAM, 0, Status.WARN, id="polled alone"),
        pytest.param(way(**UNSEEN), STREAM, 2, Status.PASS, id="polled, and asynchronous by the metric"),
        pytest.param(way(synchronous=API, asynchronous=(), **UNKEPT), NONE, 0, Status.NOT_APPLICABLE, id="none"),
    ],
)
def test_used(found: InvocationPath, sources: Each[FunctionSource], received: int, status: Status) -> None:
    assert used(qualifier(), found, sources, metrics(AsyncEventsReceived=received)).status is status


def test_a_queue_that_nobody_uses_is_said_to_be_inert() -> None:
    message = used(qualifier(), SYNCHRONOUS, NONE, metrics()).message
    assert "is not used: apigateway.amazonaws.com invokes it synchronously" in message
    assert "never uses a dead-letter queue" in message
    assert "retry and idempotency must be in the caller" in message


@pytest.mark.parametrize(
    ("found", "status"),
    [
        pytest.param(InvokeConfigs({}), Status.PASS, id="nothing is said, which means twice"),
        pytest.param(configs("live", None), Status.PASS, id="nothing is said of attempts"),
        pytest.param(configs("live", 1), Status.PASS, id="once"),
        pytest.param(configs("live", 0), Status.WARN, id="never"),
        pytest.param(configs("$LATEST", 0), Status.PASS, id="never, by another qualifier"),
    ],
)
def test_an_event_is_tried_again(found: InvokeConfigs, status: Status) -> None:
    assert tried(qualifier("live"), found).status is status


def test_a_metric_that_could_not_be_read_hides_no_certain_verdict() -> None:
    assert asynchronous(qualifier(), way(**UNKEPT), ways("$LATEST"), NONE, DENIED).status is Status.FAIL
    assert asynchronous(qualifier(), way(), ways("$LATEST"), NONE, DENIED).status is Status.PASS
    assert used(qualifier(), way(), NONE, DENIED).status is Status.PASS


@pytest.mark.parametrize("counted", [DENIED, AsyncMetrics({})], ids=["denied", "of this function alone"])
def test_whether_a_queue_is_inert_is_unknown_without_the_metric(counted: AsyncMetrics | Unavailable) -> None:
    with pytest.raises(Unreadable):
        used(qualifier(), SYNCHRONOUS, NONE, counted)


def test_addresses_that_could_not_be_read_hide_no_certain_verdict() -> None:
    unsure = {"unread": DENIED}
    assert asynchronous(qualifier(), way(**unsure), ways(), NONE, metrics()).status is Status.PASS
    assert asynchronous(qualifier(), way(**unsure, **UNKEPT), ways(), NONE, metrics()).status is Status.FAIL
    assert used(qualifier(), way(**unsure), NONE, metrics()).status is Status.PASS
    with pytest.raises(Unreadable):
        used(qualifier(), way(**unsure, **UNSEEN), NONE, metrics())
    with pytest.raises(Unreadable):
        asynchronous(qualifier(), way(**unsure, **UNSEEN, **UNKEPT), ways("live"), NONE, metrics())


def test_whether_another_alias_is_used_instead_may_be_unknown() -> None:
    with pytest.raises(Unreadable):
        asynchronous(qualifier(), way(**UNSEEN, **UNKEPT), ways(unread=DENIED), NONE, metrics())


def test_a_fifo_takes_no_failed_events() -> None:
    assert standard(target()).status is Status.PASS
    assert standard(target(f"{DEAD}.fifo")).status is Status.FAIL
    assert standard(target(f"{TOPIC}.fifo")).status is Status.FAIL


@pytest.mark.parametrize(
    ("seconds", "status"),
    [
        pytest.param(4 * DAY, Status.PASS, id="four days"),
        pytest.param(4 * DAY - 1, Status.FAIL, id="a second less"),
        pytest.param(14 * DAY, Status.PASS, id="fourteen days"),
    ],
)
def test_retained(seconds: int, status: Status) -> None:
    assert retained(target_queue(retention_seconds=seconds)).status is status


@pytest.mark.parametrize(
    ("seconds", "words"), [(60, "1 minute"), (7200, "2 hours"), (DAY, "1 day"), (14 * DAY, "14 days")]
)
def test_how_long_is_said_in_words(seconds: int, words: str) -> None:
    message = retained(target_queue(retention_seconds=seconds)).message
    assert message.partition(",")[0] == f"message retention period is {words}"


def test_a_queue_that_does_not_exist_is_one_finding() -> None:
    assert exists(waiting(), letters()).status is Status.PASS
    missing = exists(waiting(), MISSING)
    assert missing.status is Status.FAIL
    assert missing.message == "SQS queue checkout-dead-letters does not exist: failed events are lost"
    others = [
        retained(MISSING),
        sends(target(), MISSING, None, roles()),
        redrive(source("sqs", source=POLLED), polled(), MISSING),
        watched(THE_TABLE, waiting(), MISSING, alarms_on_queues(each()), routes(), checklist(), NOW),
    ]
    assert {verdict.status for verdict in others} == {Status.NOT_APPLICABLE}


@pytest.mark.parametrize(
    ("arn", "attributes"),
    [
        pytest.param(DEAD, "MessageRetentionPeriod=1209600", id="a standard queue"),
        pytest.param(f"{DEAD}.fifo", "MessageRetentionPeriod=1209600,FifoQueue=true", id="a FIFO"),
    ],
)
def test_a_queue_that_is_missing_is_made_again_under_its_name(arn: str, attributes: str) -> None:
    evidence = exists(waiting(arn), MISSING).evidence
    assert (evidence["QueueName"], evidence["QueueAttributes"]) == (arn.rpartition(":")[2], attributes)


def test_a_polled_queue_that_does_not_exist_is_one_finding() -> None:
    lost, found = Gone("SQS queue orders does not exist"), source("sqs", source=POLLED)
    assert redrive(found, lost, lost).status is Status.NOT_APPLICABLE
    assert retried(found, lost, each(qualifier()), Each({})).status is Status.NOT_APPLICABLE


def test_a_key_that_does_not_exist_is_one_finding() -> None:
    assert encrypting(target(), Gone("the key does not exist"), roles()).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("lost", "status"),
    [
        pytest.param({}, Status.PASS, id="nothing lost"),
        pytest.param({"AsyncEventsDropped": 3}, Status.PASS, id="dropped after the last attempt, and kept"),
        pytest.param({"DeadLetterErrors": 1}, Status.WARN, id="the dead-letter queue refused one"),
        pytest.param({"DestinationDeliveryFailures": 1}, Status.WARN, id="the destination refused one"),
    ],
)
def test_delivered(lost: dict[str, int], status: Status) -> None:
    verdict = delivered(KEPT, metrics(**lost))
    assert verdict.status is status
    assert not verdict.watched, "counts move by themselves"


def test_deliveries_that_could_not_be_counted_are_unknown() -> None:
    with pytest.raises(Unreadable):
        delivered(KEPT, AsyncMetrics({}))
