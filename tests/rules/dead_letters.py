"""Facts of a function whose failed events are kept, and of where; a test changes what it is about."""

from typing import Any

from msgspec.structs import replace

from readiness.facts.iam.grants import NOBODY
from readiness.facts.lambda_.event_sources import EventSource
from readiness.facts.lambda_.failure_routes import FailureTarget, Sender, SendingRoles
from readiness.facts.lambda_.failure_targets import TargetQueue, TargetTopic
from readiness.facts.lambda_.function_sources import FunctionSource, SourceQueue
from readiness.facts.lambda_.invocation_paths import DlqFunction, InvocationPath, InvocationPaths, Qualifier
from readiness.facts.lambda_.metrics import METRICS, AsyncMetrics
from readiness.facts.sqs.dead_letter_queues import DeadLetterQueue, DlqAttributes, RedriveQueue
from readiness.facts.sqs.queues import Queue
from readiness.iam.evaluate import Identity
from readiness.iam.statement import Statement
from tests.aws.account import ACCOUNT, ARN, REGION
from tests.rules.functions import CHECKOUT, ROLE

DAY = 86_400
DEAD = f"arn:aws:sqs:{REGION}:{ACCOUNT}:checkout-dead-letters"
POLLED = f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:failures"
MAPPING = f"arn:aws:lambda:{REGION}:{ACCOUNT}:event-source-mapping:14e0db71-5d35-4eb5-b481-8945cf9d10c2"
KEPT = DlqFunction("checkout", CHECKOUT)


def qualifier(name: str = "$LATEST", *versions: str) -> Qualifier:
    behind = tuple(f"{CHECKOUT}:{version}" for version in versions or (name,))
    return Qualifier("checkout", f"{CHECKOUT}:{name}", name, behind)


def way(**other: Any) -> InvocationPath:
    """EventBridge invokes it, and a queue keeps what it fails."""
    good = InvocationPath("$LATEST", (), ("events.amazonaws.com",), (), (DEAD,), (), ROLE)
    return replace(good, **other)


def ways(*seen: str, **other: Any) -> InvocationPaths:
    return replace(InvocationPaths(seen, aliased=False, unread=None), **other)


def metrics(**counted: int) -> AsyncMetrics:
    return AsyncMetrics({"checkout": dict.fromkeys(METRICS, 0) | counted})


def queue(**other: Any) -> Queue:
    """`arn` decides about its URL too."""
    arn = other.get("arn", DEAD)
    url = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{arn.rpartition(':')[2]}"
    good = Queue(
        arn=arn,
        url=url,
        retention_seconds=14 * DAY,
        visibility_seconds=180,
        redrives_to=None,
        max_receives=0,
        redrive_permission="allowAll",
        sources=(),
        key=None,
        senders=NOBODY,
    )
    return replace(good, **other)


def waiting(arn: str = DEAD) -> DeadLetterQueue:
    return DeadLetterQueue(arn)


def letters(**other: Any) -> DlqAttributes:
    return DlqAttributes(queue(**other))


def target(arn: str = DEAD) -> FailureTarget:
    return FailureTarget(arn, (Sender("checkout", ROLE),))


def target_queue(**other: Any) -> TargetQueue:
    return TargetQueue(queue(**other))


def target_topic(**other: Any) -> TargetTopic:
    return replace(TargetTopic(subscribers=1, key=None, senders=NOBODY), **other)


def polled(**other: Any) -> SourceQueue:
    """A queue that is polled."""
    good = queue(arn=POLLED, retention_seconds=4 * DAY, redrives_to=DEAD, max_receives=5)
    return SourceQueue(replace(good, **other))


def redriven(**other: Any) -> RedriveQueue:
    return RedriveQueue(queue(**other))


def mapping(**other: Any) -> EventSource:
    """One of the table's stream, as it should be."""
    good = EventSource(
        arn=MAPPING,
        function=CHECKOUT,
        source=f"{ARN}/stream/2026-01-01T00:00:00.000",
        state="Enabled",
        result="OK",
        on_failure=DEAD,
        retries=5,
        max_age_seconds=3600,
        bisects=True,
    )
    return replace(good, **other)


def source(kind: str = "dynamodb", qualifier: str = "$LATEST", **other: Any) -> FunctionSource:
    return FunctionSource("checkout", qualifier, kind, mapping(**other))


def allow(*actions: str, on: str = "*", **other: Any) -> Statement:
    return replace(Statement(allow=True, actions=tuple(map(str.lower, actions)), resources=(on,)), **other)


def roles(*statements: Statement, boundary: tuple[Statement, ...] | None = None) -> SendingRoles:
    """The one role of the function, with these statements."""
    return SendingRoles({ROLE: Identity(ROLE, "role", statements, boundary)}, {})
