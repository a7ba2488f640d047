"""The entries of an alert: each event of a run, with the rule's and people's words about it. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from readiness.alerts.news import Taken, Told, Whereabouts
from readiness.changes.attribution import Attribution, Unnamed
from readiness.checklist import Settings
from readiness.engine.evaluate import Asked
from readiness.model import Status
from readiness.scan import Scan
from readiness.state.compare import Transitions
from readiness.state.drift import Difference, Event, Kind
from readiness.state.overlay import Overlay


def entries(  # noqa: PLR0913  what happened, and who knows what of it
    overlay: Overlay,
    scan: Scan,
    transitions: Transitions,
    attribution: Attribution,
    earlier: Iterable[Unnamed],
    *,
    first: bool,
) -> tuple[Told, ...]:
    """Return the entries of all events, in the order of the checklist.

    `earlier` are changes that were told without their author. `first`: the message that says that monitoring started,
    which also lists what an earlier run, that could not describe the table, has told as failing.
    """
    authors = {each.check: each.actor for each in earlier}
    told = []
    for asked in scan.evaluation.asked:
        events = [event for event in transitions.events if event.check == asked.check.id]
        again = _told_before(scan, transitions, asked, events) if first else ()
        for event in (*events, *again):
            entry = _entry(overlay, asked, event, attribution)
            unread = transitions.observations[event.check].unread
            told.append(replace(entry, earlier=authors.get(event.check), unread=unread))
    return tuple(told)


def context_of(scan: Scan, settings: Settings, dashboard: str, table_id: str) -> Whereabouts:
    """Return the table that a message is about, and the links for its reader."""
    return Whereabouts(
        table=scan.table.name,
        table_id=table_id,
        account=scan.table.account,
        region=scan.table.region,
        partition=scan.table.arn.split(":")[1],
        time_zone=settings.on_call.time_zone,
        runbook=settings.on_call.runbook,
        dashboard=dashboard,
        chat=settings.on_call.chats,
    )


def _told_before(scan: Scan, transitions: Transitions, asked: Asked, events: Iterable[Event]) -> Iterator[Event]:
    memory = transitions.memories[asked.check.id]
    listed = {each.resource for event in events if not event.silent for each in event.differences}
    fails = {name: each for name, each in memory.known.items() if each.status is Status.FAIL}
    names = sorted(fails.keys() & memory.told.keys() - listed)
    if names:
        differences = tuple(Difference(name, None, fails[name]) for name in names)
        yield Event(asked.check.id, Kind.REJUDGED, asked.check.severity, scan.at, differences)


def _entry(overlay: Overlay, asked: Asked, event: Event, attribution: Attribution) -> Told:
    rule, findings = asked.check.rule, asked.findings
    entry = Told(
        event=event,
        rule=rule.id,
        item=rule.item,
        title=rule.title,
        question=asked.check.question,
        why=rule.why,
        owner=overlay.owner(rule.id),
        taken=_acknowledgement(overlay, event),
        actor=attribution.of(event),
        nobody=attribution.why_not(event),
        messages={each.resource: each.message for each in findings if each.status is not Status.UNKNOWN},
    )
    return replace(entry, remedy=next((each.remediation for each in findings if each.resource == entry.worst), ""))


def _acknowledgement(overlay: Overlay, event: Event) -> Taken | None:
    """Who acknowledged the failure that the event is about, or one of several."""
    sides = (side for each in event.differences for side in (each.before, each.after))
    failures = (side.since for side in sides if side and side.status is Status.FAIL)
    acks = (overlay.acknowledgement(event.check, since) for since in failures)
    return next((Taken(ack.by, ack.at, ack.note) for ack in acks if ack), None)
