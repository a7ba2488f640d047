"""Plan the write: what one transaction records of a scan. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from readiness import __version__
from readiness.engine.fact import Source
from readiness.model import Status, stored_name
from readiness.scan import Scan
from readiness.state.compare import Transitions
from readiness.state.kept import is_ended, kept_sources
from readiness.state.overlay import Overlay
from readiness.state.past import packed
from readiness.state.rule_outcome import RuleOutcome
from readiness.state.store import Change, KeptFact, Remembered, RunRecord

CANARY_EVERY = timedelta(days=1)
CANARY_OVERDUE = timedelta(days=3)

TTL_RULE = "ttl-enabled"
DELETES = frozenset({Status.PASS, Status.WARN})
"""Statuses of TTL_RULE with which DynamoDB deletes the expired rows of the monitor."""


def plan_write(  # noqa: PLR0913  each says one thing of the run
    overlay: Overlay,
    scan: Scan,
    transitions: Transitions,
    outcomes: Sequence[RuleOutcome],
    *,
    table_id: str,
    release: str,
    run: RunRecord,
) -> Change:
    """Return the change to commit. The run adds its authors and its message."""
    remembered = overlay.remembered or Remembered()
    sources = kept_sources(scan.snapshot.answers)
    return Change(
        table_id=table_id,
        seen=scan.described or remembered.seen,
        at=scan.at,
        release=release,
        judged_by={"version": __version__, "checklist": overlay.settings.wanted(scan.table.name).digest},
        counted_at=overlay.counted_at,
        checks={name: memory.to_item() for name, memory in transitions.memories.items()},
        run=run,
        rules=tuple(outcome.record for outcome in outcomes if outcome.changed),
        signs={outcome.rule.id: outcome.digest for outcome in outcomes},
        facts=(*_fetched(scan, table_id), *_still_kept(scan, remembered, sources)),
        ended={(fact.type, fact.place) for fact in remembered.facts if is_ended(fact, remembered.ended, sources)},
        words=remembered.words,
        canary=_canary_due(overlay, remembered),
    )


def statuses_of(outcomes: Sequence[RuleOutcome]) -> dict[str, Status]:
    """Return the status of each item, by rule id. Rules on the monitor's own health are left out."""
    return {outcome.rule.id: outcome.status for outcome in outcomes if not outcome.rule.own}


def expires(statuses: Mapping[str, Status]) -> bool:
    """Return True if TTL deletes the expired rows of the monitor. Otherwise the run deletes them."""
    return statuses.get(TTL_RULE) in DELETES


def _fetched(scan: Scan, table_id: str) -> Iterator[KeptFact]:
    """Yield the answers of this scan that later runs may reuse."""
    for (identity, place), each in scan.snapshot.fresh.items():
        yield KeptFact(
            type=stored_name(identity),
            place=place,
            at=scan.at,
            table_id=table_id,
            answer=packed(each.answer),
            revision=each.revision,
        )


def _still_kept(scan: Scan, remembered: Remembered, sources: Mapping[str, Source]) -> Iterator[KeptFact]:
    """Yield the answers of earlier runs that this scan did not read again, unless they are ended or too old.

    Those of types that this scan did not ask for stay.
    """
    read = {(stored_name(identity), place) for identity, place in scan.snapshot.fresh}
    for fact in remembered.facts:
        keeps = sources[fact.type].keeps if fact.type in sources else None
        young = keeps is None or scan.at - fact.at < keeps.age
        if young and (fact.type, fact.place) not in read and not is_ended(fact, remembered.ended, sources):
            yield fact


def _canary_due(overlay: Overlay, remembered: Remembered) -> bool:
    """Return True once a day. While a canary is overdue, TTL is known not to work, and no other is written."""
    ages = [overlay.at - canary.at for canary in remembered.canaries]
    return all(CANARY_EVERY <= age < CANARY_OVERDUE for age in ages)
