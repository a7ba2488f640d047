"""Read the checklist file. All mistakes in it are reported together.

The Lambda function reads it at each cold start, so msgspec converts a correct file in one call. The modules that
describe mistakes are imported only if there are mistakes.
"""

import tomllib
from collections.abc import Collection, Iterator
from pathlib import Path

import msgspec

from readiness.checklist import ChecklistError, Settings
from readiness.checklist.consistency import functions_of, inconsistent, spelled
from readiness.checklist.defaults import settled


def load(path: Path, rules: Collection[str] | None = None, table: str = "") -> Settings:
    """Return the settings of the file. ChecklistError: the file has mistakes; the text has one line for each.

    `rules` are the ids that may have an owner; None: any may. `table` is the name of the deployed table, if the file
    has one table only, with another name.
    """
    try:
        text = path.read_text(encoding="utf-8")
        raw = tomllib.loads(text)
    except OSError as error:
        msg = f"{path}: cannot be read: {error.strerror}"
        raise ChecklistError(msg) from error
    except ValueError as error:  # also of UTF-8, and of an integer with too many digits
        msg = f"{path}: is not TOML: {error}"
        raise ChecklistError(msg) from error
    except RecursionError as error:
        msg = f"{path}: cannot be read: values are nested too deeply"
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
    """Yield one line for each setting of the file that is accepted but has no effect any more."""
    for where, functions in functions_of(settings):
        if functions.candidates:
            key = spelled(where)
            yield f"{key}.candidates has no effect any more: move its patterns to {key}.name_patterns"
