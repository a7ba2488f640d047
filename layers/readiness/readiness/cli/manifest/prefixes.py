"""Prefixes of keys, such as `CART` of `CART#42`: where documents name them, and where code makes keys of them."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from readiness.cli.manifest import python_keys, script_keys
from readiness.cli.manifest.parts import NAME, Constants, Scan, is_constant

ANYWHERE = re.compile(rf"(?<![A-Za-z0-9_#])({NAME})#")

PYTHON = ".py"


def named_in(text: str, known: Collection[str] = ()) -> set[str]:
    """Those that a text names: of `CART#1#ITEM#2` the first, for it is what the key begins with.

    In other letters than capitals only those that are `known`: in prose anything may stand before a `#`.
    """
    names = set(ANYWHERE.findall(text))
    if known:
        pattern = "|".join(re.escape(name) for name in sorted(known, key=len, reverse=True))
        names |= set(re.findall(rf"(?<![A-Za-z0-9_#-])({pattern})#", text))
    return names


def made_by(path: str, source: bytes) -> set[str]:
    """Those that a source makes keys of, by itself. Usage: what is named `.py` is no Python."""
    return scanned({path: source})[path].prefixes


def scanned(sources: Mapping[str, bytes]) -> dict[str, Scan]:
    """Each source, with the constants that it takes from others. Usage: what is named `.py` is no Python."""
    trees = {path: python_keys.tree_of(path, source) for path, source in sources.items() if path.endswith(PYTHON)}
    texts = {path: source.decode(errors="replace") for path, source in sources.items() if path not in trees}
    own = {path: _by_name([python_keys.constants_of(tree)]) for path, tree in trees.items()}
    own |= {path: _by_name([script_keys.constants_of(text)]) for path, text in texts.items()}
    imported = {path: python_keys.imported_by(tree) for path, tree in trees.items()}
    imported |= {path: script_keys.imported_by(text) for path, text in texts.items()}
    every = _by_name(((name, value) for name, values in each.items() for value in values) for each in own.values())
    shared = {path: _visible(every, names) for path, names in imported.items()}
    return {path: python_keys.scan(tree, own[path], shared[path]) for path, tree in trees.items()} | {
        path: script_keys.scan(text, own[path], shared[path]) for path, text in texts.items()
    }


def lines_of(prefix: str) -> Iterator[str]:
    """Extended regular expressions for the lines in which a string begins with it, or is it."""
    yield f"[\"'`]{prefix}#"
    yield f"[\"'`]{prefix}[\"'`]"


def _visible(constants: Constants, imported: Collection[str]) -> Constants:
    """Those of other files that a file may mean: a name in lower case, such as `type`, only where it is imported."""
    return {
        name: values
        for name, values in constants.items()
        if is_constant(name.removeprefix(".")) or name.startswith(".") or name in imported
    }


def _by_name(constants: Iterable[Iterable[tuple[str, str]]]) -> Constants:
    found: dict[str, set[str]] = {}
    for each in constants:
        for name, value in each:
            found.setdefault(name, set()).add(value)
    return {name: frozenset(values) for name, values in found.items()}
