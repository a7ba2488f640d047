"""The memory of one check: what is known of its resources, and what was told."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import IntEnum
from typing import Any, Protocol

from msgspec import Struct, convert, field
from msgspec.structs import replace

from readiness.aws.time import iso, parsed
from readiness.model import Incident, Omission, Status

BLINDNESS = "(our sight)"
"""The key of the check's blindness in `waiting`, next to the keys of the resources."""

GONE = "GONE"

MOST = 50
"""The number of resources of a check that are kept by name. All checks share one item of 400 KB; each takes 0.3 KB."""


class Visibility(IntEnum):
    """The extent to which a check's resources are not visible. A higher value means less visible."""

    NONE = 0
    PARTLY = 1
    WHOLLY = 2


class Assessed(Protocol):
    """A resource with a status. `unrecorded`: it fails only because a record is missing."""

    @property
    def status(self) -> Status:
        """Return the status."""

    @property
    def unrecorded(self) -> bool:
        """Return True if it fails only because nobody has recorded it yet."""


class Known(Struct, frozen=True):
    """The known or told state of one resource. `since` is when this status was first read.

    `unrecorded`: it fails only because nobody has recorded it yet.
    """

    status: Status
    watched: Mapping[str, Any]
    since: datetime
    unrecorded: bool = False

    def same(self, other: "Known | None") -> bool:
        """Return True if there is no difference to tell. None is a resource that passes and has no watched values."""
        if other is None:
            return self.plain
        return self.alike(other) and self.watched == other.watched

    def alike(self, other: "Assessed") -> bool:
        """Return True if the status is the same. A failure and a failure for lack of a record are different."""
        return self.status is other.status and self.unrecorded is other.unrecorded

    @property
    def fails(self) -> bool:
        """Return True if it fails, and not only because nobody has recorded it yet."""
        return self.status is Status.FAIL and not self.unrecorded

    @property
    def plain(self) -> bool:
        """Return True if it passes and has no watched values. It then need not be kept."""
        return self.status is Status.PASS and not self.watched


class CheckState(Struct, frozen=True):
    """The memory of one check, as docs/protocol.md section 2 lists it.

    A resource that is absent from `known` and `told` passes without watched values. `gone` holds the resources in
    `told` that a complete listing omits, with the time of the first scan that missed them. `waiting` holds the time
    since when a difference can be told and has not been. `blind`: the last scan was blind. `partly` and `wholly` count
    scans in a row with at least that blindness, up to the number at which it is told.
    `announced` holds the waivers whose coming end was told. `most` is the number of resources that are kept by name. A
    lower one stays until no resource is summarized, or each change of the memory's size would tell the same failures.
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
    most: int = MOST

    @property
    def resources(self) -> frozenset[str]:
        """Return the resources that the memory keeps."""
        return frozenset(self.known) | frozenset(self.told) | frozenset(self.gone)

    @property
    def failure_told(self) -> bool:
        """Return True if a failure was told that has not been told as recovered."""
        return any(told.status is Status.FAIL for told in self.told.values())

    def hearing(self, resources: Iterable[str]) -> "CheckState":
        """Return the memory after a message about these resources: their known state becomes told."""
        heard = frozenset(resources)
        told = {name: each for name, each in self.told.items() if name not in heard}
        told |= {name: each for name, each in self.known.items() if name in heard and not each.plain}
        return replace(self, told=told, waived=self.waived - heard)

    def until(self, now: datetime) -> "CheckState":
        """Return the memory with times in the future replaced by `now`. A clock that ran ahead can leave such times.

        Otherwise no scan would count until the real time reaches them.
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
            tells=tuple(min(at, now) for at in self.tells),
            loud=self.loud and min(self.loud, now),
        )

    @property
    def room(self) -> int:
        """Return an upper bound for the bytes that the memory takes once all that is known is told."""
        item = self.to_item()
        told = {**item.get("told", {}), **item.get("known", {})}
        return len(json.dumps({**item, "told": told}, ensure_ascii=False, default=str).encode())

    def to_item(self) -> dict[str, Any]:
        """Return the memory as JSON. Empty values are left out."""
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
            "most": self.most if self.most < MOST else 0,
        }
        return {name: value for name, value in item.items() if value}

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> "CheckState":
        """Return the memory that `to_item` encoded."""
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
            tells=tuple(map(parsed, item.get("tells", ()))),
            loud=_instant(item.get("loud")),
            waived=frozenset(item.get("waived", ())),
            paused=item.get("paused", False),
            missed=tuple(convert(each, Incident) for each in item.get("missed", ())),
            more_missed=int(item.get("moreMissed", 0)),
            changes=int(item.get("changes", 0)),
            unjudged=frozenset(item.get("unjudged", ())),
            incidents=tuple(item.get("incidents", ())),
            announced=tuple(item.get("announced", ())),
            carry=item.get("carry", {}),
            most=int(item.get("most", MOST)),
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
