"""Whether somebody is called as soon as there is a message in a queue."""

from typing import Any

from readiness.alarming.series import series
from readiness.arn import account_of, name_of, region_of
from readiness.facts.alarms import Alarm
from readiness.facts.paging import Routes
from readiness.facts.queue_alarms import QueueAlarms
from readiness.facts.table import Table
from readiness.judging.watching import mended
from readiness.model import Reason, Unavailable, Unreadable, Verdict
from readiness.rule import failed, passed, warned

VISIBLE = "ApproximateNumberOfMessagesVisible"
SENT = "NumberOfMessagesSent"
ONE = 1


def called(table: Table, arn: str, alarms: QueueAlarms, routes: Routes) -> Verdict:
    """A verdict on the queue of that ARN. Unreadable: its alarms, or whether they reach anybody."""
    name = name_of(arn)
    seen: dict[str, Any] = {"evidence": {"QueueName": name, "TopicArn": routes.topic}}
    if (region_of(arn), account_of(arn)) != (table.region, table.account):
        elsewhere = "the alarms of another account or Region are not looked at"
        raise Unreadable({arn: Unavailable(Reason.NOT_HERE, None, elsewhere)})
    found = alarms.watching(series("AWS/SQS", VISIBLE, QueueName=name))
    told = [alarm for alarm in found if _told_of_one(alarm)]
    names = " and ".join(alarm.name for alarm in told)
    route = routes.best(told)
    if route and route.status == "pages":
        return passed("an alarm calls somebody when there is a message in it", **seen)
    if alarms.unread:
        raise Unreadable({arn: alarms.unread})
    if route and route.status == "doubtful":
        return warned(f"whether {names} reaches anybody is doubtful: {route.why}", **mended(route, seen))
    if route:
        return failed(f"nobody is called by {names}: {route.why}", **mended(route, seen))
    if found:
        return failed(f"a message alone does not set off the alarm {found[0].name}", **seen)
    if sent := alarms.watching(series("AWS/SQS", SENT, QueueName=name)):
        return failed(f"its alarm {sent[0].name} is on {SENT}, which does not count what is moved into it", **seen)
    return failed("no alarm tells that there is a message in it", **seen)


def _told_of_one(alarm: Alarm) -> bool:
    """Whether one message is enough; of anomalies that can't be told."""
    if alarm.threshold is None:
        return True
    above = alarm.operator == "GreaterThanThreshold" and 0 <= alarm.threshold < ONE
    return above or (alarm.operator == "GreaterThanOrEqualToThreshold" and 0 < alarm.threshold <= ONE)
