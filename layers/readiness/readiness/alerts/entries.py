"""The content of the alert of a run: its events, each with the texts of the rule and the records of people. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from readiness.alerts.news import AcknowledgedBy, Alert, AlertContext, AlertEntry, Trouble
from readiness.aws.arn import partition_of
from readiness.changes.attribution import Attribution, Unnamed
from readiness.changes.records import unattributed, with_late_actors
from readiness.checklist import Settings
from readiness.engine.evaluate import CheckFindings
from readiness.model import Status
from readiness.scan import Scan
from readiness.state.compare import Transitions
from readiness.state.drift import Difference, Event, EventKind
from readiness.state.overlay import Overlay
from readiness.state.rule_outcome import RuleOutcome
from readiness.state.store import Remembered


def news(  # noqa: PLR0913  all that an alert is made of
    overlay: Overlay,
    scan: Scan,
    transitions: Transitions,
    outcomes: Sequence[RuleOutcome],
    attribution: Attribution,
    *,
    context: AlertContext,
    first: bool,
    trouble: Trouble | None,
) -> Alert:
    """Return the content of the alert. `first`: this run is the first that could describe the table."""
    items = [outcome for outcome in outcomes if not outcome.rule.own]
    counts = Counter(outcome.status for outcome in items)
    remembered = overlay.remembered or Remembered()
    earlier = with_late_actors(unattributed(remembered, scan.at), attribution)
    return Alert(
        place=context,
        version=remembered.version + 1,
        at=scan.at,
        rules=tuple(outcome.rule.id for outcome in items),
        told=tuple(_entries(overlay, scan, transitions, attribution, earlier, first=first)),
        first={status: counts[status] for status in Status} if first else None,
        unrecorded=sum(outcome.unrecorded for outcome in items),
        trouble=trouble,
        retired=transitions.retired,
    )


def context_of(scan: Scan, settings: Settings, dashboard: str, table_id: str) -> AlertContext:
    """Return the table that a message is about, and the links for its reader."""
    return AlertContext(
        table=scan.table.name,
        table_id=table_id,
        account=scan.table.account,
        region=scan.table.region,
        partition=partition_of(scan.table.arn),
        time_zone=settings.on_call.time_zone,
        runbook=settings.on_call.runbook,
        dashboard=dashboard,
        chat=settings.on_call.chats,
    )


def _entries(  # noqa: PLR0913  independent sources of an entry
    overlay: Overlay,
    scan: Scan,
    transitions: Transitions,
    attribution: Attribution,
    earlier: Iterable[Unnamed],
    *,
    first: bool,
) -> Iterator[AlertEntry]:
    """Yield the entries of all events in checklist order. `earlier` are changes that were reported without an author.

    The first alert also lists the failures that an earlier run reported without describing the table.
    """
    authors = {each.check: each.actor for each in earlier}
    for asked in scan.evaluation.asked:
        events = [event for event in transitions.events if event.check == asked.check.id]
        again = _told_before(scan, transitions, asked, events) if first else ()
        for event in (*events, *again):
            entry = _entry(overlay, asked, event, attribution)
            unread = transitions.observations[event.check].unread
            yield replace(entry, earlier=authors.get(event.check), unread=unread)


def _told_before(
    scan: Scan, transitions: Transitions, asked: CheckFindings, events: Iterable[Event]
) -> Iterator[Event]:
    memory = transitions.memories[asked.check.id]
    listed = {each.resource for event in events if not event.silent for each in event.differences}
    fails = {name: each for name, each in memory.known.items() if each.status is Status.FAIL}
    names = sorted(fails.keys() & memory.told.keys() - listed)
    if names:
        differences = tuple(Difference(name, None, fails[name]) for name in names)
        yield Event(asked.check.id, EventKind.REJUDGED, asked.check.severity, scan.at, differences)


def _entry(overlay: Overlay, asked: CheckFindings, event: Event, attribution: Attribution) -> AlertEntry:
    rule, findings = asked.check.rule, asked.findings
    entry = AlertEntry(
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
        subjects={each.resource: each.subject for each in findings if each.subject},
    )
    return replace(entry, remedy=next((each.remediation for each in findings if each.resource == entry.worst), ""))


def _acknowledgement(overlay: Overlay, event: Event) -> AcknowledgedBy | None:
    """Return the acknowledgement of the failure of the event, or of one of several failures; None without one."""
    sides = (side for each in event.differences for side in (each.before, each.after))
    failures = (side.since for side in sides if side and side.status is Status.FAIL)
    acks = (overlay.acknowledgement(event.check, since) for since in failures)
    return next((AcknowledgedBy(ack.by, ack.at, ack.note) for ack in acks if ack), None)
