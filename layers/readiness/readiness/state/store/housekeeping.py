"""Deletion of the monitor's rows: expired rows that TTL did not delete, and all rows when the monitor is removed."""

import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import islice, takewhile
from operator import gt
from typing import Any

from readiness.aws.answer import Answer
from readiness.aws.time import iso
from readiness.model import Reason, Unavailable
from readiness.state.store.change import ATTEMPTS_LIVE, DRIFTS_LIVE, RUNS_LIVE
from readiness.state.store.errors import StoreUnavailable, WriteConflict, explained
from readiness.state.store.rows import Rows

AT_ONCE = 25
"""The limit of BatchWriteItem, and of the rows that one run trims."""

BATCH = "dynamodb:BatchWriteItem"
TRIES = 8
FIRST_WAIT = 0.05


def trim(rows: Rows, now: datetime) -> int:
    """Delete up to 25 rows of runs, denied calls and changes that are past their expiry.

    Return their number; 0 if another run trims the same rows. StoreUnavailable.
    """
    outlived = list(islice(_outlived(rows, now), AT_ONCE))
    try:
        if outlived:
            rows.transact([rows.drop(sort_key) for sort_key in outlived])
    except WriteConflict:  # another run trims the same rows
        return 0
    return len(outlived)


def count(rows: Rows) -> int:
    """Return the number of rows that a purge would delete. StoreUnavailable."""
    return rows.count()


def purge(rows: Rows) -> int:
    """Delete all rows of the monitor and return their number. StoreUnavailable: some can be left."""
    sort_keys = [rows.sort_key_of(row) for row in rows.query()]
    for start in range(0, len(sort_keys), AT_ONCE):
        _delete(rows, sort_keys[start : start + AT_ONCE])
    return len(sort_keys)


def _outlived(rows: Rows, now: datetime) -> Iterator[str]:
    for kind, lives in (("RUN#", RUNS_LIVE), ("ATTEMPT#", ATTEMPTS_LIVE), ("DRIFT#", DRIFTS_LIVE)):
        oldest = map(rows.sort_key_of, rows.query(kind, limit=AT_ONCE))
        yield from takewhile(partial(gt, kind + iso(now - lives)), oldest)


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
