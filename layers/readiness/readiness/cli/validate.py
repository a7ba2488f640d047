"""`readiness validate`."""

from pathlib import Path

from readiness.checklist.file import load, outdated
from readiness.cli.exits import Exit
from readiness.cli.terminal import say
from readiness.rules import RULES


def run(config: Path) -> Exit:
    """Print the tables of the file, its owners, and the settings that have no effect. ChecklistError: its errors."""
    settings = load(config, [rule.id for rule in RULES])
    tables = ", ".join(table.name for table in settings.tables)
    owned = sum(1 for rule in RULES if settings.owner(rule.id))
    say(f"{config}: valid: monitors {tables}; {owned} of {len(RULES)} items have an owner")
    for line in outdated(settings):
        say(f"{config}: {line}")
    return Exit.OK
