"""A report in the format of a name. A format's module is imported when a report is rendered in it."""

from collections.abc import Mapping

from msgspec import Struct, field

from readiness.report.as_text import PLAIN, View
from readiness.report.content import Report
from readiness.report.timeline import Timeline


class Extras(Struct, frozen=True):
    """What some formats show besides the report: text has a `view`, HTML the `timelines` of each table, by name."""

    view: View = PLAIN
    timelines: Mapping[str, Timeline] = field(default_factory=dict)


def render(name: str, report: Report, extras: Extras) -> str:
    """Return the report in the format `name` of `formats.SUFFIXES`, without a newline at its end."""
    return RENDERERS[name](report, extras)


def text(report: Report, extras: Extras) -> str:
    """Return text of 80 columns."""
    from readiness.report import as_text

    return as_text.render(report, extras.view)


def json(report: Report, _extras: Extras) -> str:
    """Return JSON in the schema of `docs/report.schema.json`."""
    from readiness.report import as_json

    return as_json.render(report)


def html(report: Report, extras: Extras) -> str:
    """Return one HTML file without references to other files."""
    from readiness.report import as_html

    return as_html.render(report, extras.timelines)


RENDERERS = {"text": text, "json": json, "html": html}
"""The function of each format."""
