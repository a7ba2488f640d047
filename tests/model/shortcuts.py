"""Shortcuts in the order of a run that break the promise: rows of docs/protocol.md section 7, on its calls."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, TypeVar

from msgspec.structs import replace

from readiness.alerts.deliver import DeliveryResult, Outbox, Publisher, Waiting, deliver
from readiness.alerts.topic import Refused
from readiness.checklist import LimitSettings
from readiness.state.announce import Announcement, announce
from readiness.state.store import DamagedEntry, WriteConflict
from readiness.state.store import Remembered as Stored
from tests.model.machine import Machine, promised
from tests.model.ports import NOW, Change, Entry, Ports, Program, Remembered, judged
from tests.model.state import TABLE, State
from tests.model.state import Waiting as Row

E = TypeVar("E", bound=Waiting)


class ComparesAgain(Program):
    """The loser of the condition reads the memory again, and not the account."""

    def settle(self, ports: Ports) -> str:
        remembered = ports.read()
        seen = ports.look(remembered)
        for _ in range(4):
            try:
                ports.commit(remembered, judged(remembered, seen))
            except WriteConflict:
                remembered = ports.read()
            else:
                break
        return TABLE


class LoserComparesAgain(Machine):
    program = ComparesAgain()


class TakesTicket(Program):
    """A run takes a number before it looks, and a later number wins."""

    def settle(self, ports: Ports) -> str:
        ticket = ports.ask("take_ticket")
        seen = ports.look(Remembered(0, "", waived=False, paused=False, judge=""))
        for _ in range(4):
            remembered = ports.read()
            try:
                ports.ask("commit_ticket", ticket, remembered, judged(remembered, seen))
            except WriteConflict:
                continue
            break
        return TABLE


class OrderedByTicket(Machine):
    program = TakesTicket()

    def take_ticket(self, state: State, _number: int) -> tuple[State, Any]:
        return state._replace(ticket=state.ticket + 1), state.ticket + 1

    def commit_ticket(
        self, state: State, number: int, ticket: int, before: Remembered, change: Change
    ) -> tuple[State, Any]:
        newest = max((each for each, _ in state.tokens), default=0)
        if ticket < newest:
            return state, None
        after, answer = self.commit(state, number, before, change)
        return (after, answer) if answer else (after._replace(tokens=((ticket, 0),)), None)


class UnchangedWritesNothing(Machine):
    """A run that found everything as it was does not raise the version."""

    def commit(self, state: State, number: int, before: Remembered, change: Change) -> tuple[State, Any]:
        if before.memory != change.memory or change.body:
            return super().commit(state, number, before, change)
        seen = promised(state, change).promise
        return state._replace(promise=seen), None


class NoLease(Machine):
    """Whoever finds the head sends it."""

    def free(self, _state: State, _entry: Row, _number: int) -> bool:
        return True


class LeasesBriefly(Program):
    """The lease ends before its owner does."""

    def deliver(self, ports: Ports) -> None:
        deliver(ports, ports, ports.table_id, until=NOW - timedelta(seconds=1), clock=lambda: NOW)


class ShortLease(Machine):
    program = LeasesBriefly()

    def claim(self, state: State, number: int, version: int, long: bool) -> tuple[State, Any]:  # noqa: FBT001
        state, claimed = super().claim(state, number, version, long)
        short = (each._replace(short=not long) if each.version == version else each for each in state.outbox)
        return state._replace(outbox=tuple(short)), claimed

    def free(self, state: State, entry: Row, number: int) -> bool:
        return entry.short or super().free(state, entry, number)


class DeletesFirst(Program):
    """What is about to be sent is deleted before."""

    def deliver(self, ports: Ports) -> None:
        while (entry := ports.head()) is not None and ports.claim(entry, NOW + timedelta(seconds=90), NOW):
            ports.delete(entry)
            with suppress(Refused):
                ports.publish(entry.message)


class DeleteBeforePublish(Machine):
    program = DeletesFirst()


def discards_unknown(
    outbox: Outbox[E],
    publisher: Publisher,
    table_id: str,
    *,
    until: datetime,
    clock: Callable[[], datetime],
    **_more: object,
) -> DeliveryResult:
    """A message whose table's id is not the run's is another's, though that is not known; nobody claims it."""
    while not isinstance(entry := outbox.head(), DamagedEntry | None):
        if entry.table_id != table_id:
            outbox.delete(entry)
            continue
        if not outbox.claim(entry, until, clock()):
            break
        try:
            publisher.publish(entry.message)
        except Refused:
            break
        outbox.delete(entry)
    return DeliveryResult(pending=outbox.pending())


def unannounced(state: Stored, now: datetime, limits: LimitSettings) -> Announcement:
    """An annotation has effect without a message about it."""
    return replace(announce(state, now, limits), notes=())


def unlimited(state: Stored, now: datetime, _limits: LimitSettings) -> Announcement:
    """An annotation lasts until its own end, whatever the limits."""
    return announce(state, now, LimitSettings(pause_hours=24 * 365_000, waiver_days=365_000))


def announced_for_good(state: Stored, now: datetime, limits: LimitSettings) -> Announcement:
    """An announcement counts for an annotation that was withdrawn and put back."""
    after = announce(state, now, limits)
    return replace(after, remembered=replace(after.remembered, words={**state.words, **after.remembered.words}))


class UnknownIsAnother(Program):
    """An unknown table counts as another."""

    def deliver(self, ports: Ports) -> None:
        discards_unknown(ports, ports, ports.table_id, until=NOW + timedelta(seconds=90), clock=lambda: NOW)


class UnknownDiscards(Machine):
    program = UnknownIsAnother()


class CommitsTwice(Ports):
    def commit(self, before: Remembered, change: Change, /) -> None:
        self.ask("commit_state", before, change)
        self.ask("put_message", before.version + 1, change.body)


class StateThenOutbox(Program):
    """The memory is written by one call, the message by the next."""

    ports = CommitsTwice


class TwoCalls(Machine):
    program = StateThenOutbox()

    def commit_state(self, state: State, number: int, before: Remembered, change: Change) -> tuple[State, Any]:
        after, answer = self.commit(state, number, before, change)
        return after._replace(outbox=state.outbox), answer

    def put_message(self, state: State, _number: int, version: int, body: str) -> tuple[State, Any]:
        return state._replace(outbox=(*state.outbox, Row(version, body)) if body else state.outbox), None


class AnyEntry(Machine):
    """A message that nobody has leased is as good as the head."""

    def head(self, state: State, number: int) -> tuple[State, Any]:
        free = [each for each in state.outbox if self.free(state, each, number)]
        return state, Entry(free[0].version, free[0].body) if free else None


class TokenOfVersion(Machine):
    """DynamoDB answers a transaction whose token it knows as it answered the first one, or calls it another request."""

    def commit(self, state: State, number: int, before: Remembered, change: Change) -> tuple[State, Any]:
        content = hash(change)
        known = dict(state.tokens).get(before.version)
        if known is not None:
            same = known == content
            return state.break_promise("two runs believe that they won" if same else "a run ends in an error"), None
        after, answer = super().commit(state, number, before, change)
        return after._replace(tokens=((before.version, content),)), answer
