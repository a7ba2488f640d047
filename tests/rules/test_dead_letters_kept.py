import json
import shlex
from typing import Any

import pytest
from msgspec.structs import replace

from readiness.alarms.route import PAGES, doubtful, silent, unknown
from readiness.alarms.series import Query, series
from readiness.checklist import AlarmSettings, FunctionSettings, Watches
from readiness.engine.each import Each
from readiness.engine.rule import Check
from readiness.facts.cloudwatch.alarm_indexes import queue_alarms as alarms_on_queues
from readiness.facts.cloudwatch.alarms import Alarm
from readiness.facts.iam.grants import Grants
from readiness.facts.lambda_.failure_routes import FailureTarget, SendingRoles
from readiness.facts.lambda_.failure_targets import Destination, KeyOfTarget, TargetListeners, TargetQueue, TargetTopic
from readiness.facts.lambda_.function_sources import FunctionSource, SourceQueue, StreamRetention
from readiness.facts.lambda_.invocation_paths import InvocationPath, InvocationPaths, InvokeConfig, InvokeConfigs
from readiness.facts.lambda_.live_versions import Configuration
from readiness.facts.lambda_.metrics import AsyncMetrics
from readiness.facts.sns.paging import Routes
from readiness.iam.statement import Statement
from readiness.model import Gone, Reason, Status, Unavailable, Unreadable, Verdict
from readiness.rules.dead_letters_kept import (
    SourceChange,
    asynchronous,
    delivered,
    destination,
    encrypting,
    exists,
    filtered,
    functions,
    given_up,
    key,
    other_source,
    queue_source,
    redrive,
    retained,
    retried,
    rule,
    sending,
    sources_running,
    standard,
    stream_source,
    subscribed,
    tried,
    used,
    watched,
)
from tests.aws.account import ACCOUNT, REGION, TABLE
from tests.rules.alarms import DOUBTFUL, SILENT, UNKNOWN, alarm, described, opaque, queue_alarm, routed, routes
from tests.rules.dead_letters import (
    DAY,
    DEAD,
    KEPT,
    MAPPING,
    POLLED,
    TOPIC,
    allow,
    letters,
    metrics,
    polled,
    qualifier,
    redriven,
    roles,
    source,
    target,
    target_queue,
    target_topic,
    waiting,
    way,
    ways,
)
from tests.rules.facts import NOW, ago, checklist
from tests.rules.functions import CHECKOUT, DENIED, ROLE, THE_TABLE, configuration, each, table_function

ONE_DAY = StreamRetention(DAY)
MSK = f"arn:aws:kafka:{REGION}:{ACCOUNT}:cluster/shop/4b9a2d1e-6c5f-4a8e-9b0c-1d2e3f4a5b6c-7"
BROKER = f"arn:aws:mq:{REGION}:{ACCOUNT}:broker:orders:b-1234a5b6-78cd-901e-2fgh-3i45j6k178l9"
CLUSTER = f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:carts"
CLICKS = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/clicks"
SHOP = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:shop"
BUS = f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/failures"
BUCKET = "arn:aws:s3:::failures"
API = ("apigateway.amazonaws.com",)
NONE: Each[FunctionSource] = Each({})
STREAM = Each({MAPPING: source()})
SYNCHRONOUS = way(synchronous=API, asynchronous=())
UNKEPT = {"keepers": (), "unkept": ("$LATEST",)}
UNSEEN = {"synchronous": (), "asynchronous": (), "others": ()}


def sends(
    found: FailureTarget,
    queue: TargetQueue | Gone | None,
    topic: TargetTopic | Gone | None,
    who: SendingRoles,
    receiver: Destination | Gone | None = None,
) -> Verdict:
    return sending(found, queue, topic, receiver, who)


def in_time(found: FunctionSource, kept: StreamRetention | Gone | Unavailable | None = ONE_DAY) -> Verdict:
    return given_up(found, kept)


def wanting(*patterns: str) -> Any:
    return checklist(functions=FunctionSettings(dead_letters_required=patterns))


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


def configs(qualifier: str, retries: int | None) -> InvokeConfigs:
    return InvokeConfigs({qualifier: InvokeConfig(DEAD, retries, None)})


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


MISSING = Gone("SQS queue checkout-dead-letters does not exist")


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


def test_a_topic_keeps_nothing_without_subscribers_or_where_it_is_gone() -> None:
    assert subscribed(target(TOPIC), target_topic(), TargetListeners(PAGES)).status is Status.PASS
    assert subscribed(target(TOPIC), target_topic(), TargetListeners(None)).status is Status.PASS
    assert subscribed(target(TOPIC), target_topic(subscribers=0), TargetListeners(None)).status is Status.FAIL
    assert subscribed(target(TOPIC), Gone("the topic failures does not exist"), None).status is Status.FAIL


def test_a_subscriber_that_the_topic_can_not_deliver_to_keeps_nothing() -> None:
    refused = silent("the resource policy of SQS queue pages does not allow SNS")
    assert subscribed(target(TOPIC), target_topic(), TargetListeners(refused)).status is Status.FAIL
    filtered = doubtful("every subscription of the topic failures has a filter, which may drop failed events")
    assert subscribed(target(TOPIC), target_topic(), TargetListeners(filtered)).status is Status.WARN


def test_subscribers_that_could_not_be_read_are_not_guessed() -> None:
    denied = Unavailable(Reason.ACCESS_DENIED, "sns:ListSubscriptionsByTopic")
    with pytest.raises(Unreadable):
        subscribed(target(TOPIC), target_topic(), denied)
    with pytest.raises(Unreadable):
        subscribed(target(TOPIC), target_topic(), TargetListeners(unknown(denied)))


SEND = allow("sqs:SendMessage", on=DEAD)


@pytest.mark.parametrize(
    ("statements", "status"),
    [
        pytest.param((SEND,), Status.PASS, id="allowed"),
        pytest.param((), Status.FAIL, id="not allowed"),
        pytest.param((allow("sqs:SendMessage", on=POLLED),), Status.FAIL, id="allowed for another queue"),
        pytest.param(
            (allow("sqs:SendMessage", conditions=("Bool aws:SecureTransport",)),), Status.WARN, id="under a condition"
        ),
        pytest.param((SEND, allow("sqs:*", allow=False)), Status.FAIL, id="denied all the same"),
    ],
)
def test_sending(statements: tuple[Statement, ...], status: Status) -> None:
    assert sends(target(), target_queue(), None, roles(*statements)).status is status


@pytest.mark.parametrize(
    ("senders", "status"),
    [
        pytest.param(Grants(admitted=(ROLE,)), Status.PASS, id="the queue admits the role"),
        pytest.param(Grants(conditionally=("*",)), Status.WARN, id="the queue admits anybody under a condition"),
        pytest.param(Grants(admitted=(f"arn:aws:iam::{ACCOUNT}:root",)), Status.FAIL, id="it leaves it to the account"),
    ],
)
def test_what_a_queue_itself_admits_counts_too(senders: Grants, status: Status) -> None:
    assert sends(target(), target_queue(senders=senders), None, roles()).status is status


def test_a_topic_may_admit_the_role_too() -> None:
    admitting = target_topic(senders=Grants(admitted=(ROLE,)))
    assert sends(target(TOPIC), None, admitting, roles()).status is Status.PASS
    assert sends(target(TOPIC), None, target_topic(), roles()).status is Status.FAIL


def test_a_queue_may_refuse_what_the_role_is_allowed() -> None:
    refusing = target_queue(senders=Grants(refused=("*",)))
    assert sends(target(), refusing, None, roles(SEND)).status is Status.FAIL


def test_a_queue_of_another_account_has_to_agree() -> None:
    theirs = f"arn:aws:sqs:{REGION}:999999999999:failures"
    role = roles(allow("sqs:SendMessage"))
    assert sends(target(theirs), target_queue(arn=theirs), None, role).status is Status.FAIL
    agreeing = target_queue(arn=theirs, senders=Grants(admitted=(ACCOUNT,)))
    assert sends(target(theirs), agreeing, None, role).status is Status.PASS


def test_what_lets_a_role_send_to_one_place_leaves_what_lets_it_send_to_another() -> None:
    """A policy of a role is replaced by one of the same name."""
    other = f"{POLLED}-dead-letters"
    places = [sends(target(arn), target_queue(arn=arn), None, roles()) for arn in (DEAD, other)]
    assert [place.evidence["PolicyName"] for place in places] == [
        "send-to-checkout-dead-letters",
        "send-to-orders-dead-letters",
    ]


def test_a_boundary_holds_the_role_back() -> None:
    held = roles(SEND, boundary=(allow("dynamodb:*"),))
    assert sends(target(), target_queue(), None, held).status is Status.FAIL


def test_a_role_that_does_not_exist_sends_nothing() -> None:
    assert sends(target(), target_queue(), None, SendingRoles({}, {})).status is Status.FAIL


def test_nothing_is_sent_to_what_does_not_exist() -> None:
    assert sends(target(), Gone("no such queue"), None, roles()).status is Status.NOT_APPLICABLE
    assert sends(target(TOPIC), None, Gone("no such topic"), roles()).status is Status.NOT_APPLICABLE


def test_a_role_that_could_not_be_read_is_unknown() -> None:
    with pytest.raises(Unreadable):
        sends(target(), target_queue(), None, SendingRoles({}, {ROLE: DENIED}))
    with pytest.raises(Unreadable):
        sends(target(), target_queue(), None, SendingRoles({}, {}, DENIED))


def test_kafka_has_permissions_of_its_own() -> None:
    assert sends(target("kafka://failures"), None, None, roles()).status is Status.NOT_APPLICABLE
    assert standard(target("kafka://failures")).status is Status.PASS


@pytest.mark.parametrize(
    ("statements", "status"),
    [
        pytest.param((allow("s3:PutObject", on="arn:aws:s3:::failures/*"),), Status.WARN, id="without ListBucket"),
        pytest.param(
            (allow("s3:PutObject", on="arn:aws:s3:::failures/*"), allow("s3:ListBucket", on="arn:aws:s3:::failures")),
            Status.PASS,
            id="with both",
        ),
    ],
)
def test_a_bucket_whose_own_policy_is_not_looked_at(statements: tuple[Statement, ...], status: Status) -> None:
    bucket: FailureTarget = target("arn:aws:s3:::failures")
    assert sends(bucket, None, None, roles(*statements)).status is status


KEPT_BY = "is no storage: what it does not process is lost"


@pytest.mark.parametrize(
    ("arn", "found", "status", "message"),
    [
        pytest.param(
            SHOP,
            Gone("the function shop does not exist"),
            Status.FAIL,
            "the function shop does not exist: failed events are lost",
            id="a function that does not exist",
        ),
        pytest.param(
            BUCKET,
            Gone("the bucket failures does not exist"),
            Status.FAIL,
            "the bucket failures does not exist: failed events are lost",
            id="a bucket that was deleted",
        ),
        pytest.param(
            SHOP,
            Destination("lambda", "the function shop"),
            Status.WARN,
            f"the function shop {KEPT_BY}",
            id="a function",
        ),
        pytest.param(
            BUS, Destination("events", "the event bus x"), Status.WARN, f"the event bus x {KEPT_BY}", id="an event bus"
        ),
        pytest.param(
            BUCKET,
            Destination("s3", "the bucket failures"),
            Status.PASS,
            "the bucket failures exists and keeps failed events",
            id="a bucket, which keeps them for good",
        ),
    ],
)
def test_a_destination_that_is_no_queue_and_no_topic(
    arn: str, found: Destination | Gone, status: Status, message: str
) -> None:
    verdict = destination(target(arn), found)
    assert (verdict.status, verdict.message) == (status, message)


@pytest.mark.parametrize(
    ("arn", "kind", "action"),
    [(SHOP, "lambda", "lambda:InvokeFunction"), (BUS, "events", "events:PutEvents")],
    ids=["a function", "an event bus"],
)
def test_a_function_or_a_bus_lets_the_role_in_by_either_policy(arn: str, kind: str, action: str) -> None:
    closed, there = Destination(kind, "it"), target(arn)
    assert sends(there, None, None, roles(), closed).status is Status.FAIL
    assert sends(there, None, None, roles(allow(action, on=arn)), closed).status is Status.PASS
    admitting = Destination(kind, "it", Grants(admitted=(ROLE,)))
    assert sends(there, None, None, roles(), admitting).status is Status.PASS
    assert sends(there, None, None, roles(), Gone("it does not exist")).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize("denied", [allow("sqs:*", allow=False), allow("sqs:SendMessage", on=DEAD, allow=False)])
def test_what_the_role_is_denied_no_policy_of_the_queue_allows(denied: Statement) -> None:
    admitting = target_queue(senders=Grants(admitted=(ROLE,)))
    assert sends(target(), admitting, None, roles(denied)).status is Status.FAIL


def test_what_the_role_is_denied_under_a_condition_the_queue_may_still_allow() -> None:
    admitting = target_queue(senders=Grants(admitted=(ROLE,)))
    insecure = allow("sqs:*", allow=False, conditions=("Bool aws:SecureTransport",))
    assert sends(target(), admitting, None, roles(insecure)).status is Status.PASS


def test_a_target_without_any_sender_that_is_known_is_no_failure() -> None:
    assert sends(FailureTarget(DEAD, ()), target_queue(), None, roles()).status is Status.PASS


KMS = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
USE = allow("kms:GenerateDataKey", "kms:Decrypt", on=KMS)
BY_ACCOUNT = Grants(admitted=(f"arn:aws:iam::{ACCOUNT}:root",))


@pytest.mark.parametrize(
    ("users", "statements", "status"),
    [
        pytest.param(BY_ACCOUNT, (USE,), Status.PASS, id="allowed, and the key leaves it to the account"),
        pytest.param(BY_ACCOUNT, (), Status.FAIL, id="not allowed"),
        pytest.param(BY_ACCOUNT, (allow("kms:GenerateDataKey"),), Status.FAIL, id="without Decrypt"),
        pytest.param(Grants(), (USE,), Status.FAIL, id="the key does not leave it to the account"),
        pytest.param(Grants(admitted=(ROLE,)), (), Status.PASS, id="the key admits the role"),
    ],
)
def test_encrypting(users: Grants, statements: tuple[Statement, ...], status: Status) -> None:
    assert encrypting(target(), KeyOfTarget(KMS, "Enabled", users), roles(*statements)).status is status


def test_a_key_that_is_disabled_keeps_everything_out() -> None:
    assert key(KeyOfTarget(KMS, "Enabled", BY_ACCOUNT)).status is Status.PASS
    assert key(KeyOfTarget(KMS, "Disabled", BY_ACCOUNT)).status is Status.FAIL


@pytest.mark.parametrize(
    ("found", "status"),
    [
        pytest.param(polled(), Status.PASS, id="as it should be"),
        pytest.param(polled(redrives_to=None), Status.FAIL, id="no redrive policy, whatever the function has"),
        pytest.param(polled(redrives_to=f"{DEAD}.fifo"), Status.FAIL, id="a FIFO behind a standard queue"),
        pytest.param(polled(arn=f"{POLLED}.fifo"), Status.FAIL, id="a standard queue behind a FIFO"),
        pytest.param(polled(arn=f"{POLLED}.fifo", redrives_to=f"{DEAD}.fifo"), Status.PASS, id="both FIFO"),
    ],
)
def test_queue_source(found: SourceQueue, status: Status) -> None:
    assert queue_source(source("sqs", source=POLLED), found).status is status


@pytest.mark.parametrize(
    ("dead", "status"),
    [
        pytest.param({}, Status.PASS, id="fourteen days behind four"),
        pytest.param({"retention_seconds": 4 * DAY + 1}, Status.PASS, id="a second longer"),
        pytest.param({"retention_seconds": 4 * DAY}, Status.FAIL, id="not longer"),
        pytest.param({"redrive_permission": "denyAll"}, Status.FAIL, id="lets nobody in"),
        pytest.param({"redrive_permission": "byQueue", "sources": (POLLED,)}, Status.PASS, id="lets this queue in"),
        pytest.param({"redrive_permission": "byQueue", "sources": (TOPIC,)}, Status.FAIL, id="lets another queue in"),
    ],
)
def test_redrive(dead: dict[str, Any], status: Status) -> None:
    assert redrive(source("sqs", source=POLLED), polled(), redriven(**dead)).status is status


def test_a_source_that_keeps_a_message_as_long_as_aws_allows_has_to_be_shortened() -> None:
    found = polled(retention_seconds=14 * DAY)
    verdict = redrive(source("sqs", source=POLLED), found, redriven(retention_seconds=14 * DAY))
    assert verdict.status is Status.WARN
    assert verdict.message.endswith("14 days is the maximum, so shorten that of the source")
    assert verdict.evidence["QueueUrl"] == found.queue.url
    assert json.loads(verdict.evidence["Attributes"]) == {"MessageRetentionPeriod": "345600"}


def test_fifo_queues_that_both_keep_fourteen_days_are_in_order() -> None:
    """A message of a FIFO is as old as its move."""
    found = polled(arn=f"{POLLED}.fifo", redrives_to=f"{DEAD}.fifo", retention_seconds=14 * DAY)
    behind = redriven(arn=f"{DEAD}.fifo", retention_seconds=14 * DAY)
    assert redrive(source("sqs", source=f"{POLLED}.fifo"), found, behind).status is Status.PASS


def test_a_dead_letter_queue_is_opened_to_that_queue_and_to_no_other() -> None:
    other = f"{POLLED}-other"
    closed = redriven(redrive_permission="byQueue", sources=(other,))
    attributes = json.loads(redrive(source("sqs", source=POLLED), polled(), closed).evidence["Attributes"])
    allowed = json.loads(attributes["RedriveAllowPolicy"])
    assert allowed == {"redrivePermission": "byQueue", "sourceQueueArns": [POLLED, other]}


def test_a_dead_letter_queue_that_keeps_too_little_is_told_to_keep_longer() -> None:
    verdict = redrive(source("sqs", source=POLLED), polled(), redriven(retention_seconds=DAY))
    assert verdict.evidence["QueueUrl"].endswith("/checkout-dead-letters")
    assert json.loads(verdict.evidence["Attributes"]) == {"MessageRetentionPeriod": "1209600"}


@pytest.mark.parametrize(
    ("other", "status"),
    [
        pytest.param({}, Status.PASS, id="five receives, and six timeouts of 30 s"),
        pytest.param({"max_receives": 4}, Status.WARN, id="four receives"),
        pytest.param({"visibility_seconds": 179}, Status.WARN, id="a second less than six timeouts"),
        pytest.param({"redrives_to": None}, Status.NOT_APPLICABLE, id="no redrive policy"),
    ],
)
def test_retried(other: dict[str, Any], status: Status) -> None:
    configurations = Each({f"{CHECKOUT}:$LATEST": configuration()})
    assert retried(source("sqs"), polled(**other), each(qualifier()), configurations).status is status


def test_the_timeout_is_that_of_the_version_that_is_invoked() -> None:
    configurations = Each(
        {
            f"{CHECKOUT}:$LATEST": configuration(timeout_seconds=900),
            f"{CHECKOUT}:7": configuration(version="7", timeout_seconds=31),
        }
    )
    found = retried(source("sqs", "live"), polled(), each(qualifier(), qualifier("live", "7")), configurations)
    assert found.status is Status.WARN
    assert found.evidence["EnoughVisibilityTimeout"] == 186


def timed(**seconds: int) -> Each[Configuration]:
    """Versions with these timeouts: `v7=10`."""
    numbers = {key.removeprefix("v"): timeout for key, timeout in seconds.items()}
    return Each({f"{CHECKOUT}:{each}": configuration(version=each, timeout_seconds=s) for each, s in numbers.items()})


def test_a_version_that_is_not_known_counts_as_the_slowest() -> None:
    found = retried(source("sqs", "6"), polled(), each(qualifier()), timed(v7=10, v8=900))
    assert (found.status, found.evidence["EnoughVisibilityTimeout"]) == (Status.WARN, 5400)


def test_of_two_weighted_versions_the_slower_one_counts() -> None:
    found = retried(source("sqs", "live"), polled(), each(qualifier("live", "7", "8")), timed(v7=10, v8=40))
    assert (found.status, found.evidence["EnoughVisibilityTimeout"]) == (Status.WARN, 240)


@pytest.mark.parametrize(
    ("other", "status"),
    [
        pytest.param({}, Status.PASS, id="as it should be"),
        pytest.param({"retries": None, "max_age_seconds": None}, Status.WARN, id="tried without end"),
        pytest.param({"retries": None}, Status.PASS, id="an end by age alone"),
        pytest.param({"max_age_seconds": None}, Status.PASS, id="an end by attempts alone"),
        pytest.param({"bisects": False}, Status.WARN, id="no bisect"),
    ],
)
def test_given_up(other: dict[str, Any], status: Status) -> None:
    assert in_time(source(**other)).status is status
    assert in_time(source("kinesis", **other)).status is status


ENDLESS: dict[str, Any] = {"retries": None, "max_age_seconds": None}
WEEK: dict[str, Any] = {"retries": None, "max_age_seconds": 604_800}
TWO_DAYS: dict[str, Any] = {"retries": None, "max_age_seconds": 2 * DAY}
EXPIRES = "the stream keeps it for 1 day: it expires first, and is lost"


@pytest.mark.parametrize(
    ("found", "kept", "status", "message"),
    [
        pytest.param(
            source(**WEEK), ONE_DAY, Status.WARN, f"is retried for 7 days, but {EXPIRES}", id="it expires after a day"
        ),
        pytest.param(
            source(retries=None, max_age_seconds=DAY),
            ONE_DAY,
            Status.WARN,
            f"is retried for 1 day, but {EXPIRES}",
            id="just as long as it is kept",
        ),
        pytest.param(
            source(retries=None, max_age_seconds=DAY - 1), ONE_DAY, Status.PASS, "is discarded in time", id="shorter"
        ),
        pytest.param(
            source(retries=5, max_age_seconds=604_800),
            ONE_DAY,
            Status.PASS,
            "is discarded in time",
            id="the attempts have an end",
        ),
        pytest.param(
            source(retries=5), DENIED, Status.PASS, "is discarded in time", id="an end, whatever the stream keeps"
        ),
        pytest.param(
            source("kinesis", source=CLICKS, **TWO_DAYS),
            StreamRetention(7 * DAY),
            Status.PASS,
            "is discarded in time",
            id="Kinesis keeps it longer",
        ),
        pytest.param(
            source("kinesis", source=CLICKS, **TWO_DAYS),
            Gone("the stream clicks does not exist"),
            Status.WARN,
            "is retried for 2 days, but the stream clicks does not exist",
            id="a stream that does not exist",
        ),
        pytest.param(
            source("kafka", source=MSK, bisects=False, **ENDLESS),
            None,
            Status.PASS,
            "is discarded in time",
            id="Kafka with a destination ends after ten attempts",
        ),
        pytest.param(
            source("kafka", source=MSK, on_failure=None, **ENDLESS),
            None,
            Status.WARN,
            "blocks its shard until it expires, and is lost: retries are unlimited",
            id="Kafka without one has no end",
        ),
        pytest.param(
            source("kafka", source=MSK, on_failure=None, **TWO_DAYS),
            None,
            Status.WARN,
            "is retried for 2 days, but the retention of its topic is not known",
            id="how long a topic of Kafka keeps a record is not known",
        ),
    ],
)
def test_a_record_is_given_up_before_its_stream_forgets_it(
    found: FunctionSource, kept: StreamRetention | Gone | Unavailable | None, status: Status, message: str
) -> None:
    verdict = in_time(found, kept)
    assert verdict.status is status
    assert verdict.message.partition(" that always fails ")[2] == message


def test_how_long_a_stream_keeps_a_record_may_decide() -> None:
    with pytest.raises(Unreadable):
        in_time(source("kinesis", source=CLICKS, **TWO_DAYS), DENIED)


@pytest.mark.parametrize(
    ("found", "status"),
    [
        pytest.param(source("mq", source=BROKER, on_failure=None), Status.WARN, id="a broker"),
        pytest.param(source("documentdb", source=CLUSTER, on_failure=None), Status.WARN, id="a cluster of DocumentDB"),
        pytest.param(source("kafka", source=MSK), Status.NOT_APPLICABLE, id="Kafka"),
        pytest.param(source(), Status.NOT_APPLICABLE, id="a stream"),
        pytest.param(source("sqs", source=POLLED), Status.NOT_APPLICABLE, id="a queue"),
    ],
)
def test_lambda_keeps_nothing_of_what_fails_of_a_broker_or_a_cluster(found: FunctionSource, status: Status) -> None:
    assert other_source(found).status is status


@pytest.mark.parametrize("arn", [MSK, None], ids=["MSK", "self-managed"])
def test_topics_of_kafka_need_a_destination_as_streams_do(arn: str | None) -> None:
    assert stream_source(table_function(), source("kafka", source=arn)).status is Status.PASS
    assert stream_source(table_function(), source("kafka", source=arn, on_failure=None)).status is Status.FAIL


def test_a_filter_that_can_not_be_decrypted_is_said() -> None:
    assert filtered(source()).status is Status.PASS
    verdict = filtered(source(filter_error="KMSAccessDeniedException"))
    assert verdict.status is Status.WARN
    assert "cannot be decrypted: KMSAccessDeniedException" in verdict.message


def test_a_stream_without_a_destination_loses_records() -> None:
    assert stream_source(table_function(), source()).status is Status.PASS
    assert stream_source(table_function(), source(on_failure=None)).status is Status.FAIL


def test_a_queue_is_no_stream() -> None:
    assert stream_source(table_function(), source("sqs")).status is Status.NOT_APPLICABLE
    assert in_time(source("sqs")).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("other", "before", "status"),
    [
        pytest.param({}, None, Status.PASS, id="enabled"),
        pytest.param({"state": "Disabled"}, None, Status.FAIL, id="disabled"),
        pytest.param({"state": "Disabling"}, None, Status.FAIL, id="being disabled"),
        pytest.param({"result": "PROBLEM: Function call failed"}, None, Status.FAIL, id="in trouble"),
        pytest.param({"result": "No records processed"}, None, Status.PASS, id="nothing to do"),
        pytest.param({"state": "Updating"}, None, Status.WARN, id="being updated"),
        pytest.param(
            {"state": "Updating"}, SourceChange("Updating", ago(minutes=15)), Status.WARN, id="for 15 minutes"
        ),
        pytest.param({"state": "Updating"}, SourceChange("Updating", ago(minutes=16)), Status.FAIL, id="for too long"),
        pytest.param(
            {"state": "Enabling"}, SourceChange("Updating", ago(minutes=16)), Status.WARN, id="now it is another change"
        ),
    ],
)
def test_sources_running(other: dict[str, Any], before: SourceChange | None, status: Status) -> None:
    assert sources_running(source(**other), NOW, before).status is status


ALARM = queue_alarm("checkout-dead-letters")
SENT = "NumberOfMessagesSent"


def watching(alarms: Each[Alarm], found: Routes, arn: str = DEAD) -> Verdict:
    return watched(THE_TABLE, waiting(arn), letters(), alarms_on_queues(alarms), found, checklist(), NOW)


@pytest.mark.parametrize(
    ("alarms", "found", "status"),
    [
        pytest.param(each(ALARM), routes(ALARM), Status.PASS, id="an alarm that pages"),
        pytest.param(each(), routes(), Status.FAIL, id="no alarm"),
        pytest.param(each(ALARM), routed(SILENT, ALARM), Status.FAIL, id="an alarm that reaches nobody"),
        pytest.param(each(ALARM), routed(DOUBTFUL, ALARM), Status.WARN, id="an alarm that may reach somebody"),
        pytest.param(each(ALARM, unlisted=DENIED), routes(ALARM), Status.PASS, id="one that pages among unknown ones"),
    ],
)
def test_watched(alarms: Any, found: Routes, status: Status) -> None:
    assert watching(alarms, found).status is status


@pytest.mark.parametrize(
    ("other", "status"),
    [
        pytest.param({"threshold": 1, "operator": "GreaterThanOrEqualToThreshold"}, Status.PASS, id="one or more"),
        pytest.param({"threshold": 1}, Status.FAIL, id="two or more"),
        pytest.param({"threshold": 0, "operator": "LessThanOrEqualToThreshold"}, Status.FAIL, id="none"),
    ],
)
def test_one_message_is_enough(other: dict[str, Any], status: Status) -> None:
    found = queue_alarm("checkout-dead-letters", **other)
    assert watching(each(found), routes(found)).status is status


def read_as(statistic: str, metric: str = "ApproximateNumberOfMessagesVisible", **other: Any) -> Alarm:
    return alarm("a", series("AWS/SQS", metric, statistic, QueueName="checkout-dead-letters"), **other)


@pytest.mark.parametrize(
    ("found", "status", "why"),
    [
        pytest.param(
            read_as("Maximum", threshold=0, operator="GreaterThanOrEqualToThreshold"),
            Status.FAIL,
            "always in ALARM",
            id="none or more",
        ),
        pytest.param(
            read_as("Maximum", "ApproximateAgeOfOldestMessage", threshold=60), Status.PASS, "", id="an age of a minute"
        ),
        pytest.param(
            read_as("Maximum", "ApproximateAgeOfOldestMessage", threshold=7200),
            Status.WARN,
            "above 900 seconds of age",
            id="an age of two hours",
        ),
        pytest.param(read_as("Maximum", datapoints=1440), Status.FAIL, "only after 1 day", id="a day of minutes"),
        pytest.param(
            read_as("Minimum", period_seconds=86_400), Status.FAIL, "only after 1 day", id="the least of a day"
        ),
        pytest.param(read_as("Average"), Status.PASS, "", id="an average above 0"),
        pytest.param(read_as("Maximum", datapoints=30), Status.WARN, "only after 30 minutes", id="half an hour"),
        pytest.param(read_as("SampleCount"), Status.FAIL, "always in ALARM", id="how often it was looked at"),
        pytest.param(
            read_as("Maximum", "ApproximateNumberOfMessagesNotVisible"), Status.FAIL, "no alarm", id="those in work"
        ),
        pytest.param(
            read_as("Maximum", band=True, threshold=None, operator="GreaterThanUpperThreshold"),
            Status.PASS,
            "",
            id="what is unusual",
        ),
    ],
)
def test_an_alarm_on_a_queue_fires_in_time(found: Alarm, status: Status, why: str) -> None:
    verdict = watching(each(found), routes(found))
    assert verdict.status is status
    assert why in verdict.message


@pytest.mark.parametrize(
    ("hours", "status"),
    [pytest.param(23, Status.PASS, id="of late"), pytest.param(25, Status.WARN, id="for more than a day")],
)
def test_an_alarm_that_is_in_alarm_for_a_message_is_silent_about_the_next_one(hours: int, status: Status) -> None:
    gone_off = queue_alarm("checkout-dead-letters", state="ALARM", state_since=ago(hours=hours))
    verdict = watching(each(gone_off), routes(gone_off))
    assert verdict.status is status
    assert ("actions do not run for the next incident" in verdict.message) is (status is Status.WARN)
    assert (verdict.remedy is not None) is (status is Status.WARN)
    if verdict.remedy:
        assert verdict.remedy.command.startswith("aws cloudwatch set-alarm-state --alarm-name {AlarmName}")
        assert verdict.remedy.values["AlarmName"] == gone_off.name


def test_the_alarm_that_is_offered_for_a_queue_satisfies_the_check() -> None:
    [fix] = [check.fix for check in rule.checks if check.name == "watched"]
    values = {"region": REGION, **watching(each(), routes()).evidence}
    words = shlex.split(fix.format_map({key: shlex.quote(str(value)) for key, value in values.items()}))
    made = described(words[words.index("put-metric-alarm") + 1 :])
    assert watching(each(made), routes(made)).status is Status.PASS


def test_an_alarm_that_can_not_be_read_may_watch_a_queue() -> None:
    logs = opaque("logs")
    with pytest.raises(Unreadable) as unread:
        watching(each(logs), routes(logs))
    assert unread.value.first.reason is Reason.NOT_HERE
    told: dict[Watches, Status] = {"dead-letters": Status.PASS, "other": Status.FAIL}
    for watches, status in told.items():
        wanted = checklist(alarms=AlarmSettings(vouched={"logs": watches}))
        found = watched(THE_TABLE, waiting(DEAD), letters(), alarms_on_queues(each(logs)), routes(logs), wanted, NOW)
        assert found.status is status
    assert watching(each(), routes()).evidence["NotRead"] == "CloudWatch Omni"


def test_a_change_of_a_queue_has_a_subject_of_its_own() -> None:
    assert exists(waiting(), MISSING).subject == "SQS queue checkout-dead-letters was deleted"
    assert exists(waiting(), letters()).subject == "SQS queue checkout-dead-letters exists again"
    lost = watching(each(), routes()).subject
    assert lost == "no alarm on messages in checkout-dead-letters reaches on-call any more"


def test_an_alarm_that_reaches_nobody_is_named() -> None:
    assert watching(each(ALARM), routed(SILENT, ALARM)).message == (
        "no alarm on messages in checkout-dead-letters reaches on-call:"
        f" alarm checkout-dead-letters-not-empty: {SILENT.why}"
    )


def test_an_alarm_on_what_redrive_does_not_count_is_dead() -> None:
    dead = alarm("dead", series("AWS/SQS", SENT, QueueName="checkout-dead-letters"))
    verdict = watching(each(dead), routes(dead))
    assert verdict.status is Status.FAIL
    assert SENT in verdict.message


def test_a_query_over_all_queues_watches_each_of_them() -> None:
    query = Query("AWS/SQS", "ApproximateNumberOfMessagesVisible", "MAX", ("QueueName",))
    every = alarm("every-queue", insights=(query,))
    assert watching(each(every), routes(every)).status is Status.PASS


def test_alarms_that_could_not_all_be_read_may_watch_it() -> None:
    with pytest.raises(Unreadable):
        watching(each(unlisted=DENIED), routes())


def test_a_route_that_could_not_be_read_is_unknown() -> None:
    with pytest.raises(Unreadable):
        watching(each(ALARM), routed(UNKNOWN, ALARM))


def test_a_queue_that_is_closed_to_us_is_watched_all_the_same() -> None:
    closed = watched(THE_TABLE, waiting(), DENIED, alarms_on_queues(each(ALARM)), routes(ALARM), checklist(), NOW)
    assert closed.status is Status.PASS


def test_a_queue_elsewhere_has_alarms_that_nobody_here_reads() -> None:
    with pytest.raises(Unreadable):
        watching(each(), routes(), f"arn:aws:sqs:eu-west-1:{ACCOUNT}:failures")


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


def test_the_target_of_a_remedy_is_a_queue_of_the_same_type() -> None:
    evidence = queue_source(source("sqs", source=POLLED), polled(arn=f"{POLLED}.fifo", redrives_to=None)).evidence
    assert evidence["NewQueueName"] == "orders-dead-letters.fifo"
    assert "FifoQueue=true" in evidence["NewQueueAttributes"]


@pytest.mark.parametrize(
    ("found", "name"),
    [
        pytest.param(source("sqs", source=POLLED), "SQS queue orders", id="a queue"),
        pytest.param(source(), f"DynamoDB stream of {TABLE}", id="a table's stream"),
        pytest.param(
            source("kinesis", source=f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/clicks"),
            "Kinesis stream clicks",
            id="Kinesis",
        ),
        pytest.param(source("kafka", source=None), "Kafka cluster", id="self-managed Kafka"),
        pytest.param(source("kafka", source=MSK), "Kafka cluster shop", id="MSK"),
        pytest.param(source("mq", source=BROKER), "Amazon MQ broker orders", id="a broker"),
        pytest.param(source("documentdb", source=CLUSTER), "DocumentDB cluster carts", id="a cluster of DocumentDB"),
        pytest.param(source("new", source="arn:aws:new:::x"), "event source (new)", id="anything else"),
    ],
)
def test_a_source_is_called_by_its_name(found: FunctionSource, name: str) -> None:
    """The finding is about a mapping, whose key nobody knows."""
    stopped = FunctionSource(found.function, found.qualifier, found.kind, replace(found.mapping, state="Disabled"))
    message = sources_running(stopped, NOW, None).message
    assert message == f"event source mapping of {name} for checkout is Disabled, expected Enabled"


def test_trouble_is_told_in_the_words_of_lambda() -> None:
    verdict = sources_running(source("sqs", source=POLLED, result="PROBLEM: Function call failed"), NOW, None)
    assert verdict.message.endswith("SQS queue orders for checkout fails: PROBLEM: Function call failed")


LIMPING = polled(max_receives=1)
CONFIGURED = Each({f"{CHECKOUT}:$LATEST": configuration()})
BAD = {
    "functions": functions(wanting("*cart*"), each(table_function())),
    "asynchronous": asynchronous(qualifier(), way(**UNKEPT), ways("$LATEST"), NONE, metrics()),
    "used": used(qualifier("live"), SYNCHRONOUS, NONE, metrics()),
    "tried": tried(qualifier(), configs("$LATEST", 0)),
    "standard": standard(target(f"{DEAD}.fifo")),
    "retained": retained(target_queue(retention_seconds=60)),
    "subscribed": subscribed(target(TOPIC), target_topic(subscribers=0), None),
    "sending": sends(target(), target_queue(), None, roles()),
    "key": key(KeyOfTarget(KMS, "Disabled", BY_ACCOUNT)),
    "encrypting": encrypting(target(), KeyOfTarget(KMS, "Enabled", BY_ACCOUNT), roles()),
    "queue-source": queue_source(source("sqs", source=POLLED), polled(redrives_to=None)),
    "redrive": redrive(source("sqs", source=POLLED), polled(), redriven(retention_seconds=60)),
    "retried": retried(source("sqs"), LIMPING, each(qualifier()), CONFIGURED),
    "stream-source": stream_source(table_function(), source(on_failure=None)),
    "given-up": in_time(source(bisects=False)),
    "other-source": other_source(source("mq", source=BROKER)),
    "filtered": filtered(source(filter_error="KMSAccessDeniedException")),
    "destination": destination(target(SHOP), Destination("lambda", "the function shop")),
    "sources-running": sources_running(source(state="Disabled"), NOW, None),
    "exists": exists(waiting(), MISSING),
    "watched": watching(each(), routes()),
    "delivered": delivered(KEPT, metrics(DeadLetterErrors=1)),
}


@pytest.mark.parametrize("check", rule.checks, ids=lambda check: check.name)
def test_a_remedy_can_be_pasted(check: Check) -> None:
    """A shell reads it as commands, and what is JSON in them is."""
    offered = {"table": TABLE, "region": REGION, "account": ACCOUNT}
    values = {name: shlex.quote(str(value)) for name, value in {**offered, **BAD[check.name].evidence}.items()}
    words = shlex.split(check.fix.format_map(values))
    assert "aws" in words
    documents = [json.loads(word) for word in words if word.startswith("{")]
    for nested in ("RedrivePolicy", "RedriveAllowPolicy"):
        assert all(json.loads(document[nested]) for document in documents if nested in document)


def test_the_destination_of_a_remedy_is_that_of_the_qualifier() -> None:
    verdict = asynchronous(qualifier("live"), way(name="live", **UNKEPT), ways("live"), NONE, metrics())
    assert (verdict.evidence["FunctionName"], verdict.evidence["Qualifier"]) == ("checkout", "live")


def test_a_new_alarm_goes_where_the_others_go() -> None:
    other = queue_alarm("orders-dead-letters")
    verdict = watching(each(other), routes(other))
    assert verdict.evidence["TopicArn"] == other.actions[0]


def test_a_function_without_any_version_has_no_timeout() -> None:
    with pytest.raises(Gone):
        retried(source("sqs", "6"), polled(), each(), Each[Configuration]({}))
