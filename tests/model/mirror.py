"""Random histories of runs that mirror what is told at a pager: the product's own steps, stopped between any two calls.

A run reads the memory, commits, and mirrors. Others come between; runs are killed; calls and their answers get lost;
the pager refuses; events arrive late, twice and in another order; rows are deleted, forged and put back. A run is
deterministic, so to take one step is to run it again with one answer more.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from msgspec.structs import replace

from readiness.alerts import mirror as product
from readiness.alerts.mirror import View
from readiness.state.store import StoreUnavailable
from readiness.state.store.mirror import Mirror, MirrorEntry
from tests.model.ports import Stopped

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
KEYS = ("a", "b", "kept")
KEPT = "kept"
INVOCATION = timedelta(seconds=60)
LEASE = timedelta(seconds=30)
INTERVAL = timedelta(minutes=5)
LATEST = timedelta(minutes=9)
"""Events that have not arrived by then are not tried again."""

Call = tuple[Any, ...]


class Row(NamedTuple):
    """The row. `mirror` is None where its signature is wrong."""

    mirror: Mirror | None = None
    leased_by: str = ""
    until: datetime = NOW


class Event(NamedTuple):
    """An event that the bus has taken and not delivered."""

    key: str
    opens: bool
    until: datetime


class Ports:
    """The calls of one run. What was answered is answered again; the next call stops it."""

    def __init__(self, answers: list[Any]) -> None:
        self.answers = iter(answers)
        self.void = False

    def ask(self, *call: Any) -> Any:
        try:
            answer = next(self.answers)
        except StopIteration:
            raise Stopped(call) from None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def clock(self) -> datetime:
        now: datetime = self.ask("clock")
        return now

    def claim(self, until: datetime, now: datetime) -> bool:
        claimed: bool = self.ask("claim", until, now)
        return claimed

    def read(self) -> View[bool]:
        view: View[bool] = self.ask("read")
        void, self.void = self.void, False
        return replace(view, mirror=None) if void else view

    def write(self, mirror: Mirror, *, release: bool) -> bool:
        written: bool = self.ask("write", mirror, release)
        return written

    def release(self) -> None:
        self.ask("release")

    def send(self, events: Mapping[str, bool | None]) -> Collection[str]:
        accepted: Collection[str] = self.ask("send", {key: bool(each) for key, each in events.items()})
        return accepted


def run(ports: Ports) -> None:
    """One run: read, commit, mirror. A run that lost the race mirrors what it read."""
    before, late = ports.ask("load")
    after = ports.ask("commit", before.version)
    wanted = before.wanted if after is None else after
    ports.void = late
    product.mirror(
        ports,
        ports,
        replace(before, wanted=wanted, mirror=None if late else before.mirror),
        KEYS,
        until=ports.clock() + INVOCATION + LEASE,
        clock=ports.clock,
        changed=set(wanted) != set(before.wanted),
    )


Program = Callable[[Ports], None]


@dataclass
class Run:
    """An invocation: the answers to its calls so far."""

    name: str
    ends: datetime
    answers: list[Any] = field(default_factory=list)


@dataclass
class Scene:
    """What can happen in a history."""

    overlaps: bool = True
    faults: bool = False
    late: bool = False
    attacks: bool = False


@dataclass
class History:
    """One random history. `opened` are the incidents at the pager."""

    seed: int
    scene: Scene
    program: Program = run
    now: datetime = NOW
    version: int = 1
    wanted: frozenset[str] = frozenset()
    verified_at: datetime = NOW - INTERVAL
    row: Row | None = None
    old: list[Mirror] = field(default_factory=list)
    opened: set[str] = field(default_factory=set)
    flying: list[Event] = field(default_factory=list)
    alive: list[Run] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    refusing: bool = False
    needs_a_day: bool = False
    moves: bool = True
    calls: int = 0
    runs: int = 0

    def __post_init__(self) -> None:
        self.random = Random(self.seed)  # noqa: S311  a seed is what makes a history repeatable
        if self.random.random() < 0.8:
            self.row = Row(Mirror(swept_at=self.now))

    def live(self, steps: int) -> str:
        """Random steps, then quiet runs, after which the pager must agree. Return the broken promise, or nothing."""
        for _ in range(steps):
            self._happens()
        faulty = self.scene.faults or self.scene.attacks
        for each in tuple(self.alive):
            if faulty:
                self.alive.remove(each)
            else:
                self._complete(each)
        self.refusing = self.moves = False
        if self.scene.overlaps and not (faulty or self.scene.late) and self.runs:
            return self._agrees("as soon as all calls are answered")
        for after in (INTERVAL, timedelta(days=1 if self.needs_a_day else 0), *[INTERVAL] * 5):
            self._pass(after)
            self.verified_at = max(self.verified_at, self.now - INTERVAL)
            self._complete(self._begin())
        if broken := self._agrees("after quiet runs"):
            return broken
        calls = self.calls
        self._pass(INTERVAL)
        self._complete(self._begin())
        return "an unchanged run called more than once to read and once to commit" if self.calls != calls + 2 else ""

    def _agrees(self, when: str) -> str:
        wanted = set(self.wanted)
        if self.opened == wanted:
            return ""
        return f"{when}, open are {sorted(self.opened)}, and should be {sorted(wanted)}"

    def _happens(self) -> None:
        scene, dice = self.scene, self.random.randrange(20)
        if dice < 3 and len(self.alive) < (3 if scene.overlaps else 1):
            self._begin()
        elif dice == 3:
            self._pause(self.random.choice((1, 20, 70, 200, 300, 700)))
        elif dice == 4 and scene.faults and self.alive:
            self._kill(self.random.choice(self.alive))
        elif dice == 5 and scene.faults:
            self.refusing = not self.refusing
            self._note("the bus", "refuses" if self.refusing else "answers")
        elif dice == 6 and self.flying:
            self._arrive(self.random.choice(self.flying))
        elif dice == 7 and scene.attacks:
            self._attack()
        elif dice == 8 and scene.faults and self.random.random() < 0.05:
            self._trouble()
        elif self.alive:
            each = self.random.choice(self.alive)
            self._step(each, loses=scene.faults and self.random.random() < 0.05)
        else:
            self._begin()

    def _begin(self) -> Run:
        self.runs += 1
        begun = Run(f"run-{self.runs}", self.now + INVOCATION)
        self.alive.append(begun)
        self._note(begun.name, "begins")
        return begun

    def _complete(self, each: Run) -> None:
        while each in self.alive:
            self._step(each)

    def _kill(self, each: Run) -> None:
        self._note(each.name, "is killed")
        self.alive.remove(each)

    def _step(self, each: Run, *, loses: bool = False) -> None:
        """Let it make its next call. `loses`: the call does not arrive, or its answer does not."""
        try:
            self.program(Ports(each.answers))
        except Stopped as stopped:
            call = stopped.call
        except StoreUnavailable:
            self._note(each.name, "ends, as a call failed")
            self.alive.remove(each)
            return
        else:
            self._note(each.name, "is over")
            self.alive.remove(each)
            return
        name, *given = call
        if name == "clock":
            each.answers.append(self.now)
            return
        self.calls += 1
        arrives = not loses or self.random.random() < 0.5
        answer = getattr(self, name)(each, *given) if arrives else None
        if loses:
            answer = frozenset() if name == "send" else StoreUnavailable("no answer")  # type: ignore[arg-type]
        self._note(each.name, f"{name} {given} -> {answer}" + ("" if arrives else ", which does not arrive"))
        each.answers.append(answer)

    # Calls

    def load(self, _run: Run) -> tuple[View[bool], bool]:
        """The memory and the row; and whether the last commit is longer ago than the schedule explains."""
        return self._view(), self.now - self.verified_at > 1.5 * INTERVAL

    def commit(self, _run: Run, version: int) -> dict[str, bool] | None:
        """A run that committed tells something, or nothing."""
        if version != self.version:
            return None
        if self.moves and self.random.random() < 0.6:
            self.wanted ^= {self.random.choice(KEYS)}
        self.version, self.verified_at = version + 1, self.now
        return dict.fromkeys(self.wanted, True)

    def read(self, _run: Run) -> View[bool]:
        return self._view()

    def _view(self) -> View[bool]:
        return View(dict.fromkeys(self.wanted, True), self.row.mirror if self.row else None, self.version)

    def claim(self, run: Run, until: datetime, now: datetime) -> bool:
        row = self.row or Row()
        farthest = now + timedelta(seconds=930)
        if row.leased_by and row.leased_by != run.name and now <= row.until <= farthest:
            return False
        self.row = row._replace(leased_by=run.name, until=until)
        return True

    def write(self, run: Run, mirror: Mirror, release: bool) -> bool:  # noqa: FBT001
        if self.row is None or self.row.leased_by != run.name:
            return False
        self.old.append(mirror)
        self.row = Row(mirror) if release else self.row._replace(mirror=mirror)
        return True

    def write_unleased(self, _run: Run, mirror: Mirror) -> None:
        self.row = Row(mirror)

    def release(self, run: Run) -> None:
        if self.row and self.row.leased_by == run.name:
            self.row = self.row._replace(leased_by="")

    def send(self, _run: Run, events: Mapping[str, bool]) -> frozenset[str]:
        accepted = set()
        for key, opens in events.items():
            if self.refusing and self.random.random() < 0.7:
                continue
            accepted.add(key)
            self._take(key, opens=opens)
        return frozenset(accepted)

    def _take(self, key: str, *, opens: bool) -> None:
        event = Event(key, opens, self.now + LATEST)
        self.flying.append(event)
        if not (self.scene.late and self.random.random() < 0.5):
            self._arrive(event)

    # The world

    def _arrive(self, event: Event) -> None:
        """It arrives; it can arrive again if the bus did not hear so."""
        self._deliver(event)
        if not (self.scene.late and self.random.random() < 0.3):
            self.flying.remove(event)

    def _deliver(self, event: Event) -> None:
        self._note("the pager", f"{'opens' if event.opens else 'closes'} {event.key}")
        self.opened = self.opened | {event.key} if event.opens else self.opened - {event.key}

    def _pass(self, time: timedelta) -> None:
        self._note(str(time), "pass")
        self.now += time
        late, self.flying = self.flying, [each for each in self.flying if each.until > self.now]
        for event in self.random.sample(late, len(late)):
            if event.until <= self.now:
                self._deliver(event)
        for each in [each for each in self.alive if each.ends <= self.now]:
            self._kill(each)

    def _pause(self, seconds: int) -> None:
        """Time passes. Most runs have ended by then; where nobody is killed, all."""
        time = timedelta(seconds=seconds)
        for each in [each for each in self.alive if each.ends <= self.now + time]:
            if not (self.scene.faults and self.random.random() < 0.2):
                self._complete(each)
        self._pass(time)

    def _attack(self) -> None:
        how = self.random.randrange(4)
        if how == 0:
            self.row = None
        elif how == 1:
            self.row = Row(None)
        elif how == 2 and self.old:
            self.needs_a_day = True
            self.row = Row(self.random.choice(self.old))
        elif how == 3 and self.row:
            self.row = self.row._replace(leased_by="nobody", until=self.now + timedelta(days=3_650))
        self._note("somebody", f"makes of the row {self.row}")

    def _trouble(self) -> None:
        """A run that can't use the table opens `kept` beside its message, and commits nothing."""
        self._note("a run", "cannot use the table")
        self.needs_a_day = True
        self._take(KEPT, opens=True)

    def _note(self, who: str, what: str) -> None:
        self.log.append(f"{self.now:%H:%M:%S} {who} {what}")


SCENES: Mapping[str, Scene] = {
    "runs that overlap": Scene(),
    "kills, refusals and lost answers": Scene(faults=True),
    "late and repeated events": Scene(late=True),
    "all of these, and attacks on the row": Scene(faults=True, late=True, attacks=True),
}


def mirrored(many: int, scene: Scene, program: Program = run, steps: int = 60, first: int = 0) -> tuple[int, str, str]:
    """Return how many runs were made, the first broken promise and its history."""
    runs = 0
    for seed in range(first, first + many):
        history = History(seed, scene, program)
        broken = history.live(steps)
        runs += history.runs
        if broken:
            return runs, f"seed {seed}: {broken}", "\n".join(history.log)
    return runs, "", ""


# Shortcuts


def resolved_with_recovery(ports: Ports) -> None:
    """What is sent follows from what this run told, and no row is kept."""
    before, _ = ports.ask("load")
    after = ports.ask("commit", before.version)
    if after is not None and (moved := set(after) ^ set(before.wanted)):
        ports.send({key: after.get(key) for key in sorted(moved)})


class _Settled(Ports):
    """Each event is sent once."""

    def write(self, mirror: Mirror, *, release: bool) -> bool:
        now = NOW - timedelta(days=3)
        keys = {key: MirrorEntry(each.open, sent_at=each.sent_at and now) for key, each in mirror.keys.items()}
        kept = {key: each for key, each in keys.items() if each.open}
        return super().write(replace(mirror, keys=kept if release else keys), release=release)


class _WrittenBefore(Ports):
    """The row is written before the events are sent, and not after."""

    def write(self, mirror: Mirror, *, release: bool) -> bool:
        if release:
            self.release()
            return True
        now = self.clock()
        keys = {key: MirrorEntry(each.open, sent_at=now) for key, each in mirror.keys.items() if each.open}
        return super().write(replace(mirror, keys=keys, swept_at=now), release=False)


class _WrittenAfter(Ports):
    """The row is written after the events are sent, and not before."""

    def write(self, mirror: Mirror, *, release: bool) -> bool:
        return super().write(mirror, release=release) if release else True


class _LooksOnce(Ports):
    """What is sent follows from the memory, but nothing is compared after the lease is given back."""

    looked = False

    def read(self) -> View[bool]:
        if self.looked:
            return View({}, Mirror(swept_at=self.clock()))
        self.looked = True
        return super().read()


class _BelievesItself(Ports):
    """What is sent follows from the memory of the run, which is not read anew under the lease."""

    def ask(self, *call: Any) -> Any:
        answer = super().ask(*call)
        if call[0] == "load":
            self.believed = dict(answer[0].wanted)
        elif call[0] == "commit" and answer is not None:
            self.believed = answer
        return answer

    def read(self) -> View[bool]:
        return replace(super().read(), wanted=self.believed)


class _NoLease(Ports):
    """Any run sends, and writes over what another one has written."""

    def claim(self, until: datetime, now: datetime) -> bool:
        super().claim(until, now)
        return True

    def write(self, mirror: Mirror, *, release: bool) -> bool:  # noqa: ARG002  of all ports
        self.ask("write_unleased", mirror)
        return True


def on(kind: type[Ports]) -> Program:
    """Return the program with a shortcut in one of its steps."""
    return lambda ports: run(kind(list(ports.answers)))


OVERLAPS, FAULTS, LATE, ATTACKS = SCENES

SHORTCUTS: Mapping[str, tuple[str, Program]] = {
    "resolve is sent with the message of the recovery": (FAULTS, resolved_with_recovery),
    "nothing is sent once more": (LATE, on(_Settled)),
    "the row is written before the events are sent only": (FAULTS, on(_WrittenBefore)),
    "the row is written after the events are sent only": (FAULTS, on(_WrittenAfter)),
    "nothing is compared after the lease is given back": (OVERLAPS, on(_LooksOnce)),
    "the memory is not read anew": (OVERLAPS, on(_BelievesItself)),
    "there is no lease": (OVERLAPS, on(_NoLease)),
}
