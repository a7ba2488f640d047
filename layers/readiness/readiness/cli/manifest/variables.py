"""Read variable names from `.env` and its README. Values are secrets: they are compared, but not kept."""

import io
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from dotenv.parser import Binding, parse_stream

from readiness.cli.exits import Usage
from readiness.cli.manifest.documents import CODE, texts, tokens_of
from readiness.cli.manifest.tree import Tree, file_of, text_of
from readiness.facts.recorded.manifest import Variables

NAME = re.compile(r"[A-Z][A-Z0-9_]*")
SNAKE = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")
"""In text, a word in capitals counts as a variable only if it has an underscore."""

WORD = re.compile(r"[A-Za-z0-9_.:/-]+")


def set_by(tree: Tree, path: str, wanted: Mapping[str, str]) -> Variables:
    """Return the variables of a `.env` file. Usage: it cannot be read, or a line is invalid or repeats a variable."""
    values: dict[str, str | None] = {}
    for line, binding in _bindings(text_of(tree, path)):
        where = f"{tree.root / path}, line {line}"
        if binding.error:
            raise Usage(f"{where}: not an assignment")
        if binding.key is None:
            continue
        if binding.key in values:
            raise Usage(f"{where}: {binding.key} is set a second time; readers differ in which value they use")
        values[binding.key] = binding.value
    as_wanted = (name for name, value in wanted.items() if values.get(name) == value)
    return Variables(file=file_of(tree, path), names=tuple(sorted(values)), as_wanted=tuple(sorted(as_wanted)))


def documented_by(tree: Tree, path: str, wanted: Mapping[str, str]) -> Variables:
    """Return the variables of a README: words such as `COMMERCE_TABLE` in text, assignments and single names in code.

    A variable of the checklist is as wanted if the document also has its value as a word. Usage: it cannot be read.
    """
    tokens = tokens_of(tree, path)
    every = list(texts(tokens))
    names = {name for text in every for name in SNAKE.findall(text)}
    for text in texts(tokens, CODE):
        alone = {text.strip()} if NAME.fullmatch(text.strip()) else set()
        assigned = {each.key for _, each in _bindings(text) if each.key and each.value is not None}
        names |= alone | set(filter(NAME.fullmatch, assigned))
    words = {word.rstrip(".:") for text in every for word in WORD.findall(text)}
    words |= {each.value for text in texts(tokens, CODE) for _, each in _bindings(text) if each.value}
    as_wanted = (name for name, value in wanted.items() if name in names and value in words)
    return Variables(file=file_of(tree, path), names=tuple(sorted(names)), as_wanted=tuple(sorted(as_wanted)))


def first_of(tree: Tree, paths: tuple[str, ...]) -> str | None:
    """Return the first existing path, even if Git ignores it."""
    return next((path for path in paths if Path(tree.root / path).is_file()), None)


def _bindings(text: str) -> Iterator[tuple[int, Binding]]:
    """Yield each binding with its line. The parser counts empty lines before a binding as a part of it."""
    for binding in parse_stream(io.StringIO(text, newline="")):
        empty = binding.original.string[: -len(binding.original.string.lstrip()) or None]
        yield binding.original.line + len(re.findall(r"\r\n|\n|\r", empty)), binding
