"""A dead-letter queue keeps events that a function fails to process until a person has handled them.

Lambda tries an asynchronous event three times and then discards it, unless the function has a dead-letter queue or the
invoked qualifier has an on-failure destination. Polled sources are different: an SQS queue moves messages to a
dead-letter queue of its own, and a stream loses a record when it expires. They do not use the function's dead-letter
queue, and neither do synchronous invocations: there the client has to retry, with idempotency.

A target keeps events only if they arrive and stay: it exists, is not FIFO, allows the function's role to send, retains
messages long enough, and an alarm notifies on-call of the first message.
"""

from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from readiness.alarms.remedies import revive
from readiness.alarms.route import PAGES
from readiness.alarms.series import series
from readiness.aws.arn import LATEST, name_of, region_of, service_of
from readiness.checklist import fits_name
from readiness.engine.control import config, well_architected
from readiness.engine.each import Each
from readiness.engine.rule import Rule, Severity, Status, Verdict, failed, not_applicable, passed, recovered, warned
from readiness.facts.cloudwatch.alarm_actions import Mute
from readiness.facts.cloudwatch.alarm_indexes import QueueAlarms
from readiness.facts.cloudwatch.alarms import Alarm
from readiness.facts.dynamodb.resource_policy import ResourcePolicy
from readiness.facts.dynamodb.table import Table
from readiness.facts.iam.grants import NOBODY
from readiness.facts.iam.principals import Principal
from readiness.facts.lambda_.failure_routes import FailureTarget, SendingRoles
from readiness.facts.lambda_.failure_targets import Destination, KeyOfTarget, TargetListeners, TargetQueue, TargetTopic
from readiness.facts.lambda_.function_sources import FunctionSource, SourceQueue, StreamRetention
from readiness.facts.lambda_.invocation_paths import (
    DlqFunction,
    InvocationPath,
    InvocationPaths,
    InvokeConfigs,
    Invokers,
    Qualifier,
    Urls,
)
from readiness.facts.lambda_.live_versions import Configuration
from readiness.facts.lambda_.metrics import AsyncMetrics
from readiness.facts.lambda_.table_functions import TableFunction
from readiness.facts.recorded.checklist import Checklist
from readiness.facts.recorded.now import Now
from readiness.facts.sns.paging import Routes
from readiness.facts.sns.subscriptions import Filtering, Subscription
from readiness.facts.sqs.dead_letter_queues import DeadLetterQueue, DlqAttributes, RedriveQueue
from readiness.facts.sqs.queues import is_fifo
from readiness.model import Gone, Unavailable, Unreadable
from readiness.rules.dead_letters_kept import remedies
from readiness.rules.dead_letters_kept.dead_letter_permissions import judged, may_send, may_use, sent_by
from readiness.rules.dead_letters_kept.dead_letter_queue import counted, evidence_of, inert, received, unkept
from readiness.rules.dead_letters_kept.event_sources import (
    DAY,
    attributes,
    named,
    of_mapping,
    of_queue,
    redriven,
    span,
    timeout,
)
from readiness.rules.dead_letters_kept.event_sources import given_up as judged_in_time
from readiness.rules.dead_letters_kept.queue_alarms import VISIBLE, queue_alarm_verdict
from readiness.rules.shared.change_events import FUNCTIONS
from readiness.rules.shared.configured import unset
from readiness.rules.shared.new_alarm import put_alarm
from readiness.rules.shared.transitional_state import TransitionalState, continued
from readiness.rules.shared.watching import route_verdict

rule = Rule(
    "3.2",
    "DLQs and retries",
    Severity.HIGH,
    "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html",
    change_events_of=(
        DlqAttributes,
        InvokeConfigs,
        Invokers,
        Urls,
        AsyncMetrics,
        TargetTopic,
        Subscription,
        Filtering,
        KeyOfTarget,
        Alarm,
        Mute,
        *FUNCTIONS,
        ResourcePolicy,
        Principal,
    ),
)

KEPT_AT_LEAST = 4 * DAY
ENOUGH_RECEIVES = 5
TIMEOUTS_TO_HIDE = 6
"""https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html: six times the function's timeout."""

CHANGE_LIMIT = timedelta(minutes=15)
CHANGING = frozenset({"Creating", "Enabling", "Updating"})
STREAMS = frozenset({"dynamodb", "kafka", "kinesis"})
LOST = ("DeadLetterErrors", "DestinationDeliveryFailures")


class SourceChange(TransitionalState):
    """The state of an event source mapping whose change is in progress."""

    stored_as = "SourceChange"


@rule.check(
    decide="Decide which functions need a dead-letter queue: dead_letters_required of the checklist.", fix=remedies.LIST
)
def functions(checklist: Checklist, functions: Each[TableFunction]) -> Verdict:
    """Does every name pattern in dead_letters_required match a function of the table?

    Failed events of functions that the checklist requires are not checked.
    """
    if lacking := unset(checklist, "functions.dead_letters_required"):
        return lacking
    patterns = checklist.functions.dead_letters_required
    unmatched = [
        pattern for pattern in patterns if not any(fits_name(function.name, (pattern,)) for function in functions)
    ]
    if unmatched:
        message = f"no function of the table matches dead_letters_required: {', '.join(unmatched)}"
        subject = f"no function matches dead_letters_required {unmatched[0]} any more"
        return failed(message, subject=subject, evidence={"dead_letters_required": unmatched})
    return recovered("every pattern of dead_letters_required matches a function")


# lambda-dlq-check demands a dead-letter queue; a destination on failure is not one.
@rule.check(
    fix=remedies.PUT_DESTINATION, controls=(*config("lambda-dlq-check", related=True), *well_architected("REL05"))
)
def asynchronous(
    qualifier: Qualifier,
    way: InvocationPath,
    ways: InvocationPaths,
    sources: Each[FunctionSource],
    metrics: AsyncMetrics | Unavailable,
) -> Verdict:
    """Does the invoked alias or version have a dead-letter queue or an on-failure destination?

    Events that fail after all retries are lost.
    """
    seen: dict[str, Any] = {"evidence": evidence_of(qualifier, way)}
    name = f"{qualifier.function}:{qualifier.name}"
    lost = {**seen, "subject": f"{name} does not keep failed events any more"}
    if way.keepers and not way.unkept:
        return passed("failed events are kept", subject=f"{name} keeps failed events again", **seen)
    if way.seen:
        return failed(unkept(way), **lost)
    if way.unread:
        raise Unreadable({qualifier.arn: way.unread})
    if ways.seen:
        return warned(f"no dead-letter queue or destination for {way.name}, which has no known invoker", **seen)
    if ways.unread:
        raise Unreadable({qualifier.arn: ways.unread})
    if not received(qualifier, metrics) and sources:
        return not_applicable("no asynchronous invocation: event sources have destinations of their own")
    if way.name == LATEST and ways.aliased:
        return warned("no dead-letter queue or destination for $LATEST, beside which there are aliases", **seen)
    return failed(unkept(way), **lost)


@rule.check(
    decide=(
        "Decide who retries: a caller that waits for the answer has to, with idempotency. Then remove the "
        "function from dead_letters_required in the checklist."
    ),
    fix=remedies.SHOW_CALLERS,
)
def used(
    qualifier: Qualifier, way: InvocationPath, sources: Each[FunctionSource], metrics: AsyncMetrics | Unavailable
) -> Verdict:
    """Are there asynchronous invocations, the only ones that use this dead-letter queue or destination?

    The dead-letter queue receives nothing, because failed events take another path.
    """
    if not way.keepers:
        return not_applicable("no dead-letter queue or destination")
    why = inert(qualifier, way, sources, metrics)
    if why:
        return warned(f"dead-letter queue or destination is not used: {why}", evidence=evidence_of(qualifier, way))
    return passed("the dead-letter queue or destination can be used")


@rule.check(severity=Severity.MEDIUM, fix=remedies.TRY_AGAIN)
def tried(qualifier: Qualifier, configs: InvokeConfigs) -> Verdict:
    """Is a failed event retried before it is discarded?"""
    config = configs.of.get(qualifier.name)
    if config and config.retries == 0:
        evidence = {"FunctionName": qualifier.function, "Qualifier": qualifier.name, "MaximumRetryAttempts": 0}
        return warned(f"MaximumRetryAttempts of {qualifier.name} is 0, expected 1 or 2", evidence=evidence)
    return passed("failed events are retried")


@rule.check(fix=remedies.OF_QUALIFIER)
def standard(target: FailureTarget) -> Verdict:
    """Is the target a standard queue or topic, because Lambda does not deliver failed events to FIFO ones?

    Lambda cannot deliver failed events to the target, so they are lost.
    """
    name = name_of(target.arn)
    if is_fifo(target.arn):
        message = f"{name} is FIFO, expected standard: Lambda does not deliver failed events to it"
        return failed(message, subject=f"failed events were sent to the FIFO target {name}", **sent_by(target))
    return passed(f"{name} is not FIFO", subject=f"failed events are sent to the standard target {name} again")


@rule.check(fix=remedies.OF_QUALIFIER)
def destination(target: FailureTarget, receiver: Destination | Gone) -> Verdict:
    """Does the function, event bus or bucket that failed events are sent to exist, and does it keep them?

    Failed events are lost.
    """
    name = name_of(target.arn)
    if isinstance(receiver, Gone):
        return failed(f"{receiver}: failed events are lost", subject=f"{name} was deleted", **sent_by(target))
    if receiver.kind == "s3":
        return passed(f"{receiver.name} exists and keeps failed events", subject=f"{name} exists again")
    message = f"{receiver.name} is no storage: what it does not process is lost"
    subject = f"failed events are sent to {name}, which is no storage"
    return warned(message, subject=subject, **sent_by(target))


@rule.check(fix=remedies.MAKE_AGAIN)
def exists(queue: DeadLetterQueue, letters: DlqAttributes | Gone) -> Verdict:
    """Does the dead-letter queue exist?

    Failed events are lost.
    """
    name = name_of(queue.arn)
    if isinstance(letters, Gone):
        evidence = {"QueueName": name, "Region": region_of(queue.arn), "QueueAttributes": attributes(queue.arn)}
        return failed(
            f"{letters}: failed events are lost",
            subject=f"SQS queue {name} was deleted",
            evidence=evidence,
            remedy=remedies.of_type(queue.arn, [remedies.MAKE_AGAIN], [remedies.MAKE_AGAIN_FIFO]),
        )
    return passed("the dead-letter queue exists", subject=f"SQS queue {name} exists again")


@rule.check(fix=remedies.KEEP_LONGER)
def retained(queue: TargetQueue | Gone) -> Verdict:
    """Is the message retention period of the queue 4 days or longer?

    Failed events are deleted before somebody can process them.
    """
    if isinstance(queue, Gone):
        return not_applicable(str(queue))
    seconds = queue.queue.retention_seconds
    evidence = {"QueueUrl": queue.queue.url, "Region": region_of(queue.queue.arn), "MessageRetentionPeriod": seconds}
    period = f"message retention period is {span(seconds)}"
    changed = f"message retention of {name_of(queue.queue.arn)} was changed to {span(seconds)}"
    if seconds >= KEPT_AT_LEAST:
        return passed(period, subject=changed, evidence=evidence)
    return failed(f"{period}, expected at least {span(KEPT_AT_LEAST)}", subject=changed, evidence=evidence)


@rule.check(
    decide="Decide who receives the failed events of the topic. The recipient has to confirm.",
    version=2,
    fix=remedies.SUBSCRIBE,
)
def subscribed(
    target: FailureTarget, topic: TargetTopic | Gone, listeners: TargetListeners | Gone | Unavailable | None
) -> Verdict:
    """Does the SNS topic that failed events are sent to exist, with a subscription that it can deliver to?

    Failed events are published to a topic that delivers them to nobody, and are lost.
    """
    name = name_of(target.arn)
    evidence = {"TopicArn": target.arn, "TopicName": name, "Region": region_of(target.arn)}
    if isinstance(topic, Gone):
        return failed(f"{topic}: failed events are lost", subject=f"SNS topic {name} was deleted", evidence=evidence)
    if not topic.subscribers:
        none = f"SNS topic {name} has no subscription"
        return failed(f"{none}: failed events are lost", subject=f"{none} any more", evidence=evidence)
    if isinstance(listeners, Unavailable):
        raise Unreadable({}, listeners)
    route = listeners.heard if isinstance(listeners, TargetListeners) and listeners.heard else PAGES
    seen = {} if route == PAGES else {"evidence": evidence}
    lost = f"failed events are lost: {route.why}"
    verdict = route_verdict(route, "the topic has subscriptions", route.why, lost, seen)
    subjects = {
        Status.PASS: f"SNS topic {name} delivers failed events again",
        Status.WARN: f"SNS topic {name} may not deliver failed events",
        Status.FAIL: f"SNS topic {name} does not deliver failed events any more",
    }
    return replace(verdict, subject=subjects[verdict.status])


@rule.check(version=2, confirm=2, fix=remedies.LET_SEND)
def sending(
    target: FailureTarget,
    queue: TargetQueue | Gone | None,
    topic: TargetTopic | Gone | None,
    receiver: Destination | Gone | None,
    roles: SendingRoles,
) -> Verdict:
    """Do the execution roles allow sending failed events to the target?

    Lambda cannot send failed events to the target, so they are lost.
    """
    if isinstance(queue, Gone) or isinstance(topic, Gone) or isinstance(receiver, Gone):
        return not_applicable(f"{name_of(target.arn)} does not exist")
    if service_of(target.arn) == "kafka":
        return not_applicable("no IAM policy: Kafka topics have their own access control")
    place = queue.queue if queue else topic or receiver
    senders = place.senders if place else NOBODY
    send = f"sending to {name_of(target.arn)}"
    verdict = judged(target, roles, lambda identity: may_send(identity, target.arn, senders), send)
    if verdict.status is Status.FAIL and (receiver is None or not receiver.whole) and not (queue or topic):
        message = f"{verdict.message}; the resource policy of the target was not read"
        verdict = warned(message, evidence=verdict.evidence)
    return remedies.for_each_role(verdict, remedies.LET_SEND)


@rule.check(decide="The owner of the key decides if it was disabled on purpose.", fix=remedies.REVIVE_KEY)
def key(key: KeyOfTarget) -> Verdict:
    """Is the KMS key of the queue or topic enabled?

    Failed events cannot be encrypted, so they are lost.
    """
    evidence = {"KeyArn": key.arn, "KeyState": key.state, "Region": region_of(key.arn)}
    message = f"KMS key of the queue or topic is {key.state}"
    subject = f"KMS key {_last(key.arn)} is {key.state}"
    if key.state == "Enabled":
        return passed(message, subject=f"{subject} again", evidence=evidence)
    return failed(f"{message}, expected Enabled", subject=subject, evidence=evidence, remedy=revive(key.arn, key.state))


@rule.check(confirm=2, fix=remedies.LET_ENCRYPT)
def encrypting(target: FailureTarget, key: KeyOfTarget | Gone, roles: SendingRoles) -> Verdict:
    """Do the execution roles allow using the KMS key of the queue or topic?

    Failed events cannot be encrypted, so they are lost.
    """
    if isinstance(key, Gone):
        return not_applicable(str(key))
    verdict = judged(target, roles, lambda identity: may_use(identity, key), "using the KMS key of the target")
    policy = f"encrypt-with-{_last(key.arn)}"
    verdict = replace(verdict, evidence={**verdict.evidence, "KeyArn": key.arn, "PolicyName": policy})
    return remedies.for_each_role(verdict, remedies.LET_ENCRYPT)


@rule.check(fix=remedies.REDRIVE)
def queue_source(source: FunctionSource, queue: SourceQueue) -> Verdict:
    """Does the polled queue have a dead-letter queue of its own type, standard or FIFO?

    A message that always fails is received again until it expires, and is then lost.
    """
    polled, evidence = queue.queue, of_queue(queue.queue)
    remedy = remedies.of_type(polled.arn, remedies.REDRIVE, remedies.REDRIVE_FIFO)
    if polled.redrives_to is None:
        message = f"{named(source)} has no dead-letter queue: a failed message is retried until it expires"
        return failed(
            message, subject=f"the redrive policy of {named(source)} was removed", evidence=evidence, remedy=remedy
        )
    if is_fifo(polled.arn) is not is_fifo(polled.redrives_to):
        message = f"{named(source)} and its dead-letter queue are of different types, expected both standard or FIFO"
        subject = f"the dead-letter queue of {named(source)} has the wrong type"
        return failed(message, subject=subject, evidence=evidence, remedy=remedy)
    has = f"{named(source)} has a dead-letter queue"
    return passed(f"{has} of its type", subject=f"{has} again", evidence=evidence)


@rule.check(version=2, fix=remedies.SET_QUEUE)
def redrive(source: FunctionSource, queue: SourceQueue | Gone, redrive: RedriveQueue | Gone) -> Verdict:
    """Does the dead-letter queue allow the polled queue, with a longer message retention period?

    Failed messages do not reach the dead-letter queue, or expire in it too early.
    """
    if isinstance(queue, Gone) or isinstance(redrive, Gone):
        return not_applicable(str(queue if isinstance(queue, Gone) else redrive))
    return redriven(source, queue.queue, redrive.queue)


@rule.check(severity=Severity.MEDIUM, fix=remedies.TRY_OFTEN)
def retried(
    source: FunctionSource, queue: SourceQueue | Gone, qualifiers: Each[Qualifier], configurations: Each[Configuration]
) -> Verdict:
    """Is maxReceiveCount at least 5, and the visibility timeout at least 6 times the function timeout?"""
    if isinstance(queue, Gone):
        return not_applicable(str(queue))
    polled = queue.queue
    if polled.redrives_to is None:
        return not_applicable("no dead-letter queue")
    enough = TIMEOUTS_TO_HIDE * timeout(source, qualifiers, configurations)
    hidden = polled.visibility_seconds
    evidence = {**of_queue(polled), "EnoughVisibilityTimeout": max(enough, hidden)}
    if polled.max_receives < ENOUGH_RECEIVES:
        message = f"maxReceiveCount of {named(source)} is {polled.max_receives}, expected at least {ENOUGH_RECEIVES}"
        return warned(message, evidence=evidence)
    if hidden < enough:
        message = f"visibility timeout of {named(source)} is {hidden} seconds, expected at least {enough}"
        return warned(f"{message}: a message may be processed twice at the same time", evidence=evidence)
    return passed(f"{named(source)} retries messages often enough", evidence=evidence)


@rule.check(version=2, fix=remedies.PUT_SOURCE_DESTINATION)
def stream_source(function: TableFunction, source: FunctionSource) -> Verdict:
    """Does the event source mapping of a stream or Kafka topic have an on-failure destination?

    Records that fail after all retries are lost.
    """
    if source.kind not in STREAMS:
        return not_applicable("no stream")
    evidence = {**of_mapping(source), "Destination": source.mapping.on_failure, "RoleName": _last(function.role)}
    if source.mapping.on_failure is None:
        message = f"no on-failure destination for records of {named(source)} that {source.function} fails to process"
        return failed(message, subject=f"on-failure destination of {named(source)} was removed", evidence=evidence)
    return recovered(f"{named(source)} has an on-failure destination", evidence=evidence)


@rule.check(version=2, fix=remedies.GIVE_UP)
def given_up(source: FunctionSource, retention: StreamRetention | Gone | Unavailable | None) -> Verdict:
    """Is a record that always fails discarded before it expires, without the rest of its batch?

    One record that always fails blocks its shard until it expires.
    """
    if source.kind not in STREAMS:
        return not_applicable("no stream")
    return judged_in_time(source, retention)


@rule.check(
    decide="Decide where the function sends what it cannot process: Lambda has no destination for this source.",
    severity=Severity.MEDIUM,
    fix=remedies.SHOW_SOURCE,
)
def other_source(source: FunctionSource) -> Verdict:
    """Are failed events of Amazon MQ and DocumentDB sources kept, for which Lambda has no destination?"""
    lost = {
        "mq": f"messages of {named(source)}; the broker was not read",
        "documentdb": f"events of {named(source)}, whose log is kept for hours or days",
    }
    if source.kind not in lost:
        return not_applicable("no Amazon MQ or DocumentDB source")
    return warned(f"Lambda does not keep failed {lost[source.kind]}", evidence=of_mapping(source))


@rule.check(
    decide="The owner of the KMS key decides if Lambda may use it for the filter criteria.",
    severity=Severity.MEDIUM,
    fix=remedies.SHOW_SOURCE,
)
def filtered(source: FunctionSource) -> Verdict:
    """Can Lambda decrypt the filter criteria of the event source mapping?"""
    error = source.mapping.filter_error
    if error:
        message = f"filter criteria of {named(source)} cannot be decrypted: {error}"
        return warned(message, evidence={**of_mapping(source), "ErrorCode": error})
    return passed("no filter criteria that cannot be decrypted")


@rule.check(fix=remedies.ENABLE)
def sources_running(source: FunctionSource, now: Now, before: SourceChange | None) -> Verdict:
    """Is the event source mapping enabled and without errors?

    New records are not processed.
    """
    mapping, what = source.mapping, f"event source mapping of {named(source)} for {source.function}"
    seen = {"evidence": {**of_mapping(source), "State": mapping.state, "LastProcessingResult": mapping.result}}
    if mapping.state in CHANGING:
        change = continued(SourceChange, before, mapping.state, now)
        return change.verdict(now, CHANGE_LIMIT, f"{what} is {mapping.state}", **seen)
    if mapping.state != "Enabled":
        subject = f"polling of {named(source)} was disabled ({mapping.state})"
        return failed(f"{what} is {mapping.state}, expected Enabled", subject=subject, **seen)
    if mapping.result.startswith("PROBLEM"):
        return failed(f"{what} fails: {mapping.result}", subject=f"polling of {named(source)} began to fail", **seen)
    return recovered(f"Lambda polls {named(source)}")


@rule.check(
    version=3,
    fix=put_alarm("{QueueName}-not-empty", series("AWS/SQS", VISIBLE, QueueName="{QueueName}"), "Maximum"),
)
def watched(  # noqa: PLR0913, PLR0917  each may complete the route to on-call, or break it
    table: Table,
    queue: DeadLetterQueue,
    letters: DlqAttributes | Gone | Unavailable,
    alarms: QueueAlarms,
    routes: Routes,
    checklist: Checklist,
    now: Now,
) -> Verdict:
    """Does an alarm on messages in the dead-letter queue reach on-call?

    Failed events go unnoticed until they expire.
    """
    if isinstance(letters, Gone):
        return not_applicable(str(letters))
    return queue_alarm_verdict(table, queue.arn, alarms, routes, checklist.alarms, now)


@rule.check(
    decide=("Find out what was lost, and if the target, its policy and its key exist. Lost events do not come back."),
    severity=Severity.MEDIUM,
    fix=remedies.SHOW,
)
def delivered(function: DlqFunction, metrics: AsyncMetrics) -> Verdict:
    """Did every failed event of the last 14 days reach its dead-letter queue or destination?"""
    sums = counted(function.name, function.arn, metrics)
    evidence = {"FunctionName": function.name, **sums}
    lost = sum(sums[metric] for metric in LOST)
    if lost:
        message = f"{lost} failed events did not reach their dead-letter queue or destination in the last 14 days"
        return warned(message, evidence=evidence)
    return passed("all failed events of the last 14 days reached their dead-letter queue", evidence=evidence)


def _last(arn: str) -> str:
    """Return the name in the ARN of a role, without its path, or the ID of a key."""
    return arn.rpartition("/")[2]
