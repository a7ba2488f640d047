"""One look: collect the facts that the checks need, and ask every check about them."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from readiness.aws.answer import lacking
from readiness.aws.client import Aws
from readiness.checklist import Settings
from readiness.engine.collect import Past, collect
from readiness.engine.evaluate import Judgement, evaluate
from readiness.engine.fact import source_of
from readiness.engine.rule import Check, Rule
from readiness.engine.snapshot import ROOT, Place, Snapshot
from readiness.facts.cloudtrail.change_rules import ChangeRoute
from readiness.facts.dynamodb.table import Table, TableDescription
from readiness.facts.recorded.now import Now
from readiness.model import Given, Gone, Unavailable

logger = logging.getLogger(__name__)


@dataclass
class Defects:
    """Keeps who raised an exception that no fact and no check should raise, and logs each with its traceback."""

    names: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many there were."""
        return len(self.names)

    def __call__(self, who: str, error: Exception) -> None:
        """`who` is the fact or the check that raised."""
        self.names.append(who)
        logger.error("%s failed", who, exc_info=error)


@dataclass(frozen=True)
class Look:
    """What was seen of one table at one instant. `table_id` is None where nobody could read it."""

    table: Table
    at: datetime
    judgement: Judgement
    snapshot: Snapshot
    table_id: str | None

    @property
    def missing(self) -> bool:
        """AWS says that the table does not exist."""
        return isinstance(self.snapshot.answer(TableDescription, self.judgement.home), Gone)

    @property
    def described(self) -> bool:
        """AWS says what the table is, though it may leave out its identity."""
        return isinstance(self.snapshot.answer(TableDescription, self.judgement.home), TableDescription)

    @property
    def saw(self) -> bool:
        """Something that AWS was asked was answered."""
        return any(
            answer is not None and not isinstance(answer, Unavailable)
            for identity, answers in self.snapshot.answers.items()
            if not issubclass(identity, Given) and source_of(identity).actions
            for answer in answers.values()
        )


@dataclass(frozen=True)
class Looking:
    """What every look of a run has in common. `deadline` is an instant of `time.monotonic`."""

    rules: Sequence[Rule]
    aws: Aws
    settings: Settings
    deadline: float = float("inf")
    defects: Defects = field(default_factory=Defects)

    @property
    def checks(self) -> list[Check]:
        """Of all its rules, in the order of the checklist."""
        return [check for rule in self.rules for check in rule.checks]

    def look(self, at: datetime, past: Past) -> Iterator[Look]:
        """Collect once, and judge every table of the checklist."""
        given: dict[type, Mapping[Place, Any]] = {
            Aws: {ROOT: self.aws},
            Settings: {ROOT: self.settings},
            Now: {ROOT: Now(at)},
            ChangeRoute: {ROOT: ChangeRoute()},
            **past.given,
        }
        snapshot = collect(self.checks, msgspec.structs.replace(past, given=given), self.deadline, self.defects)
        return self.judge(snapshot, at)

    def judge(self, snapshot: Snapshot, at: datetime) -> Iterator[Look]:
        """Ask every check about facts that are there already."""
        for judgement in evaluate(self.rules, snapshot, Table, self._names, self.defects):
            table = snapshot.answer(Table, judgement.home)
            description = snapshot.answer(TableDescription, judgement.home)
            yield Look(table, at, judgement, snapshot, _table_id(description))

    def _names(self, table: Table) -> Mapping[str, Any]:
        """What a remedy may name besides what was observed."""
        wanted = self.settings.only(table.name).tables[0]
        return {
            "table": table.name,
            "arn": table.arn,
            "account": table.account,
            "region": table.region,
            "ttl_attribute": wanted.ttl_attribute,
            "window_days": wanted.pitr.window_days,
        }


def _table_id(description: TableDescription | Unavailable | Gone) -> str | None:
    if not isinstance(description, TableDescription) or "table_id" in lacking(description):
        return None
    return description.table_id
