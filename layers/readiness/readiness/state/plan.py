"""Plan the write: what one transaction records of a scan. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from readiness import __version__
from readiness.engine.fact import source_of
from readiness.engine.snapshot import ROOT, Fetched, Place, name_of
from readiness.facts.change_events import needs_events
from readiness.facts.cloudtrail.change_rules import ChangeRoute
from readiness.model import Status, stored_name
from readiness.scan import Scan
from readiness.state.compare import Transitions
from readiness.state.kept import KeptAnswers, is_ended, kept_sources
from readiness.state.overlay import Overlay
from readiness.state.past import packed
from readiness.state.rule_outcome import RuleOutcome
from readiness.state.store import Change, KeptFact, Remembered, RunRecord

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
    kept = kept_after(scan, remembered, transitions, table_id)
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
        facts=kept.facts,
        ended=kept.ended,
        words=remembered.words,
        canary=_canary_due(overlay, remembered),
    )


def statuses_of(outcomes: Sequence[RuleOutcome]) -> dict[str, Status]:
    """Return the status of each item, by rule id. Rules on the monitor's own health are left out."""
    return {outcome.rule.id: outcome.status for outcome in outcomes if not outcome.rule.own}


def expires(statuses: Mapping[str, Status]) -> bool:
    """Return True if TTL deletes the expired rows of the monitor. Otherwise the run deletes them."""
    return statuses.get(TTL_RULE) in DELETES


class KeptAfter(Struct, frozen=True):
    """The answers that stay after a run, and the types and places of those that must not stay."""

    facts: tuple[KeptFact, ...]
    ended: frozenset[tuple[str, str]]


def kept_after(scan: Scan, remembered: Remembered, transitions: Transitions, table_id: str) -> KeptAfter:
    """Return the answers that the next run can reuse: those that this scan fetched, and earlier ones.

    An answer that the next run would fetch again, because a verdict on it fails, is not stored in each run, unless
    there was no time for all answers of its kind: the next run may have none for it either. Of one that must not be
    used the place stays then, so that the next run knows that it was read. One that change events would end is not
    stored if no rule sends any.
    """
    sources = kept_sources(scan.snapshot.answers)
    checks = [asked.check for asked in scan.evaluation.asked]
    fresh = scan.snapshot.fresh
    fetched = [_stored(identity, place, each, scan.at, table_id) for (identity, place), each in fresh.items()]
    answers = KeptAnswers(fetched, scan.at, {scan.evaluation.home: transitions.memories}, checks)
    found = [answers.find(source_of(identity), place, each.revision) for (identity, place), each in fresh.items()]
    spread = {stored_name(identity) for identity in scan.snapshot.spread}
    facts = [fact for fact, kept in zip(fetched, found, strict=True) if kept or fact.type in spread]
    route = scan.snapshot.answer(ChangeRoute, ROOT)
    if route is not None and route.rules == ():
        facts = [fact for fact in facts if fact.type in spread or not needs_events(sources[fact.type])]
    read = {(fact.type, fact.place) for fact in fetched}
    ended = read - {(fact.type, fact.place) for fact in facts}
    for fact in remembered.facts:
        keeps = sources[fact.type].keeps if fact.type in sources else None  # those of types that were not asked stay
        is_over = is_ended(fact, remembered.ended, sources)
        if is_over:
            ended.add((fact.type, fact.place))
        if (fact.type, fact.place) in read:
            continue
        if not is_over and (keeps is None or scan.at - fact.at < keeps.age):
            facts.append(fact)
        elif fact.type in spread:
            facts.append(replace(fact, answer=None))  # STALE until it is read again, not PENDING
    return KeptAfter(tuple(facts), frozenset(ended))


def _stored(identity: type, place: Place, fetched: Fetched, at: datetime, table_id: str) -> KeptFact:
    name, packed_answer = stored_name(identity), packed(fetched.answer)
    return KeptFact(
        type=name, place=name_of(place), at=at, table_id=table_id, answer=packed_answer, revision=fetched.revision
    )


def _canary_due(overlay: Overlay, remembered: Remembered) -> bool:
    """Return True in the first run of a day in UTC, whether TTL has deleted the canary of the day before or not.

    While a canary is overdue, TTL is known not to work, and no other is written.
    """
    last = remembered.verified_at
    written = last is not None and last.date() == overlay.at.date()
    return not written and all(overlay.at - canary.at < CANARY_OVERDUE for canary in remembered.canaries)
