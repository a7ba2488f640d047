"""The alert that needs no table: published directly where nothing can be recorded."""

import logging

from readiness.alerts.alert import Alert, AlertContext, Trouble, TroubleKind
from readiness.alerts.compose import compose
from readiness.alerts.phrase import headline
from readiness.alerts.topic import AlertTopic, Refused
from readiness.aws.answer import Answer
from readiness.aws.client import Aws
from readiness.aws.failure import failure
from readiness.engine.evaluate import explained
from readiness.model import Gone, Reason, Status, Unavailable, Unreadable
from readiness.scan import Scan

logger = logging.getLogger(__name__)

REFUSED = frozenset({Reason.ACCESS_DENIED, Reason.MALFORMED})
"""The reasons of a failed call if DynamoDB cannot use the KMS key of the table."""

UNUSABLE = frozenset({"pitr-enabled/kept", "encryption-kms/accessible", "encryption-kms/key"})
"""The checks that can find the reason why the table cannot be read or written."""

_published: set[tuple[str, str]] = set()
"""The (table, cause) pairs that this execution environment has published. The state of the alarm covers the others."""


def trouble_of(scan: Scan, why: Unavailable | Gone, former: str | None) -> Trouble:
    """Return why nothing can be recorded. `former` is the TableId that the name had, None where it had none."""
    if not isinstance(why, Gone):
        if why.reason in REFUSED and (cause := _failing(scan)):
            return Trouble(TroubleKind.UNUSABLE, detail=f"{cause}; the monitor's items in it {explained(why)}")
        return Trouble(TroubleKind.UNRECORDED, detail=explained(why))
    if former is None:
        return Trouble(TroubleKind.UNRECORDED, detail=f"table {scan.table.name} has never existed here: check the name")
    return Trouble(TroubleKind.DELETED, before=former)


def is_due(aws: Aws, alarm: str, scan: Scan, why: Unavailable | Gone, trouble: Trouble) -> bool:
    """Return True if the trouble must be published: once per cause, and not while the alarm reports it already.

    Throttling is left to the alarm.
    """
    throttled = not isinstance(why, Gone) and why.reason is Reason.THROTTLED
    return not throttled and _cause(scan, trouble) not in _published and not is_in_alarm(aws, alarm)


def publish_fallback(
    topic: AlertTopic, context: AlertContext, scan: Scan, trouble: Trouble, owners: tuple[str, ...]
) -> None:
    """Publish the trouble without the outbox. An error of SNS is logged, because it cannot be recorded either.

    `owners` are those that are known: the checklist file names some, and the table may be out of reach.
    """
    rules = tuple(rule.id for rule in scan.evaluation.rules)
    alert = Alert(place=context, version=0, at=scan.at, rules=rules, owners=owners, trouble=trouble)
    if publish_directly(topic, alert):
        _published.add(_cause(scan, trouble))


def told_of(context: AlertContext, scan: Scan, trouble: Trouble) -> str:
    """Return the trouble in the words of the subject of its message."""
    return headline(Alert(place=context, version=0, at=scan.at, rules=(), trouble=trouble))[0]


def publish_directly(topic: AlertTopic, alert: Alert) -> bool:
    """Publish an alert without the outbox. Return True if SNS accepted it; an error of SNS is logged."""
    message = compose(alert)
    if message is None:
        return False
    try:
        topic.publish(message)
    except Refused as refused:
        logger.error("the fallback alert was refused", extra=failure(refused))  # noqa: TRY400  a trace can quote it
        return False
    return True


def _cause(scan: Scan, trouble: Trouble) -> tuple[str, str]:
    return scan.table.name, f"{trouble.kind} {trouble.detail}"


def _failing(scan: Scan) -> str:
    """Return why the table cannot be read or written, by the scan's findings; empty if they have no reason."""
    failing = (
        finding.message
        for findings in scan.evaluation.asked
        if findings.check.id in UNUSABLE
        for finding in findings.findings
        if finding.status is Status.FAIL
    )
    return next(failing, "")


def is_in_alarm(aws: Aws, alarm: str) -> bool:
    """Return True where the alarm is in ALARM. Where that can't be read, False: an alert twice is better than none."""
    if not alarm:
        return False
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        answer = Answer(aws.client("cloudwatch").describe_alarms(AlarmNames=[alarm]), "cloudwatch:DescribeAlarms")
        return any(each.need("StateValue", str) == "ALARM" for each in answer.parts("MetricAlarms"))
    except (BotoCoreError, ClientError, Unreadable) as error:
        logger.warning("the state of the alarm on PersistFailed could not be read", extra=failure(error))
        return False
