"""Attestations, statements of people about a table where no API shows the fact, alarm drills among them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar

import msgspec
from msgspec import Struct

from readiness.engine.fact import fact
from readiness.facts.dynamodb.table import Table, TableDescription
from readiness.facts.recorded import attested
from readiness.model import Fact, Given
from readiness.state.table_id import another


class Attested(Struct, frozen=True):
    """An attestation of a rule: its author, its time, its expiry, and its evidence, as prose or JSON."""

    rule: str
    by: str
    at: datetime
    until: datetime
    evidence: str

    def record(self) -> attested.Record | None:
        """Return the evidence as a record; None where it is prose or cannot be decoded."""
        return attested.read(self.rule, self.evidence)


class OnRecord(Given, Fact):
    """All attestations under the table's name, by the TableId that they were made for."""

    on: ClassVar[tuple[type, ...]] = (Table,)

    words: Mapping[str, tuple[Attested, ...]]


class Attestations(Fact):
    """Attestations of this table, valid or expired. Those of another table with the same name are void."""

    words: tuple[Attested, ...]

    def of(self, rule: str) -> list[Attested]:
        """Return the attestations of a rule, the newest first."""
        return sorted((word for word in self.words if word.rule == rule), key=lambda word: word.at, reverse=True)


@fact()
def attestations(on_record: OnRecord, description: TableDescription) -> Attestations:
    """Return the attestations with the TableId of the table. They are read before the table is described."""
    if not on_record.words:
        return Attestations(())
    this = description.table_id
    said = (words for about, words in on_record.words.items() if not another(about, this))
    return Attestations(tuple(word for words in said for word in words))


ATTESTED = "alarms-wired"
"""The rule of which a drill is an attestation."""

HOLDS = timedelta(days=180)
"""The validity of a drill: people, telephone numbers and subscriptions change."""


class Drill(Struct, frozen=True):
    """A drill of an alarm by a person, an ARN. `delivered`: each action was; None where that is not known."""

    alarm: str
    alarm_arn: str
    at: datetime
    by: str
    delivered: bool | None


class Drills(Fact):
    """All recorded drills, the newest last, expired ones included."""

    made: tuple[Drill, ...]


@fact()
def drills(attestations: Attestations) -> Drills:
    """Return the drills that were attested for this table."""
    told = (drilled(word.evidence) for word in attestations.of(ATTESTED))
    return Drills(tuple(sorted(filter(None, told), key=lambda drill: drill.at)))


def drilled(evidence: str) -> Drill | None:
    """Return the drill in the evidence of an attestation, as JSON; None where it is something else."""
    try:
        return msgspec.json.decode(evidence, type=Drill)
    except msgspec.MsgspecError:
        return None
