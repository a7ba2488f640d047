"""`readiness manifest`: print the manifest of the application's repository, or record it for the monitor."""

import json
from functools import partial
from pathlib import Path

from readiness.cli.exits import Exit, Usage
from readiness.cli.manifest.repository import repository_of
from readiness.cli.manifest.tree import tree_of
from readiness.cli.records import command_tables
from readiness.cli.start import settings_for
from readiness.cli.terminal import say
from readiness.facts.recorded.manifest import written
from readiness.state.people import Manifest

LARGEST = 300_000
"""Bytes. A DynamoDB item has at most 400 KB, and every run reads this one."""


def run(path: Path, table: str, config: Path | None, *, record: bool, yes: bool, dry_run: bool) -> Exit:
    """Read the repository for each table. Usage: a file cannot be read; nothing is written then."""
    settings = settings_for(table, config)
    tree = tree_of(path)
    names = [each.name for each in settings.tables]
    contents = {name: written(repository_of(tree, settings.wanted(name))) for name in names}
    if not record:
        say(json.dumps({"tables": [{"table": name, **content} for name, content in contents.items()]}, indent=2))
        return Exit.OK
    for name, content in contents.items():
        if (size := len(json.dumps(content).encode())) > LARGEST:
            limits = f"{size} bytes, expected {LARGEST} at most: name fewer files"
            raise Usage(f"{tree.root}: the manifest of {name} has {limits}")
    state = f"{tree.root} at {tree.head[:12]}" if tree.head else f"{tree.root} (not a Git checkout)"
    for each in command_tables(table, config, yes=yes, dry_run=dry_run):
        manifest = partial(Manifest, content=contents[each.name])
        each.record(manifest, f"record the manifest of {state}", f"recorded the manifest of {state}")
    return Exit.OK
