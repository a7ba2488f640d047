"""`readiness resume`."""

from datetime import UTC, datetime
from pathlib import Path

from readiness.cli.exits import Exit
from readiness.cli.start import account_for, settings_for
from readiness.cli.store import written
from readiness.cli.terminal import agreed, say
from readiness.monitor import store_of


def run(table: str, config: Path | None, *, yes: bool, dry_run: bool) -> Exit:
    """End the pause of each table; the next run sums up what changed."""
    settings = settings_for(table, config)
    aws = account_for(settings)
    for named in settings.tables:
        what = f"resume the alerts on {named.name} in account {aws.account}, {aws.region}"
        if agreed(what, yes=yes, dry_run=dry_run):
            with written(named.name):
                paused = store_of(aws, named, writer="cli").resume(aws.who, datetime.now(UTC))
            since = f"resumed; the next run sums up what changed since {paused.at:%Y-%m-%d %H:%M} UTC" if paused else ""
            say(f"{named.name}: {since or 'was not paused'}")
    return Exit.OK
