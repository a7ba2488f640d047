"""Everything under `STATE`: the input that a run reads before it scans."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec
from msgspec import Struct, field

from readiness.aws.time import iso, later
from readiness.state.drift import CheckState
from readiness.state.people import (
    Acknowledgement,
    Announced,
    Attestation,
    Instant,
    Manifest,
    Owner,
    Pause,
    Signoff,
    Waiver,
    Word,
)
from readiness.state.store.head import STATE, EmittedItems, Json
from readiness.state.store.mirror import Mirror
from readiness.state.store.rows import SCHEMA, joined
from readiness.state.store.wire import Item
from readiness.state.table_id import another

CANARY_LIVES = timedelta(hours=1)


class KeptFact(Struct, frozen=True, kw_only=True):
    """An answer that later runs can reuse: the name of its type, the name of its place, and when it was read.

    `revision` identifies the version of what was read; empty if the fact declares none.
    """

    type: str
    place: str
    at: Instant
    table_id: str
    answer: Any
    revision: str = ""


class EndingCall(Struct, frozen=True):
    """An API call that ends kept answers: its event, such as `ce:UpdateAnomalyMonitor`, without a version.

    `names` are the names of the resources in its parameters; `service` is that of their ARNs.
    """

    event: str
    service: str
    names: tuple[str, ...] = ()


class KeptFactsEnded(Struct, frozen=True):
    """Change events after which kept answers are not reused, until a commit has deleted these answers.

    `calls` is None if the row cannot be read: it then ends all kept answers.
    """

    sort_key: str
    calls: tuple[EndingCall, ...] | None


class Canary(Struct, frozen=True, kw_only=True):
    """An item that TTL should delete soon after it `expires`, one hour after it was written."""

    at: Instant
    table_id: str

    @property
    def expires(self) -> datetime:
        """Return the value of the table's expiry attribute."""
        return later(self.at, CANARY_LIVES)


W = TypeVar("W", bound=Word | KeptFact | Canary)


class Remembered(Struct, frozen=True, kw_only=True):
    """The memory of the table. Version 0: no run has committed yet.

    `checks` holds each check's memory as it was written, `signs` the digest of each item's row. `interval` is the
    schedule of the deployed monitor in minutes, `topic` the ARN of its topic. `void` holds annotations of another table
    of the same name.
    `seen`: a run that committed had described the table. `counted_at` is the time of the last scan that counted.
    `calls` are the change events that were processed, the newest last. `unnamed` are the changes that were told without
    their author. `words` are the announced annotations, by a name made of their sort key.
    `stored` is the content of `STATE#CHECKS` as it was read, and `checks_version` its version; 0 if there is none.
    `refused` holds the rows, as they were read, that are not believed: they can't be decoded, or the monitor did not
    write them. `damaged`: the head or the memory of the checks is among them or missing, so there is no memory.
    `later` are the sort keys of annotations in the form of a later release, which have no effect.
    `emitted` are the metrics of items, where they are emitted on changes only.
    `mirrors` are the incidents that were sent to each pager; None for a row that cannot be believed.
    `kept_rows` are the kept answers by the sort key of their row, and `ended` the change events that end some of them.
    `decoded` holds the memories that were decoded to be believed, with what they were decoded from.
    `unsigned`: the head or the memory is believed without a signature, because no release has signed it yet.
    """

    version: int = 0
    table_id: str | None = None
    seen: bool = False
    verified_at: datetime | None = None
    counted_at: datetime | None = None
    writer: str = ""
    release: str = ""
    judged_by: Mapping[str, str] = field(default_factory=dict)
    interval: int | None = None
    topic: str = ""
    schema: int = SCHEMA
    checks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    signs: Mapping[str, str] = field(default_factory=dict)
    calls: tuple[str, ...] = ()
    unnamed: tuple[Mapping[str, Any], ...] = ()
    words: Mapping[str, Announced] = field(default_factory=dict)
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
    emitted: EmittedItems = EmittedItems()
    checks_version: int = 0
    stored: Json = field(default_factory=dict)
    refused: Mapping[str, Item] = field(default_factory=dict)
    damaged: bool = False
    later: tuple[str, ...] = ()
    mirrors: Mapping[str, Mirror | None] = field(default_factory=dict)
    kept_rows: Mapping[str, tuple[KeptFact, ...]] = field(default_factory=dict)
    ended: tuple[KeptFactsEnded, ...] = ()
    decoded: Mapping[str, tuple[Json, CheckState]] = field(default_factory=dict)
    unsigned: bool = False

    @property
    def is_newer(self) -> bool:
        """Return True if a later release wrote a newer schema. The memory must then not be judged or overwritten."""
        return self.schema > SCHEMA

    @property
    def states(self) -> dict[str, CheckState]:
        """Return the memory of each check, by id. What was decoded when the rows were read is not decoded again."""
        known = ((name, item, self.decoded.get(name)) for name, item in self.checks.items())
        return {name: each[1] if each and each[0] is item else CheckState.from_item(item) for name, item, each in known}

    @property
    def illegible(self) -> tuple[str, ...]:
        """Return the sort keys of the rows that are not believed."""
        return tuple(self.refused)

    def next_version(self, at: datetime) -> int:
        """Return the version to write: one more than the one that was read, even of another table.

        Without a head it is the epoch second, which is above all versions of an earlier life of the table.
        """
        return self.version + 1 if self.version else int(at.timestamp())

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
            counted_at=self.counted_at if mine else None,
            checks=self.checks if mine else {},
            decoded=self.decoded if mine else {},
            signs=self.signs if mine else {},
            unnamed=self.unnamed if mine else (),
            words=self.words if mine else {},
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


def place_of(kind: type[Word], *about: str | datetime) -> str:
    """Return the sort key of an annotation of that kind about that subject."""
    return joined(STATE, kind.kind, *(iso(part) if isinstance(part, datetime) else part for part in about))


def sort_key_of(word: Word) -> str:
    """Return the sort key of an annotation."""
    return place_of(type(word), *word.about)


def written(value: Word | Canary) -> dict[str, Any]:
    """Return the attributes of a row under `STATE`, without its `tableId`."""
    return {name: getattr(value, name) for name in value.__struct_fields__ if name != "table_id"}


def _of(table_id: str, said: tuple[W, ...]) -> tuple[W, ...]:
    return tuple(each for each in said if not another(each.table_id, table_id))


def _mine(table_id: str, word: W | None) -> W | None:
    return None if word is None or another(word.table_id, table_id) else word
