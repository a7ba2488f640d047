"""`readiness purge`."""

from pathlib import Path

from readiness.cli.exits import Exit
from readiness.cli.failures import stored
from readiness.cli.start import account_for, settings_for
from readiness.cli.terminal import agreed, say
from readiness.state.store import count, parameters_of, purge, store_of


def run(table: str, config: Path | None, *, yes: bool, dry_run: bool) -> Exit:
    """Remove all items of Readiness from each table, and its SSM parameters."""
    settings = settings_for(table, config)
    aws = account_for(settings)
    for named in settings.tables:
        rows = store_of(aws, named, writer="cli").rows
        with stored(named.name):
            action = f"remove {count(rows)} items of Readiness from {named.name} in account {aws.account}, {aws.region}"
            action = f"{action}, including history, waivers and attestations"
            if agreed(action, yes=yes, dry_run=dry_run, kept="nothing was removed"):
                removed = purge(rows)
                parameters_of(aws, named.name).delete()
                say(f"{named.name}: {removed} items removed")
    return Exit.OK
