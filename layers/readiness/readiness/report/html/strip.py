"""The timelines of a table's items: one strip each, of one cell a day."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from markupsafe import Markup

from readiness.alerts.words import counted
from readiness.aws.time import minute
from readiness.model import Status
from readiness.printable import printable
from readiness.report.content import RuleLine, TableReport
from readiness.report.history import HistoryEntry
from readiness.report.html.element import element, joined
from readiness.report.timeline import DAYS, Basis, Day, ItemTimeline, Timeline

SYMBOLS: Mapping[str, str] = {
    Status.FAIL: "F",
    Status.UNKNOWN: "?",
    Status.WARN: "W",
    Status.PASS: "P",
    Status.NOT_APPLICABLE: "\u2013",
    Basis.CHANGES: "C",
    Basis.NOT_EVALUATED: "\u00d7",
    Basis.NO_RUN: "\u25cb",
    Basis.NO_RECORD: "\u00b7",
}
"""The letter or shape of each day, so that nothing depends on colour."""

CALLED: Mapping[str, str] = {
    Status.NOT_APPLICABLE: "not applicable",
    Basis.CHANGES: "changes recorded",
    Basis.NOT_EVALUATED: "not evaluated",
    Basis.NO_RUN: "no run",
    Basis.NO_RECORD: "no record",
}

EXPLAINED = (
    (Status.FAIL, "FAIL"),
    (Status.UNKNOWN, "UNKNOWN: could not be read"),
    (Status.WARN, "WARN"),
    (Status.PASS, "PASS in all runs"),
    (Status.NOT_APPLICABLE, "not applicable"),
    (Basis.NO_RUN, "no run recorded"),
    (Basis.NO_RECORD, "records of runs have expired, no change recorded"),
    (Basis.CHANGES, "changes recorded, status not recorded"),
    (Basis.NOT_EVALUATED, "not evaluated by the runs of the day"),
)

RECORDS = (
    "The timeline shows what the monitor recorded in the table. These are records, not proof: whoever can write to the"
    " table can write, change or delete them."
)

NONE = "No runs and no changes are recorded on these days: the table was not monitored, or its records were purged."

STRIP = """\
<li data-timeline="{rule}"><a href="#{anchor}">{name}</a>\
<div class="strip" role="img" aria-label="{name}: {text}">{cells}</div></li>
"""

MARKED = 30
"""The days from one date above the strips to the next."""

PERIODS = 6
"""The periods that the text below a strip names, the newest; of the others, the number."""

CHANGES = 20
"""The changes of an item that are listed, the newest; of the others, the number."""

NAMED = 3
"""The unreadable items that are named; of the others, the number."""

QUIET = frozenset({Status.PASS, Status.NOT_APPLICABLE, Basis.NO_RECORD})
"""Statuses that the list of periods leaves out, except on the day of the report."""


def strips(table: TableReport, timeline: Timeline, anchors: Mapping[str, str]) -> Markup:
    """Return the section with the strips of all items. `anchors` are the ids of the items' sections."""
    if timeline.why:
        return element('<p class="note">There is no timeline: {}.</p>', timeline.why)
    notes = joined(element('<p class="remark">{}</p>\n', note) for note in _notes(timeline))
    rows = [(rule, timeline.items[rule.id]) for rule in table.rules if rule.id in timeline.items]
    return element(
        '<p class="note">{}</p>{}{}<ol class="strips">{}{}</ol>',
        RECORDS,
        notes,
        _legend(),
        _axis(rows[0][1].days) if rows else "",
        joined(_strip(rule, each, anchors[rule.id]) for rule, each in rows),
    )


def changes(timeline: ItemTimeline) -> Markup:
    """Return the list of an item's recorded changes, which opens on request; nothing if there are none."""
    if not timeline.changes:
        return Markup()
    more = len(timeline.changes) - CHANGES
    return element(
        '<details class="changes"><summary>{} in the last {} days</summary><ol>{}{}</ol></details>',
        counted(len(timeline.changes), "recorded change"),
        DAYS,
        joined(map(_change, timeline.changes[:CHANGES])),
        element("<li>and {} more: readiness history</li>", more) if more > 0 else "",
    )


def summary(timeline: ItemTimeline) -> str:
    """Return the days of each status, and the newest periods that are neither PASS nor without a record."""
    days = Counter(day.shown for day in timeline.days)
    numbers = ", ".join(f"{CALLED.get(name, name)} {counted(days[name], 'day')}" for name in SYMBOLS if days[name])
    periods = [each for each in timeline.periods if each[0].shown not in QUIET]
    named = [_period(each) for each in reversed(periods[-PERIODS:])]
    if len(periods) > PERIODS:
        named.append(f"and {counted(len(periods) - PERIODS, 'earlier period')}")
    return "; ".join([numbers, *named])


def _notes(timeline: Timeline) -> Iterator[str]:
    if timeline.runs or timeline.changes:
        runs = f"{counted(timeline.runs, 'run')} and {counted(timeline.changes, 'change')} are recorded."
        yield f"{runs} Runs are recorded for 30 days, changes for 400."
        yield "Each day is in UTC and shows its worst status, whether or not a waiver accepts it."
    else:
        yield NONE
    if timeline.unreadable:
        names = ", ".join(map(printable, timeline.unreadable[:NAMED]))
        more = f" and {len(timeline.unreadable) - NAMED} more" if len(timeline.unreadable) > NAMED else ""
        yield f"Not shown, because they are not in the format of Readiness or lie in the future: {names}{more}."
    if timeline.void:
        yield f"Not shown: {counted(timeline.void, 'record')} of a former table of this name."


def _legend() -> Markup:
    entries = (element("<li>{} {}</li>", _cell(name, "", by_changes=False), text) for name, text in EXPLAINED)
    by_changes = element("<li>{} by recorded changes alone</li>", _cell(Status.FAIL, "", by_changes=True))
    return element('<ul class="legend" aria-label="Legend">{}{}</ul>', joined(entries), by_changes)


def _axis(days: Sequence[Day]) -> Markup:
    marks = joined(element("<span>{}</span>", days[number].date) for number in range(0, len(days), MARKED))
    return element(
        '<li class="axis" aria-hidden="true"><span></span><span class="marks">{}<span>{}</span></span></li>\n',
        marks,
        days[-1].date,
    )


def _strip(rule: RuleLine, timeline: ItemTimeline, anchor: str) -> Markup:
    cells = joined(
        _cell(day.shown, f"{day.date}: {day.text}", by_changes=day.basis is Basis.CHANGES, day=str(day.date))
        for day in timeline.days
    )
    name = f"{rule.item} {rule.title}"
    return element(STRIP, rule=rule.id, anchor=anchor, name=name, text=summary(timeline), cells=cells)


def _cell(name: str, title: str, *, by_changes: bool, day: str = "") -> Markup:
    """Return the cell of a day, or of the legend if it has no day."""
    attributes = element(' title="{}" data-day="{}" data-status="{}"', title, day, name) if day else ""
    kind = f"day {name.lower().replace('_', '-')}{' by-changes' if by_changes else ''}"
    hidden = Markup("") if day else Markup(' aria-hidden="true"')
    return element('<span class="{}"{}{}>{}</span>', kind, attributes, hidden, SYMBOLS[name])


def _period(days: Sequence[Day]) -> str:
    """Return what a series of days shows, such as `FAIL 2026-11-15 to 2026-11-16 (3 of 576 runs)`."""
    first, last = days[0], days[-1]
    dates = f"{first.date}" if first is last else f"{first.date} to {last.date}"
    runs, found = sum(day.runs for day in days), sum(day.runs_with_status for day in days)
    number = f" ({found} of {counted(runs, 'run')})" if found < runs else ""
    return f"{CALLED.get(first.shown, first.shown)} {dates}{number}"


def _change(change: HistoryEntry) -> Markup:
    about = f"{change.kind} {change.about}"
    by = f", by {change.by}" if change.by else ""
    return element("<li>{} <b>{}</b> {}{}</li>", minute(change.at), about, change.text, by)
