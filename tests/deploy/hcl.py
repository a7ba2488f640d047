"""Read Terraform files: blocks by python-hcl2, and the expressions in them, which it leaves as text.

An expression is a tuple: `("ref", "aws_sqs_queue", "changes", "arn")`, where an index is an int or an expression,
`("index", list, number)`, `("if", condition, then, other)`, `("join", *parts)` for a template, `("call", name,
*arguments)`, `("op", operator, *operands)` and `("present", *elements)` for the elements of a list that are not null.
Texts, numbers, lists and objects are what they are in Python.
"""

import re
import textwrap
from pathlib import Path
from typing import Any

import hcl2

NUMBER = re.compile(r"-?\d+(\.\d+)?")
WORD = re.compile(r"[A-Za-z_][\w-]*")
CONSTANTS = {"true": True, "false": False, "null": None}
OPERATORS = (("||",), ("&&",), ("==", "!="))
"""The operators, those that bind the least first."""
ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


def read(folder: Path) -> dict[str, list[Any]]:
    """The blocks of all files by their kind, such as `resource`."""
    found: dict[str, list[Any]] = {}
    for path in sorted(folder.glob("*.tf")):
        for kind, blocks in hcl2.loads(path.read_text()).items():
            if kind == "__comments__":
                continue
            found.setdefault(kind, []).extend(value(blocks))
    return found


def value(given: Any) -> Any:
    """What python-hcl2 has read, with every expression as a tuple."""
    if isinstance(given, dict):
        return {key.strip('"'): value(each) for key, each in given.items() if not key.startswith("__")}
    if isinstance(given, list):
        return [value(each) for each in given]
    if not isinstance(given, str):
        return given
    if given.startswith('"<<-'):
        lines = given.strip('"').split("\n")
        return Reader(textwrap.dedent("\n".join(lines[1:-1])) + "\n").template(None)
    return expression(given if given.startswith('"') or not given.startswith("${") else given[2:-1])


def expression(text: str) -> Any:
    """The expression that the text is, wholly."""
    reader = Reader(text)
    found = reader.choice()
    assert not reader.rest(), f"{text}: {reader.rest()!r} was not read"
    return found


class Reader:
    """Reads an expression from the left to the right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def rest(self) -> str:
        return self.text[self.at :].strip()

    def choice(self) -> Any:
        condition = self.operation(0)
        if not self.took("?"):
            return condition
        then = self.choice()
        self.take(":")
        return ("if", condition, then, self.choice())

    def operation(self, level: int) -> Any:
        if level == len(OPERATORS):
            return ("op", "!", self.operation(level)) if self.took("!") else self.reference()
        operands = [self.operation(level + 1)]
        operator = next((each for each in OPERATORS[level] if self.took(each)), "")
        if not operator:
            return operands[0]
        operands.append(self.operation(level + 1))
        while self.took(operator):
            operands.append(self.operation(level + 1))
        return ("op", operator, *operands)

    def reference(self) -> Any:
        found = self.primary()
        while True:
            if self.took("."):
                found = (*found, self.word())
            elif self.took("["):
                index = self.choice()
                self.take("]")
                found = (*found, index) if found[0] == "ref" else ("index", found, index)
            else:
                return found

    def primary(self) -> Any:  # noqa: PLR0911  one for each form
        if self.took('"'):
            return self.template('"')
        if self.took("("):
            found = self.choice()
            self.take(")")
            return found
        if self.took("{"):
            return self.entries()
        if self.took("["):
            return self.present() if self.took("for ") else self.listed("]")
        if number := NUMBER.match(self.text, self.at):
            self.at = number.end()
            return float(number[0]) if number[1] else int(number[0])
        name = self.word()
        if self.took("("):
            return ("call", name, *self.listed(")"))
        return CONSTANTS.get(name, ("ref", name))

    def listed(self, end: str) -> list[Any]:
        found = []
        while not self.took(end):
            found.append(self.choice())
            if not self.took(","):
                self.take(end)
                break
        return found

    def entries(self) -> dict[str, Any]:
        found = {}
        while not self.took("}"):
            name = self.template('"') if self.took('"') else self.word()
            self.take("=")
            found[name] = self.choice()
            self.took(",")
        return found

    def present(self) -> Any:
        """`[for each in [...] : each if each != null]`, of which `[for` has been read."""
        self.take("each in [")
        found = self.listed("]")
        self.take(": each if each != null]")
        return ("present", *found)

    def template(self, end: str | None) -> Any:
        """A text up to its end, with escapes if it is quoted."""
        parts: list[Any] = [""]
        while self.at < len(self.text):
            if end and self.text.startswith(end, self.at):
                self.at += 1
                break
            if self.text.startswith("${", self.at):
                self.at += 2
                parts += [self.choice(), ""]
                self.take("}")
            else:
                parts[-1] += self.character(escaped=bool(end))
        return ("join", *parts) if len(parts) > 1 else parts[0]

    def character(self, *, escaped: bool) -> str:
        for literal in ("$${", "%%{"):
            if self.text.startswith(literal, self.at):
                self.at += 3
                return literal[1:]
        found = self.text[self.at]
        self.at += 1
        if found == "\\" and escaped:
            self.at += 1
            return ESCAPES[self.text[self.at - 1]]
        return found

    def word(self) -> str:
        self.skip()
        found = WORD.match(self.text, self.at)
        assert found, f"{self.text}: expected a name at {self.rest()!r}"
        self.at = found.end()
        return found[0]

    def took(self, text: str) -> bool:
        """Go on after this text, if it follows."""
        self.skip()
        if not self.text.startswith(text, self.at):
            return False
        self.at += len(text)
        return True

    def take(self, text: str) -> None:
        assert self.took(text), f"{self.text}: expected {text!r} at {self.rest()!r}"

    def skip(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
