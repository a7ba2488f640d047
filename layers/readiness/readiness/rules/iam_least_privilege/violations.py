"""What is too much in policies, as a verdict that names the worst of it."""

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
"""What contradicts a rule; the rest is fragile, or merely more than is needed."""


def judged(found: Collection[Excess], said: Mapping[Kind, str], good: str, **whose: str) -> Verdict:
    """The verdict on those kinds that `said` has words for; `whose` is the name of the role or table, as evidence."""
    order = list(said)
    mine = [each for each in found if each.kind in said]
    if not mine:
        return passed(good)
    worst, *others = sorted(mine, key=lambda each: (not _fails(each), order.index(each.kind), each.policy, each.sid))
    judge = failed if _fails(worst) else warned
    more = f"; {len(others)} more of the kind" if others else ""
    message = f"{', '.join(whose.values())} {said[worst.kind]}: {_told(worst)}{more}"
    return judge(message, evidence={**whose, **_evidence(worst)}, watched=_watched(mine))


def _fails(excess: Excess) -> bool:
    """A boundary that keeps a right back makes it harmless, but leaves a function no less mute."""
    harms = not excess.bounded or excess.kind is Kind.MUTE
    return excess.kind in CERTAIN and harms and not excess.unsure


def _told(excess: Excess) -> str:
    where = f"{excess.policy} ({excess.sid})" if excess.sid else excess.policy
    bounded = ", but its permissions boundary keeps that back" if excess.bounded else ""
    return f"{where} {_does(excess)}".strip() + _under(excess) + bounded


def _does(excess: Excess) -> str:
    if excess.principals:
        return f"lets in {'everybody but ' if excess.but_principals else ''}{_line(excess.principals)}"
    if not excess.actions:
        return "is attached"
    actions = ("all but " if excess.but_actions else "") + _line(excess.actions) + _meaning(excess)
    resources = ("all but " if excess.but_resources else "") + _line(excess.resources)
    verb = {Kind.DEAD: "names", Kind.MUTE: "lacks", Kind.HARDLY_LOGS: "has"}.get(excess.kind, "allows")
    return f"{verb} {actions}" if excess.kind is Kind.DEAD else f"{verb} {actions} on {resources}"


def _meaning(excess: Excess) -> str:
    """What of a pattern is too much, where it does not say so itself."""
    return f" ({_line(excess.meant)})" if set(excess.meant) - set(excess.actions) else ""


def _under(excess: Excess) -> str:
    return f", conditional ({_line(excess.conditions)})" if excess.conditions else ""


def _line(texts: Sequence[str]) -> str:
    more = f" and {len(texts) - IN_A_LINE} more" if len(texts) > IN_A_LINE else ""
    return ", ".join(sorted(texts, key=_harm)[:IN_A_LINE]) + more


def _harm(text: str) -> tuple[bool, bool, str]:
    """What can't be undone is named first, then what changes rights: the alphabet would hide it behind the rest."""
    return text not in IRREVERSIBLE, not text.startswith("iam:"), text


def _evidence(excess: Excess) -> dict[str, Any]:
    """Under AWS's spelling: where it is written, and its patterns."""
    found = {
        "Sid": excess.sid,
        "NotAction" if excess.but_actions else "Action": _few(excess.actions),
        "NotResource" if excess.but_resources else "Resource": _few(excess.resources),
        "NotPrincipal" if excess.but_principals else "Principal": _few(excess.principals),
        "Condition": _few(excess.conditions),
    }
    return {"PolicyName": excess.policy, **{name: value for name, value in found.items() if value}}


def _watched(found: Collection[Excess]) -> dict[str, Any]:
    """Of each kind what is allowed, wherever it is written: a right that moves to another policy is no drift."""
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
    """The first in order; what is left out is still told apart."""
    known = sorted(texts)
    if len(known) <= SHOWN:
        return known
    digest = hashlib.sha256("\n".join(known[SHOWN:]).encode()).hexdigest()[:8]
    return [*known[:SHOWN], f"and {len(known) - SHOWN} more ({digest})"]
