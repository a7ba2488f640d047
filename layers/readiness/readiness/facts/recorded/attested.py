"""Records: attestations with fields that a rule reads. Encoded as JSON."""

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
    """A restore to `target_table`, done `at`; `items_matched` of `items_sampled` were equal to the original."""

    at: Instant
    source_point_in_time: Instant
    target_table: Name
    items_sampled: Count
    items_matched: Count
    duration_seconds: Count
    outcome: Literal["succeeded", "failed"]
    drill_id: str = ""


class LoadTest(Struct, frozen=True, kw_only=True):
    """A load test of a staging table in a time window, at the expected peak in capacity units per second."""

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
"""Record types by the rule that reads them."""


def written(record: Record) -> str:
    """Return the record as the evidence of an attestation."""
    return msgspec.json.encode(record).decode()


def read(rule: str, evidence: str) -> Record | None:
    """Return the record in the evidence; None where it is prose or cannot be decoded."""
    try:
        return msgspec.json.decode(evidence, type=RECORDS[rule]) if rule in RECORDS else None
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None
