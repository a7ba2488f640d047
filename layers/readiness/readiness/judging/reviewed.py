"""What a role may do beside the policies that were reviewed for it, as a verdict."""

from collections.abc import Collection, Sequence
from typing import Any

from readiness.facts.reviewed_rights import ReviewedRights
from readiness.facts.table_roles import TableRole
from readiness.iam.evaluate import Access
from readiness.iam.reviewed import Right
from readiness.judging.unrecorded import RECORD
from readiness.model import Remedy, Unreadable
from readiness.rule import Verdict, failed, passed, warned

SHOWN = 10


def compared(role: TableRole, rights: ReviewedRights) -> Verdict:
    """More is a failure, and less a warning."""
    certain = [right for right in rights.more if right.access is not Access.BOUNDED]
    more, less = _rights(rights.more), _rights(rights.less)
    seen: dict[str, Any] = {
        "evidence": {
            "RoleName": role.name,
            "PolicyName": rights.own or rights.policies[0],
            "File": rights.files[0],
            "More": more,
            "Less": less,
        },
        "watched": {"More": more, "Less": less},
    }
    files = " and ".join(rights.files)
    if certain:
        return failed(f"{role.name} may do more than {files}: {_some(certain)}", **seen)
    if rights.unread:
        raise Unreadable({}, rights.unread)
    if more:
        message = f"{role.name} has more than {files}, but its boundary keeps that back: {_some(rights.more)}"
        return warned(message, **seen)
    if rights.undigested:
        message = f"the conditions of {files} were recorded without values, so those of {role.name} were not compared"
        return warned(message, remedy=Remedy(RECORD), **seen)
    if less:
        return warned(f"{role.name} may do less than {files}: {_some(rights.less)}", **seen)
    return passed(f"{role.name} may do what was reviewed in {files}", **seen)


def _rights(rights: Collection[Right]) -> list[str]:
    known = sorted({f"{right.action} on {right.resource}" for right in rights})
    return known if len(known) <= SHOWN else [*known[:SHOWN], f"and {len(known) - SHOWN} more"]


def _some(rights: Sequence[Right]) -> str:
    first = f"{rights[0].action} on {rights[0].resource}"
    return f"{first}, by {rights[0].policy}" + (f", and {len(rights) - 1} more" if len(rights) > 1 else "")
