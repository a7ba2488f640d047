"""The cost of a month, from counts and prices. Pure."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from readiness import metrics
from readiness.cli.cost import prices
from readiness.cli.cost.counts import Counts

DAYS = 30
HOURS = DAYS * 24
MINUTES = HOURS * 60
WEEKS = DAYS / 7

MEMORY_GB = 0.5
"""The memory of the function in template.yaml."""

ALARMS = 6
"""The alarms on the monitor itself in template.yaml."""

POLLS = 5 * 3 * MINUTES
"""The requests of Lambda's five pollers of the queue of change events, each of which waits for 20 seconds.

https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
"""

REPEATED = 23
"""The hours after which an unchanged status is emitted again."""

LONGEST_CHANGE = 2
"""The hours in which the status of an item is emitted after a change: about 25 minutes can touch two of them."""

RUN_BYTES = 900
"""The size of the record of a run, which is kept for 30 days."""

CONFIG_MINUTES = 60
"""The shortest period of a periodic rule of AWS Config."""


class Usage(Struct, frozen=True, kw_only=True):
    """The counts of a month, from which its cost is computed.

    `interval` is the time between scheduled runs in minutes, `other_runs` the number of runs in a month on change
    events, `seconds` the mean duration of a run. `changes` and `messages` are the changes and alerts of a month.
    `costs_pass`: 3.3 passes, so that Cost Explorer is asked weekly. `changes_only`: the status of each item is emitted
    on changes and once a day.
    """

    counts: Counts
    interval: int
    items: int
    seconds: float
    other_runs: float = 0
    changes: float = 0
    messages: float = 0
    costs_pass: bool = True
    changes_only: bool = False

    @property
    def runs(self) -> float:
        """The runs of a month."""
        return MINUTES / self.interval + self.other_runs

    @property
    def events(self) -> float:
        """The management events of CloudTrail that the calls of a month are."""
        return self.total("calls") - self.total("data_calls")

    def total(self, name: str) -> float:
        """Return the sum of a count over a month."""
        counts = self.counts
        every, hourly, daily, weekly = (
            getattr(each, name) for each in (counts.every_run, counts.hourly, counts.daily, counts.weekly)
        )
        weeks = DAYS if name == "cost_requests" and not self.costs_pass else WEEKS
        return float(self.runs * every + min(self.runs, HOURS) * hourly + DAYS * daily + weeks * weekly)


class Line(Struct, frozen=True):
    """One line of the bill. `price` is that of one `quantity`."""

    name: str
    quantity: float
    price: float

    @property
    def dollars(self) -> float:
        """The cost of a month."""
        return self.quantity * self.price


def billed(usage: Usage) -> list[Line]:
    """Return all that a month of the stack is billed for."""
    return [*_standing(usage), *_running(usage), *_calling(usage)]


def together(lines: Sequence[Line]) -> float:
    """Return the sum of the lines."""
    return sum(line.dollars for line in lines)


def apart(usage: Usage) -> list[Line]:
    """Return what a month costs only in some accounts or with some parameters, and is not in the sum."""
    return [
        Line("CloudTrail events, if a second trail records them", usage.events, prices.TRAIL_EVENT),
        Line("CloudTrail events, if GuardDuty analyzes them", usage.events, prices.GUARDDUTY_EVENT),
        Line("customer managed key of the topic (EncryptTopic=true)", 1, prices.KEY),
        Line("secret of the pager (Pager=events-v2)", 1, prices.SECRET),
        Line("dashboard, beyond the account's free three", 1, prices.DASHBOARD),
    ]


def config(items: int) -> Line:
    """Return the same items as periodic rules of AWS Config, without its recording of resources."""
    return Line("AWS Config", items * MINUTES / CONFIG_MINUTES, prices.EVALUATION)


def _standing(usage: Usage) -> Iterator[Line]:
    yield Line("custom metrics", _metrics(usage), prices.METRIC)
    yield Line("alarms on the monitor", ALARMS, prices.ALARM)
    yield Line("SQS: polling of the queue of change events", POLLS, prices.QUEUE_REQUEST)


def _metrics(usage: Usage) -> float:
    """Return the metrics of a month, each as the share of the hours in which it gets data."""
    of_the_monitor = len(metrics.DIMENSIONS) - 1
    if not usage.changes_only:
        return of_the_monitor + usage.items
    hours = usage.items * HOURS / REPEATED + LONGEST_CHANGE * usage.changes
    return of_the_monitor + min(hours / HOURS, usage.items)


def _running(usage: Usage) -> Iterator[Line]:
    runs, total = usage.runs, usage.total
    yield Line("Lambda: GB-seconds", runs * usage.seconds * MEMORY_GB, prices.GB_SECOND)
    yield Line("Lambda: requests", runs, prices.INVOCATION)
    yield Line("EventBridge Scheduler: invocations", MINUTES / usage.interval, prices.SCHEDULED)
    yield Line("EventBridge: change events of AWS services", 0, 0)
    yield Line("DynamoDB: write units", total("write_units"), prices.WRITE_UNIT)
    yield Line("DynamoDB: read units", total("read_units"), prices.READ_UNIT)
    yield Line("DynamoDB: bytes stored", runs * RUN_BYTES, prices.STORED_BYTE)
    logged = total("log_bytes") - (total("status_bytes") if usage.changes_only else 0)
    yield Line("CloudWatch Logs: bytes ingested", logged, prices.LOG_BYTE)
    yield Line("CloudWatch Logs: bytes stored for 90 days", 3 * logged, prices.LOG_BYTE_MONTH)
    yield Line("SSM: standard parameters", 2, 0)


def _calling(usage: Usage) -> Iterator[Line]:
    yield Line("CloudWatch: metrics read", usage.total("metrics_read"), prices.METRIC_READ)
    yield Line("CloudWatch: requests of ListMetrics", usage.total("metric_requests"), prices.METRIC_REQUEST)
    yield Line("Cost Explorer: requests", usage.total("cost_requests"), prices.COST_REQUEST)
    yield Line("KMS: requests", usage.total("kms_requests"), prices.KMS_REQUEST)
    yield Line("SNS: alerts by email", usage.messages, prices.MESSAGE + prices.EMAIL)
