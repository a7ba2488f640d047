"""A parser of Metrics Insights queries: the series that they select.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-querylanguage.html
"""

import re
from collections.abc import Iterator
from typing import cast

from msgspec.structs import replace

from readiness.alarms.series import Function, Label, Query
from readiness.alarms.words import plain, words

CLAUSES = frozenset({"SELECT", "FROM", "WHERE", "GROUP", "ORDER", "LIMIT"})
FUNCTIONS = frozenset({"AVG", "COUNT", "MAX", "MIN", "SUM"})
TAG, ACCOUNT = "tag.", "AWS.AccountId"
WORD = re.compile(r"""\s*(tag\."(?:\\.|[^"\\])*"|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|!=|[(),=]|[^\s(),=!"']+)""")


def is_query(expression: str) -> bool:
    """True for a query, False for metric math."""
    return re.match(r"\s*SELECT\b", expression, re.IGNORECASE) is not None


def query(expression: str, account: str = "") -> Query | None:
    """Return the query of series of the account; None for syntax that AWS does not document."""
    try:
        clauses = _clauses(expression)
        metric, function = _selected(clauses["SELECT"])
        namespace, schema = _source(clauses["FROM"])
        labels = tuple(_labels(clauses.get("WHERE", [])))
        grouped = tuple(_grouped(clauses.get("GROUP", [])))
        if grouped:
            _ensure_highest(clauses)
    except (KeyError, ValueError):
        return None
    return Query(
        namespace,
        metric,
        function,
        schema,
        labels=tuple(
            label
            for label in labels
            if not label.key.startswith(TAG) and not (label.key == ACCOUNT and label.admits(account))
        ),
        tags=tuple(replace(label, key=label.key.removeprefix(TAG)) for label in labels if label.key.startswith(TAG)),
        grouped=grouped,
    )


def _clauses(expression: str) -> dict[str, list[str]]:
    """Return the tokens of each clause. Keywords are case-insensitive, names are not."""
    clauses: dict[str, list[str]] = {}
    clause: list[str] = []
    for word in words(expression, WORD):
        if word.upper() in CLAUSES:
            clause = clauses.setdefault(word.upper(), [])
        else:
            clause.append(word)
    return clauses


def _selected(words: list[str]) -> tuple[str, Function]:
    match words:
        case [function, "(", metric, ")"] if function.upper() in FUNCTIONS:
            return plain(metric), cast("Function", function.upper())
        case _:
            raise ValueError(words)


def _source(words: list[str]) -> tuple[str, tuple[str, ...] | None]:
    """Return the namespace, and the dimensions of SCHEMA, None without it."""
    match words:
        case [namespace]:
            return plain(namespace), None
        case [schema, "(", namespace, *others, ")"] if schema.upper() == "SCHEMA" and set(others[::2]) <= {","}:
            return plain(namespace), tuple(plain(name) for name in others[1::2])
        case _:
            raise ValueError(words)


def _labels(words: list[str]) -> Iterator[Label]:
    while words:
        match words:
            case [key, "=" | "!=" as operator, value, *others] if value[0] in "\"'":
                yield Label(_name(key), plain(value), equal=operator == "=")
                words = _after_and(others)
            case _:
                raise ValueError(words)


def _grouped(words: list[str]) -> Iterator[str]:
    """Yield the names of the GROUP BY clause."""
    match words:
        case []:
            return
        case [by, *names] if by.upper() == "BY" and set(names[1::2]) <= {","}:
            yield from map(_name, names[::2])
        case _:
            raise ValueError(words)


def _ensure_highest(clauses: dict[str, list[str]]) -> None:
    """Raise ValueError for a LIMIT that does not keep the groups with the highest values (ORDER BY ... DESC)."""
    if "LIMIT" in clauses and clauses.get("ORDER", [""])[-1].upper() != "DESC":
        raise ValueError(clauses["LIMIT"])


def _name(word: str) -> str:
    """Return a dimension, or `tag.` with the key of a tag, without quotes."""
    return TAG + plain(word.removeprefix(TAG)) if word.startswith(f'{TAG}"') else plain(word)


def _after_and(words: list[str]) -> list[str]:
    if words and (words[0].upper() != "AND" or len(words) == 1):
        raise ValueError(words)
    return words[1:]
