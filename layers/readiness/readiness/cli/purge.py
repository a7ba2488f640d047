"""`readiness purge`."""

from pathlib import Path

from readiness.cli.exits import Exit
from readiness.cli.failures import stored
from readiness.cli.pager import resolve_all
from readiness.cli.start import account_for, settings_for
from readiness.cli.terminal import agreed, say
from readiness.state.store import count, parameters_of, purge, store_of


def run(table: str, config: Path | None, *, keep_words: bool, yes: bool, dry_run: bool) -> Exit:
    """Remove all items of Readiness from each table, and its SSM parameters.

    The incidents at the pager are closed first. `keep_words`: what people recorded stays, with its history.
    """
    settings = settings_for(table, config)
    aws = account_for(settings)
    for named in settings.tables:
        store = store_of(aws, named, writer="cli")
        rows = store.rows
        with stored(named.name):
            items = count(rows, keep_words=keep_words)
            action = f"remove {items} items of Readiness from {named.name} in account {aws.account}, {aws.region}"
            words = "without the records of people" if keep_words else "including history, waivers and attestations"
            action = f"{action}, {words}"
            if agreed(action, yes=yes, dry_run=dry_run, kept="nothing was removed"):
                resolve_all(aws, settings.only(named.name), store.read())
                removed = purge(rows, keep_words=keep_words)
                parameters_of(aws, named.name).delete()
                say(f"{named.name}: {removed} items removed")
    return Exit.OK
