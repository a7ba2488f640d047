"""The deployed function in its account, step by step, and the books of an oracle about what it must tell.

The function is the real entry point, in execution environments that keep what they have read; several releases of it
can be deployed at once.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace

from readiness import entry
from readiness.alerts import fallback
from readiness.aws.client import Aws
from readiness.aws.time import iso
from readiness.checklist.file import load
from readiness.entry import NotRecorded
from readiness.model import Gone, Reason
from readiness.run import Outcome, mirroring
from readiness.run.outcome import problems
from readiness.state import identity
from readiness.state.store import parameter, reading, remembered
from readiness.state.store.change import ROLLBACK, ROLLBACKS_LIVE
from readiness.state.store.damage import MOST_REFUSED_KEPT
from readiness.state.store.entry import LEASE, LONGEST
from readiness.state.store.rows import Rows
from readiness.state.store.wire import decode_item, encode_item, size
from readiness.state.table_id import is_known
from tests.aws.account import ACCOUNT, REGION, TABLE
from tests.changes import trail
from tests.fuzz.services import MALLORY, STRANGER, WINDOW, Reaching, Services
from tests.model.cloud import Commit, Item
from tests.model.forged import FORGED, Forged, texts
from tests.model.whole import (
    BUS,
    LONG,
    ON,
    PROTECTION,
    SILENCES,
    History,
    Invocation,
    KilledError,
    holds_back,
    is_announced,
    watched,
)

Json = Mapping[str, Any]

RULES = watched(ON, WINDOW, PROTECTION)
DEPLOYED = entry.Environment(
    table=TABLE,
    topic_arn=f"arn:aws:sns:{REGION}:{ACCOUNT}:on-call",
    checklist=Path(__file__).parents[2] / "functions/monitor/checklist.toml",
    persist_alarm="",
    dashboard="",
    interval=5,
    pager_bus=BUS,
    changes_url="https://sqs.us-east-1.amazonaws.com/123456789012/changes",
    event_bus=f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/findings",
)
SETTINGS = load(DEPLOYED.checklist, [rule.id for rule in RULES], TABLE).deployed(TABLE)
PAGED_SETTINGS = replace(SETTINGS, on_call=replace(SETTINGS.on_call, pager="events-v2"))
SCHEDULE = {"trigger": "schedule"}

FORMER = ("2026-11-01T00:00:00Z", 2)
"""The build time of a release, and the form of its rows."""
RELEASES = (FORMER, ("2026-11-20T00:00:00Z", 2), ("2026-12-20T00:00:00Z", 3))
NEWEST = RELEASES[-1]

RESETS = {"TABLE_REPLACED", "MEMORY_DELETED", "MEMORY_DAMAGED"}
"""The troubles that end all that people were told before: such a message names all that fails."""

# Bytes and rows.
HEAD, CHECKS = 1_536, 300_000
ATTEMPTS = 101

TRIED: Counter[str] = Counter()
"""The numbers of what was tried: the tests print them."""


@dataclass
class Environment:
    """An execution environment of one release, and what it keeps from one run to the next."""

    release: str
    schema: int
    published: set[tuple[str, str]] = field(default_factory=set)
    written: set[tuple[str, str]] = field(default_factory=set)
    keys: dict[str, bytes] = field(default_factory=dict)
    opened_alone: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def running(self, run: "Deployed") -> Iterator[None]:
        """Runs take turns, so the module's own names are those of the one that goes on."""
        with pytest.MonkeyPatch.context() as patch:
            run.cloud.stepping = self.release
            patch.setattr(fallback, "_published", self.published)
            patch.setattr(identity, "_written", self.written)
            patch.setattr(parameter, "_keys", self.keys)
            patch.setattr(mirroring, "opened_alone", self.opened_alone)
            patch.setattr(entry, "_settings", lambda _environment: PAGED_SETTINGS)
            for module in (reading, remembered):
                patch.setattr(module, "SCHEMA", self.schema)
            patch.setattr(Rows.item, "__kwdefaults__", {"schema": self.schema})
            patch.setattr(entry, "RELEASE", self.release)
            patch.setattr(entry, "ASKED", RULES)
            patch.setattr(entry, "clock", run.clock)
            patch.setattr(entry, "emit", run.emit)
            patch.setattr(entry, "_account", lambda: run.aws)
            yield


@dataclass
class Deployed(Invocation):
    """An invocation of the function by the schedule, or by messages of the queue."""

    cloud: Services
    environment: Environment = field(default_factory=lambda: Environment(*NEWEST))
    bodies: tuple[str, ...] = ()
    outcomes: list[tuple[Outcome, dict[str, int]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """The clients of a run note what it reads."""
        self.clients = Reaching(self.cloud, self._gate)
        self.aws = Aws(ACCOUNT, REGION, caller=self.clients)  # type: ignore[arg-type]  # as much as is called
        super().__post_init__()

    @property
    def is_retried(self) -> bool:
        """True where SQS delivers the messages again: the invocation failed, or was killed."""
        return bool(self.bodies) and (self.error is not None or isinstance(self.fate, KilledError))

    def step(self, fate: BaseException | None = None) -> None:
        """Go on in its own environment."""
        with self.environment.running(self):
            super().step(fate)

    def clock(self) -> datetime:
        return self._clock()

    def emit(self, run: Any, outcome: Outcome) -> None:
        self.outcomes.append((outcome, problems(outcome, run.defects.count)))

    def _run(self) -> None:
        event = trail.batch(self.bodies) if self.bodies else SCHEDULE
        entry.answer(event, DEPLOYED, self.name, lambda: int(self._remaining() * 1000))


class RollbackReport(NamedTuple):
    """What people were told after a rollback of one release."""

    table_id: str
    failing: frozenset[str]
    at: datetime


class World(History):
    """One history. After each step the oracle audits what was committed and published since."""

    cloud: Services

    def __init__(self, seed: int = 0) -> None:
        """`seed` is for attacks that choose at random."""
        super().__init__(seed, cloud=Services())
        self.release = RELEASES[1]
        self.environments: list[Environment] = []
        self.heard: dict[str, str] = {}
        self.documents = self.commits = self.publications = 0
        self.known: Mapping[str, Any] = {}
        self.table_id, self.schema = "", 0
        self.direct: list[Json] = []
        self.rolled_back: dict[str, RollbackReport] = {}
        self.taken_over: dict[str, Item] = {}
        self.heard_anew = self.was_away = self.was_downgraded = self.bus_failed = False

    # Steps

    def start(self, lasts: timedelta, *bodies: str) -> None:
        """Lambda takes an environment of the release that waits, or a new one."""
        busy = [run.environment for run in self.alive if isinstance(run, Deployed)]
        idle = [each for each in self.environments if not any(each is other for other in busy)]
        if not idle:
            self.environments.append(Environment(*self.release))
            idle = self.environments[-1:]
        self.runs += 1
        TRIED["runs"] += 1
        self.alive.append(Deployed(self.cloud, f"run-{self.runs}", lasts, environment=idle[0], bodies=bodies))

    def deploy(self, release: tuple[str, int], *, at_once: bool) -> None:
        """Environments of the former release can go on for a while."""
        self.release = release
        self.environments = [Environment(*release), *(() if at_once else self.environments)]

    def deliver(self, picks: list[int], lasts: timedelta) -> None:
        """SQS delivers some messages: in any order, and also those that were delivered already."""
        bodies = [self.cloud.bodies[pick % len(self.cloud.bodies)] for pick in picks]
        for body in set(bodies):
            if body in self.cloud.waiting:
                self.cloud.waiting.remove(body)
        self.start(lasts, *bodies)

    def downgrade(self) -> None:
        """The rows and parameters as the former release would have left them, which signed nothing.

        It announced no annotations, so those count as announced. It reported no rollback.
        """
        for run in tuple(self.alive):
            self._kill(run)
        self.cloud.rows = former_rows(self.cloud.rows)
        table_id = decode_item(self.cloud.rows["STATE"]).get("tableId")
        name = f"/readiness/{REGION}/{TABLE}/table-id"
        self.cloud.parameters = {name: str(table_id)} if is_known(table_id) else {}
        for each in self.environments:
            each.keys.clear()
            each.written.clear()
        self.known, self.rolled_back, self.was_downgraded = {}, {}, True
        self.taken_over = {key: row for key, row in self.cloud.rows.items() if key in SILENCES}

    def fail(self, service: str, how: str) -> None:
        """A service is away from now on."""
        self.cloud.away[service] = how
        self.was_away = True

    def _ended(self, run: Invocation) -> None:
        """SQS delivers messages again whose invocation failed, or that it did not remove."""
        if not run.over:
            return
        self.alive.remove(run)
        assert isinstance(run, Deployed)
        expected = run.error is None or isinstance(run.error, NotRecorded)
        self._must(expected, f"{run.name} ended in {type(run.error).__name__}: {run.error}")
        if run.is_retried:
            self.cloud.waiting += run.bodies
        self.audit()
        self.bus_failed |= "put_events" in run.clients.failed
        for outcome, unwell in run.outcomes:
            self._not_silent(run, outcome, unwell)

    def _lose(self, run: Invocation) -> None:
        assert isinstance(run, Deployed)
        run.clients.failed.add(run.at.partition(" ")[0])
        super()._lose(run)

    def _write(self, key: str) -> None:
        """An annotation that is written before the first run that signs counts as announced too."""
        super()._write(key)
        if "STATE" in self.cloud.rows and "mac" not in self.cloud.rows["STATE"] and key in self.cloud.rows:
            self.taken_over[key] = self.cloud.rows[key]

    def restore(self, *, former: bool) -> None:
        """It takes longer than any run lasts. The next run goes on where the restored rows end."""
        self._pass(2 * LONG.seconds)
        self.cloud.restore(former=former)
        self.rolled_back, self.known, self.heard = {}, {}, told_by(self.cloud.rows)

    # The oracle

    def audit(self) -> None:
        """Whatever was committed and published since the last time."""
        for number in range(self.commits, len(self.cloud.commits)):
            self._committed(self.cloud.commits[number], self.cloud.looks[number])
        TRIED["commits"] += len(self.cloud.commits) - self.commits
        TRIED["messages"] += len(self.cloud.published) - self.publications
        self.commits = len(self.cloud.commits)
        for each in self.cloud.published[self.publications :]:
            document = json.loads(json.loads(each["Message"])["https"])
            if document["id"] not in self.cloud.recorded:
                self._told_directly(document)
        self.publications = len(self.cloud.published)
        self._forget_rollbacks()
        kept = Counter(key.partition("#")[0] for key in self.cloud.rows)
        self._must(kept["REFUSED"] <= MOST_REFUSED_KEPT + 1, "more than 20 damaged rows are kept")
        days = Counter(key[:18] for key in self.cloud.rows if key.startswith("ATTEMPT#"))
        self._must(max(days.values(), default=0) <= ATTEMPTS, "more than 100 refused calls of a day are kept")

    def _committed(self, commit: Commit, seen: Mapping[str, str]) -> None:
        self.heard_anew = False
        for document in commit.documents[self.documents :]:
            self._told(document, seen)
        self.documents = len(commit.documents)
        self._remembered(commit, seen)
        for key, most in (("STATE", HEAD), ("STATE#CHECKS", CHECKS)):
            row = self.cloud.rows.get(key)
            self._must(row is None or size(row) <= most, f"{key} is too large")

    def _remembered(self, commit: Commit, seen: Mapping[str, str]) -> None:
        """A check that was not read stays as it was, and a failure that is held back was announced."""
        known_before = any(self.cloud.rows.get(key) == row for key, row in self.taken_over.items())
        silent = holds_back(commit) and not (known_before or is_announced(commit))
        self._must(not silent, "a failure is held back, and nobody was told why")
        known = {check: each.get("known", {}) for check, each in commit.memory["checks"].items()}
        if self.known and commit.head["tableId"] == self.table_id and not self.heard_anew:
            for check in {ON, WINDOW, PROTECTION} - {*seen}:
                before, after = (failing(each.get(check, {})) for each in (self.known, known))
                self._must(before == after, f"{check} is unknown, and became {after}")
            self._must(commit.head["schema"] >= self.schema, "an older release has overwritten a newer one")
        self.known, self.table_id, self.schema = known, commit.head["tableId"], commit.head["schema"]

    def _told(self, document: Json, seen: Mapping[str, str]) -> None:
        """A message of a commit goes on where the one before ended, and speaks of what its run read."""
        trouble = document["trouble"] and document["trouble"]["what"]
        self.heard_anew = trouble in RESETS or document["kind"] == "WATCHING"
        if self.heard_anew:
            self.heard = {}
        empty = not (document["events"] or document["notes"] or trouble or document["retired"])
        self._must(not empty or document["kind"] == "WATCHING", "a message says nothing")
        for event in document["events"]:
            self._caused(event)
            for each in event["differences"]:
                before, after = each["status_before"], each["status_after"]
                check = event["check"]
                self._must(
                    self.heard_anew or trouble or plain(before) == self.heard.get(check, plain(before)),
                    f"{check}: {before} is not what was told before",
                )
                self._must(trouble == "ALERTS_DAMAGED" or after == seen.get(check), f"{check}: {after} was not read")
                self.heard[check] = plain(after)

    def _not_silent(self, run: Deployed, outcome: Outcome, unwell: Mapping[str, int]) -> None:
        """A run that records nothing, or leaves messages, says so; and SNS takes what only it can tell."""
        self._must(outcome.committed or any(unwell.values()) or outcome.plan is None, "nothing is recorded, unseen")
        refused = outcome.delivery.events_refused
        self._must(not refused or "put_events" in run.clients.failed, "the bus refused nothing, and it is counted")
        alone = not (self.alive or run.clients.failed)
        self._must(not (alone and self._waiting()) or any(unwell.values()), "a message waits, unseen")
        if outcome.unrecorded and not isinstance(why := outcome.unrecorded.why, Gone):
            told = why.reason is Reason.THROTTLED or "publish" in run.clients.failed or run.environment.published
            self._must(bool(told), "nothing can be recorded, and nobody was told")
        if alone and outcome.superseded and outcome.state and outcome.state.is_newer:
            row = decode_item(self.cloud.rows.get(f"{ROLLBACK}#{run.environment.release}", {}))
            leased = iso(self.cloud.now) <= row.get("leaseUntil", "") <= iso(self.cloud.now + LONGEST + LEASE)
            self._must(bool(row.get("sent")) or leased, "a release was rolled back, and nobody was told")
            report = self.rolled_back.get(run.environment.release)
            told_on = report is not None and ON in report.failing
            waived = any(key in self.cloud.rows for key in SILENCES) or ON not in run.clients.seen
            self._must(
                not row.get("sent") or waived or told_on is (run.clients.seen[ON] == "FAIL"),
                "a failure after a rollback was not told",
            )

    def _caused(self, event: Json) -> None:
        """The named person switched recovery in the direction of the change: off for a failure, on for a recovery."""
        who = (event["actor"] or {}).get("who", "")
        self._must(STRANGER not in who and MALLORY not in who, f"{who} is named as the cause, and changed nothing")
        if event["check"] == ON and event["kind"] in {"REGRESSED", "RECOVERED"} and "person-" in who:
            on = self.cloud.switched[int(who.rpartition("-")[2])]
            self._must(on is (event["kind"] == "RECOVERED"), f"{who} switched it {'on' if on else 'off'}")

    def _told_directly(self, document: Json) -> None:
        """A message without the table is sent once for each cause in an environment, and only if it is true."""
        self.direct.append(document)
        TRIED["messages without a commit"] += 1
        what = document["trouble"] and document["trouble"]["what"]
        table, schema = self.cloud, self.cloud.rows.get("STATE", {}).get("schema", {})
        so = {
            "TABLE_DELETED": not table.exists,
            "CANNOT_RECORD": self.was_away or self.crashed or not table.exists,
            "TABLE_UNUSABLE": self.was_away,
            "NEWER_RELEASE": schema == {"N": "3"},
        }
        self._must(so.get(what, False), f"{what} was told directly, and is not so")
        if what == "NEWER_RELEASE":
            self._told_after_rollback(document)

    def _told_after_rollback(self, document: Json) -> None:
        """The same failures of the same table are reported once.

        A run that cannot read the TableId takes the one in memory: after a restore, that of the former table.
        """
        table = self.cloud
        remembered = str(decode_item(table.rows["STATE"])["tableId"])
        table_id = table.table_id if PROTECTION in table.looking else remembered
        failing = frozenset(event["check"] for event in document["events"])
        before = self.rolled_back.get(table.stepping)
        again = before is not None and before[:2] == (table_id, failing)
        self._must(not again or self.crashed or table.uncertain, "the same was told twice after a rollback")
        at = datetime.fromisoformat(document["at"])
        self.rolled_back[table.stepping] = RollbackReport(table_id, failing, at)

    def _forget_rollbacks(self) -> None:
        """The row of a report is deleted after 30 days; then the same can be reported again."""
        for release, report in tuple(self.rolled_back.items()):
            expired = self.cloud.now - report.at >= ROLLBACKS_LIVE
            if expired and f"{ROLLBACK}#{release}" not in self.cloud.rows:
                del self.rolled_back[release]

    # The end

    def finish(self) -> None:
        """All is there again, and the newest release runs undisturbed: then people must know how things are."""
        cloud = self.cloud
        cloud.away.clear()
        cloud.refusing = cloud.denying = cloud.late = False
        for run in tuple(self.alive):
            self._complete(run)
        if not cloud.exists:
            self.restore(former=False)
        self.deploy(NEWEST, at_once=True)
        cloud.rows.pop(f"STATE#WAIVER#{ON}", None)
        while cloud.waiting:
            self._pass(60)
            self.run_undisturbed(cloud.waiting.pop(0))
        for _ in range(5 if "STATE#PAUSE" in cloud.rows else 4):
            self._pass(7 * 3_600)
            self.run_undisturbed()
        self._paged()
        self._kept()

    def run_undisturbed(self, *bodies: str) -> None:
        """Nothing comes between its calls."""
        self.start(LONG, *bodies)
        self._complete(self.alive[-1])

    def _complete(self, run: Invocation) -> None:
        while not run.over:
            run.step()
        self._ended(run)

    def sent(self) -> list[Json]:
        """The messages that were sent from the outbox, in order."""
        documents = [json.loads(json.loads(each["Message"])["https"]) for each in self.cloud.published]
        return [each for each in documents if each["id"] in self.cloud.recorded]

    def _kept(self) -> None:
        said = self.sent()
        sent = [each["id"] for each in said]
        order = sorted(self.cloud.recorded, key=self.cloud.recorded.__getitem__)
        owed = {each for each in order if each.partition("/")[0] == self.cloud.table_id}
        self._must(owed <= {*sent}, f"a page was lost: {sorted(owed - {*sent})}")
        self._must(not self._waiting(), f"a message was never delivered: {self._waiting()}")
        ours = [each for each in sent if each in owed]
        self._must([*dict.fromkeys(ours)] == [each for each in order if each in owed], "told in another order")
        exactly = self.crashed or self.cloud.uncertain
        self._must(exactly or len(sent) == len({*sent}), "published twice without a crash")
        self._troubles({each["id"]: each for each in said}.values())
        self._truth(said)
        self._on_the_bus(said)

    def _on_the_bus(self, said: Iterable[Json]) -> None:
        """A bus that never failed has each change that people were told."""
        reached = {each["id"]: each["change"] for each in self.cloud.bus}
        told = {f"{each['id']}/{number}": event for each in said for number, event in enumerate(each["events"])}
        missing = [] if self.bus_failed else [key for key, event in told.items() if reached.get(key) != event]
        self._must(not missing, f"changes did not reach the bus: {missing}")
        TRIED["events on the bus"] += len(self.cloud.bus)

    def _troubles(self, said: Iterable[Json]) -> None:
        troubles = [each["trouble"]["what"] for each in said if each["trouble"]]
        begun = sum(each["kind"] == "WATCHING" for each in said)
        moved = self.was_downgraded and self.cloud.restored
        allowed = {"TABLE_REPLACED", *(["MEMORY_DAMAGED", "MEMORY_DELETED"] if moved else [])}
        self._must({*troubles} <= allowed, f"troubles were told: {troubles}")
        self._must(len(troubles) <= self.cloud.restored, f"troubles were told: {troubles}")
        self._must(begun <= 1, f"monitoring started {begun} times")

    def _truth(self, said: Iterable[Json]) -> None:
        """A window that no longer applies is held as it was told. A damaged message can have been a warning."""
        told, truth = heard(said), self.cloud.truth
        warned = not any(map(is_replacement, said))
        for check in (ON, *([PROTECTION] if warned else []), *([WINDOW] if self.cloud.recovering else [])):
            self._must(told[check] == truth[check], f"{check} is {truth[check]}, and people were told {told[check]}")

    def _waiting(self) -> list[str]:
        return [key for key in self.cloud.rows if key.startswith("OUTBOX#")]


class ForgedWorld(Forged, World):
    """The same while the rows are attacked. The memory is audited by what is told, because it can be forged."""

    cloud: Services

    def __init__(self, seed: int = 0) -> None:
        """As `World`."""
        World.__init__(self, seed)

    def _key(self) -> None:
        """With another key the row of a rollback is void, and the same failures can be reported again."""
        super()._key()
        self.cloud.uncertain = True

    def _deny(self) -> None:
        super()._deny()
        self.was_away = True

    def _remembered(self, commit: Commit, seen: Mapping[str, str]) -> None: ...

    def _kept(self) -> None:
        said = self.sent()
        documents = [json.loads(json.loads(each["Message"])["https"]) for each in self.cloud.published]
        subjects = [each["Subject"] for each in self.cloud.published]
        self._must(FORGED not in str([*subjects, *map(texts, documents)]), "a forged message was sent")
        self._must(not self._waiting(), f"a message was never delivered: {self._waiting()}")
        owed = {each for each in self.cloud.recorded if each.partition("/")[0] == self.cloud.table_id}
        lost = set() if self.key_deleted else owed - self.touched - {each["id"] for each in said}
        self._must(not lost, f"a page was lost: {sorted(lost)}")
        self._truth(said)


def failing(known: Mapping[str, Any]) -> dict[str, str]:
    """The statuses in a memory; what has no entry passes."""
    return {resource: each["status"] for resource, each in known.items() if each["status"] != "PASS"}


def heard(said: Iterable[Json]) -> dict[str, str]:
    """Return the status of each check that people know from the messages that were sent."""
    thought = {ON: "PASS", WINDOW: "PASS", PROTECTION: "PASS"}
    for document in {each["id"]: each for each in said}.values():
        if document["trouble"] and document["trouble"]["what"] in RESETS:
            thought = dict.fromkeys(thought, "PASS")
        if is_replacement(document):
            thought = {check: "PASS" if status == "FAIL" else status for check, status in thought.items()}
        for event in document["events"]:
            if event["differences"]:
                thought[event["check"]] = plain(event["differences"][-1]["status_after"])
    return thought


def is_replacement(document: Json) -> bool:
    """Return True for a message in place of damaged ones. It names all that fails, and no warnings."""
    return bool(document["trouble"]) and document["trouble"]["what"] == "ALERTS_DAMAGED"


def told_by(rows: Mapping[str, Item]) -> dict[str, str]:
    """Return the status of each check that people were told, by the memory in these rows; PASS if there is none.

    Empty if the memory is forged: the next run says so, and reports all that fails.
    """
    try:
        memories = decode_item(rows["STATE#CHECKS"])["checks"] if "STATE#CHECKS" in rows else {}
        statuses = {
            check: [each["status"] for each in memory.get("told", {}).values()] for check, memory in memories.items()
        }
    except (KeyError, TypeError, AttributeError):
        return {}
    return {check: plain(next(iter(statuses.get(check, ())), "PASS")) for check in (ON, WINDOW, PROTECTION)}


def plain(status: str) -> str:
    """Return the status as it is told: nobody hears of a change from PASS to NOT_APPLICABLE, or back."""
    return "PASS" if status == "NOT_APPLICABLE" else status


def former_rows(rows: Mapping[str, Item]) -> dict[str, Item]:
    """The same in schema 1: one row for the memory, and no signature."""
    plain = {key: decode_item(row) for key, row in rows.items() if key != "STATE#CHECKS"}
    head = plain.get("STATE")
    if head is not None:
        memory = decode_item(rows["STATE#CHECKS"])
        moving = {check: {"carry": carry} for check, carry in head.pop("moving", {}).items()}
        looked = {"lookedAt": head.pop("countedAt", head["verifiedAt"])}
        checks = {check: {**each, **moving.get(check, {}), **looked} for check, each in memory["checks"].items()}
        head.pop("checksVersion")
        kept: dict[str, Any] = {name: memory[name] for name in ("signs", "calls", "unnamed") if name in memory}
        plain["STATE"] = {**head, **kept, "checks": checks}
    return {
        key: encode_item({**{name: each for name, each in row.items() if name != "mac"}, "schema": 1})
        for key, row in plain.items()
        if not key.startswith(("STATE#FACT#", "ROLLBACK#"))
    }
