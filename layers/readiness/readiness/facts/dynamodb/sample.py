"""A sample of the application's items, off by default: their kinds and their TTL values.

Keys may contain e-mail addresses and telephone numbers: they are read here and not kept.
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
from readiness.aws.client import Aws, existing
from readiness.checklist import Settings
from readiness.engine.fact import fact
from readiness.facts.dynamodb.table import Table, describe
from readiness.facts.recorded.manifest import ApplicationManifest
from readiness.facts.recorded.now import Now
from readiness.model import Fact, Unavailable

Attribute = Mapping[str, Any]
"""An attribute value with its type, such as `{"S": "CART#42"}`."""

PREFIX = re.compile(r"[A-Z][A-Z0-9_]{1,30}", re.ASCII)
OTHER = "<other>"
"""The prefix that is counted for a partition key without a prefix."""

OURS = "READINESS"
"""The prefix of the monitor's own items."""

MOST_SEGMENTS = 1_000_000
"""The maximum of TotalSegments: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html."""

MILLISECONDS = 10**11
"""A number of seconds above this is after the year 5138."""

FORGOTTEN = timedelta(days=5 * 365)
"""TTL does not delete items that expired longer ago.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html
"""


class Expiry(StrEnum):
    """The form of an item's TTL value. Only LATER and DUE are valid."""

    LATER = "later"
    DUE = "due"
    ABSENT = "absent"
    MILLISECONDS = "milliseconds"
    NO_NUMBER = "no number"
    TOO_OLD = "too old"


class Sampling(Fact):
    """The sampling settings of the checklist."""

    partition_key: str
    sort_key: str
    ttl_attribute: str
    segments: int
    items: int
    read_budget: int


@fact()
def sampling(table: Table, settings: Settings) -> Sampling | None:
    """Return None if sampling is disabled."""
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
    """Counts of sampled items by key prefix and by the form of their TTL value.

    An item counts under the prefix of its partition key, and again under the prefix of its sort key where that differs.
    `consumed` are the read capacity units of the scan.
    """

    stored_as = "Sample"

    at: datetime
    items: int
    consumed: float
    expiries: Mapping[str, Mapping[Expiry, int]]

    @property
    def prefixes(self) -> frozenset[str]:
        """Return all prefixes in the sample."""
        return frozenset(self.expiries) - {OTHER}


@fact("dynamodb:Scan", "dynamodb:DescribeTable", keeps=timedelta(days=1))
def sample(
    aws: Aws, table: Table, sampling: Sampling, now: Now, manifest: ApplicationManifest | Unavailable | None = None
) -> Sample:
    """Scan the first items of several segments: a scan from the beginning would always read the same items.

    The segments differ each day. A Scan is billed by the size of whole items, whatever it projects, and stops above the
    budget; a page is at most 1 MB. `Select` is set for roles that are allowed to scan only with it.
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
    """Yield one page per segment, with a segment count that gives each its share of the wanted items."""
    client = aws.client("dynamodb")
    with existing(f"the table {table.name}"):
        there = describe(aws, table.arn).get("ItemCount", int, 0)
        share = math.ceil(sampling.items / sampling.segments)
        total = min(max(there // share, sampling.segments), MOST_SEGMENTS)
        days = random.Random(f"{table.arn} {now.at:%Y-%m-%d}")  # noqa: S311  not used for security  # nosec B311
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
    """Return the prefixes of an item. An item without a partition key may be the monitor's own."""
    key = item.get(sampling.partition_key)
    if not key:
        return {OTHER}
    partition = _prefix(key, known)
    if partition == OURS:
        return {OURS}
    sort = _prefix(item.get(sampling.sort_key), known)
    return {partition or OTHER} | ({sort} if sort else set())


def _prefix(key: Attribute | None, known: Collection[str]) -> str | None:
    """Return the prefix in capitals, or as in the repository's code: any other text may be personal data."""
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
