"""What a run is given of earlier ones: what checks carried over, and answers that are kept. As JSON, both ways."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from readiness.engine.collect import needed
from readiness.engine.evaluate import Asked
from readiness.engine.fact import Source, source_of
from readiness.engine.rule import Check
from readiness.engine.snapshot import Answer, Place
from readiness.model import Carry, Given, stored_name

Json = Mapping[str, Any]


def handed_over(asked: Asked) -> dict[str, Json]:
    """What the check hands to its next run, by resource."""
    return {finding.resource: _packed(finding.carry) for finding in asked.findings if finding.carry is not None}


def carried(
    checks: Iterable[Check], remembered: Mapping[Place, Mapping[str, Mapping[str, Json]]]
) -> dict[type, dict[Place, dict[str, Carry]]]:
    """What `handed_over` gave the memory, as checks and facts ask for it. `remembered[home][check id][resource]`.

    What no longer fits its type, after a release that changed it, is left out: it is as on a first run.
    """
    every = list(checks)
    sources = (source_of(identity) for identity in needed(every) if not issubclass(identity, Given))
    needs = [*(check.needs for check in every), *(source.needs for source in sources)]
    kinds = {
        stored_name(need.kind): need.kind
        for by_name in needs
        for need in by_name.values()
        if issubclass(need.kind, Carry)
    }
    result: dict[type, dict[Place, dict[str, Carry]]] = {}
    for home, by_check in remembered.items():
        for by_resource in by_check.values():
            for resource, packed in by_resource.items():
                kind = kinds.get(packed["kind"])
                value = _unpacked(kind, packed["of"]) if kind else None
                if kind and value:
                    result.setdefault(kind, {}).setdefault(home, {})[resource] = value
    return result


def kept(facts: Iterable[tuple[str, str, datetime, Any]], now: datetime) -> Callable[[Source, str], Answer | None]:
    """Looks an earlier answer up for the collector: of (type, place, when, JSON), by the source and the place's name.

    One that has grown too old, or no longer fits its type, is fetched again.
    """
    by_place = {(name, place): (at, answer) for name, place, at, answer in facts}

    def look_up(source: Source, place: str) -> Answer | None:
        at, answer = by_place.get((stored_name(source.identity), place), (None, None))
        if at is None or source.keeps is None or now - at >= source.keeps:
            return None
        return _unpacked(source.identity, answer)

    return look_up


def packed(answer: Answer) -> Any:
    """A fact as JSON, for `kept`."""
    return msgspec.to_builtins(answer)


def _packed(carry: Carry) -> Json:
    return {"kind": stored_name(type(carry)), "of": msgspec.to_builtins(carry)}


def _unpacked(kind: type, fields: Any) -> Any:
    try:
        return msgspec.convert(fields, kind)
    except msgspec.ValidationError:
        return None
