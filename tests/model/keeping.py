"""Random histories of whole runs in which an answer is kept: a light that is switched, of which a change event tells.

The event arrives late, again after a run that was killed or could commit nothing, and together with others. What is
promised: after a run has recorded the event, no run that reads the memory later commits a verdict that rests on an
answer from before the event; and a switch is told only after the light itself was read a second time.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError

from readiness.aws.client import Aws
from readiness.changes.call import ApiCall
from readiness.engine.fact import Keeps, fact
from readiness.engine.rule import Rule, Severity, Verdict, failed, passed
from readiness.facts.dynamodb.table import Table
from readiness.model import Fact
from readiness.run import Trigger
from readiness.state.store import ENDED
from readiness.state.store.wire import decode_item
from tests.model.cloud import Clients, Cloud, Item
from tests.model.whole import LONG, WATCHED, History, Invocation, KilledError, forget_environment

APART = timedelta(seconds=50)

rule = Rule("9.9", "Light", Severity.MEDIUM, "https://lights.example")
LIT = "keeping/lit"


class Light(Fact):
    """The light, and how often it was switched before it was read."""

    stored_as = "ModelLight"

    on: bool
    switched: int


@fact("kms:DescribeKey", events=("kms:DisableKey",), keeps=Keeps(timedelta(days=1)))
def light(aws: Aws, table: Table) -> Light:  # noqa: ARG001  there is one at each table
    """Read the light as it is."""
    return Light(**aws.client("kms").describe_light())  # type: ignore[attr-defined]  # the cloud has it


@rule.check(confirm=2)
def lit(light: Light) -> Verdict:
    """Is the light on?"""
    verdict = passed if light.on else failed
    return verdict("the light was read", watched={"switched": light.switched})


RULES = (*WATCHED, rule)


@dataclass
class Lighted(Cloud):
    """`readings` are when the light was read, and what was read. `told` counts the switches of recorded events.

    `floors` are, for each commit, the switches that were recorded when its run read the memory.
    """

    on: bool = True
    switched: int = 0
    readings: list[tuple[datetime, bool]] = field(default_factory=list)
    told: int = 0
    floors: list[int] = field(default_factory=list)

    def switch(self) -> None:
        self.on, self.switched = not self.on, self.switched + 1

    def describe_light(self) -> dict[str, Any]:
        self.readings.append((self.now, self.on))
        return {"on": self.on, "switched": self.switched}

    def _put(self, key: str, item: Item) -> None:
        super()._put(key, item)
        if key.startswith(ENDED):
            self.told = max([self.told, *(int(name) for call in decode_item(item)["calls"] for name in call["names"])])


class Reader(Clients):
    """The clients of one run: `floor` are the switches whose events were recorded when it read the memory last.

    A run that comes to its commit has recorded its events, unless a call of it was `lost`.
    """

    floor = 0
    lost = False

    def __getattr__(self, name: str) -> Any:
        call = getattr(self.cloud, name)
        if name.startswith("describe"):
            return call

        def gated(**asked: Any) -> Any:
            self._comes_to(name, asked)
            try:
                self.gate(name)
                answer = self._noted(name, call, asked)
                self.gate(f"{name} answered")
            except BotoCoreError:
                self.lost = True
                raise
            return answer

        return gated

    def _noted(self, name: str, call: Callable[..., Any], asked: Mapping[str, Any]) -> Any:
        cloud: Lighted = self.cloud  # type: ignore[assignment]  # it has a light
        if name == "query" and asked["ExpressionAttributeValues"].get(":prefix") == {"S": "STATE"}:
            self.floor = cloud.told
        commits = len(cloud.commits)
        answer = call(**asked)
        cloud.floors += [self.floor] * (len(cloud.commits) - commits)
        return answer

    def _comes_to(self, name: str, asked: Mapping[str, Any]) -> None:
        cloud: Lighted = self.cloud  # type: ignore[assignment]  # likewise
        if name == "transact_write_items" and self.switches and not self.lost:
            written = (each["Put"]["Item"]["SK"]["S"] for each in asked["TransactItems"] if "Put" in each)
            cloud.told = max(cloud.told, *self.switches) if "STATE" in written else cloud.told

    @property
    def switches(self) -> list[int]:
        """Those of the events that started the run."""
        trigger: Trigger | None = self.gate.__self__.trigger  # type: ignore[attr-defined]  # it is an invocation's
        return [int(name) for call in trigger.calls for name in call.names] if trigger else []


@dataclass
class Keeping(History):
    """A history with a light. `due` are the events that SQS has not delivered to a run that ended well."""

    cloud: Lighted = field(default_factory=Lighted)
    due: list[int] = field(default_factory=list)
    _on_schedule: bool = False
    told_by: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def live(self, steps: int) -> None:
        """Random steps, then quiet runs with all events that are due."""
        forget_environment()
        for _ in range(steps):
            self._happens()
        for run in tuple(self.alive):
            self._kill(run)
        self.cloud.refusing = False
        self.cloud.rows.pop("STATE#PAUSE", None)
        if self.seed % 2:
            self._stopped_at_its_commit()
        for _ in range(2):
            for _ in range(3):
                self._runs_after(timedelta(minutes=1))
            self._switch()
        self._runs_after(timedelta(minutes=1))
        self._light_kept()

    def _stopped_at_its_commit(self) -> None:
        """A run keeps an answer, the light is switched, and the run of the event does not come to its end."""
        self._runs_after(timedelta(minutes=1))
        self._switch()
        run = self._begin(LONG)
        while not run.over and not (run.at == "transact_write_items" and self.cloud.told == self.cloud.switched):
            run.step()
        if run.over:
            self._ended(run)
        else:
            self._kill(run)
        self._on_schedule = True
        self._runs_after(timedelta(minutes=1))

    def _happens(self) -> None:
        match self.random.randrange(12):
            case 0:
                self._switch()
            case 1 if self.cloud.on and self.random.random() < 0.5:
                self._pass(55)
            case _:
                super()._happens()

    def _switch(self) -> None:
        self.cloud.switch()
        self.due.append(self.cloud.switched)
        self._note("the light is", "switched on" if self.cloud.on else "switched off")

    def _invoke(self, name: str, lasts: timedelta) -> Invocation:
        """Every second run is started by the events that are due, if there are any."""
        scheduled, self._on_schedule = self._on_schedule or (self.alive and self.random.random() < 0.5), False
        told = () if scheduled else tuple(self.due)
        calls = [
            ApiCall(f"{each:08}", "kms.amazonaws.com", "DisableKey", self.cloud.now, names=(str(each),))
            for each in told
        ]
        trigger = Trigger("change", name, calls) if told else None
        self.told_by[name] = told
        return Invocation(self.cloud, name, lasts, rules=RULES, trigger=trigger, reader=Reader)

    def _event(self, switch: int) -> ApiCall:
        return ApiCall(f"{switch:08}", "kms.amazonaws.com", "DisableKey", self.cloud.now, names=(str(switch),))

    def _ended(self, run: Invocation) -> None:
        """SQS delivers an event again unless its run ended well; what could not be committed is asked for again."""
        super()._ended(run)
        if run.over and all(outcome.committed for outcome in run.results) and not isinstance(run.fate, KilledError):
            self.due = [each for each in self.due if each not in self.told_by[run.name]]

    def _light_kept(self) -> None:
        cloud, before = self.cloud, None
        for commit, floor in zip(cloud.commits, cloud.floors, strict=True):
            memory = commit.memory["checks"][LIT]
            known, told = (_only(memory.get(name, {})) for name in ("known", "told"))
            if known and not memory.get("blind"):
                self._must(known["watched"]["switched"] >= floor, "a verdict rests on an answer that an event ended")
            if told and before and told["status"] != before["status"]:
                since = datetime.fromisoformat(known["since"])
                read = any(at >= since + APART and on is (told["status"] == "PASS") for at, on in cloud.readings)
                self._must(read, "a switch was confirmed by the answer that caused it")
            before = told
        last = _only(cloud.commits[-1].memory["checks"][LIT]["known"])
        self._must(last["watched"]["switched"] == cloud.switched, "the last verdict is not about the light as it is")


def _only(known: Mapping[str, Any]) -> Any:
    """The light of one table; of a table that was replaced nothing is known any more."""
    return next(iter(known.values()), None)
