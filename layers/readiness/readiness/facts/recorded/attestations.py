"""What people attested of a table where no API shows it."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from msgspec import Struct

from readiness.engine.fact import fact
from readiness.facts.dynamodb.table import Table, TableDescription
from readiness.facts.recorded import attested
from readiness.model import Fact, Given
from readiness.state.table_id import another


class Attested(Struct, frozen=True):
    """One statement about a rule: who made it, when, until when it holds, and the evidence, in prose or as a record."""

    rule: str
    by: str
    at: datetime
    until: datetime
    evidence: str

    def record(self) -> attested.Record | None:
        """What the evidence holds in fields; None where it is prose, or not as it was written."""
        return attested.read(self.rule, self.evidence)


class OnRecord(Given, Fact):
    """All that was ever attested under the table's name, by the TableId of the table that it was said of."""

    on: ClassVar[tuple[type, ...]] = (Table,)

    words: Mapping[str, tuple[Attested, ...]]


class Attestations(Fact):
    """What was attested of this very table, whether it holds still or not; of another under its name all is void."""

    words: tuple[Attested, ...]

    def of(self, rule: str) -> list[Attested]:
        """What was attested of a rule, the newest first."""
        return sorted((word for word in self.words if word.rule == rule), key=lambda word: word.at, reverse=True)


@fact()
def attestations(on_record: OnRecord, description: TableDescription) -> Attestations:
    """A run reads the record before it looks, so only here is it known which table it is about."""
    if not on_record.words:
        return Attestations(())
    this = description.table_id
    said = (words for about, words in on_record.words.items() if not another(about, this))
    return Attestations(tuple(word for words in said for word in words))
