"""The outcome of each rule after a scan: its status, and its row in the table. Pure."""

import hashlib
import json
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

import msgspec

from readiness.aws.time import parsed, utc
from readiness.engine.evaluate import CheckFindings
from readiness.engine.rule import Rule
from readiness.model import Finding, Status, worst
from readiness.scan import Scan
from readiness.state.compare import Transitions
from readiness.state.drift import CheckResult
from readiness.state.overlay import Overlay, known, since
from readiness.state.store import RuleRecord

LATE = timedelta(hours=2)
"""The time after which a resource that AWS's rate leaves no time for is a problem of the monitor."""

NEVER = "-"


class RuleOutcome(msgspec.Struct, frozen=True):
    """A rule and its row.

    `digest` covers the content of the row that is worth a write, and since when the rule is partly blind. `changed`:
    the digest differs from that of the stored row. `unrecorded`: the rule fails, and only because a record is missing.
    `overdue` is the number of resources that no run has read since LATE or longer ago.
    """

    rule: Rule
    record: RuleRecord
    digest: str
    changed: bool
    unrecorded: bool
    overdue: int = 0

    @property
    def status(self) -> Status:
        """Return the worse of the known status and UNKNOWN for unread resources: blindness never clears an alarm."""
        return self.record.status


def rule_outcomes(overlay: Overlay, scan: Scan, transitions: Transitions) -> tuple[RuleOutcome, ...]:
    """Return the outcome of each rule, in the order of the checklist."""
    return tuple(_outcome(overlay, rule, scan.evaluation.of(rule), transitions) for rule in scan.evaluation.rules)


def _outcome(overlay: Overlay, rule: Rule, checks: Sequence[CheckFindings], transitions: Transitions) -> RuleOutcome:
    former = overlay.remembered.signs.get(rule.id, "") if overlay.remembered else ""
    observations = {each.check.id: transitions.observations[each.check.id] for each in checks}
    blind = {name for name, observation in observations.items() if is_blind(observation)}
    blind_before, pending_before = _since_when(former)
    blind_since = _started(blind_before, overlay.at) if blind else None
    statuses = {name: _known(transitions, name) for name in observations}
    worst_known = worst(statuses.values())
    pending = {name for name, observation in observations.items() if observation.pending or observation.late}
    pending_since = _started(pending_before, overlay.at) if pending else None
    unseen = any(each.check.required and each.check.id in blind | pending for each in checks)
    record = RuleRecord(
        rule=rule.id,
        item=rule.item,
        title=rule.title,
        status=worst([worst_known, *([Status.UNKNOWN] if unseen else [])]),
        known=worst_known,
        since=_since(transitions, [name for name, status in statuses.items() if status is worst_known]),
        blind_since=blind_since,
        owner=overlay.owner(rule.id),
        waivers=[waiver for name in observations for waiver in overlay.waivers(name)],
        findings=[finding for each in checks for finding in each.findings],
    )
    digest = _digest(overlay, rule, checks, blind)
    digest = " ".join([digest, *_times(blind_since, pending_since)])
    late = pending_since is not None and overlay.at - pending_since > LATE
    overdue = {resource for name in pending for resource in _waiting(observations[name])} if late else set()
    unrecorded = _unrecorded(transitions, list(observations))
    return RuleOutcome(rule, record, digest, digest != former, unrecorded, len(overdue))


def is_blind(observation: CheckResult) -> bool:
    """Return True if the scan could not read all resources of the check, for another reason than want of time."""
    return not observation.late and (bool(observation.unread) or not observation.complete)


def _waiting(observation: CheckResult) -> AbstractSet[str]:
    """Return the resources that wait for a later run."""
    return observation.pending | (observation.unread.keys() if observation.late else frozenset())


def _known(transitions: Transitions, check: str) -> Status:
    """Return the worst status of the check's resources.

    It includes those that this scan read and the memory does not keep, because they pass without watched values.
    """
    read = transitions.observations[check].read.values()
    return worst([known(transitions.memories[check]), *(each.status for each in read)])


def _since(transitions: Transitions, checks: Sequence[str]) -> datetime | None:
    ages = (since(transitions.memories[name]) for name in checks)
    return min((at for at in ages if at), default=None)


def _unrecorded(transitions: Transitions, checks: Sequence[str]) -> bool:
    kept = (each for name in checks for each in transitions.memories[name].known.values())
    failing = [each for each in kept if each.status is Status.FAIL]
    return bool(failing) and all(each.unrecorded for each in failing)


def _times(blind: datetime | None, pending: datetime | None) -> list[str]:
    """Return what is stored after the digest: since when the rule is blind and since when resources are pending."""
    if pending:
        return [blind.isoformat() if blind else NEVER, pending.isoformat()]
    return [blind.isoformat()] if blind else []


def _since_when(former: str) -> tuple[str, str]:
    _, blind, pending = (*former.split(" "), "", "")[:3]
    return ("" if blind == NEVER else blind), pending


def _started(since: str, now: datetime) -> datetime:
    try:
        return min(utc(parsed(since)), now) if since else now
    except ValueError:  # somebody can have written another text before the memory was signed
        return now


def _digest(overlay: Overlay, rule: Rule, checks: Sequence[CheckFindings], blind: set[str]) -> str:
    """Return the digest of the row's content that is worth a write. Values that change by themselves are left out."""
    named = [rule.item, rule.title, overlay.owner(rule.id)]
    said = [*named, [_said(overlay, each, blind=each.check.id in blind) for each in checks]]
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()[:16]


def _said(overlay: Overlay, asked: CheckFindings, *, blind: bool) -> list[object]:
    return [
        asked.check.id,
        asked.check.version,
        blind,
        [repr(waiver) for waiver in overlay.waivers(asked.check.id)],
        [_found(finding) for finding in asked.findings],
    ]


def _found(finding: Finding) -> list[object]:
    return [finding.resource, finding.status, finding.watched, *([finding.omission] if finding.omission else [])]
