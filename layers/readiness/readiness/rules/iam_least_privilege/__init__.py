"""A bug or an attacker can use every permission of a function's execution role, needed or not.

The check covers the policies of the execution roles of the table's functions, for `$LATEST` and every version behind an
alias, and the table's resource-based policy: within an account either is enough. The result is an upper bound: service
control policies and session policies are not visible here. A condition does not narrow a grant, because its values are
known only at request time. A Deny counts where it has no condition. A grant that the permissions boundary does not
allow is a warning.

The monitor stores its state in the table, in items whose partition keys begin with `READINESS#`. No function needs to
write them, or to read the key that signs them. Conditions on `dynamodb:LeadingKeys` are evaluated for such a key, in an
Allow and in a Deny, and for requests that write other items too: `ForAllValues` in a Deny does not hold for such a
batch, `ForAnyValue` does.

The resource-based policies of the table and of its stream, and the trust policies of the roles, are judged by the
values of their conditions: a condition that names a foreign account allows it. An AWS service acts for any account
unless `aws:SourceAccount` or `aws:SourceArn` names one.

The reviewed policies are in the application's repository; `readiness manifest PATH --record` records them. A role is
compared, over all services, with the policy that has the name of its functions or of the role, or that the checklist
names. Conditions are compared by their values. AWS managed policies that only allow a function to log need no review.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from readiness.aws.arn import partition_of, resource_of
from readiness.engine.control import config, prowler, security_hub, well_architected
from readiness.engine.each import Each
from readiness.engine.rule import Rule, Severity, failed, not_applicable, not_recorded, passed, recovered, warned
from readiness.facts.dynamodb.resource_policy import ResourcePolicy, StreamPolicy
from readiness.facts.dynamodb.table import Table
from readiness.facts.iam.principals import Principal
from readiness.facts.iam.reviewed_rights import ReviewedRights, reviewed_for
from readiness.facts.iam.table_roles import RolePolicies, RoleReview, TableRole
from readiness.facts.lambda_.live_versions import PermittedVersions
from readiness.facts.recorded.checklist import Checklist
from readiness.facts.recorded.manifest import ApplicationManifest
from readiness.iam.outsiders import outsiders
from readiness.iam.privilege import STREAM_READS
from readiness.iam.strangers import Home
from readiness.iam.violation import ViolationKind
from readiness.model import Call, Gone, Reason, Remedy, Status, Unavailable, Unreadable, Verdict
from readiness.rules.iam_least_privilege.remedies import (
    AS_REVIEWED,
    BY_LAMBDA,
    ITEMS,
    KEEP_OFF,
    LIMIT,
    LOGS,
    NARROW,
    NO_MORE_RIGHTS,
    NO_OTHER_LOGS,
    PATHS,
    STREAM,
    TAKE_AWAY,
    TAKE_OUT,
    WRITE_DOWN,
    document,
    policy,
)
from readiness.rules.iam_least_privilege.review import compared
from readiness.rules.iam_least_privilege.violations import judged, worst
from readiness.rules.shared.change_events import FUNCTIONS
from readiness.rules.shared.configured import no_manifest, unselected, unset

rule = Rule(
    "2.2",
    "IAM policies",
    Severity.HIGH,
    "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/iam-policy-specific-table-indexes.html",
    change_events_of=(Principal, ResourcePolicy, PermittedVersions, *FUNCTIONS),
)

LETS_IN = {
    ViolationKind.PUBLIC: "is public",
    ViolationKind.FOREIGN: "allows access from untrusted accounts",
    ViolationKind.REPLICATED: "has replicas in untrusted accounts, which can read and write every item",
    ViolationKind.DEPUTY: "allows an AWS service without aws:SourceAccount or aws:SourceArn",
    ViolationKind.UNTOLD: "allows access under conditions that do not identify the principals",
}

FULL_ACCESS = (
    *security_hub("IAM.1", "IAM.21", related=True),
    *config("iam-policy-no-statements-with-admin-access", "iam-policy-no-statements-with-full-access", related=True),
    *well_architected("SEC03"),
)
"""Those about all customer managed policies. These checks are about the roles of the functions of the table."""


def _managed(operation: str, arn: str) -> Call:
    return Call("iam", operation, {"RoleName": "{RoleName}", "PolicyArn": arn}, "")


@rule.check(
    decide="Decide which functions use the table, and name them in [functions] of the checklist.",
    on=Table,
    confirm=2,
    fix="aws lambda list-functions --region {region} --query 'Functions[].[FunctionName,Role]' --output table",
)
def functions(roles: Each[TableRole], checklist: Checklist | None = None) -> Verdict:
    """Does the table have functions with execution roles?

    The permissions of the table's functions are not checked.
    """
    if roles:
        return passed("the table has functions with execution roles")
    unconfigured = checklist and unselected(checklist)
    return unconfigured or failed("no functions of the table, expected at least one (functions of the checklist)")


@rule.check(
    decide="Deploy the functions again, or create the role with the policies that they need.",
    confirm=2,
    fix="aws iam create-role --path {Path} --role-name {RoleName} --assume-role-policy-document " + document(BY_LAMBDA),
)
def exists(role: TableRole, policies: RolePolicies | Gone) -> Verdict:
    """Does the execution role of each function exist?

    Every invocation of the function fails: Lambda cannot assume its execution role.
    """
    if isinstance(policies, Gone):
        path = resource_of(role.arn).removeprefix("role").removesuffix(role.name)
        evidence = {"RoleName": role.name, "Path": path, "FunctionName": list(role.functions)}
        message = f"{policies}: {' and '.join(role.functions)} cannot run without it"
        return failed(message, subject=f"role {role.name} was deleted", evidence=evidence)
    return recovered(f"role {role.name} exists")


@rule.check(confirm=2, version=2, fix=NARROW, controls=FULL_ACCESS)
def scope(role: TableRole, review: RoleReview) -> Verdict:
    """Is the role's access to DynamoDB limited to the table?

    A defect or an attacker in the function can read or change other tables.
    """
    said = {
        ViolationKind.BEYOND: "can access DynamoDB resources other than the table",
        ViolationKind.ALL_BUT_ACTIONS: "is allowed all actions except those in NotAction",
        ViolationKind.ALL_BUT_RESOURCES: "is allowed all resources except those in NotResource",
        ViolationKind.ANYWHERE: "can access tables of that name in any Region or account",
    }
    return _judged(role, review, said, "can access only this table")


@rule.check(confirm=2, version=2, fix=LIMIT, controls=FULL_ACCESS)
def administration(role: TableRole, review: RoleReview) -> Verdict:
    """Is the role unable to delete, restore or reconfigure the table?

    A defect or an attacker in the function can delete or reconfigure the table.
    """
    said = {ViolationKind.ADMINISTERS: "can administer the table"}
    return _limited(review, _judged(role, review, said, "cannot administer the table"))


@rule.check(
    confirm=2,
    fix=(
        policy("{table}-items", ITEMS, *STREAM),
        _managed("AttachRolePolicy", "{LogsPolicyArn}"),
        _managed("DetachRolePolicy", "{PolicyArn}"),
    ),
)
def managed_policies(role: TableRole, review: RoleReview) -> Verdict:
    """Is the role free of AWS managed policies for administrators and for all streams?

    The function has far more permissions than it uses, also on other resources.
    """
    said = {
        ViolationKind.ADMINISTRATOR: "has an AWS managed policy for administrators",
        ViolationKind.EVERY_STREAM: "has an AWS managed policy for all streams",
    }
    good = f"{role.name} has no AWS managed policy for administrators or all streams"
    verdict = judged(review.found, said, good, RoleName=role.name)
    if verdict.status is Status.FAIL:
        review.bounded()
    name = verdict.evidence.get("PolicyName", "")
    by_aws = f"arn:{partition_of(role.arn)}:iam::aws:policy/"
    return _mended_by(
        verdict,
        Needed=_listed(review.needed),
        PolicyArn=f"{by_aws}{PATHS.get(name, '')}{name}",
        LogsPolicyArn=f"{by_aws}service-role/AWSLambdaBasicExecutionRole",
    )


@rule.check(severity=Severity.MEDIUM, confirm=2, version=3, fix=LIMIT)
def actions(role: TableRole, review: RoleReview) -> Verdict:
    """Is the role limited to the actions that the checklist lists, without an unlisted Scan?"""
    said = {
        ViolationKind.SCANS: "can scan the table",
        ViolationKind.SCANS_PAST_KEYS: "can scan the table: dynamodb:LeadingKeys does not restrict Scan",
        ViolationKind.SCANS_UNDER_KEYS: "has a Scan permission with dynamodb:LeadingKeys: no Scan request matches",
        ViolationKind.UNLISTED: "is allowed actions that the checklist does not list",
        ViolationKind.DEAD: "has a policy with names that are not IAM actions",
    }
    return _limited(review, _judged(role, review, said, "is allowed only actions that the checklist lists"))


@rule.check(
    confirm=2,
    version=2,
    fix=policy("no-more-rights", NO_MORE_RIGHTS),
)
def escalation(role: TableRole, review: RoleReview) -> Verdict:
    """Is the role unable to escalate its privileges?

    Code in the function can give itself more permissions.
    """
    said = {ViolationKind.ESCALATES: "can escalate its privileges"}
    verdict = _judged(role, review, said, "cannot escalate its privileges")
    denied = {name for each in review.found if each.kind is ViolationKind.ESCALATES for name in each.meant}
    return _mended_by(verdict, Denied=_listed(sorted(denied)))


@rule.check(severity=Severity.MEDIUM, confirm=2, fix=policy("its-own-logs", LOGS))
def logging(role: TableRole, review: RoleReview, table: Table) -> Verdict:
    """Can the functions of the role write their logs?"""
    if not role.log_groups:
        role.known()
        return not_applicable("no log groups of the role's functions")
    said = {
        ViolationKind.MUTE: "cannot write its logs",
        ViolationKind.HARDLY_LOGS: "can write its logs only under a condition",
    }
    review.complete()
    verdict = _judged(role, review, said, "can write its logs")
    if verdict.status is Status.PASS:
        role.known()
    return _mended_by(verdict, LogStreams=_streams(role, table))


@rule.check(
    severity=Severity.LOW,
    confirm=2,
    version=2,
    fix=policy("no-other-logs", NO_OTHER_LOGS),
)
def log_groups(role: TableRole, review: RoleReview, table: Table) -> Verdict:
    """Can the role write only to the log groups of its functions?"""
    if not role.log_groups:
        role.known()
        return not_applicable("no log groups of the role's functions")
    said = {ViolationKind.OTHER_LOGS: "can write to log groups of other functions"}
    verdict = _judged(role, review, said, "can write only to its own log groups")
    if verdict.status is not Status.PASS:
        role.known()  # a log group that seems to be another's may be its own
    return _mended_by(verdict, LogStreams=_streams(role, table))


@rule.check(
    decide="Decide who may assume the role. The command allows Lambda alone.",
    confirm=2,
    version=2,
    fix="aws iam update-assume-role-policy --role-name {RoleName} --policy-document " + document(BY_LAMBDA),
)
def trust(role: TableRole, review: RoleReview) -> Verdict:
    """Can only Lambda assume the role?

    Principals other than Lambda can use the permissions of the function.
    """
    said = {
        ViolationKind.ANYONE: "can be assumed by any principal",
        ViolationKind.OTHERS: "can be assumed by principals other than Lambda",
    }
    return judged(review.found, said, f"only Lambda can assume {role.name}", RoleName=role.name)


@rule.check(confirm=2, fix=KEEP_OFF)
def own_rows(role: TableRole, review: RoleReview, table: Table) -> Verdict:
    """Is the role unable to write READINESS# items of the monitor, or to read the key that signs them?

    Code in the function can change what the monitor remembers, and silence alerts.
    """
    said = {
        ViolationKind.RESERVED_ITEMS: "can write READINESS# items, which hold the state of the monitor",
        ViolationKind.RESERVED_PARAMETER: "can read the key that signs the monitor's items",
    }
    good = f"{role.name} can neither write READINESS# items nor read the key that signs them"
    review.certain()
    if review.own_rows is None:
        raise Unreadable({}, Unavailable(Reason.NOT_HERE, detail="an older release of Readiness wrote the snapshot"))
    verdict = judged(review.own_rows, said, good, RoleName=role.name)
    if not review.own_rows:
        review.complete()
    return replace(verdict, remedy=Remedy(steps=(KEEP_OFF,), values=_own_places(table))) if review.own_rows else verdict


@rule.check(
    decide="Decide if each function gets a role of its own, with the actions that it needs.",
    severity=Severity.LOW,
    fix="aws iam create-role --role-name {FunctionName} --assume-role-policy-document " + document(BY_LAMBDA),
)
def shared(role: TableRole, checklist: Checklist) -> Verdict:
    """Do the functions that share the role need the same actions?"""
    lists = {frozenset(checklist.functions.allowed(function)) for function in role.functions}
    if len(lists) <= 1:
        return passed(f"all functions with role {role.name} need the same actions")
    names = sorted(role.functions)
    message = f"{' and '.join(names)} share role {role.name} and need different actions"
    return warned(message, evidence={"RoleName": role.name, "FunctionName": names[-1]}, watched={"functions": names})


@rule.check(
    decide=(
        "Decide who may use the table. A principal of another account that may is one of trusted_accounts in "
        "the checklist."
    ),
    severity=Severity.CRITICAL,
    confirm=2,
    version=2,
    fix=TAKE_AWAY.replace("{ResourceArn}", "{arn}"),
    controls=(*well_architected("SEC03"), *prowler("dynamodb_table_cross_account_access", related=True)),
)
def resource_policy(table: Table, policy: ResourcePolicy, checklist: Checklist) -> Verdict:
    """Does the table's resource-based policy allow only principals that the checklist trusts?

    Principals that the checklist does not trust can use the table.
    """
    return _let_in(table, "the table", policy, table.arn, checklist)


@rule.check(
    decide=(
        "Decide who may read the stream. A principal of another account that may is one of trusted_accounts "
        "in the checklist."
    ),
    severity=Severity.CRITICAL,
    confirm=2,
    fix=TAKE_AWAY.replace("{ResourceArn}", "{StreamArn}"),
)
def stream_policy(table: Table, policy: StreamPolicy | None, checklist: Checklist) -> Verdict:
    """Does the stream's resource-based policy allow only principals that the checklist trusts?

    Principals that the checklist does not trust can read every change of the table.
    """
    if policy is None:
        return not_applicable("no stream")
    return _mended_by(_let_in(table, "the stream", policy, policy.arn, checklist), StreamArn=policy.arn)


@rule.check(
    decide="Review the policies of the role, and add them to the repository.",
    severity=Severity.MEDIUM,
    confirm=2,
    version=2,
    fix=WRITE_DOWN,
)
def reviewed(
    role: TableRole, policies: RolePolicies | Gone, manifest: ApplicationManifest | None, checklist: Checklist
) -> Verdict:
    """Does each function of the role have a reviewed policy?"""
    if isinstance(policies, Gone):
        return not_applicable(f"{policies}")
    if lacking := unset(checklist, "documentation.iam"):
        return lacking
    if manifest is None:
        return no_manifest()
    wanted = checklist.documentation
    found = reviewed_for(role, manifest.says.policies, wanted)
    names = [policy.name for policy in found.policies]
    seen: dict[str, Any] = {"watched": {"Reviewed": names, "FunctionName": list(found.without)}}
    if not found.without:
        return passed(f"{role.name} has reviewed policies: {' and '.join(names)}", **seen)
    live = sorted({statement.policy for statement in policies.principal.known.statements})
    evidence = {
        "RoleName": role.name,
        "PolicyName": live[0] if live else role.name,
        "File": f"{wanted.iam}/{found.without[0]}.json",
        "FunctionName": list(found.without),
    }
    message = f"no reviewed policy in {wanted.iam} for {' and '.join(found.without)} (role {role.name})"
    return not_recorded(message, evidence=evidence, **seen)


@rule.check(
    decide="Decide which is right: the policies of the role, or those that were reviewed.",
    severity=Severity.MEDIUM,
    confirm=2,
    version=2,
    fix=AS_REVIEWED,
)
def as_reviewed(role: TableRole, rights: ReviewedRights) -> Verdict:
    """Does the role allow exactly what was reviewed?"""
    return compared(role, rights)


def _let_in(table: Table, what: str, policy: ResourcePolicy | StreamPolicy, arn: str, checklist: Checklist) -> Verdict:
    """Return the verdict on the policy of the table or its stream.

    The remedy edits a policy that has other statements too: deleting it could remove a Deny that protects the table.
    Raise Unreadable where the verdict is no FAIL and the policy allows an organization while trusted_organization is
    not set.
    """
    home = Home(table.account, frozenset(checklist.trusted_accounts), checklist.trusted_organization)
    found = tuple(outsiders(policy.statements, home))
    name = table.name if what == "the table" else f"{what} of {table.name}"
    verdict = judged(found, LETS_IN, f"{what}'s resource-based policy allows only trusted principals", TableName=name)
    if verdict.status is not Status.FAIL and any(each.kind is ViolationKind.ORGANIZATION for each in found):
        detail = "the policy allows an organization, and trusted_organization of the checklist is not set"
        raise Unreadable({}, Unavailable(Reason.NOT_HERE, detail=detail))
    if verdict.status is Status.PASS:
        return verdict
    alone = all(any(outsiders([each], home)) for each in policy.statements)
    return replace(
        verdict,
        subject=verdict.subject.replace(name, what, 1),
        evidence={**verdict.evidence, "TableName": table.name},
        remedy=None if alone else Remedy(TAKE_OUT, {"ResourceArn": arn}),
    )


def _judged(role: TableRole, review: RoleReview, said: Mapping[ViolationKind, str], good: str) -> Verdict:
    """Return the verdict. Unreadable: a policy of the role could not be read, and it could have a worse one."""
    verdict = judged(review.found, said, f"{role.name} {good}", RoleName=role.name)
    if verdict.status is not worst(said):
        review.complete()
    return verdict


def _limited(review: RoleReview, verdict: Verdict) -> Verdict:
    """Return the verdict with the actions that the remedy leaves: those of the functions, and of Lambda on the stream.

    Raise Unreadable where it is no FAIL and the table's resource-based policy could not be read.
    """
    if verdict.status is not Status.FAIL:
        review.certain()
    return _mended_by(verdict, Kept=_listed([*review.needed, *STREAM_READS]))


def _mended_by(verdict: Verdict, **values: str) -> Verdict:
    """Return the verdict with more values for its remedy, where it has evidence."""
    return replace(verdict, evidence={**verdict.evidence, **values}) if verdict.evidence else verdict


def _streams(role: TableRole, table: Table) -> str:
    """Return the ARNs of the log streams of the role's functions, as JSON."""
    groups = f"arn:{partition_of(table.arn)}:logs:{table.region}:{table.account}:log-group:"
    return _listed(f"{groups}{group}:*" for group in role.log_groups)


def _own_places(table: Table) -> dict[str, str]:
    """Return the table in every Region, and the paths of the monitor's parameters and all above, as JSON.

    Replicas of the table in other Regions have the same items.
    """
    partition = partition_of(table.arn)
    parameters = f"arn:{partition}:ssm:{table.region}:{table.account}:parameter"
    return {
        "EveryRegion": _listed([f"arn:{partition}:dynamodb:*:{table.account}:table/{table.name}"]),
        "OwnParameters": _listed(f"{parameters}/{path}" for path in ("", "readiness", "readiness/*")),
    }


def _listed(texts: Iterable[str]) -> str:
    return json.dumps(list(texts), separators=(",", ":"))
