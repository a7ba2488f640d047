"""Damaged rows: which of them one run moves, and the rows that keep what they held. docs/protocol.md section 8."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import accumulate, islice
from typing import Any

from msgspec import Struct

from readiness.aws.time import iso
from readiness.state.store.rows import Rows, Write, joined
from readiness.state.store.wire import Item, depth, encode, size

REFUSED = "REFUSED"
MORE = "more"
"""The name of the row, and of its attribute, that counts what is not kept."""

REFUSED_LIVE = timedelta(days=90)

MOST_REFUSED = 10
"""The number of damaged rows that one run moves."""

MOST_REFUSED_KEPT = 20
"""The number of damaged rows that are kept. Further ones are counted."""

MOST_COUNTED = 10**9

MOST_NESTED = 30
"""Levels of nesting of an attribute. DynamoDB's limit is 32."""

# Bytes.
REFUSED_ROW = 100_000
REFUSED_ROWS = 1_000_000


def movable(refused: Mapping[str, Item]) -> dict[str, Item]:
    """Return the damaged rows that one run moves: at most 10, and of 1 MB, but the first of any size.

    The conditions of the transaction repeat their values. The others are left to later runs.
    """
    taken = accumulate(map(size, refused.values()))
    rows = islice(zip(refused.items(), taken, strict=True), MOST_REFUSED)
    return dict(row for number, (row, end) in enumerate(rows) if not number or end <= REFUSED_ROWS)


class RefusedBefore(Struct, frozen=True):
    """The damaged rows that earlier runs moved: the number of those that are kept, and of the others."""

    kept: int = 0
    more: int = 0


def refused_before(rows: Rows) -> RefusedBefore:
    """Return the number of damaged rows that earlier runs moved. Two queries. StoreUnavailable.

    The others count as 0 if somebody has written another value there: DynamoDB adds to numbers only.
    """
    first = next(rows.query(REFUSED, 1), {})
    more: Any = first.get(MORE) if first and rows.sort_key_of(first) == REFUSED else 0
    fits = isinstance(more, int) and 0 < more < MOST_COUNTED
    return RefusedBefore(rows.count(f"{REFUSED}#"), more if fits else 0)


def set_aside(
    rows: Rows, refused: Mapping[str, Item], table_id: str, at: datetime, before: RefusedBefore
) -> Iterator[Write]:
    """Yield the rows that keep what damaged rows held, by sort key; beyond 20 such rows only their number."""
    room = max(0, MOST_REFUSED_KEPT - before.kept)
    for sort_key, item in islice(refused.items(), room):
        row = rows.item(joined(REFUSED, sort_key, iso(at)), table_id, {"at": at}, at + REFUSED_LIVE)
        yield rows.put(row | {"row": _as_attribute(item)})
    if len(refused) > room:
        yield rows.put(rows.item(REFUSED, table_id, {MORE: before.more + len(refused) - room}, at + REFUSED_LIVE))


def _as_attribute(item: Item) -> Any:
    """Return a damaged row as an attribute; only its size if it is too large, or nested too deeply for one more map."""
    taken = size(item)
    fits = taken <= REFUSED_ROW and depth({"M": item}) <= MOST_NESTED
    return {"M": dict(item)} if fits else encode({"tooLargeToKeep": taken})
