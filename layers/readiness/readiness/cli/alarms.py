"""`readiness alarms`: write a template of missing alarms, or test an existing alarm."""

from pathlib import Path

from readiness.cli.exits import Exit
from readiness.cli.start import account_for, settings_for


def run(
    write: Path | None, drill: str, wait: int, table: str, config: Path | None, *, yes: bool, dry_run: bool
) -> Exit:
    """Write a template or test an alarm. Exactly one of `write` and `drill` is set."""
    settings = settings_for(table, config)
    aws = account_for(settings, complete=True)
    if write:
        from readiness.cli import stack

        return stack.run(aws, settings, write, yes=yes, dry_run=dry_run)
    from readiness.cli import drill as drilling

    return drilling.run(aws, settings, drill, wait, yes=yes, dry_run=dry_run)
