"""The rows of an alert's text: a label and its value, commands, times and actors. At most 100 columns."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from readiness.alerts.alert import Alert, AlertContext, AlertEntry
from readiness.alerts.phrase import headline, statuses
from readiness.alerts.words import clock, console, day, value, watched
from readiness.aws.arn import is_table, short
from readiness.aws.command import fits, lines
from readiness.aws.time import parsed
from readiness.changes.actor import Actor
from readiness.model import Reason, Status
from readiness.printable import clip, line, printable, quoted, wrapped
from readiness.state.drift import Difference, Known

WIDTH = 100
LABEL = 9
LONGEST = 300
"""Characters of a sentence. It names a few values of at most 120 characters."""

RESOURCES = 6
SIGNED_IN = re.compile(r"(?P<name>.+), signed in with (?P<how>permission set .+)")
IN_ROLE = re.compile(r"(?P<name>.+) as (?P<how>role .+)")


class Parts(NamedTuple):
    """The blocks of lines of an alert: the first lines, what they are about, and where to look further."""

    head: list[str]
    blocks: list[list[str]]
    reference: list[list[str]]


def row(label: str, text: str, indent: int = LABEL, *, longest: int = LONGEST) -> str:
    """Return a label and its text, wrapped without breaking names or commands."""
    return "\n".join(wrapped(line(clip(text, longest)), WIDTH, label.ljust(indent), " " * indent))


def rows(label: str, texts: Iterable[str], indent: int = LABEL) -> list[str]:
    """Return the texts under one label."""
    return [row("" if number else label, text, indent) for number, text in enumerate(texts)]


def sentence(text: str) -> str:
    """Return a sentence without a label, wrapped."""
    return "\n".join(wrapped(line(text), WIDTH))


def headlined(alert: Alert) -> str:
    """Return the words of the subject as a line of the text, with the name of the table."""
    return sentence("".join([*headline(alert), f" (table {alert.place.table})"]))


def command(label: str, text: str, indent: int = LABEL) -> list[str]:
    """Return a command under a label, on up to three lines that a shell reads as one."""
    return labelled(label, lines(unbroken(text), WIDTH - indent), indent)


def unbroken(command: str) -> str:
    """Return a command on one line."""
    return " ".join(command.splitlines())


def labelled(label: str, texts: Iterable[str], indent: int = LABEL) -> list[str]:
    """Return the lines as they are, with the label before the first."""
    return [f"{'' if number else label:<{indent}}{each}" for number, each in enumerate(texts)]


def own(name: str, check: str, place: AlertContext, *options: str) -> str:
    """Return a command of Readiness about a check of the table."""
    return " ".join(["readiness", name, check, "--table", quoted(place.table), *options])


def fixing(entry: AlertEntry, place: AlertContext) -> str:
    """Return the remediation of the finding, or the command that shows it where it is too long for an alert."""
    return entry.remedy if entry.remedy and fits(entry.remedy) else own("fix", entry.event.check, place)


def states(entry: AlertEntry) -> list[str]:
    """Return the rows of what was and what is: one pair for one resource, a list for several."""
    if len(entry.differences) == 1:
        only = entry.differences[0]
        named = [] if is_table(only.resource) else [row("Resource", printable(only.resource))]
        return [*named, row("Was", entry.was or was(only)), row("Now", now(only, entry))]
    return changes(entry)


def changes(entry: AlertEntry, indent: int = LABEL) -> list[str]:
    """Return one row for each of several resources, the worst first, and how many more there are."""
    shown = entry.differences[:RESOURCES]
    more = len(entry.differences) - len(shown)
    texts = [f"{short(each.resource)}: {now(each, entry)}" for each in shown]
    return rows("Now", [*texts, *([f"... and {more} more"] if more else [])], indent)


def was(difference: Difference) -> str:
    """Return what the resource was: its watched values, or its status."""
    status, _ = statuses(difference)
    known = difference.before
    values = watched(known.watched) if known and known.watched else ""
    if known is None:
        return AS_EXPECTED if is_table(difference.resource) else f"{AS_EXPECTED}, or did not exist"
    return f"{_former(known)} ({values})" if values and status is not Status.PASS else values or _former(known)


def now(difference: Difference, entry: AlertEntry) -> str:
    """Return what the resource is: the message of its finding, and the watched values that it does not name."""
    if entry.is_gone(difference):
        return "deleted or no longer used"
    _, status = statuses(difference)
    found = entry.messages.get(difference.resource, "")
    state = STATES[status] if status in {Status.WARN, Status.NOT_APPLICABLE} else ""
    values = moved(difference) if not found else ""
    return ": ".join(filter(None, [state, found or values or STATES[status]]))


STATES = {
    Status.PASS: "passes",
    Status.WARN: "warning",
    Status.UNKNOWN: "unknown",
    Status.FAIL: "fails",
    Status.NOT_APPLICABLE: "not applicable",
}
AS_EXPECTED = "as expected"
PAST = {
    Status.PASS: AS_EXPECTED,
    Status.WARN: "a warning",
    Status.FAIL: "failing",
    Status.NOT_APPLICABLE: "not applicable",
    Status.UNKNOWN: "unknown",
}


def _former(known: Known) -> str:
    return "not recorded" if known.unrecorded else PAST[known.status]


def moved(difference: Difference) -> str:
    """Return the watched values that differ; if only one side has values, those of the new side."""
    if difference.after is None:
        return ""
    if difference.before is None:
        return watched(difference.after.watched)
    before, after = difference.before.watched, difference.after.watched
    return ", ".join(
        f"{key} {value(before.get(key))} -> {value(after[key]) if key in after else 'removed'}"
        for key in sorted({*before, *after})
        if before.get(key) != after.get(key)
    )


def by(actor: Actor, zone: str) -> str:
    """Return who made the change, how, and when: `by li (role admin, console) at 03:21:10 UTC`."""
    at = moment(actor)
    return f"{whom(actor)} at {clock(at, zone)}" if at else whom(actor)


def whom(actor: Actor) -> str:
    """Return who made the change, and how: `by li (role admin, console)`."""
    found = SIGNED_IN.fullmatch(actor.who) or IN_ROLE.fullmatch(actor.who)
    name, how = (found["name"], found["how"]) if found else (actor.who, "")
    ways = ", ".join(filter(None, [how, actor.tool.removeprefix("the ")]))
    return f"by {name} ({ways})" if ways else f"by {name}"


def moment(actor: Actor | None) -> datetime | None:
    """Return the time of the call; None if CloudTrail gave none."""
    try:
        return parsed(actor.at) if actor else None
    except ValueError:
        return None


def event_of(actor: Actor | None) -> list[str]:
    """Return the row with which the call is found in CloudTrail."""
    if actor is None or not actor.call:
        return []
    source = f"from {actor.where}" if actor.where else ""
    return [row("Event", ", ".join(filter(None, [actor.call, actor.event, source])))]


def where(place: AlertContext) -> str:
    """Return the table, its account and its Region."""
    return f"Table {place.table}, account {place.account}, {place.region}"


def links(place: AlertContext) -> list[str]:
    """Return the addresses of the runbook, the console and the dashboard."""
    named = (("Runbook", place.runbook), ("Console", console(place)), ("Dashboard", place.dashboard))
    widths = {"Dashboard": LABEL + 1}
    return [f"{name:<{widths.get(name, LABEL)}}{line(address)}" for name, address in named if address]


def closing(place: AlertContext, items: Sequence[str], at: datetime, called: datetime | None = None) -> list[str]:
    """Return the last lines: account, Region and items of the checklist, and when the change was detected."""
    after = f", {round((at - called).total_seconds())} s after the call" if called and called <= at else ""
    named = f", checklist {', '.join(items)}" if items else ""
    return [
        sentence(f"Account {place.account}, {place.region}{named}"),
        sentence(f"Detected {day(at, place.time_zone)}{after}"),
    ]


def because(reason: Reason, permission: str | None) -> str:
    """Return why something could not be read, such as `ACCESS_DENIED on kms:DescribeKey`."""
    return f"{reason} on {permission}" if permission else str(reason)
