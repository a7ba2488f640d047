"""Values, blocks and files in the syntax of Terraform, laid out as `terraform fmt` does it."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

INDENT = "  "
WIDEST = 120
"""Characters of a list on one line, with its indent."""
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class Expression:
    """An expression, as Terraform reads it."""

    text: str


@dataclass(frozen=True)
class Template:
    """A text with values in it."""

    parts: Sequence[Any]


@dataclass(frozen=True)
class Choice:
    """One of two values."""

    condition: str
    then: Any
    other: Any


@dataclass(frozen=True)
class Call:
    """A function and its argument."""

    function: str
    argument: Any


@dataclass(frozen=True)
class Present:
    """The elements that are not null."""

    elements: Sequence[Any]


@dataclass(frozen=True)
class Block:
    """A block: its comments, its arguments, the blocks in it, and the addresses of what it depends on."""

    head: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    blocks: Sequence["Block"] = ()
    comments: Sequence[str] = ()
    depends_on: Sequence[str] = ()


def file(blocks: Sequence[Block]) -> str:
    """Return the text of a file with these blocks."""
    return "\n".join("\n".join(_lines(block, 0)) + "\n" for block in blocks)


def inline(value: Any) -> str:
    """Return the value on one line."""
    match value:
        case Expression(text):
            return text
        case Template(parts):
            return f'"{"".join(map(_part, parts))}"'
        case Choice(condition, then, other):
            return f"{condition} ? {_operand(then)} : {_operand(other)}"
        case Call(function, argument):
            return f"{function}({inline(argument)})"
        case Present(elements):
            return f"[for each in {inline(list(elements))} : each if each != null]"
        case str():
            return f'"{_part(value)}"'
        case Mapping():
            return f"{{ {', '.join(f'{_key(key)} = {inline(each)}' for key, each in value.items())} }}"
        case list():
            return f"[{', '.join(map(inline, value))}]"
        case _:
            return json.dumps(value)


def _part(part: Any) -> str:
    """Return a part of a quoted text."""
    if not isinstance(part, str):
        return f"${{{inline(part)}}}"
    return json.dumps(_literal(part), ensure_ascii=False)[1:-1]


def _literal(text: str) -> str:
    return text.replace("${", "$${").replace("%{", "%%{")


def _operand(value: Any) -> str:
    return f"({inline(value)})" if isinstance(value, Choice) else inline(value)


def _key(name: str) -> str:
    return name if NAME.fullmatch(name) else json.dumps(name)


def _lines(block: Block, depth: int) -> Iterator[str]:
    indent = INDENT * depth
    yield f"{indent}{block.head} {{"
    yield from (f"{indent}{INDENT}# {comment}" for comment in block.comments)
    yield from _entries(block.arguments, depth + 1)
    for number, each in enumerate(block.blocks):
        if number or block.arguments:
            yield ""
        yield from _lines(each, depth + 1)
    if block.depends_on:
        yield from ("", f"{indent}{INDENT}depends_on = [{', '.join(block.depends_on)}]")
    yield f"{indent}}}"


def _entries(entries: Mapping[str, Any], depth: int) -> Iterator[str]:
    """Yield the lines of arguments. The equals signs of neighbours that take one line each are aligned."""
    texts = {_key(name): _text(value, depth) for name, value in entries.items()}
    for group in _groups(texts):
        width = max(map(len, group))
        yield from (f"{INDENT * depth}{name:{width}} = {texts[name]}" for name in group)


def _groups(texts: Mapping[str, str]) -> Iterator[list[str]]:
    group: list[str] = []
    for name, text in texts.items():
        if "\n" in text:
            yield from filter(None, [group, [name]])
            group = []
        else:
            group.append(name)
    if group:
        yield group


def _text(value: Any, depth: int) -> str:
    """Return the value as it follows an equals sign: objects and wide lists take one line for each element."""
    match value:
        case Template(parts) if any(isinstance(part, str) and "\n" in part for part in parts):
            return _heredoc(parts, depth)
        case Choice(condition, then, other):
            return f"{condition} ? {_text(then, depth)} : {_text(other, depth)}" if _wide(value) else inline(value)
        case Call(function, argument):
            return f"{function}({_text(argument, depth)})"
        case Present(elements):
            return f"[for each in {_text(list(elements), depth)} : each if each != null]"
        case Mapping() if value:
            return "\n".join(["{", *_entries(value, depth + 1), f"{INDENT * depth}}}"])
        case list() if _wide(value) or len(inline(value)) + depth * len(INDENT) > WIDEST:
            lines = (f"{INDENT * (depth + 1)}{_text(each, depth + 1)}," for each in value)
            return "\n".join(["[", *lines, f"{INDENT * depth}]"])
        case _:
            return inline(value)


def _wide(value: Any) -> bool:
    """Tell whether the value has an object in it."""
    match value:
        case Choice(_, then, other):
            return _wide(then) or _wide(other)
        case list():
            return any(map(_wide, value))
        case _:
            return isinstance(value, Mapping) and bool(value)


def _heredoc(parts: Sequence[Any], depth: int) -> str:
    text = "".join(_literal(part) if isinstance(part, str) else f"${{{inline(part)}}}" for part in parts)
    lines = text.removesuffix("\n").split("\n")
    indent = INDENT * (depth + 1)
    return "\n".join(["<<-EOT", *(f"{indent}{line}" if line else "" for line in lines), f"{INDENT * depth}EOT"])
