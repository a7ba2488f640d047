"""What a person attests of an item in fields that its rule reads, and not in prose alone. As JSON, both ways."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

Instant = Annotated[datetime, Meta(tz=True)]
Count = Annotated[int, Meta(ge=0)]
Rate = Annotated[float, Meta(ge=0)]
Name = Annotated[str, Meta(min_length=1)]


class RestoreDrill(Struct, frozen=True, kw_only=True):
    """The table was restored to another one, `at` an instant, as it was at the `source_point_in_time`.

    So many of its items were compared with the original, and so many of these were equal.
    """

    at: Instant
    source_point_in_time: Instant
    target_table: Name
    items_sampled: Count
    items_matched: Count
    duration_seconds: Count
    outcome: Literal["succeeded", "failed"]
    drill_id: str = ""


class LoadTest(Struct, frozen=True, kw_only=True):
    """A load was put on a staging table in a window of time, as high as is expected at the peak (units a second)."""

    window_start: Instant
    window_end: Instant
    staging_table: Name
    expected_reads: Rate
    expected_writes: Rate
    tool: Name


Record = RestoreDrill | LoadTest

RECORDS: Mapping[str, type[RestoreDrill] | type[LoadTest]] = {
    "restore-drilled": RestoreDrill,
    "load-tested": LoadTest,
}
"""By the rule that reads them."""


def written(record: Record) -> str:
    """As it is kept as the evidence of an attestation."""
    return msgspec.json.encode(record).decode()


def read(rule: str, evidence: str) -> Record | None:
    """What the evidence of an attestation holds; None where it is prose, or not as it was written."""
    try:
        return msgspec.json.decode(evidence, type=RECORDS[rule]) if rule in RECORDS else None
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None
