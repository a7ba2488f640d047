"""Whether a dead-letter queue takes what a queue moves there, and keeps it; and what would make it do so."""

import json
from typing import Any

from readiness.aws.arn import region_of
from readiness.engine.rule import failed, passed, warned
from readiness.facts.lambda_.function_sources import FunctionSource
from readiness.facts.sqs.queues import Queue, is_fifo
from readiness.model import Verdict
from readiness.rules.dead_letters_kept.pollers import DAY, named, span

LONGEST = 14 * DAY
"""https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html"""

SHORTER = 4 * DAY
"""What SQS sets by default."""


def redriven(source: FunctionSource, polled: Queue, dead: Queue) -> Verdict:
    """A verdict on the two queues.

    A standard queue's messages keep their age when they are moved; those of a FIFO begin anew.
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
    """
    if not dead.admits(polled.arn):
        said = f"the dead-letter queue takes nothing from {named(source)}: its redrivePermission is"
        admitting = {"RedriveAllowPolicy": _admitting(polled, dead)}
        return failed(f"{said} {dead.redrive_permission}", evidence=_mended(polled, dead, dead, admitting))
    if dead.retention_seconds > polled.retention_seconds or is_fifo(dead.arn):
        evidence = _mended(polled, dead, dead, {})
        return passed(f"the dead-letter queue keeps what {named(source)} moves there", evidence=evidence)
    lost = f"what {named(source)} can't process keeps its age when it is moved, and is deleted after"
    if dead.retention_seconds >= LONGEST:
        shorter = _mended(polled, dead, polled, {"MessageRetentionPeriod": str(SHORTER)})
        return warned(f"{lost} {span(LONGEST)}, the longest that AWS has: shorten the source's", evidence=shorter)
    longer = _mended(polled, dead, dead, {"MessageRetentionPeriod": str(LONGEST)})
    return failed(f"{lost} {span(dead.retention_seconds)} in all", evidence=longer)


def _admitting(polled: Queue, dead: Queue) -> str:
    """The policy with that queue added, and nobody else."""
    sources = sorted({*dead.sources, polled.arn})
    return json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": sources}, separators=(",", ":"))


def _mended(polled: Queue, dead: Queue, changed: Queue, attributes: dict[str, str]) -> dict[str, Any]:
    """What was seen, and the attributes that one of the two needs."""
    return {
        "QueueUrl": changed.url,
        "Region": region_of(changed.arn),
        "MessageRetentionPeriod": dead.retention_seconds,
        "redrivePermission": dead.redrive_permission,
        "SourceRetentionPeriod": polled.retention_seconds,
        "Attributes": json.dumps(attributes, separators=(",", ":")),
    }
