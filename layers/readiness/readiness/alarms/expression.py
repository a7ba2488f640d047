"""A parser of CloudWatch metric math.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct

from readiness.alarms.words import Parser

WORD = re.compile(
    r"""\s*("[^"]*"|'[^']*'|\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+|[A-Za-z_]\w*|==|!=|<=|>=|&&|\|\||[-+*/^<>(),\[\]])"""
)
BINDING = {
    **dict.fromkeys(("OR", "||"), 1),
    **dict.fromkeys(("AND", "&&"), 2),
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), 3),
    **dict.fromkeys(("+", "-"), 4),
    **dict.fromkeys(("*", "/"), 5),
    "^": 7,
}
"""The precedence of operators, all left-associative. A unary minus is between `*` and `^`."""

NEGATION = 6


class Number(Struct, frozen=True):
    """A constant."""

    value: float


class Name(Struct, frozen=True):
    """The id of a metric or of another expression, or a word such as REPEAT."""

    name: str


class Text(Struct, frozen=True):
    """A string in quotes."""

    text: str


class FunctionCall(Struct, frozen=True):
    """A function, an operator or, as `[]`, an array, with its arguments."""

    function: str
    parts: tuple["Node", ...]


Node = Number | Name | Text | FunctionCall


@lru_cache(maxsize=1024)
def parsed(expression: str) -> Node:
    """Parse the expression. Raises ValueError where it is not metric math."""
    try:
        return ExpressionParser(expression, WORD).parsed()
    except RecursionError:
        raise ValueError(expression) from None


def names(node: Node) -> Iterator[str]:
    """Yield all ids and words in the expression."""
    match node:
        case Name(name):
            yield name
        case FunctionCall(_, parts):
            for part in parts:
                yield from names(part)
        case _:
            pass


def calls(node: Node) -> Iterator[FunctionCall]:
    """Yield all functions and operators in the expression."""
    if isinstance(node, FunctionCall):
        yield node
        for part in node.parts:
            yield from calls(part)


class ExpressionParser(Parser):
    """A precedence parser of one expression."""

    def parsed(self) -> Node:
        """Return the parsed expression. Raises ValueError for missing or trailing tokens."""
        node = self._operation(0)
        self.expect_end()
        return node

    def _operation(self, binding: int) -> Node:
        left = self._one()
        while BINDING.get(self.peek(), 0) > binding:
            operator = self.take().upper()
            left = FunctionCall(operator, (left, self._operation(BINDING[operator])))
        return left

    def _one(self) -> Node:
        word = self.take()
        match word[0]:
            case "(":
                node = self._operation(0)
                self.expect(")")
                return node
            case "[":
                return FunctionCall("[]", self._parts("]"))
            case "-":
                return FunctionCall("-", (Number(0), self._operation(NEGATION)))
            case "'" | '"':
                return Text(word[1:-1])
            case first if first.isdigit() or first == ".":
                return Number(float(word))
            case first if (first.isalpha() or first == "_") and word.upper() not in BINDING:
                return self._named(word)
        raise ValueError(word)

    def _named(self, word: str) -> Node:
        if self.peek() != "(":
            return Name(word)
        self.take()
        return FunctionCall(word.upper(), self._parts(")"))

    def _parts(self, end: str) -> tuple[Node, ...]:
        """Parse the arguments, separated by commas, up to the end mark."""
        parts: list[Node] = []
        while self.peek() != end:
            parts.append(self._operation(0))
            if self.peek() != end and self.take() != ",":
                raise ValueError(end)
        self.take()
        return tuple(parts)
