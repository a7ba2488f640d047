"""What people put on record: where it goes, what is asked before, and what of it can't be right."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from readiness.alerts.words import line
from readiness.aws.answer import Answer
from readiness.aws.client import Aws
from readiness.checklist import Settings, TableSettings
from readiness.cli.exits import Exit, Failed, Usage
from readiness.cli.start import account_for, settings_for
from readiness.cli.store import written
from readiness.cli.terminal import agreed, say
from readiness.state.people import Word
from readiness.state.store import Rows, Store, read, store_of, words
from readiness.state.store.errors import explained
from readiness.state.store.rows import Write
from readiness.state.table_id import known

LONGEST = 1000
"""Characters of what a person writes: it is shown whole, in reports and messages."""


@dataclass(frozen=True)
class Where:
    """Which tables, and whether to ask. Who speaks is whoever the credentials are of."""

    table: str
    config: Path | None
    yes: bool = False
    dry_run: bool = False

    def places(self) -> "Iterator[Place]":
        """The tables. Usage, CannotStart."""
        settings = settings_for(self.table, self.config)
        aws = account_for(settings)
        return (Place(aws, settings.only(table.name), self.yes, self.dry_run) for table in settings.tables)


@dataclass(frozen=True)
class Place:
    """One table, in whose rows a word is put on record."""

    aws: Aws
    settings: Settings
    yes: bool
    dry_run: bool

    @property
    def table(self) -> TableSettings:
        """The one that the settings are about."""
        return self.settings.tables[0]

    def __str__(self) -> str:
        """As every question names it."""
        return f"{self.table.name} in account {self.aws.account}, {self.aws.region}"

    @property
    def store(self) -> Store:
        """What the table remembers."""
        return store_of(self.aws, self.table, writer="cli")

    @property
    def rows(self) -> Rows:
        """Ours, in the table."""
        return self.store.rows

    @property
    def table_id(self) -> str:
        """A word is about this very table, not about the next one of that name, where AWS tells. StoreUnavailable."""
        with explained("dynamodb:DescribeTable"):
            described = self.aws.client("dynamodb").describe_table(TableName=self.table.name)
            return known(Answer(described, "dynamodb:DescribeTable").part("Table").get("TableId", str))

    def agreed(self, what: str) -> bool:
        """Whether whoever is asked wants it."""
        return agreed(what, yes=self.yes, dry_run=self.dry_run)

    def record(
        self, word: Callable[..., Word], what: str, then: str, on: Callable[[], Sequence[Write]] = tuple
    ) -> None:
        """Ask, and write the word down over what the question shows of the former one.

        `word` is told who says it, and when. `on` makes the conditions it stands on, once it is agreed.
        """
        with written(self.table.name):
            said = word(by=self.aws.who, at=datetime.now(UTC), table_id=self.table_id)
            former = self._said(words.sort_key_of(said))
        instead = f", in place of what was said {_by(former)}" if former else ""
        if self.agreed(f"{what} on {self}{instead}"):
            with written(self.table.name):
                words.say(self.rows, said, former, on())
            say(f"{self.table.name}: {then}")

    def withdraw(self, kind: type[Word], *about: str, what: str, nothing: str, then: str) -> None:
        """Ask, and take the word back that the question shows; say so where there is none."""
        with written(self.table.name):
            former = self._said(words.place_of(kind, *about))
        if former is None:
            say(f"{self.table.name}: {nothing}")
        elif self.agreed(f"{what} on {self}, said {_by(former)}"):
            with written(self.table.name):
                words.withdraw(self.rows, former, words.Speaker(self.aws.who, datetime.now(UTC)))
            say(f"{self.table.name}: {then}")

    def _said(self, sort_key: str) -> words.Row | None:
        """Failed: somebody has edited it by hand, and who said what is not known any more."""
        row = self.rows.get(sort_key)
        if row is not None and read(sort_key, row) is None:
            text = f"{self.table.name}: {sort_key} can't be read as what Readiness writes: mend it or delete it"
            raise Failed(Exit.CANNOT_START, text)
        return row


def text(option: str, typed: str, expected: str) -> str:
    """What was typed, where it says something and is no longer than it can be shown. Usage."""
    if not line(typed):
        msg = f"{option}: is empty, expected {expected}"
        raise Usage(msg)
    if len(typed) > LONGEST:
        msg = f"{option}: found {len(typed)} characters, expected {LONGEST} at most"
        raise Usage(msg)
    return typed


def future(option: str, until: datetime) -> datetime:
    """An end that is yet to come. Usage."""
    now = datetime.now(UTC)
    if until <= now:
        msg = f"{option}: {minute(until)} is in the past, expected a time after {minute(now)}"
        raise Usage(msg)
    return until


def needed(option: str, typed: Any, *, withdraw: bool) -> None:
    """Usage: the option is missing, or says something of a word that is to be taken back."""
    if withdraw and typed is not None:
        msg = f"{option} goes not with --withdraw"
        raise Usage(msg)
    if not withdraw and typed is None:
        msg = f"{option} is missing (or --withdraw, to take back what was said)"
        raise Usage(msg)


def minute(at: datetime) -> str:
    """A time, as people write it."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _by(former: words.Row) -> str:
    at = datetime.fromisoformat(former["at"])
    return f"by {line(former['by'])} on {minute(at)}"
