"""Records of people: where they are stored, the confirmation before, and the validation of their fields."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec import convert

from readiness.aws.answer import Answer
from readiness.aws.client import Aws
from readiness.aws.time import minute
from readiness.checklist import Settings
from readiness.cli.exits import Exit, Failed, Usage
from readiness.cli.failures import stored
from readiness.cli.start import account_for, chosen_settings
from readiness.cli.terminal import agreed, say
from readiness.printable import line
from readiness.state.people import Word
from readiness.state.store import Rows, Store, place_of, read, sort_key_of, store_of, words
from readiness.state.store.errors import explained
from readiness.state.store.rows import Write
from readiness.state.table_id import known


def command_tables(
    table: str, config: Path | None, *, yes: bool = False, dry_run: bool = False
) -> "Iterator[CommandTable]":
    """Return the tables of a command. Usage and CannotStart as `settings_for` and `account_for` raise them."""
    settings, source = chosen_settings(table, config)
    aws = account_for(settings)
    return (CommandTable(aws, settings.only(each.name), yes, dry_run, source) for each in settings.tables)


@dataclass(frozen=True)
class CommandTable:
    """One table of a command, its confirmation options, and the source of its settings."""

    aws: Aws
    settings: Settings
    yes: bool
    dry_run: bool
    source: str = ""

    @property
    def name(self) -> str:
        """The name of the table."""
        return self.settings.tables[0].name

    @property
    def store(self) -> Store:
        """The store of the table."""
        return store_of(self.aws, self.settings.tables[0], writer="cli")

    @property
    def rows(self) -> Rows:
        """The items of Readiness in the table."""
        return self.store.rows

    @property
    def table_id(self) -> str:
        """The TableId, which ties a record to this table and not to a later one of its name. StoreUnavailable."""
        with explained("dynamodb:DescribeTable"):
            described = self.aws.client("dynamodb").describe_table(TableName=self.name)
            return known(Answer(described, "dynamodb:DescribeTable").part("Table").get("TableId", str))

    def agreed(self, action: str, end: str) -> bool:
        """Ask for confirmation, naming the table between `action` and `end`, and return the answer."""
        question = f"{action} on {self.name} in account {self.aws.account}, {self.aws.region}{end}"
        return agreed(question, yes=self.yes, dry_run=self.dry_run)

    def record(
        self, record: Callable[..., Word], action: str, result: str, on: Callable[[], Sequence[Write]] = tuple
    ) -> None:
        """Ask for confirmation and store the record in place of the one that the question shows.

        `record` is called with author and time. `on` is called after the confirmation, for further write conditions.
        """
        with stored(self.name):
            annotation = record(by=self.aws.who, at=datetime.now(UTC), table_id=self.table_id)
            former = self._stored(sort_key_of(annotation))
        instead = f", replacing the record {_by(former)}" if former else ""
        if self.agreed(action, instead):
            with stored(self.name):
                words.say(self.rows, annotation, former, on())
            say(f"{self.name}: {result}")

    def withdraw(self, kind: type[Word], *about: str, action: str, missing: str, result: str) -> None:
        """Ask for confirmation and withdraw the record that the question shows; print `missing` if there is none."""
        with stored(self.name):
            former = self._stored(place_of(kind, *about))
        if former is None:
            say(f"{self.name}: {missing}")
        elif self.agreed(action, f", recorded {_by(former)}"):
            with stored(self.name):
                words.withdraw(self.rows, former, words.Speaker(self.aws.who, datetime.now(UTC)))
            say(f"{self.name}: {result}")

    def _stored(self, sort_key: str) -> words.Row | None:
        """Return the stored item. Failed: it is not in the format of Readiness, so its author is not known."""
        row = self.rows.get(sort_key)
        if row is not None and read(sort_key, row) is None:
            text = f"{self.name}: item {sort_key} is not in the format of Readiness: correct it or delete it"
            raise Failed(Exit.CANNOT_START, text)
        return row


def limited(until: datetime, limit: timedelta, span: str, setting: str) -> str:
    """Return what a command says of an end that is further ahead than the limit; empty if it is not."""
    if until - datetime.now(UTC) <= limit:
        return ""
    return f" (at most {span} from the next run on: {setting})"


def needed(option: str, typed: Any, *, withdraw: bool) -> None:
    """Check that the option is given exactly if the record is not withdrawn. Usage: it is not."""
    if withdraw and typed is not None:
        raise Usage(f"{option} cannot be used with --withdraw")
    if not withdraw and typed is None:
        raise Usage(f"{option} is missing (or use --withdraw to withdraw the record)")


def _by(former: words.Row) -> str:
    at = convert(former["at"], datetime)  # it reads forms that `fromisoformat` does not
    return f"by {line(former['by'])} on {minute(at)}"
