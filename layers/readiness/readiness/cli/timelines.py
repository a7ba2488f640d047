"""The timelines of the HTML report, from the runs and changes that are stored in each table."""

from collections.abc import Iterator

from readiness.aws.client import Aws
from readiness.checklist import TableSettings
from readiness.cli.failures import cause
from readiness.report.content import TableReport
from readiness.report.timeline import DRIFT, RUN, Row, Timeline, timeline
from readiness.state.store import Rows, StoreUnavailable, store_of


def stored_timeline(aws: Aws, table: TableSettings, report: TableReport) -> Timeline:
    """Return the timeline until the report. It has no items, but the reason, if the table cannot be read."""
    try:
        rows = _rows(store_of(aws, table, writer="cli").rows)
        return timeline(report, [rule.id for rule in report.rules], rows)
    except StoreUnavailable as error:
        return Timeline(why=cause(error))


def _rows(rows: Rows) -> Iterator[tuple[str, Row]]:
    for prefix in (DRIFT, RUN):
        for row in rows.query(prefix):
            yield rows.sort_key_of(row), row
