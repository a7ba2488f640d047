"""Values that nobody expects: JSON, texts, times, attributes of DynamoDB, and changed copies of good values."""

from collections.abc import Mapping
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

Json = Any

FEW = settings(max_examples=max(2, settings().max_examples // 10))
"""For tests whose examples take a run each."""

DEPTH = 1_000

TEXTS = st.one_of(
    st.text(max_size=40),
    st.text(st.characters(codec=None), max_size=20),  # with halves of surrogate pairs, which UTF-8 cannot encode
    st.sampled_from(
        [
            "",
            "\x00",
            "\ud800",
            "\u202egnp.exe",
            "jo\n  by        root of account 123456789012",
            "x" * 5_000,
            "arn:aws:iam::999999999999:role/admin",
            "${jndi:ldap://x}",
            "$LATEST",
            "READINESS#",
            "999999999999",
            "9" * 400,
        ]
    ),
)

WHOLE_TEXTS = TEXTS.map(lambda text: text.encode(errors="replace").decode())
"""As DynamoDB and files have them: they can be encoded."""

NUMBERS = st.one_of(
    st.integers(), st.floats(allow_nan=False), st.sampled_from([0, -1, 10**12, 2**63, 2**64, 10**38, 1e308, -0.0])
)

JSON: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)

TIMES = st.one_of(
    st.datetimes().map(lambda at: at.isoformat() + "Z"),
    st.sampled_from(
        [
            "0001-01-01T00:00:00Z",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59.999999Z",
            "9999-12-31T23:59:59-14:00",
            "2026-11-24T03:12:02",
            "2026-11-24",
            "1700000000",
            "1e10",
            "tomorrow",
            "2026-02-30T00:00:00Z",
        ]
    ),
)
"""As texts. Some have no time zone, some cannot be converted to UTC, and some are no times."""


def nested(depth: int) -> Json:
    """Lists in each other."""
    value: Json = "deep"
    for _ in range(depth):
        value = [value]
    return value


@st.composite
def changed(draw: st.DrawFn, good: Mapping[str, Json], values: st.SearchStrategy[Json] = JSON) -> dict[str, Json]:
    """A copy of which some members, at any depth, are missing or have another value."""
    copy: dict[str, Json] = {}
    for name, value in good.items():
        fate = draw(st.sampled_from(["kept", "kept", "kept", "inside", "other", "missing"]))
        if fate == "missing":
            continue
        if fate == "inside" and isinstance(value, dict):
            copy[name] = draw(changed(value, values))
        else:
            copy[name] = draw(values) if fate == "other" else value
    return copy | draw(st.dictionaries(TEXTS, values, max_size=1))


def _dynamodb_number() -> st.SearchStrategy[str]:
    """As DynamoDB returns numbers: at most 38 digits, and an exponent from -130 to 125."""
    digits = st.integers(-(10**38) + 1, 10**38 - 1).map(str)
    return digits | st.sampled_from(["0", "-0", "1E+125", "9.9E+125", "-1E-130", "0.1", "5E-7", "1" * 38])


ATTRIBUTES: st.SearchStrategy[dict[str, Any]] = st.recursive(
    st.one_of(
        st.builds(lambda text: {"S": text}, WHOLE_TEXTS | TIMES),
        st.builds(lambda number: {"N": number}, _dynamodb_number()),
        st.builds(lambda flag: {"BOOL": flag}, st.booleans()),
        st.just({"NULL": True}),
        st.builds(lambda data: {"B": data}, st.binary(max_size=8)),
        st.builds(lambda texts: {"SS": texts}, st.lists(WHOLE_TEXTS, min_size=1, max_size=3, unique=True)),
        st.builds(lambda numbers: {"NS": numbers}, st.lists(_dynamodb_number(), min_size=1, max_size=3, unique=True)),
        st.builds(lambda data: {"BS": data}, st.lists(st.binary(max_size=4), min_size=1, max_size=3, unique=True)),
        st.sampled_from([{"M": {}}, {"L": []}]),
    ),
    lambda inner: st.one_of(
        st.builds(lambda members: {"L": members}, st.lists(inner, max_size=3)),
        st.builds(lambda members: {"M": members}, st.dictionaries(WHOLE_TEXTS, inner, max_size=3)),
    ),
    max_leaves=6,
)
"""Attribute values of every type."""
