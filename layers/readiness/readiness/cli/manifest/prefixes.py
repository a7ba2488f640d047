"""Find key prefixes, such as `CART` of `CART#42`, in documents and in source code."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from readiness.cli.manifest import python_keys, script_keys
from readiness.cli.manifest.parts import NAME, Constants, SourceScan, is_constant

ANYWHERE = re.compile(rf"(?<![A-Za-z0-9_#])({NAME})#")

PYTHON = ".py"


def named_in(text: str, known: Collection[str] = ()) -> set[str]:
    """Return the prefixes in a text; of `CART#1#ITEM#2` only the first, which the key begins with.

    Prefixes with lower case letters count only if they are `known`, because any word may come before a `#`.
    """
    names = set(ANYWHERE.findall(text))
    if known:
        pattern = "|".join(re.escape(name) for name in sorted(known, key=len, reverse=True))
        names |= set(re.findall(rf"(?<![A-Za-z0-9_#-])({pattern})#", text))
    return names


def scanned(sources: Mapping[str, bytes]) -> dict[str, SourceScan]:
    """Scan all source files, with constants that they import. Usage: a `.py` file is not valid Python."""
    trees = {path: python_keys.tree_of(path, source) for path, source in sources.items() if path.endswith(PYTHON)}
    texts = {path: source.decode(errors="replace") for path, source in sources.items() if path not in trees}
    own = {path: _by_name([python_keys.constants_of(tree)]) for path, tree in trees.items()}
    own |= {path: _by_name([script_keys.constants_of(text)]) for path, text in texts.items()}
    imported = {path: python_keys.imported_by(tree) for path, tree in trees.items()}
    imported |= {path: script_keys.imported_by(text) for path, text in texts.items()}
    every = _by_name(((name, value) for name, values in each.items() for value in values) for each in own.values())
    shared = {path: _visible(every, names) for path, names in imported.items()}
    return {path: python_keys.scan(path, tree, own[path], shared[path]) for path, tree in trees.items()} | {
        path: script_keys.scan(path, text, own[path], shared[path]) for path, text in texts.items()
    }


def lines_of(prefix: str) -> Iterator[str]:
    """Yield extended regular expressions for lines with a string that begins with the prefix, or equals it."""
    yield f"[\"'`]{prefix}#"
    yield f"[\"'`]{prefix}[\"'`]"


def _visible(constants: Constants, imported: Collection[str]) -> Constants:
    """Return the constants of other files that a file may use; lower case names only if it imports them."""
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
