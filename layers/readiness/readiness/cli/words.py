"""Records of people: where they are stored, the confirmation before, and the validation of their fields."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from readiness.alerts.words import line
from readiness.aws.answer import Answer
from readiness.aws.client import Aws
from readiness.aws.time import minute
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
"""Characters of a text that a person writes; reports and messages show all of it."""


@dataclass(frozen=True)
class Where:
    """The tables of a command, and its confirmation options. The author is the owner of the credentials."""

    table: str
    config: Path | None
    yes: bool = False
    dry_run: bool = False

    def places(self) -> "Iterator[Place]":
        """Return the tables. Usage and CannotStart as `settings_for` and `account_for` raise them."""
        settings = settings_for(self.table, self.config)
        aws = account_for(settings)
        return (Place(aws, settings.only(table.name), self.yes, self.dry_run) for table in settings.tables)


@dataclass(frozen=True)
class Place:
    """One table in which a record is stored."""

    aws: Aws
    settings: Settings
    yes: bool
    dry_run: bool

    @property
    def table(self) -> TableSettings:
        """The settings of this table."""
        return self.settings.tables[0]

    def __str__(self) -> str:
        """Return the table as questions name it."""
        return f"{self.table.name} in account {self.aws.account}, {self.aws.region}"

    @property
    def store(self) -> Store:
        """The store of the table."""
        return store_of(self.aws, self.table, writer="cli")

    @property
    def rows(self) -> Rows:
        """The items of Readiness in the table."""
        return self.store.rows

    @property
    def table_id(self) -> str:
        """The TableId, which ties a record to this table and not to a later one of its name. StoreUnavailable."""
        with explained("dynamodb:DescribeTable"):
            described = self.aws.client("dynamodb").describe_table(TableName=self.table.name)
            return known(Answer(described, "dynamodb:DescribeTable").part("Table").get("TableId", str))

    def agreed(self, what: str) -> bool:
        """Ask for confirmation and return the answer."""
        return agreed(what, yes=self.yes, dry_run=self.dry_run)

    def record(
        self, word: Callable[..., Word], what: str, then: str, on: Callable[[], Sequence[Write]] = tuple
    ) -> None:
        """Ask for confirmation and store the record in place of the one that the question shows.

        `word` is called with author and time. `on` is called after the confirmation, for further write conditions.
        """
        with written(self.table.name):
            said = word(by=self.aws.who, at=datetime.now(UTC), table_id=self.table_id)
            former = self._said(words.sort_key_of(said))
        instead = f", replacing the record {_by(former)}" if former else ""
        if self.agreed(f"{what} on {self}{instead}"):
            with written(self.table.name):
                words.say(self.rows, said, former, on())
            say(f"{self.table.name}: {then}")

    def withdraw(self, kind: type[Word], *about: str, what: str, nothing: str, then: str) -> None:
        """Ask for confirmation and withdraw the record that the question shows; print `nothing` if there is none."""
        with written(self.table.name):
            former = self._said(words.place_of(kind, *about))
        if former is None:
            say(f"{self.table.name}: {nothing}")
        elif self.agreed(f"{what} on {self}, recorded {_by(former)}"):
            with written(self.table.name):
                words.withdraw(self.rows, former, words.Speaker(self.aws.who, datetime.now(UTC)))
            say(f"{self.table.name}: {then}")

    def _said(self, sort_key: str) -> words.Row | None:
        """Return the stored item. Failed: it is not in the format of Readiness, so its author is not known."""
        row = self.rows.get(sort_key)
        if row is not None and read(sort_key, row) is None:
            text = f"{self.table.name}: item {sort_key} is not in the format of Readiness: correct it or delete it"
            raise Failed(Exit.CANNOT_START, text)
        return row


def text(option: str, typed: str, expected: str) -> str:
    """Return the text. Usage: it is empty or too long."""
    if not line(typed):
        msg = f"{option}: is empty, expected {expected}"
        raise Usage(msg)
    if len(typed) > LONGEST:
        msg = f"{option}: found {len(typed)} characters, expected {LONGEST} at most"
        raise Usage(msg)
    return typed


def future(option: str, until: datetime) -> datetime:
    """Return the time. Usage: it is in the past."""
    now = datetime.now(UTC)
    if until <= now:
        msg = f"{option}: {minute(until)} is in the past, expected a time after {minute(now)}"
        raise Usage(msg)
    return until


def needed(option: str, typed: Any, *, withdraw: bool) -> None:
    """Check that the option is given exactly if the record is not withdrawn. Usage: it is not."""
    if withdraw and typed is not None:
        msg = f"{option} cannot be used with --withdraw"
        raise Usage(msg)
    if not withdraw and typed is None:
        msg = f"{option} is missing (or use --withdraw to withdraw the record)"
        raise Usage(msg)


def _by(former: words.Row) -> str:
    at = datetime.fromisoformat(former["at"])
    return f"by {line(former['by'])} on {minute(at)}"
