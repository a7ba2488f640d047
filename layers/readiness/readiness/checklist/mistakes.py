"""All mistakes in a checklist file, each with its line, its key, the value found and the value expected.

msgspec stops at the first mistake, so each key is visited, and msgspec converts each value by itself.
"""

from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import NODEFAULT, inspect
from msgspec.structs import fields

from readiness.checklist import Section, Settings
from readiness.checklist.consistency import Key, Mistake, inconsistent, nearest, spelled
from readiness.checklist.defaults import settled

MISSING = "is missing"
MOST = 100
NOUNS: Mapping[type, str] = {
    inspect.BoolType: "true or false",
    inspect.DateType: "a date such as 2027-01-31",
    inspect.DictType: "a table",
    inspect.StructType: "a table",
    inspect.VarTupleType: "a list",
}


def explained(path: Path, text: str, raw: Mapping[str, Any], rules: Collection[str] | None, otherwise: str) -> str:
    """Return all mistakes in the file, one per line. `raw` is its content; `otherwise` is returned if none is found."""
    mistakes = list(walked(raw, Settings))
    sound = without(raw, [_removable(mistake) for mistake in mistakes])
    unnamed = any(mistake.key[-1] == "name" for mistake in mistakes)
    try:
        others = inconsistent(msgspec.convert(settled(sound), Settings), rules)
        mistakes += [each for each in others if not (unnamed and each.key == ("tables",))]
    except msgspec.ValidationError as error:
        mistakes = mistakes or [Mistake((), str(error) or otherwise)]
    return lines(path, text, mistakes)


def lines(path: Path, text: str, mistakes: Collection[Mistake]) -> str:
    """Return the mistakes as `FILE:LINE: KEY: TEXT`, in the order of the file; without a line if it is not known.

    Of many mistakes, the first `MOST` are returned, and the number of the others.
    """
    document = _document(text)
    placed = [(_line_of(document, mistake.key), mistake) for mistake in islice(mistakes, MOST)]
    placed.sort(key=lambda each: each[0])
    where = ((f"{path}:{line}" if line else str(path), mistake) for line, mistake in placed)
    told = (": ".join(filter(None, (place, spelled(each.key), each.text))) for place, each in where)
    more = [f"{path}: and {len(mistakes) - MOST} more"] if len(mistakes) > MOST else []
    return "\n".join([*told, *more])


def walked(value: Any, hint: Any, key: Key = ()) -> Iterator[Mistake]:
    """Yield the mistakes in a value that must have the type `hint`, and in the values inside it."""
    kind = _asked(hint)
    if isinstance(kind, type) and issubclass(kind, Section) and isinstance(value, dict):
        yield from _section(value, kind, key)
    elif get_origin(kind) is tuple and isinstance(value, list) and value:
        for number, each in enumerate(value):
            yield from walked(each, get_args(kind)[0], (*key, number))
    elif get_origin(kind) is Mapping and isinstance(value, dict):
        for name, each in value.items():
            yield from walked(each, get_args(kind)[1], (*key, name))
    else:
        yield from _leaf(value, hint, key)


def without(raw: Any, keys: Collection[Key]) -> Any:
    """Return the content without the values at these keys."""
    inner = {key[0] for key in keys if len(key) == 1}
    below = {name: [key[1:] for key in keys if len(key) > 1 and key[0] == name] for name in {key[0] for key in keys}}
    if isinstance(raw, dict):
        return {name: without(each, below.get(name, [])) for name, each in raw.items() if name not in inner}
    if isinstance(raw, list):
        return [without(each, below.get(number, [])) for number, each in enumerate(raw) if number not in inner]
    return raw


def _removable(mistake: Mistake) -> Key:
    """Return the key of the smallest part whose removal removes the mistake, and moves no other entry of a list."""
    key = mistake.key[:-1] if mistake.text == MISSING else mistake.key
    return key[:-1] if isinstance(key[-1], int) else key


def _section(value: Mapping[str, Any], kind: type[Section], key: Key) -> Iterator[Mistake]:
    hints = get_type_hints(kind, include_extras=True)
    known = {each.name: each for each in fields(kind)}
    for name, each in value.items():
        if name in known:
            yield from walked(each, hints[name], (*key, name))
        else:
            yield Mistake((*key, name), f"unknown key{nearest(name, known)}")
    for name, field in known.items():
        if name not in value and field.default is NODEFAULT and field.default_factory is NODEFAULT:
            yield Mistake((*key, name), MISSING)


def _leaf(value: Any, hint: Any, key: Key) -> Iterator[Mistake]:
    try:
        msgspec.convert(value, hint)
    except msgspec.ValidationError:
        tables = isinstance(value, dict) and get_origin(_asked(hint)) is tuple
        expected = f"a list: write [[{key[-1]}]], with two brackets" if tables else _expected(hint)
        yield Mistake(key, f"found {_shown(value)}, expected {expected}")


def _asked(hint: Any) -> Any:
    """Return the type without its bounds, and without None, because TOML has no null."""
    if get_origin(hint) is Annotated:
        return _asked(get_args(hint)[0])
    if isinstance(hint, UnionType):
        [kind] = [each for each in get_args(hint) if each is not NoneType]
        return kind
    return hint


def _expected(hint: Any) -> str:
    if get_origin(_asked(hint)) is Literal:
        *most, last = map(repr, get_args(_asked(hint)))
        return f"{', '.join(most)} or {last}"
    kind = inspect.type_info(hint)
    if isinstance(kind, inspect.UnionType):
        [kind] = [each for each in kind.types if not isinstance(each, inspect.NoneType)]
    match kind:
        case inspect.IntType(ge=low, le=None):
            return "a whole number" if low is None else f"a whole number of at least {low}"
        case inspect.IntType(ge=low, le=high):
            return f"a whole number from {low} to {high}"
        case inspect.StrType(min_length=shortest):
            return "a text of at least one character" if shortest else "a text"
        case inspect.VarTupleType(min_length=shortest) if shortest:
            return "a list with at least one entry"
        case _:
            return NOUNS[type(kind)]


def _shown(value: Any) -> str:
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "a list" if value else "an empty list"
    return str(value).lower() if isinstance(value, bool) else repr(value) if isinstance(value, str) else str(value)


MARK = "# \N{BLACK RIGHT-POINTING POINTER}\N{BLACK RIGHT-POINTING POINTER}"


def _document(text: str) -> Any:
    """Return the file as tomlkit reads it; None if it cannot, or without tomlkit, which is not in the Lambda."""
    try:
        import tomlkit

        return tomlkit.parse(text)
    except (ModuleNotFoundError, ValueError, RecursionError):
        return None


def _line_of(document: Any, key: Key) -> int:
    """Return the line of the key or of the nearest section around it; 0 if it is not known.

    tomlkit does not provide positions, but keeps every byte: a comment is added to the item, and located in the output.
    """
    if document is None:
        return 0
    from tomlkit.items import Array, Table

    item: Any = document
    for part in key:
        if not isinstance(item, dict | list):
            break
        found = item.get(part) if isinstance(item, dict) else item[part] if isinstance(part, int) else None
        if found is None or not hasattr(found, "trivia") or isinstance(item, Array):
            break
        item = found
    if not hasattr(item, "trivia"):
        return 0
    inside = 0 if isinstance(item, Table) else item.as_string().count("\n")
    comment, item.trivia.comment = item.trivia.comment, MARK
    before: str = document.as_string().partition(MARK)[0]
    item.trivia.comment = comment
    return before.count("\n") + 1 - inside
