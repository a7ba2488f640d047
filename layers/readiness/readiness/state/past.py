"""Input of a scan from earlier runs: carried values, kept answers, and annotations."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from readiness.aws.client import Aws
from readiness.checklist import Settings
from readiness.engine.collect import Past, needed
from readiness.engine.evaluate import CheckFindings
from readiness.engine.fact import source_of
from readiness.engine.rule import Check
from readiness.engine.snapshot import Answer, Place
from readiness.facts.dynamodb.table import Table, tables
from readiness.facts.dynamodb.time_to_live import Canaries
from readiness.facts.recorded.attestations import Attested, OnRecord
from readiness.facts.recorded.manifest import RecordedManifest
from readiness.model import Carry, Given, Gone, Unavailable, stored_name
from readiness.state.kept import KeptAnswers, decoded
from readiness.state.store import Remembered, StoreUnavailable

Json = Mapping[str, Any]

Memory = Remembered | StoreUnavailable
"""The memory of a table, or the reason why it can't be read."""

Memories = Mapping[str, Memory]
"""The memory of each table, by its name."""


def past_of(aws: Aws, settings: Settings, memories: Memories, checks: Iterable[Check], at: datetime) -> Past:
    """Return the input of a scan at that instant from earlier runs. Makes no API call."""
    every = list(checks)
    homes = {table.name: frozenset({(Table, table.arn)}) for table in tables(aws, settings)}
    remembered = {
        homes[name]: each if isinstance(each, Remembered) else Remembered() for name, each in memories.items()
    }
    kept = KeptAnswers(
        [fact for each in remembered.values() for fact in each.facts],
        at,
        {home: each.states for home, each in remembered.items()},
        every,
        [ended for each in remembered.values() for ended in each.ended],
    )
    return Past(
        given={
            Canaries: {
                home: Canaries(tuple(canary.expires for canary in each.canaries)) for home, each in remembered.items()
            },
            OnRecord: {homes[name]: _on_record(each) for name, each in memories.items()},
            RecordedManifest: {homes[name]: _manifest(each) for name, each in memories.items()},
        },
        carried=carried(
            every,
            {
                home: {name: item.get("carry", {}) for name, item in each.checks.items()}
                for home, each in remembered.items()
            },
        ),
        kept=kept.find,
        former=kept.former,
    )


def without_kept_answers(memories: Memories) -> Memories:
    """Return the memories without their kept answers, so that all facts are fetched again."""
    return {
        name: replace(memory, facts=()) if isinstance(memory, Remembered) else memory
        for name, memory in memories.items()
    }


def handed_over(asked: CheckFindings) -> dict[str, Json]:
    """Return the carried values of the check for its next run, as JSON, by resource."""
    return {finding.resource: _packed(finding.carry) for finding in asked.findings if finding.carry is not None}


def carried(
    checks: Iterable[Check], remembered: Mapping[Place, Mapping[str, Mapping[str, Json]]]
) -> dict[type, dict[Place, dict[str, Carry]]]:
    """Return the values that `handed_over` stored, by type and place. `remembered[home][check id][resource]`.

    A value that no longer fits its type, because a release changed the type, is left out, as on a first run.
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
                value = decoded(kind, packed["of"]) if kind else None
                if kind and value:
                    result.setdefault(kind, {}).setdefault(home, {})[resource] = value
    return result


def packed(answer: Answer) -> Any:
    """Return a fact as JSON that `decoded` reads."""
    return msgspec.to_builtins(answer)


def _on_record(memory: Memory) -> OnRecord | Unavailable | Gone:
    """Return the attestations. If the memory can't be read, they are UNKNOWN, not absent."""
    if isinstance(memory, StoreUnavailable):
        return memory.why
    words: dict[str, tuple[Attested, ...]] = {}
    for each in memory.attestations:
        said = Attested(each.rule, each.by, each.at, each.until, each.evidence)
        words[each.table_id] = (*words.get(each.table_id, ()), said)
    return OnRecord(words)


def _manifest(memory: Memory) -> RecordedManifest | Unavailable | Gone | None:
    """Return the recorded manifest. If the memory can't be read, it is UNKNOWN, not absent."""
    if isinstance(memory, StoreUnavailable):
        return memory.why
    said = memory.manifest
    return RecordedManifest(said.by, said.at, said.table_id, said.content) if said else None


def _packed(carry: Carry) -> Json:
    moves = {"moves": True} if carry.moves else {}
    return {"kind": stored_name(type(carry)), "of": msgspec.to_builtins(carry), **moves}
