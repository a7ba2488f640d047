"""Random looks at one check with three resources, and an oracle that keeps its own books about them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from readiness.model import Reason, Severity, Status
from readiness.state.drift import (
    CheckResult,
    CheckState,
    DecisionContext,
    Event,
    EventKind,
    FlapDamping,
    ResourceResult,
    Visibility,
    decide,
)

START = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
STEPS = tuple(timedelta(seconds=each) for each in (10, 60, 300, 300, 300, 1_800, 10_800))
APART, STEADY, LONGEST = timedelta(seconds=50), timedelta(minutes=30), timedelta(hours=6)
GOOD = {EventKind.RECOVERED, EventKind.EASED, EventKind.VISIBLE, EventKind.CHANGED}
GONE, ABSENT = "GONE", "NOT_APPLICABLE"

Decide = Callable[[CheckState | None, CheckResult, DecisionContext, datetime], tuple[CheckState, tuple[Event, ...]]]


class BrokenError(Exception):
    """A promise was broken: which."""


@dataclass
class Account:
    """What is true, and what people have said about it."""

    truth: dict[str, str] = field(default_factory=lambda: dict.fromkeys("abc", "PASS"))
    hidden: set[str] = field(default_factory=set)
    complete: bool = True
    waived: set[str] = field(default_factory=set)
    paused: bool = False
    judge: int = 1
    pending: set[str] = field(default_factory=set)
    unlisted: bool = False
    """Pending resources are known by their parent alone, as the versions of a function whose aliases were not read."""
    late: bool = False
    """All that cannot be read was read before, and waits for a run that has time for it."""
    beside: set[str] = field(default_factory=set)
    """Resources on which another check of the same rule, not waived, is known to fail."""

    def move(self, random: Random) -> None:
        """Something changes, or nothing."""
        name = random.choice("abc")
        self.pending -= {name} if random.random() < 0.1 else set()
        self.late ^= random.random() < 0.06
        match random.randrange(18):
            case 0 | 1 | 2 | 3:
                self.truth[name] = random.choice(("PASS", "FAIL", "FAIL", "WARN", GONE, ABSENT))
            case 4 | 5:
                self.hidden ^= {name}
            case 6:
                self.complete = not self.complete
            case 7:
                self.hidden = set() if self.hidden else set("abc")
            case 8:
                self.waived ^= {name}
            case 11:
                self.beside ^= {name}
            case 12:
                self.truth[name], self.beside = ABSENT, self.beside | {name}
            case 9 if random.random() < 0.3 or self.paused:
                self.paused = not self.paused
            case 10 if random.random() < 0.3:
                self.judge += 1

    def settle(self) -> None:
        """From now on all is in sight, and nothing waived or paused."""
        self.hidden, self.complete, self.waived, self.paused = set(), True, set(), False
        self.pending, self.beside, self.late = set(), set(), False

    def observation(self) -> CheckResult:
        read = {
            resource(name): ResourceResult(Status(status))
            for name, status in self.truth.items()
            if name not in self.hidden | self.pending and status != GONE
        }
        hidden = dict.fromkeys(map(resource, sorted(self.hidden)), (Reason.ACCESS_DENIED, None))
        pending = frozenset(name if self.unlisted else resource(name) for name in self.listed)
        return CheckResult(read, hidden, self.complete, pending=pending, awaited=self.awaited, late=self.waits)

    @property
    def waits(self) -> bool:
        """True if something cannot be read, and all of it waits for its turn."""
        return self.late and (bool(self.hidden) or not self.complete)

    @property
    def listed(self) -> set[str]:
        """The pending resources that are listed."""
        return {name for name in self.pending - self.hidden if self.truth[name] != GONE}

    @property
    def awaited(self) -> bool:
        """True if there may be resources that are not listed yet."""
        return self.unlisted and bool(self.listed)


def resource(name: str) -> str:
    """Return the resource below its parent, which has the name."""
    return f"{name}:1"


def parent(resource: str) -> str:
    """Return the name of the parent of a resource."""
    return resource[0]


@dataclass
class Books:
    """What the oracle knows: what was read and since when, what people heard, and when they were spoken to."""

    read: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    heard: dict[str, str] = field(default_factory=lambda: dict.fromkeys("abc", "PASS"))
    dark: Visibility = Visibility.NONE
    wrong: dict[str, datetime] = field(default_factory=dict)
    moved: datetime = START
    blind: bool = False
    spoken: list[datetime] = field(default_factory=list)
    waited: set[str] = field(default_factory=set)
    first: set[str] = field(default_factory=set)

    def look(self, account: Account, now: datetime, *, rejudged: bool) -> set[str]:
        """Take down what a look can read; the resources that it may speak of."""
        whole = account.complete and not account.awaited
        readable = {
            name
            for name, status in account.truth.items()
            if name not in account.hidden | account.pending and (status != GONE or whole)
        }
        self.first = {name for name in readable if name in self.waited}
        gone = {name for name, status in account.truth.items() if status == GONE}
        self.waited = (self.waited | account.listed) - readable - (gone - account.hidden if whole else set())
        blind = self.blind if account.waits else bool(account.hidden) or not account.complete
        moved = blind != self.blind
        self.blind = blind
        for name in readable:
            status = account.truth[name]
            before, since = self.read.get(name, ("PASS", now))
            self.read[name] = (status, since if before == status else now)
            again = rejudged or name in self.first
            moved = moved or (named(before) != named(status) and name not in account.waived and not again)
        self.moved = now if moved else self.moved
        return readable

    def held(self, beside: set[str]) -> set[str]:
        """Return what failed, as people heard, and is not applicable while another check fails on it."""
        return {name for name in beside if self.heard[name] == "FAIL" and self.read.get(name, ("",))[0] == ABSENT}

    def book(self, now: datetime, *, paused: bool, beside: set[str]) -> None:
        """Since when people think something else than was read last. What is held does not wait."""
        wrong = {name for name, (status, _) in self.read.items() if named(status) != self.heard[name]}
        wrong -= self.held(beside)
        wrong |= {"dark"} if self.dark and not self.blind else set()
        self.wrong = {} if paused else {name: self.wrong.get(name, now) for name in wrong}

    def calm(self, readable: set[str], now: datetime) -> bool:
        """Whether good news may be told, as the oracle reads the protocol."""
        count = sum(now - at < timedelta(hours=24) for at in self.spoken)
        if count < 3 or now - self.moved >= min(STEADY * 2 ** (count - 3), LONGEST):
            return True
        due = readable | ({"dark"} if not self.blind else set())
        return any(now - since >= LONGEST for name, since in self.wrong.items() if name in due)


class Walk:
    """One random history of a check."""

    def __init__(self, seed: int, decide: Decide = decide, confirm: int = 1) -> None:
        self.random = Random(seed)  # noqa: S311  a seed is what makes a history repeatable
        self.decide = decide
        self.confirm = confirm
        pending = set(self.random.choice(("", "", "c", "bc")))
        self.account = Account(pending=pending, unlisted=self.random.random() < 0.5)
        self.books = Books()
        self.memory: CheckState | None = None
        self.now = START
        self.looks = 0
        self.counted_at: datetime | None = None
        self.accepted: set[str] = set()

    def run(self, looks: int) -> None:
        """Random looks, then two quiet days, after which people must know how things are."""
        for _ in range(looks):
            self.account.move(self.random)
            self.look(self.random.choice(STEPS))
        self.account.settle()
        for _ in range(100):
            self.look(timedelta(minutes=30))
        truth = {name: named(status) for name, status in self.account.truth.items()}
        self.must(self.books.heard == truth, "the last thing told is not the truth")
        self.must(self.books.dark is Visibility.NONE, "people still think that we are blind")

    def look(self, after: timedelta) -> None:
        self.now += after
        self.looks += 1
        before, account = self.memory, self.account
        rejudged = before is None or before.judge != str(account.judge) or bool(before.unjudged)
        readable = self.books.look(account, self.now, rejudged=rejudged)
        counted = FlapDamping().counts(self.counted_at, self.now)
        self.counted_at = self.now if counted else self.counted_at
        context = DecisionContext(
            "check",
            Severity.CRITICAL,
            str(account.judge),
            confirm=self.confirm,
            waived=lambda resource: parent(resource) in account.waived,
            paused=account.paused,
            counted=counted,
            fails_beside=lambda resource: parent(resource) in account.beside,
        )
        self.memory, events = self.decide(before, account.observation(), context, self.now)
        aloud = [event for event in events if not event.silent]
        self.may_speak(aloud, readable)
        for event in aloud:
            self.hear(event, readable)
        self.must_have_heard(readable)
        if any(event.kind not in {EventKind.STILL, EventKind.REJUDGED} for event in aloud):
            self.books.spoken.append(self.now)
        recent = sum(self.now - at < timedelta(hours=24) for at in self.books.spoken)
        self.must(recent <= 56, "more than 56 messages in a day")
        self.books.book(self.now, paused=account.paused, beside=account.beside)

    def may_speak(self, aloud: list[Event], readable: set[str]) -> None:
        good = {event.kind for event in aloud} & GOOD
        self.must(not good or self.books.calm(readable, self.now), "good news was told without calm")
        loud = {EventKind.REJUDGED} if self.account.paused else set()
        self.must(not self.account.paused or {event.kind for event in aloud} <= loud, "told during a pause")

    def hear(self, event: Event, readable: set[str]) -> None:
        """Each message goes on where the one before ended."""
        for each in event.differences:
            name = parent(each.resource)
            before, after = (named(known.status) if known else "PASS" for known in (each.before, each.after))
            held = name in self.books.held(self.account.beside) and event.kind is not EventKind.REJUDGED
            self.must(not held, "told as resolved while another check of the rule fails on it")
            self.must(name in readable, "it speaks of what it did not read")
            drift = name in self.books.first and event.kind is not EventKind.REJUDGED
            self.must(not drift, "what was pending is told as drift")
            self.must(self.books.heard[name] == before, "a before is not what was heard last")
            self.must(after == named(self.books.read[name][0]), "what is told was not read")
            if self.confirm > 1 and event.kind in {EventKind.REGRESSED, EventKind.RECOVERED}:
                self.must(self.age(name) >= APART, "told without being agreed")
            self.books.heard[name] = after
        if event.dark:
            self.must(not self.account.waits, "told of sight by a look that waits for its turn")
            self.must(not event.dark[1] or self.books.blind, "told of blindness while all that is not pending was read")
            self.must(event.dark[0] is self.books.dark, "a before of our sight is not what was heard last")
            self.books.dark = event.dark[1]

    def must_have_heard(self, readable: set[str]) -> None:
        """A failure is told at once, or as soon as it is agreed; from the eighth message on a waiver's end may wait."""
        late = self.accepted if len(self.books.spoken) >= 7 else set()
        failing = {name for name, (status, _) in self.books.read.items() if status == "FAIL"}
        for name in readable - self.account.waived - late:
            fails = self.books.read[name][0] == "FAIL" and not self.account.paused
            if fails and (self.confirm == 1 or self.age(name) >= APART):
                self.must(self.books.heard[name] == "FAIL", "a lasting new failure was not told at once")
        accepted = self.accepted | (failing & self.account.waived)
        self.accepted = {name for name in accepted & failing if self.books.heard[name] != "FAIL"}

    def age(self, name: str) -> timedelta:
        return self.now - self.books.read[name][1]

    def must(self, holds: bool, promise: str) -> None:  # noqa: FBT001
        if not holds:
            raise BrokenError(promise)


def named(status: str) -> str:
    """People hear of what is gone or not applicable as of what passes."""
    return "PASS" if status in {GONE, ABSENT} else str(status)


def walk(histories: int, looks: int = 150, decide: Decide = decide, confirm: int = 1) -> tuple[int, str]:
    """How many looks were made, and the first promise that broke."""
    made = 0
    for seed in range(histories):
        one = Walk(seed, decide, confirm)
        try:
            one.run(looks)
        except BrokenError as broken:
            return made + one.looks, str(broken)
        made += one.looks
    return made, ""
