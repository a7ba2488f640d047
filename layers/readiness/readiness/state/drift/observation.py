"""The result of one scan of one check, and the known state after it. docs/protocol.md section 1."""

import hashlib
import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from readiness.aws.time import iso
from readiness.model import Incident, Reason, Status, worst
from readiness.state.drift.memory import MOST, CheckState, Known, Visibility

BELOW = " *"
"""The end of a name in `unjudged` that stands for all resources below one that was pending."""

OTHERS = "(others)"
"""Stands for the further resources: the worst of their statuses, their number and a digest of them."""


class ResourceResult(Struct, frozen=True):
    """One resource as this scan read it. `unrecorded`: it fails only because nobody has recorded it yet."""

    status: Status
    watched: Mapping[str, Any] = field(default_factory=dict)
    message: str = ""
    unrecorded: bool = False

    @property
    def plain(self) -> bool:
        """Return True if it passes and has no watched values."""
        return self.status is Status.PASS and not self.watched


class CheckResult(Struct, frozen=True):
    """The result of one check in one run: docs/protocol.md section 1.

    `unread` holds the reason, and the IAM permission if known. `complete`: the listing of the resources was complete.
    `carry` is JSON by resource, for the next scan. `pending` are resources that were listed and never read, because
    the rate limits of AWS left no time: they do not make the check blind, and their first result is not drift. With
    `awaited`, what is below one of them was not listed yet. `late`: all that is unread was read before, and waits for
    its turn for the same reason, so that the result says nothing of the check's visibility.
    """

    read: Mapping[str, ResourceResult]
    unread: Mapping[str, tuple[Reason, str | None]] = field(default_factory=dict)
    complete: bool = True
    incidents: tuple[Incident, ...] = ()
    carry: Mapping[str, Any] = field(default_factory=dict)
    pending: frozenset[str] = frozenset()
    awaited: bool = False
    late: bool = False

    @property
    def dark(self) -> Visibility:
        """Return the visibility of the check's resources in this scan."""
        if self.complete and not self.unread:
            return Visibility.NONE
        return Visibility.PARTLY if self.read else Visibility.WHOLLY

    @property
    def lists_all(self) -> bool:
        """Return True if a resource that is not listed does not exist."""
        return self.complete and not self.awaited

    def missing(self, resources: AbstractSet[str]) -> frozenset[str]:
        """Return the given resources that a complete listing omits. They are gone."""
        listed = self.read.keys() | self.unread.keys() | self.pending
        return frozenset(resources - listed) if self.lists_all else frozenset()

    def bounded(self, kept: AbstractSet[str], most: int) -> "CheckResult":
        """Return the result with at most `most` resources by name: those already kept, then by status, worst first.

        A resource that passes without watched values is not counted. Further resources are summarized under OTHERS.
        """
        new = [name for name, seen in self.read.items() if name not in kept and not seen.plain]
        new.sort(key=lambda name: (-self.read[name].status.rank, name))
        rest = new[max(0, most - len(kept - {OTHERS})) :]
        if OTHERS in kept and not (self.complete and self.unread.keys() <= kept):
            reason = next(iter(self.unread.values()), (Reason.DEFECT, None))
            named = {name: seen for name, seen in self.read.items() if name not in rest}
            return replace(self, read=named, unread={**self.unread, OTHERS: reason})
        if not rest:
            return self
        return replace(self, read={n: s for n, s in self.read.items() if n not in rest} | {OTHERS: self._others(rest)})

    def digested(self) -> "CheckResult":
        """Return the result with a digest in place of watched values that are longer than one."""
        read = {name: replace(seen, watched=_digested(seen.watched)) for name, seen in self.read.items()}
        return replace(self, read=read)

    def _others(self, names: list[str]) -> ResourceResult:
        """Return one result that summarizes the resources."""
        told = [self._listed(name) for name in sorted(names)]
        digest = _digest(told)
        status = worst(self.read[name].status for name in names)
        failing = [self.read[name] for name in names if self.read[name].status is Status.FAIL]
        unrecorded = bool(failing) and all(each.unrecorded for each in failing)
        return ResourceResult(status, {"count": len(names), "digest": digest}, unrecorded=unrecorded)

    def _listed(self, name: str) -> list[Any]:
        seen = self.read[name]
        return [name, seen.status, plain_json(seen.watched), *(["unrecorded"] if seen.unrecorded else [])]


def known_after(memory: CheckState, observation: CheckResult, now: datetime, most: int = MOST) -> CheckState:
    """Return the memory with the results of this scan.

    Unread resources keep their known state. Unlisted resources are gone only if the listing was complete. Values are
    carried for at most `most` resources, those that had one before first: a further one begins anew in each scan.
    """
    missing = observation.missing(memory.resources)
    known = {name: each for name, each in memory.known.items() if name not in missing}
    known |= {name: _read(memory.known.get(name), seen, now) for name, seen in observation.read.items()}
    gone = {name: at for name, at in memory.gone.items() if name not in observation.read}
    gone |= {name: memory.gone.get(name, now) for name in missing}
    carried = {**memory.carry, **dict.fromkeys(observation.read)}
    omitted = observation.missing(memory.carry.keys())
    carry = {name: each for name, each in carried.items() if each is not None and name not in omitted}
    carry |= observation.carry
    first = sorted(carry, key=lambda name: (name not in memory.carry, name))[:most]
    return replace(memory, known=known, gone=gone, carry={name: carry[name] for name in first})


def pruned(memory: CheckState) -> CheckState:
    """Return the memory without resources that pass without watched values, or are gone, and were not told."""
    known = {name: each for name, each in memory.known.items() if not each.plain or name in memory.told}
    gone = {name: at for name, at in memory.gone.items() if name in memory.told}
    return replace(memory, known=known, gone=gone)


def plain_json(value: Any) -> Any:
    """Return watched values in the form in which they are read back from the table, so that they compare equal."""
    match value:
        case Mapping():
            return {str(name): plain_json(each) for name, each in value.items()}
        case list() | tuple():
            return [plain_json(each) for each in value]
        case set() | frozenset():
            return sorted(plain_json(each) for each in value)
        case datetime():
            return iso(value)
        case date():
            return value.isoformat()
        case _:
            return value


def _digested(watched: Mapping[str, Any]) -> Mapping[str, Any]:
    values = plain_json(watched)
    short = {"digest": _digest(values)}
    return watched if len(json.dumps(values)) <= len(json.dumps(short)) else short


def _digest(values: Any) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


def _read(before: Known | None, seen: ResourceResult, now: datetime) -> Known:
    since = before.since if before and before.alike(seen) else now
    return Known(seen.status, plain_json(seen.watched), since, seen.unrecorded)
