"""Excess permissions in policies, as a verdict that names the worst one."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from readiness.engine.rule import Verdict, failed, passed, warned
from readiness.iam.violation import Violation, ViolationKind
from readiness.model import Status
from readiness.rules.shared.few import few

SHOWN = 10
IN_A_LINE = 3
IRREVERSIBLE = frozenset({"dynamodb:DeleteBackup", "dynamodb:DeleteTable", "dynamodb:UpdateContinuousBackups"})

CERTAIN = frozenset(
    {
        ViolationKind.BEYOND,
        ViolationKind.ALL_BUT_ACTIONS,
        ViolationKind.ALL_BUT_RESOURCES,
        ViolationKind.ADMINISTERS,
        ViolationKind.ADMINISTRATOR,
        ViolationKind.SCANS,
        ViolationKind.SCANS_PAST_KEYS,
        ViolationKind.ESCALATES,
        ViolationKind.MUTE,
        ViolationKind.ANYONE,
        ViolationKind.PUBLIC,
        ViolationKind.FOREIGN,
        ViolationKind.REPLICATED,
    }
)
"""Kinds that give FAIL; the others give WARN."""


def judged(found: Collection[Violation], said: Mapping[ViolationKind, str], good: str, **whose: str) -> Verdict:
    """Return the verdict on the kinds that `said` describes.

    `whose` is the name of the role or table, as evidence.
    """
    order = list(said)
    mine = [each for each in found if each.kind in said]
    if not mine:
        return passed(good)
    worst, *others = sorted(mine, key=lambda each: (not _fails(each), order.index(each.kind), each.policy, each.sid))
    judge = failed if _fails(worst) else warned
    more = f"; and {len(others)} more" if others else ""
    subject = f"{', '.join(whose.values())} {said[worst.kind]}"
    message = f"{subject}: {_cause(worst)}{more}"
    return judge(message, subject=subject, evidence={**whose, **_evidence(worst)}, watched=_watched(mine))


def worst(kinds: Collection[ViolationKind]) -> Status:
    """Return the worst status that violations of these kinds can have."""
    return Status.FAIL if CERTAIN.intersection(kinds) else Status.WARN


def _fails(violation: Violation) -> bool:
    """Return True where the violation is certain and the permissions boundary allows it, or denies logging."""
    harms = not violation.bounded or violation.kind is ViolationKind.MUTE
    return violation.kind in CERTAIN and harms and not violation.unsure


def _cause(violation: Violation) -> str:
    where = f"{violation.policy} ({violation.sid})" if violation.sid else violation.policy
    bounded = ", but its permissions boundary does not allow it" if violation.bounded else ""
    return f"{where} {_does(violation)}".strip() + _under(violation) + bounded


def _does(violation: Violation) -> str:
    if violation.principals:
        return f"allows {'all principals except ' if violation.but_principals else ''}{_line(violation.principals)}"
    if not violation.actions:
        return "is attached"
    unnamed = set(violation.meant) - set(violation.actions)  # what a pattern matches beyond the actions it names
    meant = f" ({_line(violation.meant)})" if unnamed else ""
    actions = ("all except " if violation.but_actions else "") + _line(violation.actions) + meant
    if violation.kind is ViolationKind.DEAD:
        return f"names {actions}"
    resources = ("all except " if violation.but_resources else "") + _line(violation.resources)
    verb = {ViolationKind.MUTE: "lacks", ViolationKind.HARDLY_LOGS: "has"}.get(violation.kind, "allows")
    return f"{verb} {actions} on {resources}"


def _under(violation: Violation) -> str:
    return f", conditional ({_line(violation.conditions)})" if violation.conditions else ""


def _line(texts: Sequence[str]) -> str:
    """Return the first texts: irreversible actions, then IAM actions, then by name."""
    ranked = sorted(texts, key=lambda text: (text not in IRREVERSIBLE, not text.startswith("iam:"), text))
    return few(ranked, IN_A_LINE)


def _evidence(violation: Violation) -> dict[str, Any]:
    """Return the statement under AWS's element names."""
    found = {
        "Sid": violation.sid,
        "NotAction" if violation.but_actions else "Action": _few(violation.actions),
        "NotResource" if violation.but_resources else "Resource": _few(violation.resources),
        "NotPrincipal" if violation.but_principals else "Principal": _few(violation.principals),
        "Condition": _few(violation.conditions),
    }
    return {"PolicyName": violation.policy, **{name: value for name, value in found.items() if value}}


def _watched(found: Collection[Violation]) -> dict[str, Any]:
    """Return the allowed actions of each kind without their policy: moving them to another policy is no change."""
    lines: dict[str, set[str]] = {}
    for each in found:
        lines.setdefault(each.kind.value, set()).add(_right(each))
    return {kind: _few(lines[kind]) for kind in sorted(lines)}


def _right(violation: Violation) -> str:
    if not (violation.actions or violation.principals):
        return violation.policy
    actions = ("all but " if violation.but_actions else "") + ", ".join(_few(violation.actions))
    resources = ("all but " if violation.but_resources else "") + ", ".join(_few(violation.resources))
    who = ("all but " if violation.but_principals else "") + ", ".join(_few(violation.principals))
    right = f"{actions} on {resources}" if violation.actions else ""
    return ": ".join(filter(None, (who, right))) + (", bounded" if violation.bounded else "") + _under(violation)


def _few(texts: Collection[str]) -> list[str]:
    """Return the first names in order, and a digest of the rest."""
    known = sorted(texts)
    if len(known) <= SHOWN:
        return known
    digest = hashlib.sha256("\n".join(known[SHOWN:]).encode()).hexdigest()[:8]
    return [*known[:SHOWN], f"and {len(known) - SHOWN} more ({digest})"]
