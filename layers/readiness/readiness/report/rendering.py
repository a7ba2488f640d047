"""A report in the format of a name. A format's module is imported when a report is rendered in it."""

from collections.abc import Mapping
from importlib import import_module

from msgspec import Struct, field

from readiness.report import as_text
from readiness.report.as_text import PLAIN, View
from readiness.report.content import Report
from readiness.report.timeline import Timeline


class Extras(Struct, frozen=True):
    """Options and data of single formats: `view` for text, and for HTML the `timelines` of the tables, by name."""

    view: View = PLAIN
    timelines: Mapping[str, Timeline] = field(default_factory=dict)


def render(name: str, report: Report, extras: Extras) -> str:
    """Return the report in the format `name` of `formats.SUFFIXES`, without a newline at its end."""
    if name in WITH_EXTRAS:
        return WITH_EXTRAS[name](report, extras)
    text: str = import_module(f"readiness.report.as_{name}").render(report)
    return text


def text(report: Report, extras: Extras) -> str:
    """Return text of 80 columns."""
    return as_text.render(report, extras.view)


def html(report: Report, extras: Extras) -> str:
    """Return one HTML file without references to other files."""
    from readiness.report import as_html

    return as_html.render(report, extras.timelines)


WITH_EXTRAS = {"text": text, "html": html}
"""The formats that show more than the report. All others are the function `render` of the module `as_` their name."""
