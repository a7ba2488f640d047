"""The values of a metric during an incident, by the statistic that reads it.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
"""

import re
from typing import Literal

from msgspec import Struct

from readiness.alarms.formula import NotEvaluated

MINUTE, SIX_HOURS, DAY = 60, 21_600, 86_400
QUOTA = 40_000
"""The default quota of read or write units a second of one table.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
"""

COUNTS = ("samplecount", "tc")
SUMS = ("sum", "ts")
"""The statistics that count samples, and those that add them up, trimmed statistics included, in lower case."""

BETWEEN_VALUES = re.compile(r"pr\(|\w+\([^%]*\)")
"""The statistics of the samples between two values, such as TC(2:10), and of their share, such as PR(:1).

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
"""


class Scale(Struct, frozen=True):
    """The values of an incident.

    `events`: each sample is one event, so statistics of single samples lie between 0 and 1. `counts`: each sample is
    usually one event, sometimes several. `level`: each sample is the current value. An incident reaches `expected`
    (events a minute for the first two kinds), and never more than `possible`, None if that is not known. The metric is
    published `every` so many seconds, in `unit`, which is empty for any. `what` names the values in messages.
    """

    kind: Literal["events", "counts", "level"]
    expected: float
    possible: float | None = None
    every: int = MINUTE
    unit: str = ""
    what: str = "events a minute"

    def value(self, statistic: str, size: float, period: int) -> float:
        """Return the statistic over a period, in seconds, of an incident. Raises NotEvaluated for others."""
        name = statistic.lower()
        if BETWEEN_VALUES.match(name):
            raise NotEvaluated(statistic)
        samples = max(1.0, period / self.every)
        if self.kind == "level":
            return samples if name.startswith(COUNTS) else size * (samples if name.startswith(SUMS) else 1)
        if name.startswith(SUMS + COUNTS):
            return size * period / MINUTE
        return min(size, 1) if self.kind == "events" or size <= self.expected else size


def throttles(expected: float) -> Scale:
    """Return the scale of events that DynamoDB counts by request to a table, which the quota of a table bounds."""
    return Scale("events", expected, QUOTA * MINUTE, unit="Count")


def errors(expected: float) -> Scale:
    """Return the scale of errors that are counted over all tables or functions of an account."""
    return Scale("events", expected, unit="Count")


def failures(expected: float) -> Scale:
    """Return the scale of a custom metric, a sample of which may count several failures."""
    return Scale("counts", expected, every=1)


MESSAGES = Scale("level", expected=1, possible=1, unit="Count", what="message")
"""One message in a queue is enough for ALARM."""

AGE = Scale("level", expected=900, possible=DAY - 1, unit="Seconds", what="seconds of age")
"""The age of a message that stays in a queue: ALARM within 15 minutes, and within a day at the latest.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html: the age in this
metric restarts when a message is moved to a dead-letter queue.
"""

DOLLARS = Scale("level", expected=80_000, every=SIX_HOURS, what="dollars a month")
"""The approximate cost of a table read and written at the default quota for a month."""

CONCURRENCY = Scale("level", expected=1_000, unit="Count", what="concurrent executions")
"""https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: the default quota of an account."""

BYTES = Scale("level", expected=float("inf"), unit="Bytes", what="bytes")
"""AWS documents no limit."""
