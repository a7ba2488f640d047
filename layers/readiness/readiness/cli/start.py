"""The start of every command: its tables and its account."""

from pathlib import Path

from readiness.aws.client import Aws, connect
from readiness.checklist import Settings, defaults
from readiness.checklist.file import load
from readiness.rules import RULES
from readiness.run import assert_expected


def settings_for(table: str, config: Path | None) -> Settings:
    """Return the checklist file's settings, or the defaults; only one table's if a table is named."""
    if config is None:
        return defaults(table) if table else Settings()
    settings = load(config, [rule.id for rule in RULES], table)
    return settings.only(table) if table else settings


def judged_by(config: Path | None) -> str:
    """Return the source of the settings, for reports."""
    return str(config) if config else "built-in defaults"


def account_for(settings: Settings) -> Aws:
    """Connect with boto3's configuration. CannotStart: account or Region differ from the checklist's."""
    aws = connect()
    assert_expected(aws, settings)
    return aws
