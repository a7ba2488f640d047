"""The alarms on queues, found by the queue: there may be thousands of both. Pure."""

from collections import defaultdict
from collections.abc import Mapping

from readiness.alarms.series import Series
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.cloudwatch.alarms import Alarm, watchers
from readiness.model import Fact, Unavailable

QUEUE = "QueueName"


class QueueAlarms(Fact):
    """By the name of the queue, those that watch a series of it; and those that query, maybe over all queues.

    Of `opaque` nobody can tell. `unread` is why there may be more.
    """

    of: Mapping[str, tuple[Alarm, ...]]
    querying: tuple[Alarm, ...]
    unread: Unavailable | None
    opaque: tuple[Alarm, ...] = ()

    def watching(self, one: Series) -> list[Alarm]:
        """Those that watch the series, which is one of a queue, by its exact dimensions."""
        name = dict(one.dimensions)[QUEUE]
        return watchers((*self.of.get(name, ()), *self.querying), one)


@fact()
def queue_alarms(alarms: Each[Alarm]) -> QueueAlarms:
    """Once for all queues: each of them going through all alarms would take the product of both."""
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
