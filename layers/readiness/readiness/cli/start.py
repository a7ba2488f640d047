"""The start of every command: its rules, its tables and its account."""

import difflib
from collections.abc import Collection, Sequence
from pathlib import Path

from readiness.aws.client import Aws, connect
from readiness.checklist import Settings, defaults
from readiness.checklist.file import load
from readiness.cli.exits import Usage
from readiness.engine.rule import Check, Rule
from readiness.rules import ASKED, RULES
from readiness.run import assert_expected


def chosen(ids: Sequence[str]) -> list[Rule]:
    """Return the rules of these ids in checklist order; all rules if there are no ids. Usage: an id is unknown."""
    known = [rule.id for rule in ASKED]
    for name in ids:
        if name not in known:
            raise Usage(f"unknown rule {name!r}{nearest(name, known)}")
    return [rule for rule in ASKED if not ids or rule.id in ids]


def check_of(name: str) -> Check:
    """Return the check of this id. Usage: the id is unknown."""
    (rule,) = chosen([name.partition("/")[0]])
    found = next((check for check in rule.checks if check.id == name), None)
    if found is None:
        raise Usage(f"unknown check {name!r}{nearest(name, [check.id for check in rule.checks])}")
    return found


def nearest(name: str, known: Collection[str]) -> str:
    """Return the known name nearest to `name`, or all known names if none is near."""
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; expected one of {', '.join(known)}"


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
