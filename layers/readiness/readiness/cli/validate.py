"""`readiness validate`."""

import tomllib
from collections.abc import Sequence
from pathlib import Path

from readiness.checklist import ChecklistError
from readiness.checklist.file import load, outdated
from readiness.cli.exits import Exit, Usage
from readiness.cli.terminal import say
from readiness.rules import RULES


def run(configs: Sequence[Path]) -> Exit:
    """Print the tables of each file, its owners, and the settings that have no effect. Usage: a file has errors."""
    errors = []
    for config in configs:
        try:
            _print(config)
        except ChecklistError as error:
            errors.append(str(error))
    if errors:
        raise Usage("\n".join(errors))
    return Exit.OK


def _print(config: Path) -> None:
    settings = load(config, [rule.id for rule in RULES])
    tables = ", ".join(table.name for table in settings.tables)
    named = "tables" in tomllib.loads(config.read_text(encoding="utf-8"))
    monitors = f"monitors {tables}" if named else f"names no table; the defaults of {tables} apply"
    owned = sum(1 for rule in RULES if settings.owner(rule.id))
    say(f"{config}: valid: {monitors}; {owned} of {len(RULES)} items have an owner")
    for line in outdated(settings):
        say(f"{config}: {line}")
