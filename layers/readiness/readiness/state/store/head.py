"""The rows `STATE` and `STATE#CHECKS`: the head, which every run writes, and the memory, which is written on a change.

A value that a check carries and that moves without a change in the account is kept in the head. Otherwise it would
rewrite the memory, which is 20 to 100 times larger, on every run.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct, field

from readiness.aws.time import parsed, utc
from readiness.state.drift import CheckState
from readiness.state.people import Announced, Instant
from readiness.state.store.wire import decode_item, encode_item, size

STATE = "STATE"
CHECKS = "STATE#CHECKS"

MOVING = 512
"""The maximum size of the moving values in the head, in bytes. More of them stay in the memory."""

Version = Annotated[int, Meta(ge=1, lt=10**12)]
Minutes = Annotated[int, Meta(ge=1, le=10_000)]
Json = Mapping[str, Any]


class Memory(Struct, frozen=True, kw_only=True, rename="camel"):
    """The content of `STATE#CHECKS`: each check's memory, the digest of each item's row, and what the next run needs.

    `calls` are the change events that were processed, the newest last. `unnamed` are the changes that were told without
    their author. `words` are the announced annotations, by a name made of their sort key.
    """

    checks: Mapping[str, Json] = field(default_factory=dict)
    signs: Mapping[str, str] = field(default_factory=dict)
    calls: tuple[str, ...] = ()
    unnamed: tuple[Json, ...] = ()
    words: Mapping[str, Announced] = field(default_factory=dict)


class EmittedItems(Struct, frozen=True):
    """The metrics of items, by rule id, where they are emitted on changes only. Minutes are those of Unix time.

    `minutes` are when each was last emitted, `values` the last values without those that are 0. `changed` are when they
    changed, as long as each run emits them because of it.
    """

    minutes: Mapping[str, int] = field(default_factory=dict)
    values: Mapping[str, int] = field(default_factory=dict)
    changed: Mapping[str, int] = field(default_factory=dict)


class Head(Struct, frozen=True, kw_only=True, rename="camel"):
    """The content of `STATE`. `checks_version` is the version that wrote the memory; None in rows of schema 1.

    `counted_at` is the time of the last scan that counted. `topic` is the ARN of the topic for alerts. `emitted`,
    `emitted_values` and `emitted_changes` are the `EmittedItems`: former releases know `emitted` alone. `moving` holds
    the moving values of each check, by resource.
    """

    version: Version
    table_id: str | None = None
    seen: bool | None = None
    verified_at: Instant
    counted_at: Instant | None = None
    writer: str = ""
    release: str = ""
    judged_by: Mapping[str, str] = field(default_factory=dict)
    interval_minutes: Minutes | None = None
    topic: str = ""
    checks_version: Version | None = None
    emitted: Mapping[str, int] = field(default_factory=dict)
    emitted_values: Mapping[str, int] = field(default_factory=dict)
    emitted_changes: Mapping[str, int] = field(default_factory=dict)
    moving: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)


def without_moving(checks: Mapping[str, Json]) -> tuple[dict[str, Json], dict[str, Mapping[str, Json]]]:
    """Return the memories of the checks without their moving values, and the moving values as the head holds them."""
    rest: dict[str, Json] = {}
    moving: dict[str, Mapping[str, Json]] = {}
    for check, memory in checks.items():
        carry = memory.get("carry", {})
        moves = {name: _unmarked(each) for name, each in carry.items() if each.get("moves")}
        fits = bool(moves) and size(encode_item({**moving, check: moves})) <= MOVING
        stays = {name: each for name, each in carry.items() if name not in moves}
        if fits:
            moving[check] = moves
        rest[check] = {name: each for name, each in {**memory, "carry": stays}.items() if each} if fits else memory
    return rest, moving


def with_moving(checks: Mapping[str, Json], moving: Mapping[str, Mapping[str, Json]]) -> dict[str, Json]:
    """Return the memories of the checks with the moving values of the head."""
    marked = {check: {name: {**each, "moves": True} for name, each in moves.items()} for check, moves in moving.items()}
    return {
        check: {**memory, "carry": {**memory.get("carry", {}), **marked[check]}} if check in marked else memory
        for check, memory in checks.items()
    }


def former_counted_at(checks: Mapping[str, Json]) -> datetime | None:
    """Return the time of the last scan that counted; schema 1 kept it in each check."""
    return max((utc(parsed(memory["lookedAt"])) for memory in checks.values() if "lookedAt" in memory), default=None)


class _Carried(Struct, frozen=True):
    kind: str
    of: Any


def legible(memory: Memory, moving: Mapping[str, Mapping[str, Json]]) -> dict[str, tuple[Json, CheckState]] | None:
    """Return the memory of each check, as JSON with its moving values, and decoded.

    None if one cannot be decoded, compared with the current time or encoded again. `moving` are those of the head.
    """
    now = datetime.now(UTC)
    decoded = {}
    try:
        for check, item in with_moving(memory.checks, moving).items():
            msgspec.convert(item.get("carry", {}), Mapping[str, _Carried])
            state = CheckState.from_item(item)
            again = state.until(now).to_item()
            encode_item(again)
            without_moving({check: again})
            decoded[check] = item, state
        former_counted_at(memory.checks)
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError, msgspec.ValidationError):
        return None
    return decoded


def as_stored(memory: Memory) -> Json:
    """Return the memory in the form in which it is read back from the table, so that two compare equal."""
    values: Mapping[str, Any] = msgspec.to_builtins(memory)
    return decode_item(encode_item({name: each for name, each in values.items() if each}))


def _unmarked(carry: Json) -> dict[str, Any]:
    return {name: each for name, each in carry.items() if name != "moves"}
