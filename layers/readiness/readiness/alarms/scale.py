"""In what values an incident shows in a metric, by the statistic that reads it.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
"""

import re
from typing import Literal

from msgspec import Struct

from readiness.alarms.formula import NotEvaluated

MINUTE, SIX_HOURS, DAY = 60, 21_600, 86_400
QUOTA = 40_000
"""Units a second that an account may read or write of one table, unless AWS has raised it.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
"""

COUNTS = ("samplecount", "tc")
SUMS = ("sum", "ts")
"""The statistics that count samples and that add them up, trimmed ones among them, in lower case."""

BETWEEN_VALUES = re.compile(r"pr\(|\w+\([^%]*\)")
"""The statistics of the samples between two values, such as TC(2:10), and what part of all these are: PR(:1).

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
"""


class Scale(Struct, frozen=True):
    """How an incident shows.

    `events`: each sample is one event, and statistics of single samples lie between 0 and 1. `counts`: each sample is
    one event as a rule, and may be several. `level`: each sample is what there is. An incident reaches `expected`, of
    events within a minute, and never more than `possible`, where that is known. The metric is published every so many
    seconds, in that `unit`, where it has one.
    """

    kind: Literal["events", "counts", "level"]
    expected: float
    possible: float | None = None
    every: int = MINUTE
    unit: str = ""
    what: str = "events a minute"

    def value(self, statistic: str, size: float, period: int) -> float:
        """What the statistic says over a period, in seconds, of an incident of that size. NotEvaluated: who knows."""
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
    """Of what DynamoDB counts of single requests to a table: no more are made than its quota could ever serve."""
    return Scale("events", expected, QUOTA * MINUTE, unit="Count")


def errors(expected: float) -> Scale:
    """Of what is counted over all tables or functions of an account."""
    return Scale("events", expected, unit="Count")


def failures(expected: float) -> Scale:
    """Of a metric of the shop's own, of which a sample may count several failures."""
    return Scale("counts", expected, every=1)


MESSAGES = Scale("level", expected=1, possible=1, unit="Count", what="message")
"""A single message in a queue is to be noticed."""

AGE = Scale("level", expected=900, possible=DAY - 1, unit="Seconds", what="seconds of age")
"""A message that stays in a queue grows old: it is to be noticed within a quarter of an hour, and within a day at all.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html: what is moved to
a dead-letter queue counts from then on.
"""

DOLLARS = Scale("level", expected=80_000, every=SIX_HOURS, what="dollars a month")
"""About what a table costs that is read and written at the default quota for a whole month."""

CONCURRENCY = Scale("level", expected=1_000, unit="Count", what="concurrent executions")
"""https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: what an account has by default."""

BYTES = Scale("level", expected=float("inf"), unit="Bytes", what="bytes")
"""Of which nobody can say how many are too many."""
