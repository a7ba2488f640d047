"""Excess permissions in policies, as a verdict that names the worst one."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from readiness.engine.rule import Verdict, failed, passed, warned
from readiness.iam.excess import Excess, Kind

SHOWN = 10
IN_A_LINE = 3
IRREVERSIBLE = frozenset({"dynamodb:DeleteBackup", "dynamodb:DeleteTable", "dynamodb:UpdateContinuousBackups"})

CERTAIN = frozenset(
    {
        Kind.BEYOND,
        Kind.ALL_BUT_ACTIONS,
        Kind.ALL_BUT_RESOURCES,
        Kind.ADMINISTERS,
        Kind.ADMINISTRATOR,
        Kind.SCANS,
        Kind.SCANS_PAST_KEYS,
        Kind.ESCALATES,
        Kind.MUTE,
        Kind.ANYONE,
        Kind.PUBLIC,
        Kind.FOREIGN,
        Kind.REPLICATED,
    }
)
"""Kinds that give FAIL; the others give WARN."""


def judged(found: Collection[Excess], said: Mapping[Kind, str], good: str, **whose: str) -> Verdict:
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


def _fails(excess: Excess) -> bool:
    """Return True where the excess is certain and the permissions boundary allows it, or denies logging."""
    harms = not excess.bounded or excess.kind is Kind.MUTE
    return excess.kind in CERTAIN and harms and not excess.unsure


def _cause(excess: Excess) -> str:
    where = f"{excess.policy} ({excess.sid})" if excess.sid else excess.policy
    bounded = ", but its permissions boundary does not allow it" if excess.bounded else ""
    return f"{where} {_does(excess)}".strip() + _under(excess) + bounded


def _does(excess: Excess) -> str:
    if excess.principals:
        return f"allows {'all principals except ' if excess.but_principals else ''}{_line(excess.principals)}"
    if not excess.actions:
        return "is attached"
    actions = ("all except " if excess.but_actions else "") + _line(excess.actions) + _meaning(excess)
    resources = ("all except " if excess.but_resources else "") + _line(excess.resources)
    verb = {Kind.DEAD: "names", Kind.MUTE: "lacks", Kind.HARDLY_LOGS: "has"}.get(excess.kind, "allows")
    return f"{verb} {actions}" if excess.kind is Kind.DEAD else f"{verb} {actions} on {resources}"


def _meaning(excess: Excess) -> str:
    """Return the actions that a pattern matches, where the pattern does not name them itself."""
    return f" ({_line(excess.meant)})" if set(excess.meant) - set(excess.actions) else ""


def _under(excess: Excess) -> str:
    return f", conditional ({_line(excess.conditions)})" if excess.conditions else ""


def _line(texts: Sequence[str]) -> str:
    more = f" and {len(texts) - IN_A_LINE} more" if len(texts) > IN_A_LINE else ""
    return ", ".join(sorted(texts, key=_harm)[:IN_A_LINE]) + more


def _harm(text: str) -> tuple[bool, bool, str]:
    """Return the sort order: irreversible actions first, then IAM actions, then by name."""
    return text not in IRREVERSIBLE, not text.startswith("iam:"), text


def _evidence(excess: Excess) -> dict[str, Any]:
    """Return the statement under AWS's element names."""
    found = {
        "Sid": excess.sid,
        "NotAction" if excess.but_actions else "Action": _few(excess.actions),
        "NotResource" if excess.but_resources else "Resource": _few(excess.resources),
        "NotPrincipal" if excess.but_principals else "Principal": _few(excess.principals),
        "Condition": _few(excess.conditions),
    }
    return {"PolicyName": excess.policy, **{name: value for name, value in found.items() if value}}


def _watched(found: Collection[Excess]) -> dict[str, Any]:
    """Return the allowed actions of each kind without their policy: moving them to another policy is no change."""
    lines: dict[str, set[str]] = {}
    for each in found:
        lines.setdefault(each.kind.value, set()).add(_right(each))
    return {kind: _few(lines[kind]) for kind in sorted(lines)}


def _right(excess: Excess) -> str:
    if not (excess.actions or excess.principals):
        return excess.policy
    actions = ("all but " if excess.but_actions else "") + ", ".join(_few(excess.actions))
    resources = ("all but " if excess.but_resources else "") + ", ".join(_few(excess.resources))
    who = ("all but " if excess.but_principals else "") + ", ".join(_few(excess.principals))
    right = f"{actions} on {resources}" if excess.actions else ""
    return ": ".join(filter(None, (who, right))) + (", bounded" if excess.bounded else "") + _under(excess)


def _few(texts: Collection[str]) -> list[str]:
    """Return the first names in order, and a digest of the rest."""
    known = sorted(texts)
    if len(known) <= SHOWN:
        return known
    digest = hashlib.sha256("\n".join(known[SHOWN:]).encode()).hexdigest()[:8]
    return [*known[:SHOWN], f"and {len(known) - SHOWN} more ({digest})"]
