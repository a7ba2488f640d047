"""An event that a cart or checkout fails to process is kept somewhere, until a person has looked at it.

Lambda tries an asynchronous event three times, and then it is gone, unless the function has a dead-letter queue or the
qualifier that was invoked has an on-failure destination. What is polled is another matter: a queue moves its messages
to a dead-letter queue of its own, and a stream loses a record once it has expired. Neither uses the function's, and
nor does a call that waits for the answer: there the client has to try again, and safely.

A place keeps events only if they get there and stay there. It exists, is no FIFO, lets the function's role in, keeps
messages long enough for somebody to come, and somebody is called as soon as there is one.
"""

from datetime import timedelta

from msgspec.structs import replace

from readiness.alarms.remedies import revive
from readiness.alarms.route import PAGES
from readiness.aws.arn import LATEST, name_of, region_of, service_of
from readiness.checklist import fits_name
from readiness.engine.each import Each
from readiness.engine.rule import Rule, Severity, Status, Verdict, failed, not_applicable, passed, warned
from readiness.facts.cloudwatch.queue_alarms import QueueAlarms
from readiness.facts.dynamodb.stream_retentions import StreamRetention
from readiness.facts.dynamodb.table import Table
from readiness.facts.iam.grants import NOBODY
from readiness.facts.lambda_.async_metrics import AsyncMetrics
from readiness.facts.lambda_.destinations import Destination
from readiness.facts.lambda_.failure_routes import FailureTarget, SendingRoles
from readiness.facts.lambda_.failure_targets import KeyOfTarget, TargetQueue, TargetTopic
from readiness.facts.lambda_.function_sources import FunctionSource, SourceQueue
from readiness.facts.lambda_.invokers import InvokeConfigs
from readiness.facts.lambda_.live_versions import Configuration
from readiness.facts.lambda_.qualifiers import KeptFunction, Qualifier
from readiness.facts.lambda_.table_functions import TableFunction
from readiness.facts.lambda_.target_listeners import TargetListeners
from readiness.facts.lambda_.ways import Way, Ways
from readiness.facts.recorded.checklist import Checklist
from readiness.facts.recorded.now import Now
from readiness.facts.sns.paging import Routes
from readiness.facts.sqs.dead_letter_queues import DeadLetterQueue, KeptLetters, RedriveQueue
from readiness.facts.sqs.queues import is_fifo
from readiness.model import Gone, Unavailable, Unreadable
from readiness.rules.dead_letters_kept import remedies
from readiness.rules.dead_letters_kept.dead_letter_permissions import judged, may_send, may_use, sent_by
from readiness.rules.dead_letters_kept.dead_letter_queue import counted, evidence_of, inert, received, unkept
from readiness.rules.dead_letters_kept.pollers import DAY, attributes, named, of_mapping, of_queue, span, timeout
from readiness.rules.dead_letters_kept.queue_alarms import called
from readiness.rules.dead_letters_kept.redrive_policy import redriven
from readiness.rules.dead_letters_kept.retries import given_up as judged_in_time
from readiness.rules.shared.configured import unset
from readiness.rules.shared.new_alarm import put_alarm
from readiness.rules.shared.transition import Transition, continued
from readiness.rules.shared.watching import judged as of_route

rule = Rule(
    "3.2",
    "Failed events are kept",
    Severity.HIGH,
    "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html",
)

KEPT_AT_LEAST = 4 * DAY
ENOUGH_RECEIVES = 5
TIMEOUTS_TO_HIDE = 6
"""https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html: six times the function's timeout."""

CHANGE_LIMIT = timedelta(minutes=15)
CHANGING = frozenset({"Creating", "Enabling", "Updating"})
STREAMS = frozenset({"dynamodb", "kafka", "kinesis"})
LOST = ("DeadLetterErrors", "DestinationDeliveryFailures")


class SourceChange(Transition):
    """A change of an event source that was under way."""

    stored_as = "SourceChange"


@rule.check(fix=remedies.LIST)
def functions(checklist: Checklist, functions: Each[TableFunction]) -> Verdict:
    """Every pattern of names whose failed events must be kept fits a function of the table."""
    if lacking := unset(checklist, "functions.dead_letters_required"):
        return lacking
    patterns = checklist.functions.dead_letters_required
    vain = [pattern for pattern in patterns if not any(fits_name(function.name, (pattern,)) for function in functions)]
    if vain:
        return failed(
            f"failed events of {' and '.join(vain)} must be kept, and no function of the table is named so",
            evidence={"dead_letters_required": vain},
        )
    return passed("there are functions whose failed events must be kept")


@rule.check(fix=remedies.PUT_DESTINATION)
def asynchronous(
    qualifier: Qualifier, way: Way, ways: Ways, sources: Each[FunctionSource], metrics: AsyncMetrics | Unavailable
) -> Verdict:
    """What keeps failed events is configured for the very alias or version that is invoked."""
    seen = {"evidence": evidence_of(qualifier, way)}
    if way.keepers and not way.unkept:
        return passed("failed events are kept", **seen)
    if way.seen:
        return failed(unkept(way), **seen)
    if way.unread:
        raise Unreadable({qualifier.arn: way.unread})
    if ways.seen:
        return warned(f"nothing keeps the failed events of {way.name}, which nobody is seen to invoke", **seen)
    if ways.unread:
        raise Unreadable({qualifier.arn: ways.unread})
    if not received(qualifier, metrics) and sources:
        return not_applicable("it is only polled for, and its sources keep what it fails")
    if way.name == LATEST and ways.aliased:
        return warned("nothing keeps the failed events of $LATEST, beside which there are aliases", **seen)
    return failed(unkept(way), **seen)


@rule.check(fix=remedies.SHOW_CALLERS)
def used(qualifier: Qualifier, way: Way, sources: Each[FunctionSource], metrics: AsyncMetrics | Unavailable) -> Verdict:
    """Failed events get there, because nobody waits for the answer and Lambda does not poll for them."""
    if not way.keepers:
        return not_applicable("nothing is configured to keep them")
    why = inert(qualifier, way, sources, metrics)
    if why:
        return warned(f"inert: {why}", evidence=evidence_of(qualifier, way))
    return passed("nothing shows that it would never be used")


@rule.check(severity=Severity.MEDIUM, fix=remedies.TRY_AGAIN)
def tried(qualifier: Qualifier, configs: InvokeConfigs) -> Verdict:
    """An event that fails is tried again before it is given up."""
    config = configs.of.get(qualifier.name)
    if config and config.retries == 0:
        evidence = {"FunctionName": qualifier.function, "Qualifier": qualifier.name, "MaximumRetryAttempts": 0}
        return warned(f"{qualifier.name} tries each event once: MaximumRetryAttempts is 0", evidence=evidence)
    return passed("an event is tried again")


@rule.check(fix=remedies.REPLACE)
def standard(target: FailureTarget) -> Verdict:
    """The queue or topic is a standard one, for Lambda delivers no failed events to a FIFO."""
    if is_fifo(target.arn):
        return failed("failed events are sent to a FIFO, where none arrives", evidence=sent_by(target))
    return passed("it is no FIFO")


@rule.check(fix=remedies.REPLACE)
def destination(target: FailureTarget, receiver: Destination | Gone) -> Verdict:
    """A function, an event bus or a bucket that failed events are sent to exists, and keeps them."""
    if isinstance(receiver, Gone):
        return failed(f"{receiver}, so failed events are lost", evidence=sent_by(target))
    if receiver.kind == "s3":
        return passed(f"{receiver.name} exists, and keeps failed events")
    return warned(
        f"{receiver.name} exists: a failed event is kept only as long as the target keeps it", evidence=sent_by(target)
    )


@rule.check(fix=remedies.MAKE_AGAIN)
def exists(queue: DeadLetterQueue, letters: KeptLetters | Gone) -> Verdict:
    """A queue that failed events are sent to, or moved into, exists."""
    if isinstance(letters, Gone):
        made = {"QueueName": name_of(queue.arn), "Region": region_of(queue.arn)}
        return failed(
            f"{letters}, so failed events are lost", evidence={**made, "QueueAttributes": attributes(queue.arn)}
        )
    return passed("the queue exists")


@rule.check(fix=remedies.KEEP_LONGER)
def retained(queue: TargetQueue | Gone) -> Verdict:
    """The queue keeps messages for four days or longer."""
    if isinstance(queue, Gone):
        return not_applicable(str(queue))
    seconds = queue.queue.retention_seconds
    evidence = {
        "QueueUrl": queue.queue.url,
        "Region": region_of(queue.queue.arn),
        "MessageRetentionPeriod": seconds,
    }
    judge = passed if seconds >= KEPT_AT_LEAST else failed
    return judge(f"failed events are kept for {span(seconds)}", evidence=evidence)


@rule.check(version=2, fix=remedies.SUBSCRIBE)
def subscribed(
    target: FailureTarget, topic: TargetTopic | Gone, listeners: TargetListeners | Gone | Unavailable | None
) -> Verdict:
    """A topic exists and has a subscriber that it can deliver to, without which it keeps nothing."""
    evidence = {"TopicArn": target.arn, "TopicName": name_of(target.arn), "Region": region_of(target.arn)}
    if isinstance(topic, Gone):
        return failed(f"{topic}, so failed events are lost", evidence=evidence)
    if not topic.subscribers:
        return failed("nobody subscribes to the topic: failed events are lost", evidence=evidence)
    if isinstance(listeners, Unavailable):
        raise Unreadable({}, listeners)
    heard = listeners.heard if isinstance(listeners, TargetListeners) and listeners.heard else PAGES
    seen = {} if heard == PAGES else {"evidence": evidence}
    return of_route(heard, "the topic has subscribers", heard.why, f"failed events are lost: {heard.why}", seen)


@rule.check(version=2, confirm=2, fix=remedies.LET_SEND)
def sending(
    target: FailureTarget,
    queue: TargetQueue | Gone | None,
    topic: TargetTopic | Gone | None,
    receiver: Destination | Gone | None,
    roles: SendingRoles,
) -> Verdict:
    """The roles under which the functions run may put their failed events there."""
    if isinstance(queue, Gone) or isinstance(topic, Gone) or isinstance(receiver, Gone):
        return not_applicable("it does not exist")
    if service_of(target.arn) == "kafka":
        return not_applicable("a topic of Kafka has permissions of its own")
    place = queue.queue if queue else topic or receiver
    senders = place.senders if place else NOBODY
    verdict = judged(target, roles, lambda identity: may_send(identity, target.arn, senders), "send there")
    if verdict.status is Status.FAIL and (receiver is None or not receiver.whole) and not (queue or topic):
        message = f"{verdict.message} by its own policies, and those of the target are not looked at"
        return warned(message, evidence=verdict.evidence)
    return verdict


@rule.check(fix=remedies.REVIVE_KEY)
def key(key: KeyOfTarget) -> Verdict:
    """The key that encrypts the queue or topic is enabled."""
    evidence = {"KeyArn": key.arn, "KeyState": key.state, "Region": region_of(key.arn)}
    message = f"the key of the queue or topic is {key.state}"
    if key.state == "Enabled":
        return passed(message, evidence=evidence)
    return failed(message, evidence=evidence, remedy=revive(key.arn, key.state))


@rule.check(confirm=2, fix=remedies.LET_ENCRYPT)
def encrypting(target: FailureTarget, key: KeyOfTarget | Gone, roles: SendingRoles) -> Verdict:
    """The roles under which the functions run may use that key."""
    if isinstance(key, Gone):
        return not_applicable(str(key))
    verdict = judged(target, roles, lambda identity: may_use(identity, key), "use the key of the queue or topic")
    policy = f"encrypt-with-{_last(key.arn)}"
    return replace(verdict, evidence={**verdict.evidence, "KeyArn": key.arn, "PolicyName": policy})


@rule.check(fix=remedies.REDRIVE)
def queue_source(source: FunctionSource, queue: SourceQueue) -> Verdict:
    """A queue that is polled moves what can't be processed to a dead-letter queue of its own type."""
    polled, evidence = queue.queue, of_queue(queue.queue)
    if polled.redrives_to is None:
        return failed(
            f"{named(source)} has no dead-letter queue: a message is tried again until it expires", evidence=evidence
        )
    if is_fifo(polled.arn) is not is_fifo(polled.redrives_to):
        message = f"{named(source)} and its dead-letter queue are not both FIFO, or both standard"
        return failed(message, evidence=evidence)
    return passed(f"{named(source)} has a dead-letter queue of its type", evidence=evidence)


@rule.check(version=2, fix=remedies.SET_QUEUE)
def redrive(source: FunctionSource, queue: SourceQueue | Gone, redrive: RedriveQueue | Gone) -> Verdict:
    """That dead-letter queue lets the queue in, and keeps messages longer than the queue does."""
    if isinstance(queue, Gone) or isinstance(redrive, Gone):
        return not_applicable("it does not exist")
    return redriven(source, queue.queue, redrive.queue)


@rule.check(severity=Severity.MEDIUM, fix=remedies.TRY_OFTEN)
def retried(
    source: FunctionSource, queue: SourceQueue | Gone, qualifiers: Each[Qualifier], configurations: Each[Configuration]
) -> Verdict:
    """A message is received five times before that, and is hidden for six timeouts of the function in between."""
    if isinstance(queue, Gone):
        return not_applicable(str(queue))
    polled = queue.queue
    if polled.redrives_to is None:
        return not_applicable("the queue has no dead-letter queue")
    enough = TIMEOUTS_TO_HIDE * timeout(source, qualifiers, configurations)
    hidden = polled.visibility_seconds
    evidence = {**of_queue(polled), "EnoughVisibilityTimeout": max(enough, hidden)}
    if polled.max_receives < ENOUGH_RECEIVES:
        message = f"a message of {named(source)} is given up after it was received {_times(polled.max_receives)}"
        return warned(message, evidence=evidence)
    if hidden < enough:
        message = f"a message of {named(source)} is seen again after {hidden} s, not {enough} s"
        return warned(f"{message}: it may be processed twice at once", evidence=evidence)
    return passed(f"a message of {named(source)} is tried often enough", evidence=evidence)


@rule.check(version=2, fix=remedies.PUT_SOURCE_DESTINATION)
def stream_source(function: TableFunction, source: FunctionSource) -> Verdict:
    """A stream, or a topic of Kafka, has a destination for what tells of records that could not be processed."""
    if source.kind not in STREAMS:
        return not_applicable("it is no stream")
    evidence = {**of_mapping(source), "Destination": source.mapping.on_failure, "RoleName": _last(function.role)}
    if source.mapping.on_failure is None:
        message = f"nothing tells which records {source.function} could not process of {named(source)}"
        return failed(message, evidence=evidence)
    return passed(f"what tells of failed records of {named(source)} is kept", evidence=evidence)


@rule.check(version=2, fix=remedies.GIVE_UP)
def given_up(source: FunctionSource, retention: StreamRetention | Gone | Unavailable | None) -> Verdict:
    """A record that can't be processed is given up before it expires, and alone."""
    if source.kind not in STREAMS:
        return not_applicable("it is no stream")
    return judged_in_time(source, retention)


@rule.check(severity=Severity.MEDIUM, fix=remedies.SHOW_SOURCE)
def other_source(source: FunctionSource) -> Verdict:
    """What can't be processed of a broker or of a cluster of DocumentDB is kept: Lambda has no destination for it."""
    evidence = of_mapping(source)
    if source.kind == "mq":
        message = f"Lambda keeps nothing that fails of {named(source)}, and whether the broker does is not looked at"
        return warned(message, evidence=evidence)
    if source.kind == "documentdb":
        message = f"Lambda keeps nothing that fails of {named(source)}, which forgets a change after hours or days"
        return warned(message, evidence=evidence)
    return not_applicable("it is a queue, a stream or a topic of Kafka")


@rule.check(severity=Severity.MEDIUM, fix=remedies.SHOW_SOURCE)
def filtered(source: FunctionSource) -> Verdict:
    """The filter by which Lambda drops records of the source can be read, where it is encrypted."""
    error = source.mapping.filter_error
    if error:
        message = f"the filter of {named(source)} can't be decrypted ({error}): what is dropped is not known"
        return warned(message, evidence={**of_mapping(source), "ErrorCode": error})
    return passed("no filter is known that can't be read")


@rule.check(fix=remedies.ENABLE)
def sources_running(source: FunctionSource, now: Now, before: SourceChange | None) -> Verdict:
    """Lambda polls the source, and has no trouble with it."""
    mapping = source.mapping
    seen = {"evidence": {**of_mapping(source), "State": mapping.state, "LastProcessingResult": mapping.result}}
    if mapping.state in CHANGING:
        change = continued(SourceChange, before, mapping.state, now)
        judge = failed if change.overdue(now, CHANGE_LIMIT) else warned
        since = f"{change.since:%Y-%m-%d %H:%M} UTC"
        return judge(
            f"polling {named(source)} for {source.function} is {mapping.state} since {since}", carry=change, **seen
        )
    if mapping.state != "Enabled":
        return failed(f"nobody polls {named(source)} for {source.function}: it is {mapping.state}", **seen)
    if mapping.result.startswith("PROBLEM"):
        return failed(f"Lambda has trouble polling {named(source)} for {source.function}: {mapping.result}", **seen)
    return passed(f"Lambda polls {named(source)}")


@rule.check(
    version=3,
    fix=put_alarm(
        "{QueueName}-not-empty",
        "--namespace AWS/SQS --metric-name ApproximateNumberOfMessagesVisible"
        " --dimensions Name=QueueName,Value={QueueName}",
        "Maximum",
    ),
)
def watched(  # noqa: PLR0913, PLR0917  the last says what can't be read of alarms
    table: Table,
    queue: DeadLetterQueue,
    letters: KeptLetters | Gone | Unavailable,
    alarms: QueueAlarms,
    routes: Routes,
    checklist: Checklist,
    now: Now,
) -> Verdict:
    """Somebody is called as soon as a dead-letter queue has a message."""
    if isinstance(letters, Gone):
        return not_applicable(str(letters))
    return called(table, queue.arn, alarms, routes, checklist.alarms, now)


@rule.check(severity=Severity.MEDIUM, fix=remedies.SHOW)
def delivered(function: KeptFunction, metrics: AsyncMetrics) -> Verdict:
    """In the last 14 days every failed event reached the place that keeps it."""
    sums = counted(function.name, function.arn, metrics)
    evidence = {"FunctionName": function.name, **sums}
    lost = sum(sums[metric] for metric in LOST)
    if lost:
        message = f"failed events that did not reach their place in the last 14 days: {lost}"
        return warned(message, evidence=evidence)
    return passed("no failed event was lost on its way in the last 14 days", evidence=evidence)


def _last(arn: str) -> str:
    """The name in the ARN of a role, without its path; the ID of a key."""
    return arn.rpartition("/")[2]


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
