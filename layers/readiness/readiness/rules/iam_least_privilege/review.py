"""The comparison of a role with its reviewed policies, as a verdict."""

from collections import ChainMap
from collections.abc import Collection, Sequence
from typing import Any

from readiness.aws.arn import partition_of
from readiness.engine.rule import Verdict, failed, passed, warned
from readiness.facts.iam.reviewed_rights import ReviewedRights
from readiness.facts.iam.table_roles import TableRole
from readiness.iam.evaluate import Access
from readiness.iam.reviewed import Right
from readiness.model import Remedy, Unreadable
from readiness.rules.iam_least_privilege.remedies import AS_REVIEWED, DELETE, DETACH, DETACH_OF_AWS
from readiness.rules.shared.configured import RECORD
from readiness.rules.shared.remedying import of_each

SHOWN = 10


def compared(role: TableRole, rights: ReviewedRights) -> Verdict:
    """Return FAIL where the role allows more than was reviewed, WARN where it allows less."""
    certain = [right for right in rights.more if right.access is not Access.BOUNDED]
    more, less = _rights(rights.more), _rights(rights.less)
    watched = {"More": more, "Less": less}
    policy = next(iter(rights.own), rights.policies[0])
    evidence = {"RoleName": role.name, "PolicyName": policy, "File": rights.files[0], **watched}
    seen: dict[str, Any] = {"evidence": evidence, "watched": watched, "remedy": _mending(role, rights)}
    files = " and ".join(rights.files)
    if certain:
        message = f"{role.name} allows more than {files}: {_some(certain)}"
        return failed(message, subject=f"{role.name} allows more than was reviewed", **seen)
    if rights.unread:
        raise Unreadable({}, rights.unread)
    if more:
        message = f"{role.name} allows more than {files}, but for its permissions boundary: {_some(rights.more)}"
        return warned(message, **seen)
    if rights.undigested:
        message = f"{files} was recorded without condition values, so the conditions of {role.name} are not compared"
        return warned(message, **{**seen, "remedy": Remedy(RECORD)})
    if less:
        return warned(f"{role.name} allows less than {files}: {_some(rights.less)}", **seen)
    return passed(f"{role.name} allows what was reviewed in {files}", **seen)


def _mending(role: TableRole, rights: ReviewedRights) -> Remedy:
    """Return the remedy: the reviewed policy replaces the first inline policy that grants more, others are removed."""
    of_aws = [{"Attached": f"AttachedPolicies[?PolicyName=='{name}'].PolicyArn"} for name in rights.managed]
    remedies = [
        of_each(DELETE, [{"PolicyName": name} for name in rights.own[1:]]),
        of_each(DETACH, [{"PolicyArn": arn} for arn in rights.attached]),
        of_each(DETACH_OF_AWS, of_aws),
    ]
    partition = partition_of(role.arn)
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
    return f"{first} (policy {rights[0].policy})" + (f", and {len(rights) - 1} more" if len(rights) > 1 else "")
