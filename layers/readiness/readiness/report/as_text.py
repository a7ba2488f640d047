"""The report as text of 80 columns, in colour on a terminal. Commands and ARNs are not broken."""

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, TextIO

from msgspec import Struct

from readiness.alerts.words import value
from readiness.aws.arn import is_table
from readiness.aws.command import lines
from readiness.aws.time import minute
from readiness.printable import line, printable, wrapped
from readiness.report import foot
from readiness.report.content import FindingLine, Report, RuleLine, SignoffLine, TableReport, VoidLine
from readiness.report.items import FindingGroup, Kind, groups, kind_of, kind_of_item, quiet_text, worst_first

BOLD, DIM, CYAN = "bold", "dim", "cyan"

STYLES = {
    Kind.FAIL: "bold red",
    Kind.UNKNOWN: "magenta",
    Kind.NOT_RECORDED: "blue",
    Kind.WAIVED: "yellow",
    Kind.WARN: "yellow",
    Kind.PASS: "green",
    Kind.NOT_CONFIGURED: DIM,
    Kind.NOT_APPLICABLE: DIM,
}

ASCII = dict(zip(Kind, "x?-~!+..", strict=True))
UNICODE = dict(zip(Kind, "✗?○≈!✓··", strict=True))

WIDTH = 79
TITLE = 24
MESSAGE = 3
"""Lines of a message without -v."""

LINES = 3
"""Lines of findings that an item has without -v; the number of the others follows."""

ALIGNED = 37
"""The longest command beside which the others are aligned."""

TABLES = 5
"""The names of existing tables that are shown for one that does not exist."""

VOID = 3
"""The records for another table that are shown without -v."""

Line = tuple[tuple[str, str], ...]
"""The pieces of one line: the Rich style of each, which may be empty, and its text."""

EMPTY: Line = ()


class View(Struct, frozen=True):
    """The options of a report. `table` and `config` select its table in the commands that the report names.

    `verbose`: with every finding. `order`: the worst items first, or as the checklist has them.
    """

    verbose: bool = False
    order: Literal["worst", "checklist"] = "worst"
    table: str = ""
    config: str = ""


PLAIN = View()


def render(report: Report, view: View = PLAIN) -> str:
    """Return the text in ASCII, but for the names of others, without a newline at its end."""
    return _plain(_lines(report, view, ASCII))


def show(report: Report, out: TextIO, view: View = PLAIN) -> None:
    """Print the text in colour on a terminal, honouring `NO_COLOR`. Long commands are not wrapped: they are copied."""
    _print(_lines(report, view, _symbols(out)), out)


def render_foot(report: Report, view: View) -> str:
    """Return the head and the foot of the report, without its items."""
    return _plain(
        pieces
        for table in report.tables
        for pieces in (*_head(table), EMPTY, *_paragraph(foot.unmet(table)), *_foot(table, view, report))
    )


def _plain(lines: Iterable[Line]) -> str:
    return "\n".join("".join(text for _, text in pieces).rstrip() for pieces in lines)


def _print(lines: Iterable[Line], out: TextIO) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(file=out, highlight=False)
    for pieces in lines:
        console.print(Text.assemble(*((text, style) for style, text in pieces)), soft_wrap=True)


def _symbols(out: TextIO) -> Mapping[Kind, str]:
    """Return the symbols that the encoding of the terminal has."""
    try:
        "".join(UNICODE.values()).encode(out.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return UNICODE


def _lines(report: Report, view: View, symbols: Mapping[Kind, str]) -> Iterator[Line]:
    for number, table in enumerate(report.tables):
        if number:
            yield from (EMPTY, EMPTY)
        yield from _table(table, view, symbols, report)


def _table(table: TableReport, view: View, symbols: Mapping[Kind, str], report: Report) -> Iterator[Line]:
    if not table.exists:
        yield from _missing(table)
        return
    yield from _head(table)
    yield EMPTY
    remedies: dict[str, str] = {}
    for rule in worst_first(table.rules) if view.order == "worst" else table.rules:
        yield from _item(rule, view, symbols, remedies)
    if table.monitor and not view.verbose:
        yield EMPTY
    for rule in table.monitor:
        yield from _item(rule, view, symbols, remedies)
    if not view.verbose:
        yield EMPTY
    yield from _foot(table, view, report)


def _missing(table: TableReport) -> Iterator[Line]:
    """Yield two lines about a table that does not exist."""
    place = f"account {table.account}, {table.region}"
    yield ((STYLES[Kind.FAIL], f"{printable(table.table)} does not exist in {place}"),)
    names = [printable(name) for name in table.existing_tables]
    more = ", ..." if len(names) > TABLES else ""
    there = f"Tables there, the nearest first: {', '.join(names[:TABLES])}{more}"
    yield (("", there if names else "No table is there, or they cannot be listed (dynamodb:ListTables)"),)


def _head(table: TableReport) -> Iterator[Line]:
    yield (
        (BOLD, printable(table.table)),
        ("", f"   {table.account}   {table.region}   {minute(table.observed_at)}"),
    )
    yield ((DIM, foot.judged(table)),)


def _item(rule: RuleLine, view: View, symbols: Mapping[Kind, str], remedies: dict[str, str]) -> Iterator[Line]:
    """Yield the lines of an item: its title and its worst findings; with -v, every finding.

    `remedies` are the remediations shown so far, each with the check that has it.
    """
    kind = kind_of_item(rule)
    start: Line = (
        (STYLES[kind], symbols[kind]),
        ("", f" {rule.item:3}  "),
        (DIM if kind.quiet else BOLD, f"{rule.title:{TITLE - 1}} "),
    )
    shown = groups(rule)
    if kind.quiet:
        yield (*start, (DIM if kind is not Kind.PASS else "", _cut(quiet_text(rule), _column(start))))
    else:
        yield from _findings(start, shown, verbose=view.verbose)
    if view.verbose:
        yield from _remarks(rule)
        for finding in rule.findings:
            yield from _finding(rule, finding, symbols, remedies)
        yield EMPTY


def _findings(start: Line, found: list[FindingGroup], *, verbose: bool) -> Iterator[Line]:
    """Yield the findings of the most important kind, and the numbers of the others."""
    column = _column(start)
    below: Line = (("", " " * column),)
    severity = ""
    kind = found[0].kind if found else None
    alike = [group for group in found if group.kind is kind]
    for number, group in enumerate(alike[:LINES]):
        shown = group.severity if group.severity != severity else ""
        severity = group.severity
        yield from _message(below if number else start, group.text, shown, STYLES[group.kind])
        if not verbose:
            yield from _words(group.first, below)
    if hidden := [*alike[LINES:], *found[len(alike) :]]:
        yield (*below, (DIM, f"and {_hidden(hidden, kind)}"))


def _hidden(hidden: list[FindingGroup], kind: Kind | None) -> str:
    """Return the numbers of findings that have no line, such as `1 more, 2 warnings`."""
    numbers = Counter(group.kind for group in hidden)
    return ", ".join(
        f"{number} more" if each is kind else foot.number_of(each, number) for each, number in sorted(numbers.items())
    )


def _message(start: Line, text: str, severity: str, style: str) -> Iterator[Line]:
    """Yield the message on as many lines as it needs, with the severity at the end of the first."""
    column = _column(start)
    room = WIDTH - column
    reserved = " " * (len(severity) + 2 if severity else 0)
    first, *others = [part.strip() for part in _limited(text, room, MESSAGE, reserved)]
    end = (("", " " * (room - len(first) - len(severity))), (style, severity)) if severity else ()
    yield (*start, ("", first), *end)
    yield from ((("", " " * column), ("", part)) for part in others)


def _words(finding: FindingLine, start: Line) -> Iterator[Line]:
    """Yield what people recorded about the finding."""
    column = _column(start)
    texts = []
    if waiver := finding.waiver:
        texts.append(f"waived until {minute(waiver.until)} by {printable(waiver.by)}: {line(waiver.reason)}")
        if not waiver.announced:
            texts.append("the waiver takes effect with the next run, which announces it")
    if ack := finding.acknowledgement:
        note = f": {line(ack.note)}" if ack.note else ""
        texts.append(f"acknowledged by {printable(ack.by)} on {minute(ack.at)}{note}")
    for text in texts:
        for part in wrapped(text, WIDTH - column):
            yield (("", " " * column), (DIM, part))


def _remarks(rule: RuleLine) -> Iterator[Line]:
    """Yield the id and the owner of an item, since when it has its status, and its attestation."""
    since = f"since {minute(rule.since)}" if rule.since else ""
    remarks = [rule.id, f"owner {printable(rule.owner)}" if rule.owner else "no owner", since]
    yield (("", " " * 7), (DIM, ", ".join(filter(None, remarks))))
    for attestation in rule.attestations[:1]:
        ends = "attested until" if attestation.status == "VALID" else "attestation expired on"
        yield (("", " " * 7), (DIM, f"{ends} {minute(attestation.until)}, by {printable(attestation.by)}"))


def _finding(
    rule: RuleLine, finding: FindingLine, symbols: Mapping[Kind, str], remedies: dict[str, str]
) -> Iterator[Line]:
    """Yield the lines of one finding: its check, message, resource, evidence, age and remediation."""
    kind, check = kind_of(finding), f"{rule.id}/{finding.check}"
    severity = f"  {finding.severity}" if kind in {Kind.FAIL, Kind.WARN, Kind.WAIVED} else ""
    yield (("", "  "), (STYLES[kind], symbols[kind]), ("", f" {check}"), (STYLES[kind], severity))
    for text in wrapped(line(finding.message), WIDTH - 4):
        yield (("", f"    {text}"),)
    if not is_table(finding.resource):
        yield (("", "    "), (DIM, f"Resource  {printable(finding.resource)}"))
    yield from _evidence(finding)
    if finding.as_of:
        yield (("", "    "), (DIM, f"As of     {minute(finding.as_of)}"))
    yield from _words(finding, (("", "    "),))
    if finding.remediation:
        yield from _remedy(finding, check, remedies)


def _evidence(finding: FindingLine) -> Iterator[Line]:
    texts = (
        f"{line(name)} {line(value(finding.evidence[name]))}"
        for name in sorted(finding.evidence)
        if finding.evidence[name] != ""
    )
    parts = [part for text in texts for part in textwrap.wrap(text, WIDTH - 14, subsequent_indent="  ")]
    for number, part in enumerate(parts):
        yield (("", "    "), (DIM, f"{'' if number else 'Evidence':8}  {part}"))


def _remedy(finding: FindingLine, check: str, remedies: dict[str, str]) -> Iterator[Line]:
    """Yield the remediation; one that was shown before is named by the check that has it."""
    command = foot.WRITE_ALARMS if foot.lacks_alarm(check, finding.evidence) else finding.remediation
    if shown := remedies.get(command):
        yield (("", "    "), (DIM, f"Remedy    as for {shown}"))
        return
    remedies[command] = check
    for number, text in enumerate(lines(command, WIDTH - 14)):
        yield (("", "    "), (DIM, f"{'' if number else 'Remedy':8}  "), (CYAN, text))


def _foot(table: TableReport, view: View, report: Report) -> Iterator[Line]:
    yield from _paragraph(foot.summary(table))
    if unset := foot.not_configured(table):
        yield from _paragraph(unset)
    if table.signoff:
        yield from _paragraph(signoff_text(table.signoff), "" if table.signoff.status == "VALID" else STYLES[Kind.WARN])
    void = table.void if view.verbose else table.void[:VOID]
    for each in void:
        yield from _paragraph(void_text(each), DIM)
    if len(table.void) > len(void):
        yield ((DIM, f"and {len(table.void) - len(void)} more void records"),)
    named = table.table if len(report.tables) > 1 else view.table
    yield from _next(foot.steps(table, foot.selection(named, view.config), verbose=view.verbose))


def _next(steps: list[foot.Step]) -> Iterator[Line]:
    """Yield the commands below each other, each with what it does if that fits."""
    label = "Next   "
    room = WIDTH - len(label) - 2
    width = max((len(command) for command, _ in steps if len(command) <= ALIGNED), default=0)
    if steps:
        yield EMPTY
    for number, (command, about) in enumerate(steps):
        fits = max(width, len(command)) + len(about) <= room
        start = " " * len(label) if number else label
        yield (BOLD, start), (CYAN, command), (DIM, f"{' ' * (width - len(command))}  {about}" if fits else "")


def _paragraph(text: str, style: str = "") -> Iterator[Line]:
    for part in wrapped(text, WIDTH):
        yield ((style, part),)


def signoff_text(signoff: SignoffLine) -> str:
    """Return who signed the checklist off and when, and whether that is still valid."""
    stands = {
        "VALID": f"valid until {minute(signoff.until)}",
        "CHANGED": f"results changed since: {', '.join(signoff.changed)}",
        "EXPIRED": f"expired on {minute(signoff.until)}",
        "VOID": "void: signed for another table of this name",
        "UNKNOWN": "the TableId could not be read",
    }
    return f"Signed by {printable(signoff.by)} on {minute(signoff.at)}, {stands[signoff.status]}"


def void_text(void: VoidLine) -> str:
    """Return a record for another table of this name."""
    said = " ".join(filter(None, [void.kind, printable(void.about)]))
    return f"Void (recorded for another table): {said}, by {printable(void.by)} on {minute(void.at)}"


def _cut(text: str, column: int) -> str:
    """Return the text on one line from this column on."""
    return _limited(text, WIDTH - column, 1)[0]


def _limited(text: str, width: int, most: int, indent: str = "") -> list[str]:
    """Return the text on at most so many lines, at least one, without breaking names at their hyphens."""
    wrapper = textwrap.TextWrapper(
        width, initial_indent=indent, max_lines=most, placeholder=" ...", break_on_hyphens=False
    )
    return wrapper.wrap(text) or [""]


def _column(pieces: Line) -> int:
    return sum(len(text) for _, text in pieces)
