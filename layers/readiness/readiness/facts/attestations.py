"""What people attested of the table where no API shows it."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from readiness.facts.table import Table
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
class Attestations(Given):
    """All of this table, whether they still hold or not."""

    on: ClassVar[tuple[type, ...]] = (Table,)

    words: tuple[Attested, ...]

    def of(self, rule: str) -> list[Attested]:
        """What was attested of a rule, the newest first."""
        return sorted((word for word in self.words if word.rule == rule), key=lambda word: word.at, reverse=True)
