"""The alarms on SQS queues, indexed by queue: there may be thousands of both. Pure."""

from collections import defaultdict
from collections.abc import Mapping

from readiness.alarms.series import Series
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.cloudwatch.alarms import Alarm, watchers
from readiness.model import Fact, Unavailable

QUEUE = "QueueName"


class QueueAlarms(Fact):
    """The alarms that watch a series of a queue, by queue name; `querying` alarms use Metrics Insights.

    The metrics of `opaque` alarms are not known. `unread` is why there may be more.
    """

    of: Mapping[str, tuple[Alarm, ...]]
    querying: tuple[Alarm, ...]
    unread: Unavailable | None
    opaque: tuple[Alarm, ...] = ()

    def watching(self, one: Series) -> list[Alarm]:
        """Return the alarms that watch the series of a queue, by its exact dimensions."""
        name = dict(one.dimensions)[QUEUE]
        return watchers((*self.of.get(name, ()), *self.querying), one)


@fact()
def queue_alarms(alarms: Each[Alarm]) -> QueueAlarms:
    """Index all alarms once for all queues, so that the work is not the product of both."""
    known, unread = alarms.readable()
    of: defaultdict[str, list[Alarm]] = defaultdict(list)
    for alarm in known:
        dimensions = [dict(watched.dimensions) for watched in alarm.watches if watched.namespace == "AWS/SQS"]
        for name in sorted({named[QUEUE] for named in dimensions if QUEUE in named}):
            of[name].append(alarm)
    return QueueAlarms(
        of={name: tuple(found) for name, found in of.items()},
        querying=tuple(alarm for alarm in known if alarm.insights),
        unread=unread,
        opaque=tuple(alarm for alarm in known if alarm.opaque),
    )
