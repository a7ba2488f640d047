"""The report as one HTML file, without scripts and without requests to other servers.

Its Content-Security-Policy lets a browser load nothing, whatever a value of the account contains.
"""

from collections.abc import Mapping
from pathlib import Path

from markupsafe import Markup

from readiness.report.content import Report
from readiness.report.html.element import element, joined
from readiness.report.html.section import anchor, table_section
from readiness.report.timeline import Timeline

SHEET = Path(__file__).parent / "html" / "style.css"

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

OFFLINE = Timeline(why="a snapshot file has no records of earlier runs")


PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Readiness: {names}</title>
<style>
{sheet}</style>
</head>
<body>
<header><h1>Readiness report</h1></header>
{contents}<main>
{tables}</main>
<footer><p>Readiness {version}, {schema}</p></footer>
</body>
</html>"""


def render(report: Report, timelines: Mapping[str, Timeline]) -> str:
    """Return HTML. `timelines` are the last 90 days of each table, by its name; a report of a snapshot has none."""
    tables = [table_section(each, timelines.get(each.table, OFFLINE), n) for n, each in enumerate(report.tables)]
    page = element(
        PAGE,
        policy=POLICY,
        names=", ".join(each.table for each in report.tables),
        sheet=Markup(SHEET.read_text(encoding="utf-8")),  # noqa: S704  the sheet is ours  # nosec B704
        contents=_contents(report),
        tables=joined(tables),
        version=report.version,
        schema=report.schema,
    )
    return str(page)


def _contents(report: Report) -> Markup:
    """Return the links to the tables if there are several."""
    if len(report.tables) < 2:  # noqa: PLR2004  several
        return Markup()
    links = (
        element('<li><a href="#{}">{}</a> {}</li>', anchor(number), each.table, each.status)
        for number, each in enumerate(report.tables)
    )
    return element('<nav aria-label="Tables"><ul>{}</ul></nav>\n', joined(links))
