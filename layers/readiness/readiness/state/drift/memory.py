"""What is remembered of one check: what is known, and what people heard of it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import IntEnum
from typing import Any, Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from readiness.aws.time import iso, parsed
from readiness.model import Incident, Omission, Status

BLINDNESS = "(our sight)"
"""The key under which our own blindness waits, among those of the resources."""

GONE = "GONE"


class Visibility(IntEnum):
    """How much of a check can't be seen."""

    NONE = 0
    PARTLY = 1
    WHOLLY = 2


class Assessed(Protocol):
    """How a resource stands: its status, and whether a failure is only that nobody has recorded it yet."""

    @property
    def status(self) -> Status:
        """Its status."""

    @property
    def unrecorded(self) -> bool:
        """It fails only because nobody has recorded it yet."""


class Known(Struct, frozen=True):
    """What is known, or was told, of one resource. `since` is when this status was first read.

    `unrecorded`: it fails only because nobody has recorded it yet.
    """

    status: Status
    watched: Mapping[str, Any]
    since: datetime
    unrecorded: bool = False

    def same(self, other: "Known | None") -> bool:
        """Whether people would hear nothing new. None is a resource that passes and has no watched values."""
        if other is None:
            return self.plain
        return self.alike(other) and self.watched == other.watched

    def alike(self, other: "Assessed") -> bool:
        """Whether the status is the same: a failure that nobody caused is another one than a failure."""
        return self.status is other.status and self.unrecorded is other.unrecorded

    @property
    def fails(self) -> bool:
        """It fails, and not only because nobody has recorded it yet."""
        return self.status is Status.FAIL and not self.unrecorded

    @property
    def plain(self) -> bool:
        """It passes and has no watched values: nothing needs to be kept of it."""
        return self.status is Status.PASS and not self.watched


class CheckState(Struct, frozen=True):
    """The memory of one check, as docs/protocol.md section 2 lists it.

    In `known` and `told` an absent resource passes without watched values. What told holds and a complete listing
    omits is in `gone`, with the time of the first look that missed it. `waiting` says since when what may be told has
    not been. `blind` is whether the last look was, `partly` and `wholly` count looks in a row that were at least that.
    `announced` are the waivers whose coming end was told.
    """

    judge: str = ""
    known: Mapping[str, Known] = field(default_factory=dict)
    gone: Mapping[str, datetime] = field(default_factory=dict)
    told: Mapping[str, Known] = field(default_factory=dict)
    dark: Visibility = Visibility.NONE
    waiting: Mapping[str, datetime] = field(default_factory=dict)
    steady_since: datetime | None = None
    blind: bool = False
    partly: int = 0
    wholly: int = 0
    looked_at: datetime | None = None
    tells: tuple[datetime, ...] = ()
    loud: datetime | None = None
    waived: frozenset[str] = frozenset()
    paused: bool = False
    missed: tuple[Incident, ...] = ()
    more_missed: int = 0
    changes: int = 0
    unjudged: frozenset[str] = frozenset()
    incidents: tuple[str, ...] = ()
    announced: tuple[str, ...] = ()
    carry: Mapping[str, Any] = field(default_factory=dict)

    @property
    def resources(self) -> frozenset[str]:
        """Those of which something is kept."""
        return frozenset(self.known) | frozenset(self.told) | frozenset(self.gone)

    @property
    def failure_told(self) -> bool:
        """Whether people think that something fails."""
        return any(told.status is Status.FAIL for told in self.told.values())

    def hearing(self, resources: Iterable[str]) -> "CheckState":
        """With people told of these resources what is known of them."""
        heard = frozenset(resources)
        told = {name: each for name, each in self.told.items() if name not in heard}
        told |= {name: each for name, each in self.known.items() if name in heard and not each.plain}
        return replace(self, told=told, waived=self.waived - heard)

    def until(self, now: datetime) -> "CheckState":
        """Without times in the future, which a clock that ran ahead has left: those become `now`.

        Otherwise no look would count until the real time has caught up.
        """

        def past(known: Mapping[str, Known]) -> dict[str, Known]:
            return {name: replace(each, since=min(each.since, now)) for name, each in known.items()}

        return replace(
            self,
            known=past(self.known),
            told=past(self.told),
            gone={name: min(at, now) for name, at in self.gone.items()},
            waiting={name: min(at, now) for name, at in self.waiting.items()},
            steady_since=self.steady_since and min(self.steady_since, now),
            looked_at=self.looked_at and min(self.looked_at, now),
            tells=tuple(min(at, now) for at in self.tells),
            loud=self.loud and min(self.loud, now),
        )

    def to_item(self) -> dict[str, Any]:
        """As plain JSON; what is empty is left out."""
        absent = {name: {"status": GONE, "since": iso(at)} for name, at in self.gone.items()}
        item = {
            "judge": self.judge,
            "known": {name: _item(each) for name, each in self.known.items()} | absent,
            "told": {name: _item(each) for name, each in self.told.items()},
            "dark": self.dark.name.lower() if self.dark else "",
            "waiting": {name: iso(at) for name, at in self.waiting.items()},
            "steadySince": self.steady_since and iso(self.steady_since),
            "blind": self.blind,
            "blindRuns": {"partly": self.partly, "wholly": self.wholly} if self.partly else {},
            "lookedAt": self.looked_at and iso(self.looked_at),
            "tells": [iso(at) for at in self.tells],
            "loud": self.loud and iso(self.loud),
            "waived": sorted(self.waived),
            "paused": self.paused,
            "missed": [{"key": each.key, "before": each.before, "after": each.after} for each in self.missed],
            "moreMissed": self.more_missed,
            "changes": self.changes,
            "unjudged": sorted(self.unjudged),
            "incidents": list(self.incidents),
            "announced": list(self.announced),
            "carry": dict(self.carry),
        }
        return {name: value for name, value in item.items() if value}

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> "CheckState":
        """What `to_item` made."""
        known = item.get("known", {})
        blind = item.get("blindRuns", {})
        return cls(
            judge=item.get("judge", ""),
            known={name: _known(each) for name, each in known.items() if each["status"] != GONE},
            gone={name: parsed(each["since"]) for name, each in known.items() if each["status"] == GONE},
            told={name: _known(each) for name, each in item.get("told", {}).items()},
            dark=Visibility[item.get("dark", "none").upper()],
            waiting={name: parsed(at) for name, at in item.get("waiting", {}).items()},
            steady_since=_instant(item.get("steadySince")),
            blind=item.get("blind", False),
            partly=int(blind.get("partly", 0)),
            wholly=int(blind.get("wholly", 0)),
            looked_at=_instant(item.get("lookedAt")),
            tells=tuple(map(parsed, item.get("tells", ()))),
            loud=_instant(item.get("loud")),
            waived=frozenset(item.get("waived", ())),
            paused=item.get("paused", False),
            missed=tuple(Incident(**each) for each in item.get("missed", ())),
            more_missed=int(item.get("moreMissed", 0)),
            changes=int(item.get("changes", 0)),
            unjudged=frozenset(item.get("unjudged", ())),
            incidents=tuple(item.get("incidents", ())),
            announced=tuple(item.get("announced", ())),
            carry=item.get("carry", {}),
        )


def _instant(text: str | None) -> datetime | None:
    return parsed(text) if text else None


def _item(known: Known) -> dict[str, Any]:
    watched = {"watched": dict(known.watched)} if known.watched else {}
    reason = {"reason": str(Omission.NOT_RECORDED)} if known.unrecorded else {}
    return {"status": str(known.status), **reason, **watched, "since": iso(known.since)}


def _known(item: Mapping[str, Any]) -> Known:
    unrecorded = item.get("reason") == Omission.NOT_RECORDED
    return Known(Status(item["status"]), item.get("watched", {}), parsed(item["since"]), unrecorded)
