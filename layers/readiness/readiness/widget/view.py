"""The HTML of the widget, without scripts. MarkupSafe escapes every value that is put into it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from markupsafe import Markup
from msgspec import Struct

from readiness.aws.arn import places
from readiness.aws.time import lasted, minute, second
from readiness.model import Status
from readiness.widget.standing import Item, ItemFinding, ItemWaiver, StoredChecklist, Unseen
from readiness.widget.style import SHEET

SHOWN = {Status.NOT_APPLICABLE: "N/A"}
QUIET = frozenset({Status.PASS, Status.NOT_APPLICABLE})
WORST_FIRST = sorted(Status, key=lambda status: -status.rank)

FINDINGS = 8
REMEDIES = 3
"""The number of remediations shown for equal findings."""

AHEAD = timedelta(minutes=1)
"""The accepted difference between two clocks. The age of a later time is not known."""

NOTE = Markup('<div class="rdns-note">{}</div>')
STALE = Markup(
    '<div class="rdns-note rdns-stale">STALE: last run at {}. The results are as of that time: the monitor '
    "has not run since, or this dashboard was not refreshed.</div>"
)
HEALTH = Markup('<div class="rdns-own rdns-dim">The monitor itself</div><div class="rdns-items">{}</div>')
PAUSED = NOTE.format("Alerts are paused. Changes are shown here, but no messages are sent.")


class Frame(Struct, frozen=True):
    """The context of the widget. Results older than `late` at `now` are stale."""

    now: datetime
    late: timedelta
    dark: bool = False
    runbook: str = ""


def page(tables: Iterable[StoredChecklist | Unseen], frame: Frame) -> str:
    """Return the HTML of the widget."""
    drawn = Markup().join(_table(table, frame) for table in tables)
    link = frame.runbook.startswith(("https://", "http://"))
    runbook = Markup('<p><a href="{}" target="_blank" rel="noopener">Runbook</a></p>').format(frame.runbook)
    whole = Markup('<style>{}</style><div class="cwdb-no-default-styles"></div><div class="rdns rdns-{}">{}{}</div>')
    theme = "dark" if frame.dark else "light"
    sheet = Markup(SHEET)  # noqa: S704  the sheet is ours  # nosec B704
    return str(whole.format(sheet, theme, drawn, runbook if link else ""))


def _table(table: StoredChecklist | Unseen, frame: Frame) -> Markup:
    name = Markup('<span class="rdns-name">{}</span>').format(table.table)
    if isinstance(table, Unseen):
        head = Markup('<div class="rdns-head">{} {}</div>').format(name, _pill(Status.UNKNOWN))
        return Markup('<div class="rdns-table">{}{}</div>').format(head, NOTE.format(table.why))
    items = [item for item in table.items if not item.own]
    health = [item for item in table.items if item.own]
    age = frame.now - table.verified_at
    left = max(timedelta(), frame.late - age) if age >= -AHEAD else timedelta()
    head = Markup(
        '<div class="rdns-head">{} <span class="rdns-counts">{}</span> <span class="rdns-dim">{}</span></div>'
    ).format(name, Markup(" ").join(_counts(items, frame.now)), _age(age, table.verified_at))
    return Markup('<div class="rdns-table" style="--late:{}s">{}{}{}<div class="rdns-items">{}</div>{}</div>').format(
        round(left.total_seconds()),
        head,
        STALE.format(second(table.verified_at)),
        PAUSED if table.paused else "",
        Markup().join(_item(item, frame.now) for item in items),
        HEALTH.format(Markup().join(_item(item, frame.now) for item in health)) if health else "",
    )


def _age(age: timedelta, at: datetime) -> str:
    if age < -AHEAD:
        return f"as of {second(at)}, {lasted(-age)} ahead of the current time"
    said = "less than a minute ago" if age < timedelta(minutes=1) else f"{lasted(age)} ago"
    return f"as of {said} ({second(at)})"


def _counts(items: Sequence[Item], now: datetime) -> Iterator[Markup]:
    for status in WORST_FIRST:
        these = [item for item in items if item.status is status]
        waived = sum(item.is_waived(now) for item in these)
        if these:
            yield _pill(status, f"{len(these)} ", f" ({waived} waived)" if waived else "", also="rdns-count")


def _pill(status: Status, before: Markup | str = "", after: str = "", also: str = "") -> Markup:
    return Markup('<span class="rdns-pill {} {}">{}{}{}</span>').format(
        _tone(status), also, before, SHOWN.get(status, status), after
    )


def _tone(status: Status) -> str:
    return "rdns-na" if status is Status.NOT_APPLICABLE else f"rdns-{status.lower()}"


def _item(item: Item, now: datetime) -> Markup:
    """Return the line of an item, which opens to its findings."""
    loud = sorted(
        (each for each in item.findings if each.status not in QUIET),
        key=lambda each: (-each.status.rank, -each.severity.rank),
    )
    line = Markup("{}{}{}").format(
        _pill(item.status, Markup('<span class="rdns-was">was </span>')),
        Markup('<span class="rdns-what"><span class="rdns-title">{} {}</span>{}{}</span>').format(
            item.item, item.title or item.rule, _found(loud, item), Markup().join(_tags(item, loud, now))
        ),
        Markup('<span class="rdns-meta">{}</span>').format(Markup("<br>").join(_meta(item))),
    )
    kind = Markup("rdns-item {} {}").format(_tone(item.status), "rdns-blind" if item.blind_since else "")
    if not loud:
        return Markup('<div class="{}"><div class="rdns-line">{}</div></div>').format(kind, line)
    return Markup(
        '<details class="{}"><summary class="rdns-line">{}</summary><div class="rdns-more">{}</div></details>'
    ).format(kind, line, Markup().join(_more(item, loud, now)))


def _found(loud: Sequence[ItemFinding], item: Item) -> Markup | str:
    """Return the worst finding on one line."""
    if not loud:
        return ""
    others = item.finding_count - len(item.findings) + len(loud) - 1
    more = f", and {others} more" if others > 0 else ""
    where = places([loud[0].resource], loud[0].message)
    return Markup('<span class="rdns-found">{}{}{}</span>').format(where, loud[0].message, more)


def _tags(item: Item, loud: Sequence[ItemFinding], now: datetime) -> Iterator[Markup]:
    tag = Markup('<span class="rdns-tag">{}</span>')
    if item.blind_since:
        known = f", last known {item.known}" if item.known is Status.WARN and item.status is Status.UNKNOWN else ""
        yield tag.format(f"not completely read since {minute(item.blind_since)}{known}")
    waivers = [waiver for finding in loud if (waiver := item.waiver(finding, now))]
    if waivers:
        whole = "waived" if item.is_waived(now) else "partly waived"
        yield tag.format(f"{whole} until {minute(min(waiver.until for waiver in waivers))}")


def _meta(item: Item) -> Iterator[str]:
    if item.since and item.status not in QUIET:
        yield f"since {minute(item.since)}"
    yield item.owner or "no owner"


def _more(item: Item, loud: Sequence[ItemFinding], now: datetime) -> Iterator[Markup]:
    """Yield the findings with their waivers and remediations; equal findings of several resources are one."""
    alike: dict[tuple[Status, str, ItemWaiver | None], list[ItemFinding]] = {}
    for finding in loud:
        alike.setdefault((finding.status, finding.message, item.waiver(finding, now)), []).append(finding)
    for (status, message, waiver), findings in list(alike.items())[:FINDINGS]:
        yield Markup('<p><b>{}</b> {}{} <span class="rdns-dim">{}</span></p>').format(
            findings[0].severity if status is Status.FAIL else status,
            places((each.resource for each in findings), message),
            message,
            ", ".join(dict.fromkeys(each.check for each in findings)),
        )
        if waiver:
            yield Markup('<p class="rdns-dim">waived until {} by {}: {}</p>').format(
                minute(waiver.until), waiver.by, waiver.reason
            )
        for remedy in list(dict.fromkeys(each.remediation for each in findings if each.remediation))[:REMEDIES]:
            yield Markup('<div class="rdns-command">{}</div>').format(remedy)
    left = sum(map(len, list(alike.values())[FINDINGS:])) + item.finding_count - len(item.findings)
    if left > 0:
        yield Markup('<p class="rdns-dim">and {} more; run `readiness check` to see all</p>').format(left)
