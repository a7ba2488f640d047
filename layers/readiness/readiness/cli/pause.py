"""`readiness pause`."""

from datetime import UTC, datetime
from pathlib import Path

from readiness.cli.exits import Exit, Usage
from readiness.cli.start import account_for, settings_for
from readiness.cli.store import table_id_of, written
from readiness.cli.terminal import agreed, say
from readiness.monitor import store_of
from readiness.people import Pause


def run(until: datetime, reason: str, table: str, config: Path | None, *, yes: bool, dry_run: bool) -> Exit:
    """Say in each table that nothing is told until then."""
    now = datetime.now(UTC)
    if until <= now:
        msg = f"--until {until:%Y-%m-%dT%H:%M}: is in the past, expected a time after {now:%Y-%m-%dT%H:%M} UTC"
        raise Usage(msg)
    if not reason.strip():
        msg = "--reason: is empty, expected why nothing is told"
        raise Usage(msg)
    settings = settings_for(table, config)
    aws = account_for(settings)
    then = f"until {until:%Y-%m-%d %H:%M} UTC"
    for named in settings.tables:
        what = f"pause the alerts on {named.name} in account {aws.account}, {aws.region}, {then}"
        if agreed(what, yes=yes, dry_run=dry_run):
            with written(named.name):
                said = Pause(by=aws.who, at=now, table_id=table_id_of(aws, named.name), reason=reason, until=until)
                store_of(aws, named, writer="cli").pause(said)
            say(f"{named.name}: paused {then}; `readiness resume` ends it")
    return Exit.OK
