"""What one look means for one table: what to remember, and what to say. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from msgspec import ValidationError, convert, to_builtins
from msgspec.structs import replace

from readiness import __version__
from readiness.alerts import News, Taken, Told, Trouble, compose, is_of_deletion
from readiness.changes.actor import Actor
from readiness.changes.attribution import ASKED_FOR, NOBODY, Attribution, Unnamed
from readiness.changes.call import ApiCall
from readiness.changes.records import brief, unseen
from readiness.checklist import Settings
from readiness.engine.evaluate import Asked
from readiness.model import Message, Status, stored_name
from readiness.run.item import Item
from readiness.run.judged import Judged, judge, observed
from readiness.run.look import Look
from readiness.run.trouble import place_of
from readiness.state.drift import Context, Difference, Ending, Event, Kind, adopt, decide_all, put_off
from readiness.state.overlay import Overlay
from readiness.state.past import packed
from readiness.state.store import MOST_DRIFTS, Change, DriftRecord, KeptFact, Remembered, RunRecord, drift_keys
from readiness.state.table_id import UNKNOWN, known

CANARY_EVERY = timedelta(days=1)
CANARY_OVERDUE = timedelta(days=3)
TTL_RULE = "ttl-enabled"
NO_DRIFT = frozenset({Kind.STILL, Kind.REJUDGED, Kind.WAIVER_ENDS})
"""Reminders and the coming end of a waiver change nothing; what is judged anew is our change, not the account's."""

NAMED_FOR = timedelta(days=1)
"""So long may a check be silent before who made its last change is no news any more."""

UNNAMED_KEPT = 16
"""So many changes wait to be named: what moves more at once is a deployment, and has one author."""

CALLS_KEPT = 50
"""So many change events are remembered, for one may be delivered twice."""

EXPIRING = frozenset({Status.PASS, Status.WARN})


@dataclass(frozen=True)
class Circumstances:
    """What a run knows besides the account: what set it off, and what the store says of the table's past.

    `table_id` is which table this is, as far as is known. `first`: no run has ever read what a table of this name is.
    `trouble`: the table or our memory is not what it was.
    `calls` are those of change events that no run has looked at before.
    """

    trigger: str
    release: str
    table_id: str = UNKNOWN
    dashboard: str = ""
    interval: int | None = None
    first: bool = False
    trouble: Trouble | None = None
    calls: tuple[ApiCall, ...] = ()


@dataclass(frozen=True)
class Conclusion:
    """A change to commit, and what the metrics say of it. `expiring`: TTL deletes what we let expire.

    `unseen` are the calls that explain nothing of what moved.
    """

    change: Change
    statuses: Mapping[str, Status]
    drifts: int
    expiring: bool
    unseen: tuple[ApiCall, ...] = ()


@dataclass(frozen=True)
class Concluding:
    """Draws the conclusion of one look over what was remembered before it."""

    look: Look
    before: Remembered
    settings: Settings
    circumstances: Circumstances
    seconds: float = 0.0
    calls: int = 0
    judged: tuple[Judged, ...] = field(init=False)
    retired: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Decide for every check."""
        asked = {each.check.id: each for each in self.look.judgement.asked}
        adopted, retired = adopt(self.overlay.memories(), {name: each.check.formerly for name, each in asked.items()})
        seen = {name: observed(each, remembered=name in adopted) for name, each in asked.items()}
        looks = {name: (seen[name], self._context(each)) for name, each in asked.items()}
        memories, events = decide_all(adopted, looks, self.look.at)
        if not self.seen and not self.look.saw:
            memories, events = put_off(adopted, memories, events)
        judged = tuple(
            Judged(each, seen[name], memories[name], tuple(event for event in events if event.check == name))
            for name, each in asked.items()
        )
        object.__setattr__(self, "judged", judged)
        object.__setattr__(self, "retired", retired)

    @property
    def table_id(self) -> str:
        """That of the table as it was read; where it could not be, the one that is remembered."""
        return known(self.look.table_id, self.before.table_id, self.circumstances.table_id)

    @property
    def seen(self) -> bool:
        """This run, or one before it, has read what the table is."""
        return self.look.described or self.remembered.seen

    @property
    def remembered(self) -> Remembered:
        """What of the memory is about this very table."""
        return self.before.about(self.table_id)

    @property
    def overlay(self) -> Overlay:
        """What people said of it."""
        return Overlay(self.remembered, self.settings, self.look.at)

    @property
    def items(self) -> tuple[Item, ...]:
        """In the order of the checklist."""
        by_rule: dict[str, list[Judged]] = {}
        for judged in self.judged:
            by_rule.setdefault(judged.check.rule.id, []).append(judged)
        return tuple(
            Item(judged[0].check.rule, tuple(judged), self.overlay, self.remembered.signs.get(rule, ""))
            for rule, judged in by_rule.items()
        )

    @property
    def events(self) -> tuple[Event, ...]:
        """What happened to all checks."""
        return tuple(event for judged in self.judged for event in judged.events)

    @property
    def unnamed(self) -> tuple[Unnamed, ...]:
        """The changes that were told without who made them, as long as that is asked for or is still news."""
        return tuple(
            each
            for each in _unnamed(self.remembered)
            if self.look.at - each.until < (NAMED_FOR if each.actor else ASKED_FOR)
        )

    def conclusion(self, attribution: Attribution = NOBODY) -> Conclusion:
        """What to commit, and what to count."""
        items = self.items
        statuses = {item.rule.id: item.status for item in items if not item.rule.own}
        moved = [event for event in self.events if event.kind not in NO_DRIFT]
        drifts = [*(_drift(event, attribution.of(event)) for event in moved), *self._unseen(attribution)]
        change = Change(
            table_id=self.table_id,
            seen=self.seen,
            at=self.look.at,
            release=self.circumstances.release,
            judged_by={"version": __version__, "checklist": self.settings.wanted(self.look.table.name).digest},
            interval=self.circumstances.interval,
            checks={judged.check.id: judged.memory.to_item() for judged in self.judged},
            run=RunRecord(
                trigger=self.circumstances.trigger, seconds=self.seconds, calls=self.calls, statuses=statuses
            ),
            rules=tuple(item.record for item in items if item.sign != item.former),
            signs={item.rule.id: item.sign for item in items},
            drifts=tuple(drifts),
            calls=(*self.before.calls, *(brief(call) for call in self.circumstances.calls))[-CALLS_KEPT:],
            unnamed=to_builtins(self._unnamed_after(attribution, drifts)),
            named={
                each.key: to_builtins(attribution.late[each.check])
                for each in self.unnamed
                if each.check in attribution.late and each.key
            },
            facts=tuple(self._kept()),
            canary=self._canary_due(),
            message=self._message(statuses, attribution),
        )
        expiring = statuses.get(TTL_RULE) in EXPIRING
        return Conclusion(change, statuses, len(moved), expiring=expiring, unseen=attribution.unseen)

    def _unseen(self, attribution: Attribution) -> Iterator[DriftRecord]:
        """What was called and moved nothing, each call of an event once: who looks again has recorded it before."""
        new = {call.id for call in self.circumstances.calls}
        return unseen(call for call in attribution.unseen if call.id in new)

    def _unnamed_after(self, attribution: Attribution, drifts: Sequence[DriftRecord]) -> list[Unnamed]:
        """Those of this look, and of the former those whose check was silent, named or not."""
        spoke = {event.check for event in self.events if not event.silent}
        known = [
            replace(each, actor=attribution.late.get(each.check, each.actor))
            for each in self.unnamed
            if each.check not in spoke
        ]
        keys = drift_keys(self.look.at, self.before.version + 1, drifts) if len(drifts) <= MOST_DRIFTS else []
        by_move = {(each.check, each.kind): key for each, key in zip(drifts, keys, strict=False) if not each.silent}
        new = [replace(each, key=by_move.get(move, "")) for move, each in attribution.unnamed.items()]
        return [*known, *new][-UNNAMED_KEPT:]

    def _context(self, asked: Asked) -> Context:
        """What fails only because the table is being deleted is told at once, in the one message about that."""
        check, table = asked.check, self.look.table.name
        remembered, waivers = self.remembered, self.overlay.waivers(check.id)
        deleting = any(is_of_deletion(each.message, table) for each in asked.findings)
        return Context(
            check=check.id,
            severity=check.severity,
            judge=judge(check, self.settings.only(self.look.table.name)),
            confirm=0 if deleting else check.confirm,
            waived=lambda resource: any(waiver.resource in (None, resource) for waiver in waivers),
            waived_wholly=any(waiver.resource is None for waiver in waivers),
            waivers=tuple(
                Ending(each.by, each.at, each.until, each.reason, each.resource)
                for each in remembered.waivers
                if each.check == check.id
            ),
            acknowledged=max((ack.at for ack in remembered.acks if ack.check == check.id), default=None),
            paused=remembered.pause is not None and remembered.pause.until > self.look.at,
        )

    def _kept(self) -> Iterator[KeptFact]:
        for (identity, place), answer in self.look.snapshot.fresh.items():
            yield KeptFact(
                type=stored_name(identity), place=place, at=self.look.at, table_id=self.table_id, answer=packed(answer)
            )

    def _canary_due(self) -> bool:
        """Once a day; while one is overdue the point is made, and another would only lie there too."""
        ages = [self.look.at - canary.at for canary in self.remembered.canaries]
        return all(CANARY_EVERY <= age < CANARY_OVERDUE for age in ages)

    def _message(self, statuses: Mapping[str, Status], attribution: Attribution) -> Message | None:
        counted = list(statuses.values())
        return compose(
            News(
                place=place_of(self.look, self.settings, self.circumstances.dashboard, self.table_id),
                version=self.before.version + 1,
                at=self.look.at,
                rules=tuple(statuses),
                told=tuple(
                    self._told(judged, event, attribution) for judged in self.judged for event in self._say(judged)
                ),
                first={status: counted.count(status) for status in Status} if self.circumstances.first else None,
                unrecorded=sum(item.unrecorded for item in self.items if not item.rule.own),
                trouble=self.circumstances.trouble,
                retired=self.retired,
            )
        )

    def _say(self, judged: Judged) -> Iterator[Event]:
        """The events; the first message also lists what a run that had not seen the table has told already."""
        yield from judged.events
        listed = {each.resource for event in judged.events if not event.silent for each in event.differences}
        fails = {name: each for name, each in judged.memory.known.items() if each.status is Status.FAIL}
        told = sorted(fails.keys() & judged.memory.told.keys() - listed)
        again = [Difference(name, None, fails[name]) for name in told]
        if self.circumstances.first and again:
            yield Event(judged.check.id, Kind.REJUDGED, judged.check.severity, self.look.at, tuple(again))

    def _told(self, judged: Judged, event: Event, attribution: Attribution) -> Told:
        rule, findings = judged.check.rule, judged.asked.findings
        earlier = {each.check: attribution.late.get(each.check, each.actor) for each in self.unnamed}
        told = Told(
            event=event,
            rule=rule.id,
            item=rule.item,
            title=rule.title,
            question=judged.check.question,
            why=rule.why,
            owner=self.overlay.owner(rule.id),
            taken=self._taken(event),
            actor=attribution.of(event),
            nobody=attribution.why_not(event),
            earlier=earlier.get(event.check),
            messages={each.resource: each.message for each in findings if each.status is not Status.UNKNOWN},
            subjects={each.resource: each.subject for each in findings if each.subject},
            unread=judged.observation.unread,
        )
        return replace(told, remedy=next((each.remediation for each in findings if each.resource == told.worst), ""))

    def _taken(self, event: Event) -> Taken | None:
        """Who is on the failure that it speaks of, or on one of several."""
        sides = (side for each in event.differences for side in (each.before, each.after))
        failures = (side.since for side in sides if side and side.status is Status.FAIL)
        acks = (self.overlay.acknowledgement(event.check, since) for since in failures)
        return next((Taken(ack.by, ack.at, ack.note) for ack in acks if ack), None)


def _unnamed(remembered: Remembered) -> list[Unnamed]:
    """None where they can't be read: an older release, or a person, may have written them."""
    try:
        return convert(remembered.unnamed, list[Unnamed])
    except ValidationError:
        return []


def _drift(event: Event, actor: Actor | None) -> DriftRecord:
    return DriftRecord(
        check=event.check,
        kind=event.kind,
        before=_side(event, "before"),
        after=_side(event, "after"),
        actor=to_builtins(actor),
        silent=event.silent,
    )


def _side(event: Event, side: str) -> Mapping[str, Any]:
    if event.incident:
        return {"incident": getattr(event.incident, side)}
    known = {difference.resource: getattr(difference, side) for difference in event.differences}
    return {
        resource: {"status": each.status, "watched": each.watched, "since": each.since} if each else None
        for resource, each in known.items()
    }
