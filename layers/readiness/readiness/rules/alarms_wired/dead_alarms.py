"""Whether what an alarm watches is ever published: CloudWatch takes any dimension, and says nothing."""

from readiness.alarms import remedies
from readiness.alarms.dynamodb import COUNTED, DIMENSIONS, INDEX, NAMESPACE, PUBLISHED_EVERY, VECTOR_INDEX, table_of
from readiness.alarms.firing import published
from readiness.alarms.route import PAGES, Route, doubtful, silent
from readiness.alarms.series import Series
from readiness.facts.cloudwatch.alarms import Alarm
from readiness.facts.dynamodb.table import TableDescription
from readiness.rules.shared.watching import spelled

PROVISIONED = "PROVISIONED"


def alive(alarm: Alarm, table: str, description: TableDescription) -> Route:
    """Silent: it never goes off. Doubtful: a part of what it watches is never published, and the rest has its use."""
    series = [one for one in alarm.watches if one.namespace == NAMESPACE and table_of(one) in {"", table}]
    reasons = [why for one in series if (why := _missing(one, description) or _unmatched(alarm, one))]
    if not reasons:
        return PAGES
    if len(reasons) < len(alarm.watches) or alarm.insights:
        return doubtful(f"a part of what it watches has no data: {reasons[0]}", remedies.show(alarm.arn))
    return silent(f"it never goes off: {reasons[0]}", remedies.delete(alarm.arn))


def _missing(one: Series, description: TableDescription) -> str:
    """Why nothing is published under just these dimensions; empty where something is, or nobody knows."""
    named = dict(one.dimensions)
    possible = DIMENSIONS.get(one.metric)
    if possible is not None and tuple(sorted(named)) not in possible:
        wanted = " or ".join(" and ".join(names) or "no dimension" for names in possible)
        return f"{spelled(one)} is never published, for the metric has {wanted}"
    if INDEX in named and named[INDEX] not in description.indexes:
        return f"the table has no index {named[INDEX]}"
    if VECTOR_INDEX in named and named[VECTOR_INDEX] not in description.vector_indexes:
        return f"the table has no vector index {named[VECTOR_INDEX]}"
    if one.metric.startswith("Provisioned") and description.billing_mode != PROVISIONED:
        return f"{one.metric} is not published of a table that is billed by request"
    return ""


def _unmatched(alarm: Alarm, one: Series) -> str:
    """Why what is published does not fit what the alarm asks for."""
    unit = "Count" if one.metric in COUNTED else ""
    return next((route.why for route in published(alarm, one, unit, PUBLISHED_EVERY)), "")
