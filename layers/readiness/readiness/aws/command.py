"""Calls of AWS as commands of the AWS CLI, and commands on the lines of a terminal. Pure."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from readiness.model import AddStatement, Call, EditAlarm, Json, Remedy, Step, Wait
from readiness.printable import quoted

COLUMNS = 100
"""The longest line of a command, unless one word of it is longer."""

LINES = 3
"""A command that needs more lines is shown by `readiness fix` only."""

LOOKED_AT = frozenset({"PutMetricAlarm", "PutRolePolicy"})

NAME = re.compile(r"\{(\w+)(![sj])?\}")
"""A value by its name: with `!s` as text, with `!j` parsed as JSON."""
NAME_DOUBLED = re.compile(r"\{\{(\w+)(?:![sj])?\}\}")
PLAIN = re.compile(r"[\w@%+:./-]+", re.ASCII)
WORD = re.compile(r"""(?:[^\s'"\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")+""")
CAPITAL = re.compile("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

Quote = Callable[[str], str]


def filled(step: Step, values: Mapping[str, Any]) -> Step:
    """Return the step with the values in place of their names. KeyError: there is no value of a name."""
    match step:
        case Call(service, operation, parameters, region):
            return Call(service, operation, _filled(parameters, values), _filled(region, values))
        case AddStatement() | EditAlarm() | Wait():
            return step


def command(remedy: Remedy, values: Mapping[str, Any]) -> str:
    """Return the command with its values, each quoted for a shell; empty if a step is more than a call."""
    if not remedy.steps:
        return remedy.command.format_map(_Quoted(values))
    return " && ".join(rendered(each) for each in calls(filled(step, values) for step in remedy.steps))


class _Quoted(dict[str, Any]):
    """Values by name, each as a word of a shell. Only those that a command names are quoted: evidence can be long."""

    def __getitem__(self, name: str) -> str:
        return quoted(str(super().__getitem__(name)))


def template(remedy: Remedy) -> str:
    """Return the command with the names of its values in braces, other braces doubled, such as `str.format` takes."""
    if not remedy.steps:
        return remedy.command
    text = " && ".join(rendered(each, _unquoted) for each in calls(remedy.steps))
    doubled = text.replace("{", "{{").replace("}", "}}")
    return NAME_DOUBLED.sub(r"{\1}", doubled)


def calls(steps: Iterable[Step]) -> list[Call]:
    """Return the steps if all of them are calls, else none."""
    known = list(steps)
    found = [step for step in known if isinstance(step, Call)]
    return found if len(found) == len(known) else []


def rendered(call: Call, quote: Quote = quoted) -> str:
    """Return the call, whose values are filled in, as a command of the AWS CLI. `quote` quotes a value for a shell."""
    start = ["aws", call.service, dashed(call.operation), *(["--region", quote(call.region)] if call.region else [])]
    if any(map(_misread, call.parameters.values())):
        return " ".join([*start, "--cli-input-json", quote(json.dumps(call.parameters, separators=(",", ":")))])
    return " ".join([*start, *_options(call.parameters, quote)])


def lines(text: str, columns: int = COLUMNS, indent: str = "  ") -> list[str]:
    """Return the command on lines that end with a backslash. A word that is longer than a line is not broken."""
    words = WORD.findall(text)
    if not words or WORD.sub("", text).strip():
        return [text]  # a quote that does not end: it is not broken
    broken = [""]
    for part in _parts(words, columns - len(indent) - 2):
        if broken[-1] and len(broken[-1]) + len(part) + 1 > columns - 2:
            broken.append(f"{indent}{part}")
        else:
            broken[-1] = f"{broken[-1]} {part}".strip() if len(broken) == 1 else f"{broken[-1]} {part}"
    return [f"{line} \\" for line in broken[:-1]] + broken[-1:]


def _parts(words: Iterable[str], longest: int) -> Iterator[str]:
    """Yield the words, those of an option together if they fit in a line."""
    part: list[str] = []
    for word in words:
        if part and (word.startswith("--") or word == "&&" or len(" ".join([*part, word])) > longest):
            yield " ".join(part)
            part = []
        part.append(word)
    yield " ".join(part)


def fits(text: str) -> bool:
    """Return True if the command needs at most three lines."""
    if len(text) <= COLUMNS - 2:
        return True
    if len("".join(text.split())) > LINES * COLUMNS:
        return False
    return sum(1 + (len(line) - 1) // COLUMNS for line in lines(text)) <= LINES


def pasted(text: str, steps: Iterable[Step]) -> bool:
    """Return True if a person may paste the command as it is.

    It is short, and its steps are calls that need no second look: neither the policy of a role nor an alarm, whose
    topic may not be known.
    """
    known = list(steps)
    looked_at = any(isinstance(step, Call) and step.operation in LOOKED_AT for step in known)
    return fits(text) and not looked_at and (bool(text) or not known)


def dashed(name: str) -> str:
    """Return a name of botocore as the AWS CLI spells it: `OKActions` is `ok-actions`."""
    return CAPITAL.sub("-", name).lower()


def _filled(node: Any, values: Mapping[str, Any]) -> Any:
    match node:
        case str():
            whole = NAME.fullmatch(node)
            return _value(whole, values) if whole else NAME.sub(lambda found: str(values[found[1]]), node)
        case Json(value):
            return json.dumps(_filled(value, values), separators=(",", ":"))
        case Mapping():
            return {_filled(name, values): _filled(value, values) for name, value in node.items()}
        case list() | tuple():
            return [_filled(each, values) for each in node]
        case _:
            return node


def _value(name: re.Match[str], values: Mapping[str, Any]) -> Any:
    value = values[name[1]]
    match name[2]:
        case "!s":
            return str(value)
        case "!j":
            return json.loads(value)
        case _:
            return value


def _misread(value: Any) -> bool:
    """Return True if the AWS CLI reads this text as an option or as the name of a file."""
    texts = value if isinstance(value, list) else [value]
    return any(isinstance(each, str) and each.startswith(("-", "file:", "fileb:")) for each in texts)


def _options(parameters: Mapping[str, Any], quote: Quote) -> Iterator[str]:
    for name, value in parameters.items():
        option = f"--{dashed(name)}"
        match value:
            case [] | ():
                continue
            case True:
                yield option
            case False:
                yield f"--no-{option[2:]}"
            case Json(inner):
                yield f"{option} {quote(json.dumps(inner, separators=(',', ':')))}"
            case Mapping() | list() | tuple():
                yield f"{option} {_structure(value, quote)}"
            case _:
                yield f"{option} {quote(str(value))}"


def _structure(value: Any, quote: Quote) -> str:
    """Return the value in the shorthand syntax of the AWS CLI where it is read as meant for certain, else as JSON."""
    if isinstance(value, Mapping) and all(map(_plain, value.values())):
        return quote(",".join(f"{name}={_word(each)}" for name, each in value.items()))
    if isinstance(value, list | tuple) and all(map(_plain, value)):
        return " ".join(quote(_word(each)) for each in value)
    return quote(json.dumps(value, separators=(",", ":"), default=_readable))


def _plain(value: Any) -> bool:
    return isinstance(value, bool | int | float) or (isinstance(value, str) and _certain(value))


def _certain(text: str) -> bool:
    return bool(PLAIN.fullmatch(text) or NAME.fullmatch(text))


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _readable(value: Any) -> Any:
    """Return what stands in a parameter whose values are not filled in."""
    if isinstance(value, Json):
        return json.dumps(value.value, separators=(",", ":"), default=_readable)
    raise TypeError


def _unquoted(text: str) -> str:
    """Return the text as documentation shows it: quoted, unless its braces are names."""
    return text if PLAIN.fullmatch(NAME.sub("name", text).replace("=", "").replace(",", "")) else quoted(text)
