"""What people attested of the table where no API shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from readiness.fact import fact
from readiness.facts.table import Table, TableDescription
from readiness.model import Given


@dataclass(frozen=True)
class Attested:
    """One statement about a rule: who made it, when, until when it holds, and the evidence, in prose or as a record."""

    rule: str
    by: str
    at: datetime
    until: datetime
    evidence: str


@dataclass(frozen=True)
class OnRecord(Given):
    """All that was said under the table's name, by the `TableId` of the table that it was said of."""

    on: ClassVar[tuple[type, ...]] = (Table,)

    words: Mapping[str, tuple[Attested, ...]]


@dataclass(frozen=True)
class Attestations:
    """All of this very table, whether they still hold or not."""

    words: tuple[Attested, ...]

    def of(self, rule: str) -> list[Attested]:
        """What was attested of a rule, the newest first."""
        return sorted((word for word in self.words if word.rule == rule), key=lambda word: word.at, reverse=True)


@fact()
def attestations(on_record: OnRecord, description: TableDescription) -> Attestations:
    """Which table of the name it is, is known only where it is described."""
    return Attestations(on_record.words.get(description.table_id, ()))
