"""The body a person reads: 80 columns, except commands and links, which stay on one line to be copied."""

from collections.abc import Iterable, Iterator
from itertools import accumulate
from shlex import quote
from textwrap import fill

from readiness.alerts.news import News, Told, What, Whereabouts, fails
from readiness.alerts.phrase import happened, headline, label, named, named_singly
from readiness.alerts.rows import (
    LONGEST,
    MARGIN,
    RESOURCES,
    WIDTH,
    actor,
    differences,
    earlier,
    ending,
    incidents,
    listed,
    notes,
    row,
    taken,
    times,
    unread,
)
from readiness.alerts.words import clip, console, counted, instant, line
from readiness.aws.arn import short
from readiness.model import Status
from readiness.state.drift import Difference, Kind

EVENTS = 12
ROOM = 24_000
COMMAND = 4000

AFTERWARDS = (
    "A restored or recreated table comes without time to live, point-in-time recovery, tags, alarms, auto scaling, "
    "resource policy and stream. Attestations and waivers of the former table are void; owners stay. The item states "
    "were judged anew on this table."
)
REMAINS = {
    What.REPLACED: AFTERWARDS,
    What.DELETED: "Everything that writes to it fails now. Restore it from a backup, or to a point in time: within 35 "
    "days of the deletion DynamoDB keeps a system backup of a table that had point-in-time recovery.",
    What.FORGOTTEN: "The table is the same, but the items under READINESS# are gone. What stood in them, attestations "
    "and waivers included, has to be recorded again; what fails today is told as if seen for the first time.",
    What.UNRECORDED: "The table could not be read or written by the monitor, so nothing is judged against what was "
    "known, and no change will be told until it can. One alarm stays on for as long as this lasts.",
    What.UNUSABLE: "Whatever reads from it or writes to it fails, and so does the monitor's memory in it: no change "
    "will be told until that ends. One alarm stays on for as long as this lasts.",
}

UNDONE = {What.UNRECORDED, What.UNUSABLE}
"""Of these it is not looked up who did it."""

COMMANDS = {
    What.REPLACED: ("To see how the new one stands", "readiness check --table {table}"),
    What.DELETED: (
        "To see what it can be restored from",
        "aws dynamodb list-backups --table-name {table} --backup-type ALL",
    ),
    What.UNRECORDED: ("To see what is the matter with it", "aws dynamodb describe-table --table-name {table}"),
    What.UNUSABLE: ("To see what is wrong and how to mend it", "readiness check --table {table}"),
}

CHANGING = {Kind.REGRESSED, Kind.RECOVERED, Kind.WORSENED, Kind.EASED, Kind.CHANGED, Kind.INCIDENT}
GOOD = {Kind.RECOVERED, Kind.VISIBLE, Kind.EASED}
UNCHANGED = {Kind.STILL, Kind.REJUDGED, Kind.WAIVER_ENDS}
MENDABLE = {Kind.REGRESSED, Kind.WAIVER_ENDED, Kind.WORSENED, Kind.CHANGED, Kind.RESUMED, *UNCHANGED}


def body(news: News) -> str:
    """The whole text of a message."""
    if news.trouble:
        parts = _trouble(news)
    elif news.first is not None:
        parts = _first(news)
    else:
        parts = _changes(news)
    return "\n\n".join([f"{_lead(news)}\n{where(news.place)}", *_room(parts), links(news.place)]) + "\n"


def _room(parts: list[str]) -> list[str]:
    """As many parts as a message has room for: what SNS takes is limited, and so is who reads it."""
    ends = accumulate(len(part) for part in parts)
    kept = [part for part, end in zip(parts, ends, strict=True) if end <= ROOM]
    return kept if len(kept) == len(parts) else [*kept, "... and more, which `readiness check` shows."]


def where(place: Whereabouts) -> str:
    """Which table of the many it is."""
    return f"Table {place.table}, account {place.account}, {place.region}"


def links(place: Whereabouts) -> str:
    """Where to go from here."""
    named = (("Runbook", place.runbook), ("Console", console(place)), ("Dashboard", place.dashboard))
    return "\n".join(f"{name:<{MARGIN - 2}}{address}" for name, address in named if address)


def _lead(news: News) -> str:
    if len(news.foremost) > 1 and named_singly(news):
        return f"{label(news)}: {len(news.foremost)} changes, the worst first"
    words, more = headline(news)
    return fill(f"{label(news)}: {line(words)}{more}", WIDTH)


def _changes(news: News) -> list[str]:
    rejudged = [told for told in news.foremost if told.event.kind is Kind.REJUDGED]
    others = [told for told in news.foremost if told.event.kind is not Kind.REJUDGED]
    explained: set[str] = set()
    parts = []
    for told in others[:EVENTS]:
        alone = len(news.foremost) == 1 and named_singly(news)
        opening = [] if alone else [fill(f"* {severity(told)}: {line(clip(happened(told), LONGEST))}", WIDTH)]
        parts.append("\n".join([*opening, *_event(told, news, explain=told.rule not in explained)]))
        explained.add(told.rule)
    if len(others) > EVENTS:
        rest = ", ".join(told.event.check for told in others[EVENTS:])
        parts.append(fill(f"... and {len(others) - EVENTS} more: {clip(rest, LONGEST)}", WIDTH))
    if news.caused:
        same = "other check fails" if len(news.caused) == 1 else "other checks fail"
        parts.append(f"{len(news.caused)} {same} for the same reason.")
    parts += _rejudged(rejudged, news) if rejudged else []
    return parts + ([fill(f"Asked no more: {', '.join(news.retired)}", WIDTH)] if news.retired else [])


def severity(told: Told) -> str:
    """The word that a change begins with."""
    words = {Kind.OBSCURED: "BLIND", Kind.WAIVER_ENDS: "NOTE"}
    return "RESOLVED" if told.event.kind in GOOD else words.get(told.event.kind, told.event.severity)


def _event(told: Told, news: News, *, explain: bool) -> list[str]:
    """One change: what, since when, by whom, why it matters, and the way back."""
    event = told.event
    rows = [
        row("wanted", f"{told.item} {told.title}"),
        *unread(told),
        *differences(told),
        *times(told, news.place.time_zone),
        *incidents(told),
        *(actor(told.actor, told.nobody) if event.kind in CHANGING else []),
        *earlier(told.earlier),
        *notes(told),
        *ending(told, news.place.time_zone),
        *([row("why", told.why)] if told.why and explain and event.kind not in GOOD else []),
        row("owner", told.owner or "nobody yet"),
        *taken(told, news.place.time_zone),
    ]
    return rows + (_command(told) if told.remedy and event.kind in MENDABLE and _bad(told) else [])


def _bad(told: Told) -> bool:
    return fails(told.event) or told.event.kind is Kind.WORSENED


def _command(told: Told) -> list[str]:
    return ["", "  To put it right:", _one_line(told.remedy)]


def _one_line(command: str) -> str:
    return clip(" ".join(command.splitlines()), COMMAND)


def _rejudged(told: list[Told], news: News) -> list[str]:
    """One list of what is judged otherwise than before, what fails now first."""
    why = (
        "Nothing was known of it, so all is judged"
        if news.trouble
        else "Not the account, but what it is judged by changed: all of this is judged"
    )
    pairs = sorted(((one, each) for one in told for each in one.event.differences), key=_failing_first)
    rows = [row(one.item, f"{one.event.severity}: {listed(each, one)}") for one, each in pairs[: EVENTS * 2]]
    more = len(pairs) - len(rows)
    last = [row("", f"... and {more} more")] if more > 0 else []
    mend = next((one for one, _ in pairs if one.remedy and fails(one.event)), None)
    command = [f"\n  To put {mend.item} right:", _one_line(mend.remedy)] if mend else []
    owner = [row("owner", mend.owner)] if mend and mend.owner else []
    return ["\n".join([f"{why} anew.", *rows, *last, *owner, *command])]


def _failing_first(pair: tuple[Told, Difference]) -> tuple[bool, int, str]:
    told, difference = pair
    failing = difference.after is not None and difference.after.status is Status.FAIL
    return not failing, -told.event.severity.rank, told.item


def _first(news: News) -> list[str]:
    """The first word of a table: how it stands, and what to do first."""
    items = news.first or {}
    standing = ", ".join(f"{items[status]} {status}" for status in Status if items.get(status))
    apart = f", of which {news.unrecorded} not recorded yet" if news.unrecorded else ""
    parts = [
        fill(
            "This table is watched from now on, on a schedule. You will hear of what changes.",
            WIDTH,
        ),
        fill(f"Its items today: {standing}{apart}.", WIDTH),
    ]
    failing = news.failing
    parts += ["\n".join(_today(told)) for told in failing[:EVENTS]]
    if len(failing) > EVENTS:
        rest = ", ".join(told.event.check for told in failing[EVENTS:])
        parts.append(fill(f"... and {len(failing) - EVENTS} more: {clip(rest, LONGEST)}", WIDTH))
    return parts + (
        ["\n".join(["Not recorded yet. What records it:", *_missing(news.missing)])] if news.missing else []
    )


def _missing(missing: Iterable[Told]) -> Iterator[str]:
    """What nobody has recorded yet, each command once: for which items, and where it is long, what it records."""
    by_command: dict[str, list[Told]] = {}
    for told in missing:
        by_command.setdefault(_one_line(told.remedy), []).append(told)
    for command, each in by_command.items():
        items = ", ".join(dict.fromkeys(told.item for told in each))
        line = f"  {items}  ".ljust(MARGIN) + command
        yield from [line] if command and len(line) <= WIDTH else [row(items, each[0].message), *filter(None, [command])]


def _today(told: Told) -> list[str]:
    bad = [each for each in told.differences if each.after and each.after.fails]
    found = named(told) if len(bad) == 1 else told.message
    rows = [
        fill(f"* {told.event.severity}: {line(clip(found or told.question, LONGEST))}", WIDTH),
        row("wanted", f"{told.item} {told.title}"),
        row("owner", told.owner or "nobody yet"),
    ]
    if len(bad) > 1:
        names = ", ".join(short(each.resource) for each in bad[:RESOURCES])
        more = len(bad) - RESOURCES
        rows.append(row(counted(len(bad), "place"), names + (f", and {more} more" if more > 0 else "")))
    return rows + (_command(told) if told.remedy else [])


def _trouble(news: News) -> list[str]:
    trouble = news.trouble
    if trouble is None:
        return []
    ids = [row("was", f"TableId {trouble.before}")] if trouble.before else []
    ids += [row("is", f"TableId {news.place.table_id}")] if trouble.what is What.REPLACED else []
    asked = COMMANDS.get(trouble.what)
    command = ["", f"  {asked[0]}:", asked[1].format(table=quote(news.place.table))] if asked else []
    rows = [
        *ids,
        *([row("cause", trouble.detail)] if trouble.detail else []),
        row("seen", instant(news.at, news.place.time_zone)),
        *([] if trouble.what in UNDONE and not trouble.actor else actor(trouble.actor)),
        row("meaning", REMAINS[trouble.what]),
        *command,
    ]
    return ["\n".join(rows), *_changes(news)]
