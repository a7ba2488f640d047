"""The start of every command: its tables and its account."""

from pathlib import Path
from typing import NamedTuple

from readiness.aws.client import Aws, connect
from readiness.checklist import Settings, defaults
from readiness.checklist.file import load
from readiness.report.foot import DEFAULTS
from readiness.rules import RULES
from readiness.scan import assert_expected

FOUND = Path("checklist.toml")
"""The checklist file of the current folder."""


class ChosenSettings(NamedTuple):
    """The settings of a command, and their source for reports: the checklist file, or `DEFAULTS`."""

    settings: Settings
    source: str


def settings_for(table: str, config: Path | None) -> Settings:
    """Return the settings that `chosen_settings` returns."""
    return chosen_settings(table, config).settings


def chosen_settings(table: str, config: Path | None) -> ChosenSettings:
    """Return the settings of the checklist file, or the defaults; only those of one table if a table is named.

    Without `config`, the file `checklist.toml` of the current folder is used if it names the table. ChecklistError: the
    file has mistakes.
    """
    if config is None and FOUND.exists():
        found = load(FOUND, [rule.id for rule in RULES])
        if not table or any(each.name == table for each in found.tables):
            return ChosenSettings(found.only(table) if table else found, f"./{FOUND}")
    elif config is not None:
        settings = load(config, [rule.id for rule in RULES], table)
        return ChosenSettings(settings.only(table) if table else settings, str(config))
    return ChosenSettings(defaults(table) if table else Settings(), DEFAULTS)


def selecting(table: str, config: Path | None) -> str:
    """Return the table if a command needs `--table` to select it, else an empty string."""
    named = chosen_settings("", config).settings.tables
    return "" if [each.name for each in named] == [table] else table


def account_for(settings: Settings, *, complete: bool = False) -> Aws:
    """Connect with boto3's configuration. CannotStart: account or Region differ from the checklist's.

    `complete` is for commands that make other calls than a run does.
    """
    aws = connect(complete=complete)
    assert_expected(aws, settings)
    return aws
