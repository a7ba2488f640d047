"""The content of the alert of a run: its events, each with the texts of the rule and the records of people. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from readiness.alerts.alert import Alert, AlertContext, AlertEntry, Trouble
from readiness.aws.arn import partition_of
from readiness.changes.actor import Actor
from readiness.changes.attribution import Attribution
from readiness.changes.records import unattributed, with_late_actors
from readiness.checklist import Settings
from readiness.engine.evaluate import CheckFindings
from readiness.engine.rule import Rule
from readiness.facts.dynamodb.table import Table
from readiness.model import Status, worst
from readiness.scan import Scan
from readiness.state.compare import Transitions
from readiness.state.drift import Difference, Event, EventKind
from readiness.state.overlay import Overlay
from readiness.state.people import Acknowledgement
from readiness.state.rule_outcome import RuleOutcome
from readiness.state.store import Remembered


def alert_of(  # noqa: PLR0913  all that an alert is made of
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
    late = with_late_actors(unattributed(remembered, scan.at), attribution)
    earlier = {each.check: each.actor for each in late}
    return Alert(
        place=context,
        version=remembered.next_version(scan.at),
        at=scan.at,
        rules=tuple(outcome.rule.id for outcome in items),
        entries=tuple(
            _entry(overlay, findings, event, attribution, transitions, earlier)
            for findings in scan.evaluation.asked
            for event in _events(scan, transitions, findings, first=first)
        ),
        first={status: counts[status] for status in Status} if first else None,
        items={outcome.rule.item: outcome.status for outcome in items} if first else {},
        unrecorded=sum(outcome.unrecorded for outcome in items),
        trouble=trouble,
        retired=transitions.retired,
        owners=owners_of(overlay, [outcome.rule for outcome in items]),
    )


def owners_of(overlay: Overlay, rules: Iterable[Rule]) -> tuple[str, ...]:
    """Return the owners of the items of these rules, each once."""
    return tuple(sorted({owner for rule in rules if (owner := overlay.owner(rule.id))}))


def context_of(table: Table, settings: Settings, dashboard: str, table_id: str) -> AlertContext:
    """Return the table that a message is about, and the links for its reader."""
    return AlertContext(
        table=table.name,
        table_id=table_id,
        account=table.account,
        region=table.region,
        partition=partition_of(table.arn),
        time_zone=settings.on_call.time_zone,
        runbook=settings.on_call.runbook,
        dashboard=dashboard,
        chat=settings.on_call.chats,
    )


def _events(scan: Scan, transitions: Transitions, findings: CheckFindings, *, first: bool) -> Iterator[Event]:
    """Yield the events of a check.

    The first alert also lists the failures that an earlier run reported without describing the table.
    """
    check = findings.check
    events = [event for event in transitions.events if event.check == check.id]
    yield from events
    if not first:
        return
    memory = transitions.memories[check.id]
    listed = {each.resource for event in events if not event.silent for each in event.differences}
    fails = {name: each for name, each in memory.known.items() if each.status is Status.FAIL}
    names = sorted(fails.keys() & memory.told.keys() - listed)
    if names:
        differences = tuple(Difference(name, None, fails[name]) for name in names)
        yield Event(check.id, EventKind.REJUDGED, check.severity, scan.at, differences)


def _entry(  # noqa: PLR0913, PLR0917  independent sources of an entry
    overlay: Overlay,
    findings: CheckFindings,
    event: Event,
    attribution: Attribution,
    transitions: Transitions,
    earlier: Mapping[str, Actor | None],
) -> AlertEntry:
    """Return the entry of an event. `earlier` are the actors of changes that were reported without one, by check."""
    check = findings.check.id
    return replace(
        entry_of(overlay, findings, event),
        actor=attribution.of(event),
        unattributed=attribution.why_not(event),
        earlier=earlier.get(check),
        unread=transitions.observations[check].unread,
        last=worst([Status.PASS, *(known.status for known in transitions.memories[check].known.values())]),
    )


def entry_of(overlay: Overlay, findings: CheckFindings, event: Event) -> AlertEntry:
    """Return the entry of an event without its actor: the texts of the rule, the findings and the records of people."""
    check, rule = findings.check, findings.check.rule
    entry = AlertEntry(
        event=event,
        rule=rule.id,
        item=rule.item,
        title=rule.title,
        question=check.question,
        why=rule.why,
        impact=check.impact,
        owner=overlay.owner(rule.id),
        acknowledgement=_acknowledgement(overlay, event),
        messages={each.resource: each.message for each in findings.findings if each.status is not Status.UNKNOWN},
        subjects={each.resource: each.subject for each in findings.findings if each.subject},
    )
    found = next((each for each in findings.findings if each.resource == entry.worst), None)
    if found is None:
        return entry
    return replace(entry, remedy=found.remediation, remains=found.impact, was=found.was, after=found.after)


def _acknowledgement(overlay: Overlay, event: Event) -> Acknowledgement | None:
    """Return the acknowledgement of the failure of the event, or of one of several failures; None without one."""
    sides = (side for each in event.differences for side in (each.before, each.after))
    failures = (side.since for side in sides if side and side.status is Status.FAIL)
    acks = (overlay.acknowledgement(event.check, since) for since in failures)
    return next(filter(None, acks), None)
