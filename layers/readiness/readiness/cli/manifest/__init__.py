"""`readiness manifest`: what the application's repository says, printed, or recorded where the monitor can read it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from readiness.checklist import Settings
from readiness.cli.exits import Exit, Usage
from readiness.cli.manifest.repository import said_by
from readiness.cli.manifest.tree import Tree, tree_of
from readiness.cli.start import account_for, settings_for
from readiness.cli.store import table_id_of, written
from readiness.cli.terminal import agreed, say
from readiness.manifest import Repository
from readiness.manifest import written as as_json
from readiness.monitor import store_of
from readiness.people import Manifest
from readiness.store import words

LARGEST = 300_000
"""Bytes: an item of DynamoDB holds 400 KB, and every run reads this one."""


def run(path: Path, table: str, config: Path | None, *, record: bool, yes: bool, dry_run: bool) -> Exit:
    """Read the repository for each table. Usage: something in it can't be read, and nothing is written."""
    settings = settings_for(table, config)
    tree = tree_of(path)
    said = {named.name: said_by(tree, settings.wanted(named.name)) for named in settings.tables}
    if record:
        _record(tree, said, settings, yes=yes, dry_run=dry_run)
    else:
        tables = [{"table": name, **as_json(repository)} for name, repository in said.items()]
        say(json.dumps({"tables": tables}, indent=2))
    return Exit.OK


def _record(tree: Tree, said: Mapping[str, Repository], settings: Settings, *, yes: bool, dry_run: bool) -> None:
    contents = {name: as_json(repository) for name, repository in said.items()}
    for name, content in contents.items():
        if (size := len(json.dumps(content).encode())) > LARGEST:
            msg = f"{tree.root}: says {size} bytes about {name}, and {LARGEST} can be recorded: name fewer files"
            raise Usage(msg)
    aws = account_for(settings)
    now = datetime.now(UTC)
    state = f"{tree.root} at {tree.head[:12]}" if tree.head else f"{tree.root}, which is no checkout of git"
    for named in settings.tables:
        what = f"record what {state} says of {named.name} in account {aws.account}, {aws.region}"
        if agreed(what, yes=yes, dry_run=dry_run):
            with written(named.name):
                about = table_id_of(aws, named.name)
                word = Manifest(by=aws.who, at=now, table_id=about, content=contents[named.name])
                words.say(store_of(aws, named, writer="cli").rows, word)
            say(f"{named.name}: recorded what {state} says")
