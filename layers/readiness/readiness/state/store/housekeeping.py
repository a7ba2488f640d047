"""Deletion of the monitor's rows: expired rows that TTL did not delete, and all rows when the monitor is removed."""

import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import chain, islice, takewhile
from operator import gt
from typing import Any

from readiness.aws.answer import Answer
from readiness.aws.time import iso
from readiness.model import Reason, Unavailable
from readiness.state.people import Manifest, Pause, Signoff
from readiness.state.store.change import ATTEMPTS_LIVE, DRIFTS_LIVE, ROLLBACK, RUNS_LIVE
from readiness.state.store.damage import REFUSED
from readiness.state.store.errors import StoreUnavailable, WriteConflict, explained
from readiness.state.store.head import STATE
from readiness.state.store.rows import Rows
from readiness.state.store.words import HISTORY, KINDS, is_said

AT_ONCE = 25
"""The limit of BatchWriteItem, and of the rows that one run trims."""

UNORDERED = (
    REFUSED,
    ROLLBACK,
    *(f"{HISTORY}#{STATE}#{kind}" for kind in sorted(KINDS)),
)
"""The beginnings of sort keys of rows that expire, and in which something else comes before the time."""

BY_TIME = frozenset(f"{HISTORY}#{STATE}#{kind.kind}" for kind in (Manifest, Pause, Signoff))
"""Those of which the oldest is the first, because there is one such annotation. A manifest can have 100 KB."""

BATCH = "dynamodb:BatchWriteItem"
TRIES = 8
FIRST_WAIT = 0.05


def trim(rows: Rows, now: datetime) -> int:
    """Delete up to 25 rows of the monitor that are past their expiry.

    Return their number; 0 if another run trims the same rows. StoreUnavailable.
    """
    outlived = list(islice(chain(_outlived(rows, now), _expired(rows, now)), AT_ONCE))
    try:
        if outlived:
            rows.transact([rows.drop(sort_key) for sort_key in outlived])
    except WriteConflict:  # another run trims the same rows
        return 0
    return len(outlived)


def count(rows: Rows, *, keep_words: bool = False) -> int:
    """Return the number of rows that a purge would delete. StoreUnavailable."""
    return len(_purged(rows, keep_words=keep_words)) if keep_words else rows.count()


def purge(rows: Rows, *, keep_words: bool = False) -> int:
    """Delete all rows of the monitor and return their number. StoreUnavailable: some can be left.

    `keep_words`: the annotations of people and their history stay.
    """
    sort_keys = _purged(rows, keep_words=keep_words)
    for start in range(0, len(sort_keys), AT_ONCE):
        _delete(rows, sort_keys[start : start + AT_ONCE])
    return len(sort_keys)


def _purged(rows: Rows, *, keep_words: bool) -> list[str]:
    sort_keys = map(rows.sort_key_of, rows.query())
    return [sort_key for sort_key in sort_keys if not (keep_words and is_said(sort_key))]


def _outlived(rows: Rows, now: datetime) -> Iterator[str]:
    for kind, lives in (("RUN#", RUNS_LIVE), ("ATTEMPT#", ATTEMPTS_LIVE), ("DRIFT#", DRIFTS_LIVE)):
        oldest = map(rows.sort_key_of, rows.query(kind, limit=AT_ONCE))
        yield from takewhile(partial(gt, kind + iso(now - lives)), oldest)


def _expired(rows: Rows, now: datetime) -> Iterator[str]:
    """Yield expired rows whose sort keys are not in the order of time. Each day only one kind of them is read."""
    kind = UNORDERED[now.toordinal() % len(UNORDERED)]
    for row in rows.query(kind, limit=AT_ONCE if kind in BY_TIME else None):
        expires = row.get(rows.ttl_attribute)
        if isinstance(expires, int) and expires <= now.timestamp():
            yield rows.sort_key_of(row)


def _delete(rows: Rows, sort_keys: Sequence[str]) -> None:
    """Delete rows with BatchWriteItem. It can leave items unprocessed when throttled; botocore does not retry them."""
    undone: Any = {rows.table: [{"DeleteRequest": {"Key": rows.key(sort_key)}} for sort_key in sort_keys]}
    for attempt in range(TRIES):
        with explained(BATCH):
            undone = Answer(rows.client.batch_write_item(RequestItems=undone), BATCH).need("UnprocessedItems", dict)
        if not undone:
            return
        time.sleep(FIRST_WAIT * 2**attempt)
    raise StoreUnavailable(Unavailable(Reason.THROTTLED, BATCH, "UnprocessedItems"))
