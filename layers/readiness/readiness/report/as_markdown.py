"""The report as GitHub Flavored Markdown, for job summaries, comments and wikis.

What somebody else can choose is either a code span or escaped, so that it makes no link, no HTML and no other cell.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from readiness.aws.time import minute
from readiness.printable import line
from readiness.report import foot
from readiness.report.content import Report, TableReport
from readiness.report.controls import control_list
from readiness.report.export import NOT_PASSED, ExportedFinding, exported_of

SPECIAL = re.compile(r"[\\`*_\[\]<>&|~$#]|:(?=//)|(?<=www)\.", re.IGNORECASE)
"""Markup within a line of GitHub Flavored Markdown, bare URLs included: https://github.github.com/gfm/"""

NO_SPAN = frozenset("|`\\")
"""Characters that parsers of tables do not treat alike in a code span."""

HEAD = ("status", "check", "severity", "resource", "message", "controls")


def render(report: Report) -> str:
    """Return Markdown, without a newline at its end."""
    return "\n\n".join("\n\n".join(_table(table)) for table in report.tables)


def _table(table: TableReport) -> Iterator[str]:
    yield f"## Readiness of {code(table.table)}: {table.status}"
    yield f"Account {code(table.account)}, {table.region}, {minute(table.observed_at)}. {escaped(foot.summary(table))}"
    findings = list(exported_of(table))
    bad = [each for each in findings if each.found.status in NOT_PASSED]
    good = [each for each in findings if each.found.status not in NOT_PASSED]
    yield _rows(bad) if bad else "Every check passes or is not applicable."
    if good:
        yield f"<details><summary>{len(good)} passed or not applicable</summary>"
        yield _rows(good)
        yield "</details>"


def _rows(findings: Iterable[ExportedFinding]) -> str:
    return "\n".join([_row(HEAD), "|---|---|---|---|---|---|", *(_row(_cells(each)) for each in findings)])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(finding: ExportedFinding) -> tuple[str, ...]:
    found = finding.found
    status = f"{found.status} (waived)" if finding.is_waived else str(found.status)
    message = escaped(". ".join(filter(None, [finding.message, finding.waiver])))
    controls = escaped(control_list(found.controls))
    resource = "" if finding.is_about_table else code(found.resource)
    return (status, code(finding.check), found.severity, resource, message, controls)


def escaped(text: str) -> str:
    """Return text that Markdown shows as it is, on one line."""
    # GitHub makes a mention or an address of an `@` even if it is escaped; the word joiner prevents that.
    return SPECIAL.sub(lambda found: f"\\{found[0]}", line(text)).replace("@", "@\u2060")


def code(text: str) -> str:
    """Return the text as a code span on one line, or escaped if it has characters that a span cannot have."""
    text = line(text)
    return f"`{text}`" if text and not NO_SPAN & set(text) else escaped(text)
