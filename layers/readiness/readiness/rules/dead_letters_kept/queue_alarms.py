"""Alarms on messages in a dead-letter queue."""

from collections.abc import Mapping
from typing import Any

from readiness.alarms.firing import fires
from readiness.alarms.route import best, chain
from readiness.alarms.scale import AGE, MESSAGES, Scale
from readiness.alarms.series import series
from readiness.aws.arn import account_of, name_of, region_of
from readiness.checklist import AlarmSettings
from readiness.engine.rule import failed, recovered, warned
from readiness.facts.cloudwatch.alarm_indexes import QueueAlarms
from readiness.facts.cloudwatch.alarms import NOT_READ
from readiness.facts.dynamodb.table import Table
from readiness.facts.recorded.now import Now
from readiness.facts.sns.paging import Routes
from readiness.model import Reason, Unavailable, Unreadable, Verdict
from readiness.rules.shared.alarm_health import not_stuck_or_reset
from readiness.rules.shared.new_alarm import at_first, changed
from readiness.rules.shared.watching import mended, named, opaque, vouched, way

VISIBLE = "ApproximateNumberOfMessagesVisible"
ACCEPTED: Mapping[str, Scale] = {VISIBLE: MESSAGES, "ApproximateAgeOfOldestMessage": AGE}
SENT = "NumberOfMessagesSent"


def queue_alarm_verdict(  # noqa: PLR0913, PLR0917  each may complete the route to on-call, or break it
    table: Table, arn: str, alarms: QueueAlarms, routes: Routes, settings: AlarmSettings, now: Now
) -> Verdict:
    """Return the verdict on the queue. Raises Unreadable where its alarms or their routes could not be read."""
    name = name_of(arn)
    evidence: dict[str, Any] = {"QueueName": name, "TopicArn": routes.topic}
    if (region_of(arn), account_of(arn)) != (table.region, table.account):
        elsewhere = "alarms of another account or Region are not read"
        raise Unreadable({arn: Unavailable(Reason.NOT_HERE, None, elsewhere)})
    ways = [
        chain([way(alarm, one, fires(alarm, one, scale), routes), named(alarm, not_stuck_or_reset(alarm, now))])
        for metric, scale in ACCEPTED.items()
        for one in [series("AWS/SQS", metric, QueueName=name)]
        for alarm in alarms.watching(one)
    ]
    ways += vouched(alarms.opaque, routes, settings, "dead-letters").values()
    visible = series("AWS/SQS", VISIBLE, QueueName=name)
    route = changed(best(ways), alarms.watching(visible), [visible], at_first(visible, "Maximum")) if ways else None
    if route and route.status == "pages":
        return recovered(f"an alarm on messages in {name} reaches on-call", evidence=evidence)
    if unread := alarms.unread or (route and route.unavailable):
        raise Unreadable({arn: unread})
    if route and route.status == "doubtful":
        bad = f"an alarm on messages in {name} may not reach on-call"
        return warned(f"{bad}: {route.why}", subject=bad, **mended(route, {"evidence": evidence}))
    if may := opaque(alarms.opaque, routes, settings):
        raise Unreadable({arn: may})
    none = f"no alarm on messages in {name} reaches on-call"
    seen = {"subject": f"{none} any more", "evidence": {**evidence, "NotRead": NOT_READ}}
    if route:
        return failed(f"{none}: {route.why}", **mended(route, seen))
    if sent := alarms.watching(series("AWS/SQS", SENT, QueueName=name)):
        why = f"alarm {sent[0].name} watches {SENT}, which does not count messages moved by a redrive policy"
        return failed(f"{none}: {why}", **seen)
    return failed(f"{none}: no alarm watches {VISIBLE}", **seen)
