"""A few items of the application, off unless the checklist says otherwise: what kinds there are, and when they expire.

Keys hold e-mail addresses and telephone numbers: they are looked at here and kept nowhere.
"""

import math
import random
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from readiness.aws.answer import Answer
from readiness.aws.client import Aws
from readiness.checklist import Settings
from readiness.engine.fact import fact
from readiness.facts.dynamodb.table import Table, existing
from readiness.facts.recorded.now import Now
from readiness.facts.recorded.recorded_manifest import ApplicationManifest
from readiness.model import Fact, Unavailable

Attribute = Mapping[str, Any]
"""A value under the name of its type, as in `{"S": "CART#42"}`."""

PREFIX = re.compile(r"[A-Z][A-Z0-9_]{1,30}", re.ASCII)
OTHER = "<other>"
"""Instead of a partition key that does not begin with a prefix."""

OURS = "READINESS"
"""The prefix of the monitor's own items."""

MOST_SEGMENTS = 1_000_000
"""The most that AWS takes as TotalSegments: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html."""

MILLISECONDS = 10**11
"""Seconds after that are in the year 5138."""

FORGOTTEN = timedelta(days=5 * 365)
"""Time to live leaves alone what expired longer ago.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html
"""


class Expiry(StrEnum):
    """How an item says when it expires: the first two are as time to live wants them."""

    LATER = "later"
    DUE = "due"
    ABSENT = "absent"
    MILLISECONDS = "milliseconds"
    NO_NUMBER = "no number"
    TOO_OLD = "too old"


class Sampling(Fact):
    """How the checklist wants the items of the table to be looked at."""

    partition_key: str
    sort_key: str
    ttl_attribute: str
    segments: int
    items: int
    read_budget: int


@fact()
def sampling(table: Table, settings: Settings) -> Sampling | None:
    """None: it does not."""
    wanted = settings.wanted(table.name)
    if not wanted.sample.enabled:
        return None
    return Sampling(
        wanted.partition_key,
        wanted.sort_key,
        wanted.ttl_attribute,
        wanted.sample.segments,
        wanted.sample.items,
        wanted.sample.read_budget,
    )


class Sample(Fact):
    """Of so many items: by the prefixes of their keys, how many say when they expire in which way.

    An item counts by the prefix of its partition key, and again by that of its sort key where that has another.
    `consumed` are the read units that it cost.
    """

    stored_as = "Sample"

    at: datetime
    items: int
    consumed: float
    expiries: Mapping[str, Mapping[Expiry, int]]

    @property
    def prefixes(self) -> frozenset[str]:
        """All that were seen."""
        return frozenset(self.expiries) - {OTHER}


@fact("dynamodb:Scan", "dynamodb:DescribeTable", keeps=timedelta(days=1))
def sample(
    aws: Aws, table: Table, sampling: Sampling, now: Now, manifest: ApplicationManifest | Unavailable | None = None
) -> Sample:
    """Of each of some segments the first items: a scan from the beginning would always see the same ones.

    The segments are others each day. A Scan costs what it reads, whole items, whatever is projected, and is stopped
    once that is more than the budget; a page is 1 MB at most. `Select` is said for those who allow it by a condition.
    """
    known = manifest.says.prefixes if isinstance(manifest, ApplicationManifest) else frozenset()
    found: Counter[tuple[str, Expiry]] = Counter()
    items, consumed = 0, 0.0
    for page in _pages(aws, table, sampling, now):
        consumed += page.part("ConsumedCapacity").need("CapacityUnits", float)
        found_here = page.need("Items", list)
        items += len(found_here)
        for item in found_here:
            expiry = _expiry(item.get(sampling.ttl_attribute), now)
            found.update((prefix, expiry) for prefix in _prefixes(item, sampling, known))
        if consumed > sampling.read_budget:
            break
    expiries: dict[str, dict[Expiry, int]] = {}
    for (prefix, expiry), count in sorted(found.items()):
        expiries.setdefault(prefix, {})[expiry] = count
    return Sample(now.at, items, consumed, expiries)


def _pages(aws: Aws, table: Table, sampling: Sampling, now: Now) -> Iterator[Answer]:
    """One of each segment. There are so many segments that each has about its share of the items wanted."""
    client = aws.client("dynamodb")
    with existing(table):
        described = Answer(client.describe_table(TableName=table.name), "dynamodb:DescribeTable").part("Table")
        there = described.get("ItemCount", int, 0)
        share = math.ceil(sampling.items / sampling.segments)
        total = min(max(there // share, sampling.segments), MOST_SEGMENTS)
        days = random.Random(f"{table.arn} {now.at:%Y-%m-%d}")  # noqa: S311  nothing has to be kept from guessing it
        for segment in days.sample(range(total), sampling.segments):
            page = client.scan(
                TableName=table.name,
                TotalSegments=total,
                Segment=segment,
                Limit=share,
                Select="SPECIFIC_ATTRIBUTES",
                ProjectionExpression="#p,#s,#e",
                ExpressionAttributeNames={
                    "#p": sampling.partition_key,
                    "#s": sampling.sort_key,
                    "#e": sampling.ttl_attribute,
                },
                ReturnConsumedCapacity="TOTAL",
            )
            yield Answer(page, "dynamodb:Scan")


def _prefixes(item: Mapping[str, Attribute], sampling: Sampling, known: Collection[str]) -> set[str]:
    """One that lacks its partition key may be anybody's, the monitor's own too."""
    key = item.get(sampling.partition_key)
    if not key:
        return {OTHER}
    partition = _prefix(key, known)
    if partition == OURS:
        return {OURS}
    sort = _prefix(item.get(sampling.sort_key), known)
    return {partition or OTHER} | ({sort} if sort else set())


def _prefix(key: Attribute | None, known: Collection[str]) -> str | None:
    """In capitals, or as the repository writes it: anything else before the mark may be personal data."""
    text = key.get("S", "") if key else ""
    head, mark, _ = text.partition("#")
    return head if mark and (head in known or PREFIX.fullmatch(head)) else None


def _expiry(value: Attribute | None, now: Now) -> Expiry:
    """https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-before-you-start.html."""
    if not value:
        return Expiry.ABSENT
    try:
        seconds = float(value["N"])
    except (KeyError, TypeError, ValueError):
        return Expiry.NO_NUMBER
    if seconds > MILLISECONDS:
        return Expiry.MILLISECONDS
    if seconds < (now.at - FORGOTTEN).timestamp():
        return Expiry.TOO_OLD
    return Expiry.LATER if seconds > now.at.timestamp() else Expiry.DUE
