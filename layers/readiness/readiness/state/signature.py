"""Digests of each check's verdicts and watched values. A sign-off stores them to find later changes."""

import hashlib
import json
from collections.abc import Iterable, Mapping

from readiness.engine.evaluate import CheckFindings, TableEvaluation
from readiness.model import Finding, Status
from readiness.state.drift.observation import plain_json

UNSEEN = ""
"""Digest of a check whose resources could not all be read. It never counts as a change."""


def digests(judgement: TableEvaluation) -> dict[str, str]:
    """Return the digest of each check, by id. Checks of the monitor's own health are not signed off."""
    return {asked.check.id: _digest(asked) for asked in judgement.asked if not asked.check.rule.own}


def digest(checks: Mapping[str, str]) -> str:
    """Return one digest of all checks."""
    return _hash(sorted(checks.items()))


def changed(signed: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """Return the ids of the checks whose digest changed since the sign-off, and of those that were added or removed.

    Checks of rules that are not evaluated now are left out.
    """
    rules = {_rule(check) for check in now}
    asked = now.keys() | {check for check in signed if _rule(check) in rules}
    return tuple(sorted(check for check in asked if _moved(signed.get(check), now.get(check))))


def _moved(before: str | None, after: str | None) -> bool:
    return before != after and UNSEEN not in (before, after)


def _digest(asked: CheckFindings) -> str:
    """Return the digest of one check; UNSEEN if the scan could not read all of its resources.

    A resource that passes without watched values counts as absent: docs/protocol.md section 2.
    """
    if not asked.complete or any(finding.unavailable for finding in asked.findings):
        return UNSEEN
    return _hash(sorted(_said(asked.findings)))


def _said(findings: Iterable[Finding]) -> Iterable[list[str]]:
    for finding in findings:
        watched = plain_json(finding.watched)
        if finding.status is not Status.PASS or watched:
            omission = [str(finding.omission)] if finding.omission else []
            yield [finding.resource, finding.status, json.dumps(watched, sort_keys=True), *omission]


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:16]


def _rule(check: str) -> str:
    return check.partition("/")[0]
