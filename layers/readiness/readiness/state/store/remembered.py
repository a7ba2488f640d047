"""Everything under `STATE`: the input that a run reads before it scans."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec
from msgspec import Struct, field

from readiness.state.people import (
    Acknowledgement,
    Attestation,
    Instant,
    Manifest,
    Owner,
    Pause,
    Signoff,
    Waiver,
    Word,
)
from readiness.state.store.rows import SCHEMA
from readiness.state.table_id import another, is_known

STATE = "STATE"
CANARY_LIVES = timedelta(hours=1)


class KeptFact(Struct, frozen=True, kw_only=True):
    """An answer that later runs can reuse: the name of its type, the name of its place, and when it was read."""

    type: str
    place: str
    at: Instant
    table_id: str
    answer: Any


class Canary(Struct, frozen=True, kw_only=True):
    """An item that TTL should delete soon after it `expires`, one hour after it was written."""

    at: Instant
    table_id: str

    @property
    def expires(self) -> datetime:
        """Return the value of the table's expiry attribute."""
        return self.at + CANARY_LIVES


KINDS: Mapping[str, type] = {
    "CANARY": Canary,
    "FACT": KeptFact,
    **{word.kind: word for word in (Owner, Waiver, Acknowledgement, Pause, Attestation, Manifest, Signoff)},
}

T = TypeVar("T")
W = TypeVar("W", bound=Word | KeptFact | Canary)


class Remembered(Struct, frozen=True, kw_only=True):
    """The memory of the table. Version 0: no run has committed yet.

    `checks` holds each check's memory as it was written, `signs` the digest of each item's row. `interval` is the
    schedule of the deployed monitor in minutes. `void` holds annotations of another table of the same name.
    `seen`: a run that committed had described the table.
    `calls` are the change events that were processed, the newest last. `unnamed` are the changes that were told without
    their author.
    `illegible` holds the sort keys of the rows under `STATE` that can't be decoded.
    """

    version: int = 0
    table_id: str | None = None
    seen: bool = False
    verified_at: datetime | None = None
    writer: str = ""
    release: str = ""
    judged_by: Mapping[str, str] = field(default_factory=dict)
    interval: int | None = None
    schema: int = SCHEMA
    checks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    signs: Mapping[str, str] = field(default_factory=dict)
    calls: tuple[str, ...] = ()
    unnamed: tuple[Mapping[str, Any], ...] = ()
    owners: tuple[Owner, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    acks: tuple[Acknowledgement, ...] = ()
    pause: Pause | None = None
    attestations: tuple[Attestation, ...] = ()
    manifest: Manifest | None = None
    signoff: Signoff | None = None
    void: tuple[Word, ...] = ()
    facts: tuple[KeptFact, ...] = ()
    canaries: tuple[Canary, ...] = ()
    illegible: tuple[str, ...] = ()

    @property
    def is_newer(self) -> bool:
        """Return True if a later release wrote a newer schema. The memory must then not be judged or overwritten."""
        return self.schema > SCHEMA

    def about(self, table_id: str) -> "Remembered":
        """Return the part that applies to the table with that `TableId`.

        The version and the owners always apply. The check memories apply unless the memory is of another table. Each
        annotation, kept answer and canary applies unless its own TableId is of another table.
        """
        mine = not another(self.table_id, table_id)
        one = tuple(word for word in (self.pause, self.manifest, self.signoff) if word)
        said: tuple[Word, ...] = (*self.waivers, *self.acks, *self.attestations, *one)
        return msgspec.structs.replace(
            self,
            seen=self.seen and mine,
            checks=self.checks if mine else {},
            signs=self.signs if mine else {},
            unnamed=self.unnamed if mine else (),
            waivers=_of(table_id, self.waivers),
            acks=_of(table_id, self.acks),
            pause=_mine(table_id, self.pause),
            attestations=_of(table_id, self.attestations),
            manifest=_mine(table_id, self.manifest),
            signoff=_mine(table_id, self.signoff),
            void=tuple(word for word in said if another(word.table_id, table_id)),
            facts=_of(table_id, self.facts),
            canaries=_of(table_id, self.canaries),
        )


def remembered(rows: Mapping[str, Mapping[str, Any]]) -> Remembered:
    """Return the memory in the rows under `STATE`, which are given by sort key."""
    state = rows.get(STATE, {})
    others = {key: read(key, row) for key, row in rows.items() if key != STATE}
    said = list(others.values())
    return Remembered(
        version=state.get("version", 0),
        table_id=state.get("tableId"),
        seen=state.get("seen", is_known(state.get("tableId"))),
        verified_at=datetime.fromisoformat(state["verifiedAt"]) if "verifiedAt" in state else None,
        writer=state.get("writer", ""),
        release=state.get("release", ""),
        judged_by=state.get("judgedBy", {}),
        interval=state.get("intervalMinutes"),
        schema=max((row["schema"] for row in rows.values() if isinstance(row.get("schema"), int)), default=SCHEMA),
        checks=state.get("checks", {}),
        signs=state.get("signs", {}),
        calls=tuple(state.get("calls", ())),
        unnamed=tuple(state.get("unnamed", ())),
        owners=_all(Owner, said),
        waivers=_all(Waiver, said),
        acks=_all(Acknowledgement, said),
        pause=_one(Pause, said),
        attestations=_all(Attestation, said),
        manifest=_one(Manifest, said),
        signoff=_one(Signoff, said),
        facts=_all(KeptFact, said),
        canaries=_all(Canary, said),
        illegible=tuple(key for key, value in others.items() if value is None),
    )


def written(value: Word | KeptFact | Canary) -> dict[str, Any]:
    """Return the attributes of a row under `STATE`, without its `tableId`."""
    return {name: getattr(value, name) for name in value.__struct_fields__ if name != "table_id"}


def read(sort_key: str, row: Mapping[str, Any]) -> Any:
    """Return the value of a row under `STATE`; None if it has another form, for example after an edit in the console.

    For a former annotation in the history, `sort_key` is its key before it was replaced.
    """
    kind = KINDS.get(sort_key.partition("#")[2].partition("#")[0])
    try:
        return msgspec.convert({**row, "table_id": row.get("tableId")}, kind) if kind else None
    except msgspec.ValidationError:
        return None


def _all(kind: type[T], said: Iterable[object]) -> tuple[T, ...]:
    return tuple(each for each in said if isinstance(each, kind))


def _one(kind: type[T], said: Iterable[object]) -> T | None:
    return next(iter(_all(kind, said)), None)


def _of(table_id: str, said: tuple[W, ...]) -> tuple[W, ...]:
    return tuple(each for each in said if not another(each.table_id, table_id))


def _mine(table_id: str, word: W | None) -> W | None:
    return None if word is None or another(word.table_id, table_id) else word
