"""Random histories of whole runs: the product's `Run` in threads that take turns, from the very first run on.

Between any two calls another run goes on, the account changes, a run is killed, or time passes; calls get lost on the
way there or back, SNS refuses, and the table is replaced by one that a restore gave its rows. Some runs have 5 seconds,
which is less than looking needs: they read nothing, the table's id included. A person, or who may write the table,
writes, changes, deletes and puts back pauses and waivers of any length at any moment.
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError
from msgspec.structs import replace

from readiness.alerts import fallback
from readiness.alerts.pager import paged_checks
from readiness.alerts.topic import AlertTopic
from readiness.aws.client import Aws
from readiness.checklist import OnCall, Settings, TableSettings
from readiness.engine.rule import Rule
from readiness.run import Deployment, Outcome, Run, Trigger, mirroring
from readiness.state import identity
from readiness.state.store import parameter
from readiness.state.store.wire import encode_item
from readiness.state.table_id import another
from tests.fixed_rules import RULES
from tests.model.cloud import Clients, Cloud, Commit, Item, told_failing


def watched(*ids: str) -> tuple[Rule, ...]:
    """The item on point-in-time recovery with these of its checks."""
    (rule,) = (each for each in RULES if each.id == "pitr-enabled")
    checks = [check for check in rule.checks if check.id in ids]
    assert len(checks) == len(ids), "a check has another name"
    return (replace(rule, checks=checks),)


ON, PROTECTION = "pitr-enabled/on", "pitr-enabled/deletion-protection"
WATCHED = watched(ON, PROTECTION)
PAGED = set(paged_checks(RULES))
SETTINGS = Settings(tables=(TableSettings(),), on_call=OnCall(pager="events-v2"))
BUS = "arn:aws:events:us-east-1:123456789012:event-bus/pager"
LATEST = timedelta(minutes=8)
"""Events that have not arrived by then are not tried again."""
FORMER = "T1"
LONG, SHORT = timedelta(seconds=60), timedelta(seconds=5)
SILENCES = {"STATE#PAUSE": timedelta(hours=24), f"STATE#WAIVER#{ON}": timedelta(days=365)}
"""The annotations that hold back a failure, and their limits from the announcement on."""

URL = "https://dynamodb.us-east-1.amazonaws.com"


class BrokenError(Exception):
    """A promise was broken: which."""


class KilledError(BaseException):
    """The invocation is over."""


@dataclass
class Invocation:
    """A run that goes on by one call whenever it is told to."""

    cloud: Cloud
    name: str
    lasts: timedelta
    release: str = ""
    rules: tuple[Rule, ...] = WATCHED
    trigger: Trigger | None = None
    reader: type[Clients] = Clients
    results: list[Outcome] = field(default_factory=list)
    at: str = ""
    over: bool = False
    error: BaseException | None = None
    fate: BaseException | None = None

    def __post_init__(self) -> None:
        self.ends = self.cloud.now + self.lasts
        self.turn, self.back = threading.Semaphore(0), threading.Semaphore(0)
        self.thread = threading.Thread(target=self._live, daemon=True)
        self.thread.start()

    def step(self, fate: BaseException | None = None) -> None:
        """Let it go on to its next call; with a fate, that is what becomes of it where it stands."""
        self.fate = fate
        self.turn.release()
        self.back.acquire()

    def _gate(self, at: str) -> None:
        self.at = at
        self.back.release()
        self.turn.acquire()
        if self.fate is not None:
            raise self.fate

    def _live(self) -> None:
        self.turn.acquire()
        try:
            if self.fate is None:
                self._run()
        except KilledError:
            pass
        except BaseException as error:  # noqa: BLE001  it is the history that says what it means
            self.error = error
        self.over = True
        self.back.release()

    def _run(self) -> None:
        clients = self.reader(self.cloud, self._gate)
        aws = Aws("123456789012", "us-east-1", caller=clients)  # type: ignore[arg-type]  # as much as is called
        topic = AlertTopic(clients, "arn:aws:sns:us-east-1:123456789012:on-call")  # type: ignore[arg-type]  # likewise
        self.results = Run(
            rules=self.rules,
            aws=aws,
            settings=SETTINGS,
            trigger=self.trigger or Trigger("schedule", self.name),
            deployment=Deployment(self.release, topic, pagers={"events-v2": BUS}),
            remaining=self._remaining,
            clock=self._clock,
        ).run()

    def _remaining(self) -> float:
        return (self.ends - self.cloud.now).total_seconds()

    def _clock(self) -> datetime:
        self._gate("clock")
        return self.cloud.now


@dataclass
class History:
    """One random history. `log` says what happened, in order."""

    seed: int
    cloud: Cloud = field(default_factory=Cloud)
    alive: list[Invocation] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    crashed: bool = False
    runs: int = 0
    deleted: dict[str, Item] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)  # noqa: S311  a seed is what makes a history repeatable

    def live(self, steps: int) -> None:
        """Random steps, then some quiet runs, after which people must know how things are.

        In one of four histories a few runs come between, one by one, as a pause is written, deleted and put back.
        """
        forget_environment()
        for _ in range(steps):
            self._happens()
        for run in tuple(self.alive):
            self._kill(run)
        self.cloud.refusing = self.cloud.denying = self.cloud.late = False
        for _ in range(0 if self.seed % 4 else 4):
            self._write("STATE#PAUSE")
            self.cloud.flip()
            self._runs_after(timedelta(minutes=1))
        self.cloud.rows.pop(f"STATE#WAIVER#{ON}", None)
        for _ in range(5 if "STATE#PAUSE" in self.cloud.rows else 4):
            self._runs_after(timedelta(hours=7))
        self._paged()
        self._kept()

    def _paged(self) -> None:
        """The pager agrees with what was told."""
        self.cloud.arrive()
        told = told_failing(self.cloud.rows) & PAGED
        self._must(self.cloud.opened == told, f"open at the pager: {self.cloud.opened}, and told as failing: {told}")

    def _runs_after(self, time: timedelta) -> None:
        self.cloud.now += time
        self.cloud.arrive(before=self.cloud.now - LATEST)
        run = self._begin(LONG)
        while not run.over:
            run.step()
        self._ended(run)

    def _happens(self) -> None:
        match self.random.randrange(20):
            case 0 | 1 | 2 if len(self.alive) < 3:
                self._begin(self.random.choice((LONG, SHORT)))
            case 3:
                self.cloud.flip()
                self._note("recovery goes", "on" if self.cloud.recovering else "off")
            case 4 if self.alive:
                self._kill(self.random.choice(self.alive))
            case 5 if self.alive:
                self._lose(self.random.choice(self.alive))
            case 6:
                self._pass(self.random.choice((1, 2, 4, 30, 120)))
            case 7 if self.random.random() < 0.5 or self.cloud.refusing:
                self.cloud.refusing = self.cloud.late = not self.cloud.refusing
                self._note("SNS", "refuses" if self.cloud.refusing else "takes messages")
            case 8 if self.cloud.table_id == FORMER and self.random.random() < 0.2:
                self.cloud.table_id = "T2"
                self._note("the table", "is replaced by another, which a restore gave all its rows")
            case 9 | 10:
                self._write(self.random.choice(tuple(SILENCES)))
            case _ if self.alive:
                self._go(self.random.choice(self.alive))
            case _:
                self._begin(self.random.choice((LONG, SHORT)))

    def _begin(self, lasts: timedelta) -> Invocation:
        self.runs += 1
        run = self._invoke(f"run-{self.runs}", lasts)
        self.alive.append(run)
        self._note(run.name, f"begins, with {lasts.seconds} s")
        return run

    def _invoke(self, name: str, lasts: timedelta) -> Invocation:
        return Invocation(self.cloud, name, lasts)

    def _go(self, run: Invocation) -> None:
        run.step()
        self._note(run.name, "is over" if run.over else f"at {run.at}")
        self._ended(run)

    def _ended(self, run: Invocation) -> None:
        if run.over:
            self.alive.remove(run)
            self._must(run.error is None, f"{run.name} ended in {type(run.error).__name__}: {run.error}")

    def _kill(self, run: Invocation) -> None:
        self.crashed = True
        self._note(run.name, f"is killed at {run.at}")
        run.step(KilledError())
        self._ended(run)

    def _lose(self, run: Invocation) -> None:
        """The call that it is about to make never arrives, or its answer gets lost."""
        if run.at in {"", "clock"}:
            return
        self.crashed = True
        error = ReadTimeoutError if run.at.endswith("answered") else ConnectTimeoutError
        self._note(run.name, f"loses {run.at}")
        run.step(error(endpoint_url=URL))
        self._ended(run)

    def _pass(self, seconds: int) -> None:
        self.cloud.now += timedelta(seconds=seconds)
        self.cloud.arrive(before=self.cloud.now - LATEST)
        self._note(f"{seconds} s", "pass")
        for run in tuple(self.alive):
            if self.cloud.now >= run.ends:
                self._kill(run)

    def _write(self, key: str) -> None:
        """Somebody pauses alerts or waives the check, changes or deletes that, or puts back what was deleted."""
        if key in self.cloud.rows and self.random.random() < 0.5:
            self.deleted[key] = self.cloud.rows.pop(key)
            self._note(key, "is deleted")
        elif key in self.deleted and self.random.random() < 0.5:
            self.cloud.rows[key] = self.deleted[key]
            self._note(key, "is put back")
        else:
            self.cloud.rows[key] = self._word(key)
            self._note(key, "is written")

    def _word(self, key: str) -> Item:
        """One that is minutes to millennia long, dated as its author likes, and seldom one that can't be read."""
        spans = (timedelta(minutes=2), timedelta(hours=20), timedelta(days=400), timedelta(days=365_000))
        at = self.cloud.now + self.random.choice((timedelta(), timedelta(days=-900), timedelta(days=900)))
        until: Any = self.cloud.now + self.random.choice(spans)
        word = {"by": "mallory", "at": at, "reason": "none", "until": until, "check": ON}
        odd = self.random.randrange(10)
        schema, word["until"] = (999 if odd == 0 else 2), (1 if odd == 1 else until)
        named = {"PK": "READINESS#123456789012#us-east-1#babesclub-commerce", "SK": key, "tableId": self.cloud.table_id}
        return encode_item({**word, **named, "schema": schema})

    def _note(self, who: str, what: str) -> None:
        self.log.append(f"{who} {what}")

    def _kept(self) -> None:
        """What must be true when all is quiet."""
        documents = [json.loads(json.loads(each["Message"])["https"]) for each in self.cloud.published]
        said = [each for each in documents if each["id"] in self.cloud.recorded]
        sent = [each["id"] for each in said]
        replaced = self.cloud.table_id != FORMER
        order = sorted(self.cloud.recorded, key=self.cloud.recorded.__getitem__)
        owed = {each for each in order if not (replaced and each.startswith(FORMER))}
        waiting = [key for key in self.cloud.rows if key.startswith("OUTBOX#")]
        self._must(not waiting, f"a message was never delivered: {waiting}")
        self._must(owed <= set(sent), f"a page was lost: {sorted(owed - set(sent))}")
        self._must(list(dict.fromkeys(sent)) == [each for each in order if each in sent], "told in another order")
        self._must(self.crashed or len(sent) == len(set(sent)), "published twice without a crash")
        first = {each["id"] for each in said if each["kind"] == "WATCHING"}
        troubles = [each["trouble"]["what"] for each in {each["id"]: each for each in said}.values() if each["trouble"]]
        self._must(troubles in ([], ["TABLE_REPLACED"] if replaced else []), f"troubles were told: {troubles}")
        self._must(len(first) + len(troubles) in ({1, 2} if replaced else {1}), f"it started {len(first)} times")
        for commit in self.cloud.commits:
            self._must(
                not holds_back(commit) or is_announced(commit), "a failure is held back, and nobody was told why"
            )
        self._must(heard(said) == ("PASS" if self.cloud.recovering else "FAIL"), "the last thing told is not the truth")

    def _must(self, holds: bool, promise: str) -> None:  # noqa: FBT001
        if not holds:
            raise BrokenError(promise)


def forget_environment() -> None:
    """Each history is an execution environment of its own."""
    fallback._published.clear()  # noqa: SLF001  the state of the environment
    identity._written.clear()  # noqa: SLF001  likewise
    parameter._keys.clear()  # noqa: SLF001  likewise
    mirroring.opened_alone.clear()


def holds_back(commit: Commit) -> bool:
    """Return True if the run read a failure, and neither it nor an earlier one has told it."""
    memory = commit.memory["checks"].get(ON, {})
    told = memory.get("told", {})
    known = memory.get("known", {}).items()
    read = not memory.get("blind")
    return read and any(each["status"] == "FAIL" != told.get(name, {}).get("status") for name, each in known)


def is_announced(commit: Commit) -> bool:
    """Return True if by then a message has named what holds back failures at that time, with an end not too far off."""
    at = datetime.fromisoformat(commit.head["verifiedAt"])
    last: dict[str, tuple[datetime, Mapping[str, Any]]] = {}
    for document in commit.documents:
        for note in () if another(document["table_id"], commit.head["tableId"]) else document["notes"]:
            if note["what"] != "ENDS":
                last |= dict.fromkeys(note["records"], (datetime.fromisoformat(document["at"]), note))
    return any(
        note["what"] in {"RECORDED", "CHANGED"} and at < datetime.fromisoformat(note["until"]) <= told + SILENCES[key]
        for key, (told, note) in last.items()
    )


def heard(said: list[dict[str, Any]]) -> str:
    """What people think of recovery; of a table that replaced another they have heard nothing yet."""
    status = "PASS"
    for document in {each["id"]: each for each in said}.values():
        status = "PASS" if document["trouble"] else status
        for event in document["events"]:
            if event["check"] == "pitr-enabled/on" and event["differences"]:
                status = event["differences"][-1]["status_after"]
    return status


def histories(many: int, steps: int = 60, first: int = 0, kind: type[History] = History) -> tuple[int, str, list[str]]:
    """How many runs were made, the first promise that broke, and in which history."""
    runs = 0
    for seed in range(first, first + many):
        history = kind(seed)
        try:
            history.live(steps)
        except BrokenError as broken:
            return runs + history.runs, f"seed {seed}: {broken}", history.log
        runs += history.runs
    return runs, "", []
