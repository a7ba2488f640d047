"""Reading the checklist file. What is wrong with it is told all at once.

Each start of the Lambda reads it, so a correct file is converted by msgspec in one call; the modules that explain
mistakes are imported only when there are some.
"""

import tomllib
from collections.abc import Collection, Iterator
from pathlib import Path

import msgspec

from readiness.checklist.consistency import functions_of, inconsistent
from readiness.checklist.defaults import settled
from readiness.checklist.settings import ChecklistError, Settings


def load(path: Path, rules: Collection[str] | None = None, table: str = "") -> Settings:
    """Read the file. ChecklistError: all mistakes in it, a line each.

    `rules` are the ids that may have an owner; None: any may. `table` is the name of the only table of the file, where
    the file calls it otherwise.
    """
    try:
        text = path.read_text(encoding="utf-8")
        raw = tomllib.loads(text)
    except OSError as error:
        msg = f"{path}: cannot be read: {error.strerror}"
        raise ChecklistError(msg) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{path}: is not TOML: {error}"
        raise ChecklistError(msg) from error
    try:
        settings = msgspec.convert(settled(raw, table), Settings)
    except msgspec.ValidationError as error:
        from readiness.checklist.mistakes import explained

        raise ChecklistError(explained(path, text, raw, rules, str(error))) from error
    if mistakes := [*inconsistent(settings, rules)]:
        from readiness.checklist.mistakes import lines

        raise ChecklistError(lines(path, text, mistakes))
    return settings


def outdated(settings: Settings) -> Iterator[str]:
    """Settings of the file that are accepted, and have no effect any more; a line each."""
    for where, functions in functions_of(settings):
        key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in where).lstrip(".")
        if functions.candidates:
            yield f"{key}.candidates has no effect any more: move its patterns to {key}.name_patterns"
