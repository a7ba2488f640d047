"""The plain text body of an alert: 80 columns, except commands and links, which stay on one line to be copied."""

from collections.abc import Iterable, Iterator
from itertools import accumulate
from shlex import quote
from textwrap import fill

from readiness.alerts.news import Alert, AlertContext, AlertEntry, TroubleKind, fails
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
from readiness.alerts.words import clip, console, instant, line
from readiness.aws.arn import short
from readiness.model import Status
from readiness.state.drift import Difference, EventKind

EVENTS = 12
ROOM = 24_000
COMMAND = 4000

IMPACT = {
    TroubleKind.REPLACED: "A restored or recreated table has no TTL, point-in-time recovery, tags, alarms, auto "
    "scaling, resource policy or stream until they are configured again. Attestations and waivers of the former table "
    "are void; owners stay. All checks were evaluated again on this table.",
    TroubleKind.DELETED: "Every request to the table fails. Restore it from a backup: for 35 days after the deletion, "
    "DynamoDB keeps a system backup of a table that had point-in-time recovery enabled.",
    TroubleKind.FORGOTTEN: "The table is the same, but its items under READINESS# were deleted. Record attestations, "
    "waivers and owners again. Failures are reported as if they were found for the first time.",
    TroubleKind.UNRECORDED: "The monitor cannot read or write its items in the table, so it cannot compare results "
    "with earlier ones. No changes are reported until it can. Alarm PersistFailed stays in ALARM until then.",
    TroubleKind.UNUSABLE: "Every request to the table fails, and the monitor cannot read or write its items in it. No "
    "changes are reported until the table can be used again. Alarm PersistFailed stays in ALARM until then.",
}

WITHOUT_ACTOR = {TroubleKind.UNRECORDED, TroubleKind.UNUSABLE}
"""Events whose actor is not searched in CloudTrail."""

COMMANDS = {
    TroubleKind.REPLACED: ("Evaluate the new table", "readiness check --table {table}"),
    TroubleKind.DELETED: ("List its backups", "aws dynamodb list-backups --table-name {table} --backup-type ALL"),
    TroubleKind.UNRECORDED: ("Show the state of the table", "aws dynamodb describe-table --table-name {table}"),
    TroubleKind.UNUSABLE: ("Show the cause and its remediation", "readiness check --table {table}"),
}

CHANGING = {
    EventKind.REGRESSED,
    EventKind.RECOVERED,
    EventKind.WORSENED,
    EventKind.EASED,
    EventKind.CHANGED,
    EventKind.INCIDENT,
}
GOOD = {EventKind.RECOVERED, EventKind.VISIBLE, EventKind.EASED}
UNCHANGED = {EventKind.STILL, EventKind.REJUDGED, EventKind.WAIVER_ENDS}
REMEDIABLE = {
    EventKind.REGRESSED,
    EventKind.WAIVER_ENDED,
    EventKind.WORSENED,
    EventKind.CHANGED,
    EventKind.RESUMED,
    *UNCHANGED,
}


def body(alert: Alert) -> str:
    """Return the text of an alert."""
    if alert.trouble:
        parts = _trouble(alert)
    elif alert.first is not None:
        parts = _first(alert)
    else:
        parts = _changes(alert)
    return "\n\n".join([f"{_lead(alert)}\n{where(alert.place)}", *_room(parts), links(alert.place)]) + "\n"


def _room(parts: list[str]) -> list[str]:
    """Keep the parts that fit into `ROOM`: SNS limits the size of a message."""
    ends = accumulate(len(part) for part in parts)
    kept = [part for part, end in zip(parts, ends, strict=True) if end <= ROOM]
    return kept if len(kept) == len(parts) else [*kept, "... and more. Run `readiness check` to see all."]


def where(place: AlertContext) -> str:
    """Return the line that names the table, its account and its Region."""
    return f"Table {place.table}, account {place.account}, {place.region}"


def links(place: AlertContext) -> str:
    """Return the links to the runbook, the console and the dashboard."""
    named = (("Runbook", place.runbook), ("Console", console(place)), ("Dashboard", place.dashboard))
    return "\n".join(f"{name:<{MARGIN - 2}}{address}" for name, address in named if address)


def _lead(alert: Alert) -> str:
    if len(alert.foremost) > 1 and named_singly(alert):
        return f"{label(alert)}: {len(alert.foremost)} changes, the worst first"
    words, more = headline(alert)
    return fill(f"{label(alert)}: {line(words)}{more}", WIDTH)


def _changes(alert: Alert) -> list[str]:
    rejudged = [told for told in alert.foremost if told.event.kind is EventKind.REJUDGED]
    others = [told for told in alert.foremost if told.event.kind is not EventKind.REJUDGED]
    explained: set[str] = set()
    parts = []
    for told in others[:EVENTS]:
        alone = len(alert.foremost) == 1 and named_singly(alert)
        opening = [] if alone else [fill(f"* {severity(told)}: {line(clip(happened(told), LONGEST))}", WIDTH)]
        parts.append("\n".join([*opening, *_event(told, alert, explain=told.rule not in explained)]))
        explained.add(told.rule)
    if len(others) > EVENTS:
        rest = ", ".join(told.event.check for told in others[EVENTS:])
        parts.append(fill(f"... and {len(others) - EVENTS} more: {clip(rest, LONGEST)}", WIDTH))
    if alert.caused:
        same = "other check fails" if len(alert.caused) == 1 else "other checks fail"
        parts.append(f"{len(alert.caused)} {same} for the same reason.")
    parts += _rejudged(rejudged, alert) if rejudged else []
    return parts + ([fill(f"No longer evaluated: {', '.join(alert.retired)}", WIDTH)] if alert.retired else [])


def severity(told: AlertEntry) -> str:
    """Return the label of one change: its severity, or UNKNOWN, RESOLVED or NOTE."""
    words = {EventKind.OBSCURED: "UNKNOWN", EventKind.WAIVER_ENDS: "NOTE"}
    return "RESOLVED" if told.event.kind in GOOD else words.get(told.event.kind, told.event.severity)


def _event(told: AlertEntry, alert: Alert, *, explain: bool) -> list[str]:
    """Return the rows of one change: the change, its time and actor, the reason of the rule, and the remediation."""
    event = told.event
    rows = [
        row("item", f"{told.item} {told.title}"),
        *unread(told),
        *differences(told),
        *times(told, alert.place.time_zone),
        *incidents(told),
        *(actor(told.actor, told.nobody) if event.kind in CHANGING else []),
        *earlier(told.earlier),
        *notes(told),
        *ending(told, alert.place.time_zone),
        *([row("why", told.why)] if told.why and explain and event.kind not in GOOD else []),
        row("owner", told.owner or "none"),
        *taken(told, alert.place.time_zone),
    ]
    return rows + (_command(told) if told.remedy and event.kind in REMEDIABLE and _bad(told) else [])


def _bad(told: AlertEntry) -> bool:
    return fails(told.event) or told.event.kind is EventKind.WORSENED


def _command(told: AlertEntry) -> list[str]:
    return ["", "  Remediation:", _one_line(told.remedy)]


def _one_line(command: str) -> str:
    return clip(" ".join(command.splitlines()), COMMAND)


def _rejudged(told: list[AlertEntry], alert: Alert) -> list[str]:
    """Return one list of the results that are re-evaluated, failures first."""
    why = (
        "There were no earlier results to compare with. All checks were evaluated again:"
        if alert.trouble
        else "The rules or the checklist changed, not the account. These results were evaluated again:"
    )
    pairs = sorted(((one, each) for one in told for each in one.event.differences), key=_failing_first)
    rows = [row(one.item, f"{one.event.severity}: {listed(each, one)}") for one, each in pairs[: EVENTS * 2]]
    more = len(pairs) - len(rows)
    last = [row("", f"... and {more} more")] if more > 0 else []
    first = next((one for one, _ in pairs if one.remedy and fails(one.event)), None)
    command = [f"\n  Remediation of {first.item}:", _one_line(first.remedy)] if first else []
    owner = [row("owner", first.owner)] if first and first.owner else []
    return ["\n".join([fill(why, WIDTH), *rows, *last, *owner, *command])]


def _failing_first(pair: tuple[AlertEntry, Difference]) -> tuple[bool, int, str]:
    told, difference = pair
    failing = difference.after is not None and difference.after.status is Status.FAIL
    return not failing, -told.event.severity.rank, told.item


def _first(alert: Alert) -> list[str]:
    """Return the parts of a table's first alert: the status of its items, and what to fix first."""
    items = alert.first or {}
    standing = ", ".join(f"{items[status]} {status}" for status in Status if items.get(status))
    apart = f" ({alert.unrecorded} of them not recorded)" if alert.unrecorded else ""
    parts = [
        fill("Monitoring of this table has started. You receive a message when a result changes.", WIDTH),
        fill(f"Items: {standing}{apart}.", WIDTH),
    ]
    failing = alert.failing
    parts += ["\n".join(_today(told)) for told in failing[:EVENTS]]
    if len(failing) > EVENTS:
        rest = ", ".join(told.event.check for told in failing[EVENTS:])
        parts.append(fill(f"... and {len(failing) - EVENTS} more: {clip(rest, LONGEST)}", WIDTH))
    return parts + (["\n".join(["Not recorded. To record:", *_missing(alert.missing)])] if alert.missing else [])


def _missing(missing: Iterable[AlertEntry]) -> Iterator[str]:
    """Yield what is not recorded: each command once, with its items, and with the message if the command is long."""
    by_command: dict[str, list[AlertEntry]] = {}
    for told in missing:
        by_command.setdefault(_one_line(told.remedy), []).append(told)
    for command, each in by_command.items():
        items = ", ".join(dict.fromkeys(told.item for told in each))
        line = f"  {items}  ".ljust(MARGIN) + command
        yield from [line] if command and len(line) <= WIDTH else [row(items, each[0].message), *filter(None, [command])]


def _today(told: AlertEntry) -> list[str]:
    bad = [each for each in told.differences if each.after and each.after.fails]
    found = named(told) if len(bad) == 1 else told.message
    rows = [
        fill(f"* {told.event.severity}: {line(clip(found or told.question, LONGEST))}", WIDTH),
        row("item", f"{told.item} {told.title}"),
        row("owner", told.owner or "none"),
    ]
    if len(bad) > 1:
        names = ", ".join(short(each.resource) for each in bad[:RESOURCES])
        more = len(bad) - RESOURCES
        rows.append(row("resources", names + (f", and {more} more" if more > 0 else "")))
    return rows + (_command(told) if told.remedy else [])


def _trouble(alert: Alert) -> list[str]:
    trouble = alert.trouble
    if trouble is None:
        return []
    ids = [row("was", f"TableId {trouble.before}")] if trouble.before else []
    ids += [row("now", f"TableId {alert.place.table_id}")] if trouble.what is TroubleKind.REPLACED else []
    asked = COMMANDS.get(trouble.what)
    command = ["", f"  {asked[0]}:", asked[1].format(table=quote(alert.place.table))] if asked else []
    rows = [
        *ids,
        *([row("cause", trouble.detail)] if trouble.detail else []),
        row("detected", instant(alert.at, alert.place.time_zone)),
        *([] if trouble.what in WITHOUT_ACTOR and not trouble.actor else actor(trouble.actor)),
        row("impact", IMPACT[trouble.what]),
        *command,
    ]
    return ["\n".join(rows), *_changes(alert)]
