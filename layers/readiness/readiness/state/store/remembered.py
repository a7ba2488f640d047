"""Everything under `STATE`: what a run reads before it looks."""

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
    """An answer that later runs may reuse: its type's name, the name of its place, and when it was read."""

    type: str
    place: str
    at: Instant
    table_id: str
    answer: Any


class Canary(Struct, frozen=True, kw_only=True):
    """An item of ours that TTL should delete soon after it `expires`: an hour after it was written."""

    at: Instant
    table_id: str

    @property
    def expires(self) -> datetime:
        """What the table's own expiry attribute says of it."""
        return self.at + CANARY_LIVES


KINDS: Mapping[str, type] = {
    "CANARY": Canary,
    "FACT": KeptFact,
    **{word.kind: word for word in (Owner, Waiver, Acknowledgement, Pause, Attestation, Manifest, Signoff)},
}

T = TypeVar("T")
W = TypeVar("W", bound=Word | KeptFact | Canary)


class Remembered(Struct, frozen=True, kw_only=True):
    """What is remembered of the table. Version 0: nothing is, yet.

    `checks` holds each check's memory as it was written, `signs` what tells a changed item. `interval` is how often the
    deployed monitor looks, in minutes. `void` is what was said of another table, once it is known which this is.
    `seen`: a run that remembered has read what the table is.
    `calls` are the change events that were looked at, the newest last, `unnamed` the changes of which nobody was told
    who made them.
    `illegible` names the rows under `STATE` that can't be read.
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
        """A later release wrote this in a form that we don't know: nothing of it may be judged or written over."""
        return self.schema > SCHEMA

    def about(self, table_id: str) -> "Remembered":
        """What of it holds for the table of that `TableId`: of another table, only the version and the owners."""
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
    """What the rows under `STATE` say, by sort key."""
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
        schema=max((row.get("schema", SCHEMA) for row in rows.values()), default=SCHEMA),
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
    """The attributes of a row under `STATE`, but for its `tableId`."""
    return {name: getattr(value, name) for name in value.__struct_fields__ if name != "table_id"}


def read(sort_key: str, row: Mapping[str, Any]) -> Any:
    """What a row under `STATE` holds; None where it is none that we write: a person may have edited it in the console.

    Of a former word `sort_key` is the one under which it stood.
    """
    kind = KINDS.get(sort_key.split("#")[1])
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
