"""The report as one HTML file without references to other files."""

from markupsafe import escape

from readiness.report.content import Report
from readiness.report.rendering import StoredRows


def render(report: Report, rows: StoredRows) -> str:
    """Return HTML. `rows` are the stored changes and runs of each table, which its timeline shows."""
    names = [escape(f"{table.table}: {table.status}, {len(rows.get(table.table, ()))} rows") for table in report.tables]
    return f"<!doctype html><title>Readiness</title><p>{'<p>'.join(names)}"
