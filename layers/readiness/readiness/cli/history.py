"""`readiness history`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from readiness.cli.exits import Exit
from readiness.cli.failures import stored
from readiness.cli.names import named
from readiness.cli.records import CommandTable, command_tables
from readiness.cli.terminal import say
from readiness.report import history
from readiness.state.store.words import HISTORY

SINCE_EVER = datetime(1, 1, 1, tzinfo=UTC)
READ = ("DRIFT#", "ATTEMPT#", "STATE#", f"{HISTORY}#")


def run(
    since: datetime | None,
    rule: str,
    format: Literal["text", "json"],  # noqa: A002  as the option is called
    table: str,
    config: Path | None,
) -> Exit:
    """Print the changes and records of each table; write nothing."""
    about = named(rule).id if rule else ""
    tables = [_table_history(table, since or SINCE_EVER, about) for table in command_tables(table, config)]
    say(history.as_json(tables) if format == "json" else history.as_text(tables))
    return Exit.OK


def _table_history(table: CommandTable, since: datetime, about: str) -> history.TableHistory:
    with stored(table.name):
        table_id = table.table_id
        rows = {table.rows.sort_key_of(row): row for prefix in READ for row in table.rows.query(prefix)}
    subject = history.HistorySubject(table.name, table_id, table.aws.account, table.aws.region)
    return history.table_history(subject, rows, since, about)
