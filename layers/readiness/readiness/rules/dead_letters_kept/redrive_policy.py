"""The redrive allow policy and the retention of a dead-letter queue, beside those of its source queue."""

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
"""The default of SQS."""


def redriven(source: FunctionSource, polled: Queue, dead: Queue) -> Verdict:
    """Return the verdict on the two queues.

    Messages of a standard queue keep their enqueue timestamp when they are moved; those of a FIFO queue get a new one.
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
    """
    if not dead.admits(polled.arn):
        said = f"the dead-letter queue does not allow {named(source)}: redrivePermission is {dead.redrive_permission}"
        admitting = {"RedriveAllowPolicy": _admitting(polled, dead)}
        subject = f"the dead-letter queue does not allow {named(source)} any more"
        return failed(said, subject=subject, evidence=_mended(polled, dead, dead, admitting))
    if dead.retention_seconds > polled.retention_seconds or is_fifo(dead.arn):
        evidence = _mended(polled, dead, dead, {})
        good = f"the dead-letter queue keeps messages of {named(source)}"
        return passed(good, subject=f"{good} again", evidence=evidence)
    both = f"{span(dead.retention_seconds)}, that of {named(source)} is {span(polled.retention_seconds)}"
    said = f"retention of the dead-letter queue is {both}, expected longer: moved messages keep their age"
    if dead.retention_seconds >= LONGEST:
        shorter = _mended(polled, dead, polled, {"MessageRetentionPeriod": str(SHORTER)})
        return warned(f"{said}; {span(LONGEST)} is the maximum, so shorten that of the source", evidence=shorter)
    longer = _mended(polled, dead, dead, {"MessageRetentionPeriod": str(LONGEST)})
    subject = f"retention of the dead-letter queue of {named(source)} is too short"
    return failed(said, subject=subject, evidence=longer)


def _admitting(polled: Queue, dead: Queue) -> str:
    """Return the RedriveAllowPolicy with that queue added."""
    sources = sorted({*dead.sources, polled.arn})
    return json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": sources}, separators=(",", ":"))


def _mended(polled: Queue, dead: Queue, changed: Queue, attributes: dict[str, str]) -> dict[str, Any]:
    """Return the evidence, and the attributes that one of the two queues needs."""
    return {
        "QueueUrl": changed.url,
        "Region": region_of(changed.arn),
        "MessageRetentionPeriod": dead.retention_seconds,
        "redrivePermission": dead.redrive_permission,
        "SourceRetentionPeriod": polled.retention_seconds,
        "Attributes": json.dumps(attributes, separators=(",", ":")),
    }
