"""The report as text, in colour on a terminal."""

from collections.abc import Iterator
from typing import TextIO

from readiness.alerts.phrase import apart
from readiness.aws.arn import places
from readiness.aws.time import minute
from readiness.model import Severity, Status
from readiness.printable import line
from readiness.report.content import FindingLine, Report, RuleLine, SignoffLine, TableReport, VoidLine

BOLD, DIM, CYAN = "bold", "dim", "cyan"

STYLES = {
    Status.PASS: "green",
    Status.WARN: "yellow",
    Status.UNKNOWN: "magenta",
    Status.FAIL: "bold red",
    Status.NOT_APPLICABLE: DIM,
}

SHOWN = {Status.NOT_APPLICABLE: "N/A"}

QUIET = frozenset({Status.PASS, Status.NOT_APPLICABLE})
"""Findings of these statuses have no line of their own."""

LISTED_ABOVE = frozenset(Status)
"""Reasons why an item is not complete that its own line shows already."""

WIDTH = len(Severity.CRITICAL)
INDENT = " " * len(" 1.1  ")
BELOW = INDENT + " " * WIDTH + "  "

REMEDIES = 3
"""The number of remediations shown for findings with the same message; the JSON report has all."""

Line = tuple[tuple[str, str], ...]
"""The pieces of one line: the Rich style of each, which may be empty, and its text."""


def render(report: Report) -> str:
    """Return the text, without a newline at its end."""
    return "\n".join("".join(text for _, text in pieces).rstrip() for pieces in _lines(report))


def show(report: Report, out: TextIO) -> None:
    """Print the text in colour on a terminal, honouring `NO_COLOR`. Lines are not wrapped, so they can be copied."""
    from rich.console import Console
    from rich.text import Text

    console = Console(file=out, highlight=False)
    for pieces in _lines(report):
        console.print(Text.assemble(*((text, style) for style, text in pieces)), soft_wrap=True)


def _lines(report: Report) -> Iterator[Line]:
    for number, table in enumerate(report.tables):
        if number:
            yield from ((), ())
        yield from _table(table)


def _table(table: TableReport) -> Iterator[Line]:
    place = f"account {table.account}, {table.region}, {table.observed_at:%Y-%m-%d %H:%M:%S} UTC"
    yield ((BOLD, table.table), ("", f"  {place}"))
    if not table.exists:
        yield ()
        yield ((STYLES[Status.FAIL], "The table does not exist in this account and Region."),)
        if table.nearest_tables:
            yield (("", f"Did you mean {' or '.join(table.nearest_tables)}?"),)
    yield ()
    item: list[Line] = []
    for rule in table.rules:
        item = list(_rule(rule, told=table.exists))
        yield from item
        if len(item) > 1:
            yield ()
    if len(item) == 1:
        yield ()
    yield _summary(table)
    if unrecorded := sum(rule.unrecorded for rule in table.rules):
        bad = table.counts[Status.FAIL]
        yield (("", f"{BELOW}{bad} of {len(table.rules)} items do not pass: {apart(bad - unrecorded, unrecorded)}"),)
    if table.checklist:
        yield ((DIM, f"{BELOW}checklist: {line(table.checklist)}"),)
    if table.signoff:
        yield _signoff(table.signoff)
    yield from _incomplete(table.incomplete)
    yield from map(_void, table.void)
    for rule in table.monitor:
        yield ()
        yield from _rule(rule, told=table.exists)


def _rule(rule: RuleLine, *, told: bool) -> Iterator[Line]:
    """Yield the lines of an item and its findings; no findings if the table does not exist (`told`)."""
    since = f"since {minute(rule.since)}" if rule.since and rule.status not in QUIET else ""
    reason = "not recorded" if rule.unrecorded else ""
    remarks = [rule.id, line(rule.owner or ""), since, reason, "waived" if rule.waived else ""]
    yield (
        ("", f" {rule.item}  "),
        _status(rule.status),
        (BOLD if rule.status not in QUIET else "", f"  {rule.title}"),
        (DIM, f"  {', '.join(filter(None, remarks))}"),
    )
    for attestation in rule.attestations[:1]:
        ends = "attested until" if attestation.status == "VALID" else "attestation expired on"
        yield ((DIM, f"{INDENT}{ends} {minute(attestation.until)}, by {line(attestation.by)}"),)
    alike: dict[tuple[object, ...], list[FindingLine]] = {}
    for each in rule.findings if told else ():
        if each.status not in QUIET:
            alike.setdefault((each.status, each.message, each.waiver, each.acknowledgement), []).append(each)
    for findings in alike.values():
        yield from _findings(findings)


def _findings(alike: list[FindingLine]) -> Iterator[Line]:
    """Yield the lines of findings with the same message, whatever their checks and resources."""
    finding = alike[0]
    word = finding.severity if finding.status is Status.FAIL else finding.status
    checks = ", ".join(dict.fromkeys(each.check for each in alike))
    where = places((each.resource for each in alike), finding.message)
    yield (
        ("", INDENT),
        (STYLES[finding.status], word.ljust(WIDTH)),
        ("", f"  {where}{finding.message}"),
        (DIM, f"  {checks}"),
    )
    if finding.waiver:
        waiver = finding.waiver
        yield ((DIM, f"{BELOW}waived until {minute(waiver.until)} by {line(waiver.by)}: {line(waiver.reason)}"),)
        if not waiver.announced:
            yield ((DIM, f"{BELOW}the waiver takes effect with the next run, which announces it"),)
    if finding.acknowledgement:
        ack = finding.acknowledgement
        note = f": {line(ack.note)}" if ack.note else ""
        yield ((DIM, f"{BELOW}acknowledged by {line(ack.by)} on {minute(ack.at)}{note}"),)
    for remediation in list(dict.fromkeys(each.remediation for each in alike if each.remediation))[:REMEDIES]:
        yield (("", BELOW), (CYAN, remediation))


def _status(status: Status) -> tuple[str, str]:
    return STYLES[status], SHOWN.get(status, status).ljust(WIDTH)


def _summary(table: TableReport) -> Line:
    counts = [f"{table.counts[status]} {SHOWN.get(status, status)}" for status in Status if table.counts[status]]
    waived = f" ({table.counts['WAIVED']} waived)" if table.counts["WAIVED"] else ""
    complete = "complete" if table.complete else "not complete"
    status, text = _status(table.status)
    return (("", " " * len(INDENT)), (status, text), ("", f"  {', '.join(counts)}{waived}; {complete}"))


def _signoff(signoff: SignoffLine) -> Line:
    stands = {
        "VALID": f"valid until {minute(signoff.until)}",
        "CHANGED": f"results changed since: {', '.join(signoff.changed)}",
        "EXPIRED": f"expired on {minute(signoff.until)}",
        "VOID": "void: signed for another table of this name",
        "UNKNOWN": "the TableId could not be read",
    }
    style = "" if signoff.status == "VALID" else STYLES[Status.WARN]
    return ((style, f"{BELOW}signed by {line(signoff.by)} on {minute(signoff.at)}, {stands[signoff.status]}"),)


def _void(void: VoidLine) -> Line:
    said = " ".join(filter(None, [void.kind, line(void.about)]))
    return ((DIM, f"{BELOW}void (recorded for another table): {said}, by {line(void.by)} on {minute(void.at)}"),)


def _incomplete(missing: tuple[str, ...]) -> Iterator[Line]:
    """Yield the missing parts that no item shows, with all their items, such as `not evaluated: 2.1, 2.2`."""
    by_lack: dict[str, list[str]] = {}
    for entry in missing:
        item, _, lack = entry.rpartition(": ")
        by_lack.setdefault(lack, []).append(item)
    for lack, items in by_lack.items():
        if lack not in LISTED_ABOVE and lack != "the table does not exist":
            yield ((DIM, f"{BELOW}{lack}{': ' if items[0] else ''}{', '.join(items)}"),)
