"""The plain text body of an alert: 80 columns, except commands and links, which stay on one line to be copied."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from shlex import quote
from textwrap import fill

from readiness.alerts import rows
from readiness.alerts.alert import Alert, AlertContext, AlertEntry, TroubleKind, fails
from readiness.alerts.note_rows import notes
from readiness.alerts.phrase import GOOD, headline, label, named, named_singly, standing, summary
from readiness.alerts.rows import LONGEST, MARGIN, RESOURCES, WIDTH, listed, row
from readiness.alerts.words import console, instant
from readiness.aws.arn import short
from readiness.changes.attribution import DONE_BY_SOMEBODY
from readiness.model import Status
from readiness.printable import clip, line
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
    TroubleKind.DAMAGED: "Items under READINESS# that only the monitor writes were changed or deleted. They are not "
    "used, and kept under READINESS# with sort keys that begin with REFUSED#. What was reported before is not known "
    "any more: all checks that fail now are listed here. Find out who can write these items: check "
    "iam-least-privilege/own-rows names roles, and a trail with data events of this table names the caller.",
    TroubleKind.FORGED: "Alerts that waited to be sent were changed or added under READINESS#. They were not sent, and "
    "are kept with sort keys that begin with REFUSED#. All checks whose failure was reported before are listed here. "
    "Find out who can write these items: check iam-least-privilege/own-rows names roles, and a trail with data events "
    "of this table names the caller.",
    TroubleKind.NEWER: "A newer release wrote the monitor's items in this table. This release does not change them: it "
    "reports all checks that fail, once, and no recoveries. Deploy the newer release again.",
}

REJUDGED = "The rules or the checklist changed, not the account. These results were evaluated again:"

WITHOUT_ACTOR = {
    TroubleKind.UNRECORDED,
    TroubleKind.UNUSABLE,
    TroubleKind.DAMAGED,
    TroubleKind.FORGED,
    TroubleKind.NEWER,
}
"""Events whose actor is not searched in CloudTrail."""

DETAILS = {TroubleKind.DAMAGED: "items", TroubleKind.FORGED: "items"}
"""The label of the detail, where it is not a cause."""

COMMANDS = {
    TroubleKind.REPLACED: ("Evaluate the new table", "readiness check --table {table}"),
    TroubleKind.DELETED: ("List its backups", "aws dynamodb list-backups --table-name {table} --backup-type ALL"),
    TroubleKind.UNRECORDED: ("Show the state of the table", "aws dynamodb describe-table --table-name {table}"),
    TroubleKind.UNUSABLE: ("Show the cause and its remediation", "readiness check --table {table}"),
}

REMEDIABLE = {
    EventKind.REGRESSED,
    EventKind.WAIVER_ENDED,
    EventKind.WORSENED,
    EventKind.CHANGED,
    EventKind.RESUMED,
    EventKind.STILL,
    EventKind.REJUDGED,
    EventKind.WAIVER_ENDS,
}


def body(alert: Alert) -> str:
    """Return the text of an alert."""
    if alert.trouble:
        parts = _trouble(alert)
    elif alert.first is not None:
        parts = _first(alert)
    else:
        parts = _changes(alert)
    alone = not (alert.reported or alert.trouble) and alert.first is None and len(alert.notes) == 1
    records = notes(alert.notes, alert.place.time_zone, alone=alone)
    parts = [*_fitting(parts, ROOM - sum(map(len, records))), *records]
    return "\n\n".join([f"{_first_line(alert)}\n{where(alert.place)}", *parts, links(alert.place)]) + "\n"


def _fitting(parts: list[str], room: int) -> list[str]:
    """Keep the parts that fit: SNS limits the size of a message."""
    ends = accumulate(len(part) for part in parts)
    kept = [part for part, end in zip(parts, ends, strict=True) if end <= room]
    return kept if len(kept) == len(parts) else [*kept, "... and more. Run `readiness check` to see all."]


def where(place: AlertContext) -> str:
    """Return the line that names the table, its account and its Region."""
    return f"Table {place.table}, account {place.account}, {place.region}"


def links(place: AlertContext) -> str:
    """Return the links to the runbook, the console and the dashboard."""
    named = (("Runbook", place.runbook), ("Console", console(place)), ("Dashboard", place.dashboard))
    return "\n".join(f"{name:<{MARGIN - 2}}{address}" for name, address in named if address)


def _first_line(alert: Alert) -> str:
    if len(alert.independent) > 1 and named_singly(alert):
        return f"{label(alert)}: {len(alert.independent)} changes, the worst first"
    words, more = headline(alert)
    return fill(f"{label(alert)}: {line(words)}{more}", WIDTH)


def _changes(alert: Alert) -> list[str]:
    rejudged = [entry for entry in alert.independent if entry.event.kind is EventKind.REJUDGED]
    others = [entry for entry in alert.independent if entry.event.kind is not EventKind.REJUDGED]
    explained: set[str] = set()
    parts = []
    for entry in others[:EVENTS]:
        alone = len(alert.independent) == 1 and named_singly(alert)
        opening = [] if alone else [fill(f"* {severity(entry)}: {line(clip(summary(entry), LONGEST))}", WIDTH)]
        parts.append("\n".join([*opening, *_event(entry, alert, explain=entry.rule not in explained)]))
        explained.add(entry.rule)
    parts += _more(others[EVENTS:])
    if alert.consequences:
        same = "other check fails" if len(alert.consequences) == 1 else "other checks fail"
        parts.append(f"{len(alert.consequences)} {same} for the same reason.")
    parts += _rejudged(rejudged, alert) if rejudged else []
    return parts + ([fill(f"No longer evaluated: {', '.join(alert.retired)}", WIDTH)] if alert.retired else [])


def _more(entries: Sequence[AlertEntry]) -> list[str]:
    checks = clip(", ".join(entry.event.check for entry in entries), LONGEST)
    return [fill(f"... and {len(entries)} more: {checks}", WIDTH)] if entries else []


def severity(entry: AlertEntry) -> str:
    """Return the label of one change: its severity, or UNKNOWN, RESOLVED or NOTE."""
    words = {EventKind.OBSCURED: "UNKNOWN", EventKind.WAIVER_ENDS: "NOTE"}
    return "RESOLVED" if entry.event.kind in GOOD else words.get(entry.event.kind, entry.event.severity)


def _event(entry: AlertEntry, alert: Alert, *, explain: bool) -> list[str]:
    """Return the rows of one change: the change, its time and actor, the reason of the rule, and the remediation."""
    event = entry.event
    lines = [
        row("item", f"{entry.item} {entry.title}"),
        *rows.unread(entry),
        *rows.differences(entry),
        *rows.times(entry, alert.place.time_zone),
        *rows.incidents(entry),
        *(rows.actor(entry.actor, entry.unattributed) if event.kind in DONE_BY_SOMEBODY else []),
        *rows.earlier(entry.earlier),
        *rows.notes(entry),
        *rows.ending(entry, alert.place.time_zone),
        *([row("why", entry.why)] if entry.why and explain and event.kind not in GOOD else []),
        row("owner", entry.owner or "none"),
        *rows.acknowledgement(entry, alert.place.time_zone),
    ]
    bad = event.kind in REMEDIABLE and (fails(event) or event.kind is EventKind.WORSENED)
    return lines + (_command(entry) if entry.remedy and bad else [])


def _command(entry: AlertEntry) -> list[str]:
    return ["", "  Remediation:", _one_line(entry.remedy)]


def _one_line(command: str) -> str:
    return clip(" ".join(command.splitlines()), COMMAND)


def _rejudged(entries: list[AlertEntry], alert: Alert) -> list[str]:
    """Return one list of the results that are re-evaluated, failures first."""
    why = (
        "There were no earlier results to compare with. All checks were evaluated again:" if alert.trouble else REJUDGED
    )
    pairs = sorted(((one, each) for one in entries for each in one.event.differences), key=_failing_first)
    results = [row(one.item, f"{one.event.severity}: {listed(each, one)}") for one, each in pairs[: EVENTS * 2]]
    more = rows.rows("", [], len(pairs) - len(results))
    new = [] if pairs or alert.trouble else [row(one.item, f"new check: {one.question}") for one in entries[:EVENTS]]
    first = next((one for one, _ in pairs if one.remedy and fails(one.event)), None)
    command = [f"\n  Remediation of {first.item}:", _one_line(first.remedy)] if first else []
    owner = [row("owner", first.owner)] if first and first.owner else []
    return ["\n".join([fill(why, WIDTH), *results, *more, *new, *owner, *command])]


def _failing_first(pair: tuple[AlertEntry, Difference]) -> tuple[bool, int, str]:
    entry, difference = pair
    failing = difference.after is not None and difference.after.status is Status.FAIL
    return not failing, -entry.event.severity.rank, entry.item


def _first(alert: Alert) -> list[str]:
    """Return the parts of a table's first alert: the status of its items, and what to fix first."""
    apart = f" ({alert.unrecorded} of them not recorded)" if alert.unrecorded else ""
    parts = [
        fill("Monitoring of this table has started. You receive a message when a result changes.", WIDTH),
        fill(f"Items: {standing(alert)}{apart}.", WIDTH),
    ]
    failing = alert.failing
    parts += ["\n".join(_failure(entry)) for entry in failing[:EVENTS]]
    parts += _more(failing[EVENTS:])
    return parts + (["\n".join(["Not recorded. To record:", *_missing(alert.missing)])] if alert.missing else [])


def _missing(missing: Iterable[AlertEntry]) -> Iterator[str]:
    """Yield what is not recorded: each command once, with its items, and with the message if the command is long."""
    by_command: dict[str, list[AlertEntry]] = {}
    for entry in missing:
        by_command.setdefault(_one_line(entry.remedy), []).append(entry)
    for command, each in by_command.items():
        items = ", ".join(dict.fromkeys(entry.item for entry in each))
        line = f"  {items}  ".ljust(MARGIN) + command
        yield from [line] if command and len(line) <= WIDTH else [row(items, each[0].message), *filter(None, [command])]


def _failure(entry: AlertEntry) -> list[str]:
    bad = [each for each in entry.differences if each.after and each.after.fails]
    found = named(entry, entry.message) if len(bad) == 1 else entry.message
    lines = [
        fill(f"* {entry.event.severity}: {line(clip(found or entry.question, LONGEST))}", WIDTH),
        row("item", f"{entry.item} {entry.title}"),
        row("owner", entry.owner or "none"),
    ]
    if len(bad) > 1:
        names = ", ".join(short(each.resource) for each in bad[:RESOURCES])
        more = len(bad) - RESOURCES
        lines.append(row("resources", names + (f", and {more} more" if more > 0 else "")))
    return lines + (_command(entry) if entry.remedy else [])


def _trouble(alert: Alert) -> list[str]:
    trouble = alert.trouble
    if trouble is None:
        return []
    ids = [row("was", f"TableId {trouble.before}")] if trouble.before else []
    ids += [row("now", f"TableId {alert.place.table_id}")] if trouble.kind is TroubleKind.REPLACED else []
    action = COMMANDS.get(trouble.kind)
    command = ["", f"  {action[0]}:", action[1].format(table=quote(alert.place.table))] if action else []
    lines = [
        *ids,
        *([row(DETAILS.get(trouble.kind, "cause"), trouble.detail)] if trouble.detail else []),
        row("detected", instant(alert.at, alert.place.time_zone)),
        *([] if trouble.kind in WITHOUT_ACTOR and not trouble.actor else rows.actor(trouble.actor)),
        row("impact", IMPACT[trouble.kind]),
        *command,
    ]
    return ["\n".join(lines), *_changes(alert)]
