"""`readiness manifest`: print the manifest of the application's repository, or record it for the monitor."""

import json
from functools import partial
from pathlib import Path

from readiness.cli.exits import Exit, Usage
from readiness.cli.manifest.repository import said_by
from readiness.cli.manifest.tree import Tree, tree_of
from readiness.cli.start import settings_for
from readiness.cli.terminal import say
from readiness.cli.words import Where
from readiness.facts.recorded.manifest import Repository, written
from readiness.state.people import Manifest

LARGEST = 300_000
"""Bytes. A DynamoDB item has at most 400 KB, and every run reads this one."""


def run(path: Path, table: str, config: Path | None, *, record: bool, yes: bool, dry_run: bool) -> Exit:
    """Read the repository for each table. Usage: a file cannot be read; nothing is written then."""
    settings = settings_for(table, config)
    tree = tree_of(path)
    said = {named.name: said_by(tree, settings.wanted(named.name)) for named in settings.tables}
    if record:
        _record(tree, said, Where(table, config, yes, dry_run))
    else:
        tables = [{"table": name, **written(repository)} for name, repository in said.items()]
        say(json.dumps({"tables": tables}, indent=2))
    return Exit.OK


def _record(tree: Tree, said: dict[str, Repository], where: Where) -> None:
    contents = {name: written(repository) for name, repository in said.items()}
    for name, content in contents.items():
        if (size := len(json.dumps(content).encode())) > LARGEST:
            msg = f"{tree.root}: the manifest of {name} has {size} bytes, expected {LARGEST} at most: name fewer files"
            raise Usage(msg)
    state = f"{tree.root} at {tree.head[:12]}" if tree.head else f"{tree.root} (not a Git checkout)"
    for place in where.places():
        word = partial(Manifest, content=contents[place.table.name])
        place.record(word, f"record the manifest of {state}", f"recorded the manifest of {state}")
