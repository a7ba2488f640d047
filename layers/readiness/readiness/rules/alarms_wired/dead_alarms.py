"""Alarms on metrics that are never published: CloudWatch accepts any dimensions without an error."""

from readiness.alarms import remedies
from readiness.alarms.dynamodb import COUNTED, DIMENSIONS, INDEX, NAMESPACE, PUBLISHED_EVERY, VECTOR_INDEX, table_of
from readiness.alarms.firing import published
from readiness.alarms.route import PAGES, Route, doubtful, silent
from readiness.alarms.series import Series
from readiness.facts.cloudwatch.alarms import Alarm
from readiness.facts.dynamodb.table import TableDescription
from readiness.rules.shared.watching import spelled

PROVISIONED = "PROVISIONED"


def publishes(alarm: Alarm, table: str, description: TableDescription) -> Route:
    """Return silent for an alarm that never enters ALARM, doubtful where only a part of its metrics is published."""
    series = [one for one in alarm.watches if one.namespace == NAMESPACE and table_of(one) in {"", table}]
    reasons = [why for one in series if (why := _missing(one, description) or _unmatched(alarm, one))]
    if not reasons:
        return PAGES
    if len(reasons) < len(alarm.watches) or alarm.insights:
        return doubtful(f"one of its metrics never has data: {reasons[0]}", remedies.show(alarm.arn))
    return silent(f"never enters ALARM: {reasons[0]}", remedies.delete(alarm.arn))


def _missing(one: Series, description: TableDescription) -> str:
    """Return why nothing is published under exactly these dimensions; empty where something is, or it is not known."""
    named = dict(one.dimensions)
    possible = DIMENSIONS.get(one.metric)
    if possible is not None and tuple(sorted(named)) not in possible:
        wanted = " or ".join(" and ".join(names) or "none" for names in possible)
        return f"{spelled(one)} is never published, expected dimensions: {wanted}"
    if INDEX in named and named[INDEX] not in description.indexes:
        return f"the table has no index {named[INDEX]}"
    if VECTOR_INDEX in named and named[VECTOR_INDEX] not in description.vector_indexes:
        return f"the table has no vector index {named[VECTOR_INDEX]}"
    if one.metric.startswith("Provisioned") and description.billing_mode != PROVISIONED:
        return f"{one.metric} is not published for a table in on-demand mode"
    return ""


def _unmatched(alarm: Alarm, one: Series) -> str:
    """Return why the unit or the period of the alarm does not match the published metric; empty where it does."""
    unit = "Count" if one.metric in COUNTED else ""
    return next((route.why for route in published(alarm, one, unit, PUBLISHED_EVERY)), "")
