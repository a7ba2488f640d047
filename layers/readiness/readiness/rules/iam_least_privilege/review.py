"""What a role may do beside the policies that were reviewed for it, as a verdict."""

from collections import ChainMap
from collections.abc import Collection, Sequence
from typing import Any

from readiness.engine.rule import Verdict, failed, passed, warned
from readiness.facts.iam.reviewed_rights import ReviewedRights
from readiness.facts.iam.table_roles import TableRole
from readiness.iam.evaluate import Access
from readiness.iam.reviewed import Right
from readiness.model import Remedy, Unreadable
from readiness.rules.iam_least_privilege.remedies import AS_REVIEWED, DELETE, DETACH, DETACH_OF_AWS
from readiness.rules.shared.remedying import of_each
from readiness.rules.shared.unrecorded import RECORD

SHOWN = 10


def compared(role: TableRole, rights: ReviewedRights) -> Verdict:
    """More is a failure, and less a warning."""
    certain = [right for right in rights.more if right.access is not Access.BOUNDED]
    more, less = _rights(rights.more), _rights(rights.less)
    seen: dict[str, Any] = {
        "evidence": {
            "RoleName": role.name,
            "PolicyName": next(iter(rights.own), rights.policies[0]),
            "File": rights.files[0],
            "More": more,
            "Less": less,
        },
        "watched": {"More": more, "Less": less},
    }
    seen["remedy"] = _mending(role, rights)
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
        return warned(message, **{**seen, "remedy": Remedy(RECORD)})
    if less:
        return warned(f"{role.name} may do less than {files}: {_some(rights.less)}", **seen)
    return passed(f"{role.name} may do what was reviewed in {files}", **seen)


def _mending(role: TableRole, rights: ReviewedRights) -> Remedy:
    """Put the reviewed policy in place of the first of its own that grants more; others that do are taken away."""
    of_aws = [{"Attached": f"AttachedPolicies[?PolicyName=='{name}'].PolicyArn"} for name in rights.managed]
    remedies = [
        of_each(DELETE, [{"PolicyName": name} for name in rights.own[1:]]),
        of_each(DETACH, [{"PolicyArn": arn} for arn in rights.attached]),
        of_each(DETACH_OF_AWS, of_aws),
    ]
    partition = role.arn.split(":")[1]
    values = {"Partition": partition, "PolicyName": next(iter(rights.own), rights.policies[0])}
    return Remedy(
        " && ".join([AS_REVIEWED, *(each.command for each in remedies if each.command)]),
        dict(ChainMap(values, *(dict(each.values) for each in remedies))),
    )


def _rights(rights: Collection[Right]) -> list[str]:
    known = sorted({f"{right.action} on {right.resource}" for right in rights})
    return known if len(known) <= SHOWN else [*known[:SHOWN], f"and {len(known) - SHOWN} more"]


def _some(rights: Sequence[Right]) -> str:
    first = f"{rights[0].action} on {rights[0].resource}"
    return f"{first}, by {rights[0].policy}" + (f", and {len(rights) - 1} more" if len(rights) > 1 else "")
