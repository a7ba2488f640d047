"""Filter patterns of metric filters, evaluated on log events in JSON.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html

Only comparisons of a known member with a string, and its existence, are evaluated: numbers, arrays, regular expressions
and unstructured patterns are not. Only some members of the log event are known, so all others are undecided too.
"""

import re
from collections.abc import Callable, Iterator, Mapping

from readiness.iam.comparing import Truth, all_of, any_of
from readiness.iam.match import matches

TOKEN = re.compile(
    r"""\s*(?:
        (?P<symbol>\(|\)|&&|\|\||!=|>=|<=|=|>|<)
      | (?P<selector>\$(?:\.[\w$-]+|\[[^\]\s]*\])+)
      | "(?P<quoted>(?:[^"\\]|\\.)*)"
      | (?P<word>[^\s()&|=!<>"]+)
    )""",
    re.VERBOSE,
)

Known = Mapping[str, str]
"""Known values of a log event, by selectors such as `$.domain`."""

Tokens = list[tuple[str, str]]


class _Undecided(Exception):
    """The pattern has a part that is not evaluated."""


def matched(pattern: str, known: Known) -> bool | None:
    """True if such a log event matches; None where that is not decided."""
    text = pattern.strip()
    if not text:
        return True  # the empty pattern matches every line
    if not (text.startswith("{") and text.endswith("}")):
        return None
    try:
        tokens = _tokens(text[1:-1])
        found = _any(tokens, known)
    except (_Undecided, RecursionError):
        return None
    return None if tokens else found


def _tokens(text: str) -> Tokens:
    """Return the tokens in reverse order, so that the next one is popped from the end."""
    found: Tokens = []
    at = 0
    text = text.rstrip()
    while at < len(text):
        token = TOKEN.match(text, at)
        if token is None or token.lastgroup is None:
            raise _Undecided
        found.append((token.lastgroup, token[token.lastgroup]))
        at = token.end()
    return found[::-1]


def _any(tokens: Tokens, known: Known) -> Truth:
    return any_of(_separated("||", _all, tokens, known))


def _all(tokens: Tokens, known: Known) -> Truth:
    return all_of(_separated("&&", _one, tokens, known))


def _separated(symbol: str, part: Callable[[Tokens, Known], Truth], tokens: Tokens, known: Known) -> Iterator[Truth]:
    yield part(tokens, known)
    while _taken(tokens, symbol):
        yield part(tokens, known)


def _one(tokens: Tokens, known: Known) -> bool | None:
    if _taken(tokens, "("):
        found = _any(tokens, known)
        if not _taken(tokens, ")"):
            raise _Undecided
        return found
    kind, selector = _next(tokens)
    if kind != "selector":
        raise _Undecided
    kind, operator = _next(tokens)
    value = known.get(selector)
    if kind == "symbol" and operator in {"=", "!="}:
        return _compared(value, *_next(tokens), equal=operator == "=")
    if kind == "symbol" and operator not in {"(", ")", "&&", "||"}:
        _next(tokens)  # numbers are compared, and no number is known
        return None
    return _stated(value, operator, tokens)


def _compared(value: str | None, kind: str, wanted: str, *, equal: bool) -> bool | None:
    """Compare a value; `*` is a wildcard, and `%...%` is a regular expression, which is not evaluated."""
    if kind not in {"quoted", "word"} or wanted.startswith("%") or "?" in wanted or "\\" in wanted:
        raise _Undecided
    return None if value is None else matches(wanted, value) is equal


def _stated(value: str | None, word: str, tokens: Tokens) -> bool | None:
    """Evaluate `EXISTS`, `NOT EXISTS`, `IS NULL`, `IS TRUE` and `IS FALSE`; known values are strings."""
    words = {"NOT": ("EXISTS",), "IS": ("NULL", "TRUE", "FALSE")}.get(word.upper())
    if words is not None and _next(tokens)[1].upper() not in words:
        raise _Undecided
    if words is None and word.upper() != "EXISTS":
        raise _Undecided
    return None if value is None else words is None


def _next(tokens: Tokens) -> tuple[str, str]:
    if not tokens:
        raise _Undecided
    return tokens.pop()


def _taken(tokens: Tokens, symbol: str) -> bool:
    if not tokens or tokens[-1] != ("symbol", symbol):
        return False
    tokens.pop()
    return True
