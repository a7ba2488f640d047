"""A function that can do no more than its task can be made to do no more, by a bug or by whoever breaks into it.

What is judged are the policies of the roles under which the functions of the table run, `$LATEST` and every version
behind an alias, and what the table's own policy says of these roles: within an account either is enough. It is an
upper bound, before organisation policies and session policies, which can't be seen here. A condition does not make a
grant narrow, for what it compares is known when a request is made and not before; a Deny counts where it has none.
Where a permissions boundary keeps back what a policy allows, that is a warning.

The own policies of the table and of its stream, and those that say who may assume a role, are judged by the values of
their conditions: one that names a foreign account lets it in. A service of AWS acts for somebody, and
`aws:SourceAccount` or `aws:SourceArn` has to say for whom.

The policies that were reviewed are in the application's repository, and `readiness manifest PATH --record` tells of
them. A role is compared, over every service, with the one that is named like its functions or itself, or that the
checklist names. Conditions are compared by their values. Of the policies that AWS wrote those that only let a function
log are no more than was reviewed.
"""

import json
from collections.abc import Collection, Iterable
from typing import Any

from msgspec.structs import replace

from readiness.engine.each import Each
from readiness.engine.rule import Rule, Severity, Verdict, failed, not_applicable, not_recorded, passed, warned
from readiness.facts.dynamodb.resource_policy import ResourcePolicy, StreamPolicy
from readiness.facts.dynamodb.table import Table
from readiness.facts.iam.principals import Principal
from readiness.facts.iam.reviewed_rights import ReviewedRights, reviewed_for
from readiness.facts.iam.role_review import RoleReview
from readiness.facts.iam.table_roles import RolePolicies, TableRole
from readiness.facts.lambda_.event_sources import EventSource
from readiness.facts.lambda_.functions import Function
from readiness.facts.lambda_.live_versions import Configuration, LiveVersion, PermittedVersions
from readiness.facts.lambda_.tags import FunctionTags
from readiness.facts.recorded.checklist import Checklist
from readiness.facts.recorded.recorded_manifest import ApplicationManifest
from readiness.iam.excess import Excess, Kind
from readiness.iam.outsiders import outsiders
from readiness.iam.privilege import STREAM_READS
from readiness.iam.strangers import Home
from readiness.model import Gone, Reason, Remedy, Status, Unavailable, Unreadable
from readiness.rules.iam_least_privilege.remedies import (
    AS_REVIEWED,
    BY_LAMBDA,
    ITEMS,
    LIMIT,
    LOGS,
    NARROW,
    NO_MORE_RIGHTS,
    NO_OTHER_LOGS,
    PATHS,
    PUT,
    SHOW,
    STREAM,
    TAKE_AWAY,
    TAKE_OUT,
    WRITE_DOWN,
    document,
)
from readiness.rules.iam_least_privilege.review import compared
from readiness.rules.iam_least_privilege.violations import judged
from readiness.rules.shared.configured import unselected, unset
from readiness.rules.shared.unrecorded import no_manifest

rule = Rule(
    "2.2",
    "IAM policies",
    Severity.HIGH,
    "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/iam-policy-specific-table-indexes.html",
    change_events_of=(
        Principal,
        ResourcePolicy,
        PermittedVersions,
        Configuration,
        Function,
        LiveVersion,
        FunctionTags,
        EventSource,
    ),
)

SHOWN = 10

LETS_IN = {
    Kind.PUBLIC: "is open to everybody",
    Kind.FOREIGN: "is open to accounts that the checklist does not trust",
    Kind.REPLICATED: "is replicated to accounts that the checklist does not trust, which read and write every item",
    Kind.DEPUTY: "is open to a service of AWS, whichever account that acts for",
    Kind.UNTOLD: "is open under conditions that do not say to whom",
}


@rule.check(
    on=Table,
    confirm=2,
    fix="aws lambda list-functions --region {region} --query 'Functions[].[FunctionName,Role]' --output table",
)
def functions(roles: Each[TableRole], checklist: Checklist | None = None) -> Verdict:
    """The table has functions, and they have roles to judge."""
    if roles:
        return passed("the table has functions, and they have roles")
    unsaid = checklist and unselected(checklist)
    return unsaid or failed("no function is known to use the table: the checklist can name them")


@rule.check(
    confirm=2,
    fix="aws iam create-role --path {Path} --role-name {RoleName} --assume-role-policy-document " + document(BY_LAMBDA),
)
def exists(role: TableRole, policies: RolePolicies | Gone) -> Verdict:
    """The role that a function names exists."""
    if isinstance(policies, Gone):
        path = role.arn.split(":", 5)[5].removeprefix("role").removesuffix(role.name)
        evidence = {"RoleName": role.name, "Path": path, "FunctionName": list(role.functions)}
        return failed(f"{policies}, and {' and '.join(role.functions)} can't start without it", evidence=evidence)
    return passed(f"the role {role.name} exists")


@rule.check(confirm=2, version=2, fix=NARROW)
def scope(role: TableRole, review: RoleReview) -> Verdict:
    """What it may do with DynamoDB, it may do to the table alone."""
    said = {
        Kind.BEYOND: "reaches beyond the table",
        Kind.ALL_BUT_ACTIONS: "may do all but what a NotAction names",
        Kind.ALL_BUT_RESOURCES: "reaches all but what a NotResource names",
        Kind.ANYWHERE: "reaches tables of that name in any Region or account",
    }
    return judged(review.found, said, f"{role.name} reaches the items of this table alone", RoleName=role.name)


@rule.check(confirm=2, version=2, fix=LIMIT)
def administration(role: TableRole, review: RoleReview) -> Verdict:
    """It can't delete the table, restore it or change how it is set up."""
    said = {Kind.ADMINISTERS: "may administer the table"}
    verdict = _by_both(
        review, judged(review.found, said, f"{role.name} can't administer the table", RoleName=role.name)
    )
    return _mended_by(verdict, Kept=_kept(review))


@rule.check(
    confirm=2,
    fix=f"{PUT}{{table}}-items --policy-document {document(ITEMS, *STREAM)}"
    " && aws iam attach-role-policy --role-name {RoleName} --policy-arn {LogsPolicyArn}"
    " && aws iam detach-role-policy --role-name {RoleName} --policy-arn {PolicyArn}",
)
def managed_policies(role: TableRole, review: RoleReview) -> Verdict:
    """No policy that AWS wrote for administrators or for every stream is attached to it."""
    said = {
        Kind.ADMINISTRATOR: "has a policy that AWS wrote for administrators",
        Kind.EVERY_STREAM: "has a policy that AWS wrote for every stream",
    }
    verdict = judged(review.found, said, f"{role.name} has no policy that AWS wrote for more", RoleName=role.name)
    name = verdict.evidence.get("PolicyName", "")
    by_aws = f"arn:{role.arn.split(':')[1]}:iam::aws:policy/"
    return _mended_by(
        verdict,
        Needed=_listed(review.needed),
        PolicyArn=f"{by_aws}{PATHS.get(name, '')}{name}",
        LogsPolicyArn=f"{by_aws}service-role/AWSLambdaBasicExecutionRole",
    )


@rule.check(severity=Severity.MEDIUM, confirm=2, version=2, fix=LIMIT)
def actions(role: TableRole, review: RoleReview) -> Verdict:
    """It may do to the table what the checklist lists for its functions, and never a Scan that is not listed."""
    said = {
        Kind.SCANS: "may scan the table",
        Kind.SCANS_PAST_KEYS: "may scan the table, for a Scan has no leading keys that it could be held to",
        Kind.SCANS_UNDER_KEYS: "is meant to scan under leading keys, which no Scan has",
        Kind.UNLISTED: "may do what the checklist does not list",
        Kind.DEAD: "has a policy that names what is no action",
    }
    verdict = judged(review.found, said, f"{role.name} may do what the checklist lists", RoleName=role.name)
    verdict = _by_both(review, verdict)
    return _mended_by(verdict, Kept=_kept(review))


@rule.check(
    confirm=2,
    version=2,
    fix=f"{PUT}no-more-rights --policy-document {document(NO_MORE_RIGHTS)} && {{{{ {SHOW}; }}}}",
)
def escalation(role: TableRole, review: RoleReview) -> Verdict:
    """It can't give itself more rights, act as any role or change the code of a function."""
    said = {Kind.ESCALATES: "can come by more rights"}
    verdict = judged(review.found, said, f"{role.name} can't come by more rights", RoleName=role.name)
    return _mended_by(verdict, Denied=_listed(_denied(review.found)))


@rule.check(severity=Severity.MEDIUM, confirm=2, fix=f"{PUT}its-own-logs --policy-document {document(LOGS)}")
def logging(role: TableRole, review: RoleReview, table: Table) -> Verdict:
    """Its functions can write their logs."""
    if not role.log_groups:
        role.known()
        return not_applicable("no log group is known to be its own")
    said = {Kind.MUTE: "can't write its logs", Kind.HARDLY_LOGS: "can write its logs only under a condition"}
    verdict = judged(review.found, said, f"{role.name} can write its logs", RoleName=role.name)
    if verdict.status is Status.PASS:
        role.known()
    return _mended_by(verdict, LogStreams=_streams(role, table))


@rule.check(
    severity=Severity.LOW,
    confirm=2,
    version=2,
    fix=f"{PUT}no-other-logs --policy-document {document(NO_OTHER_LOGS)} && {{{{ {SHOW}; }}}}",
)
def log_groups(role: TableRole, review: RoleReview, table: Table) -> Verdict:
    """It can write no logs but its functions' own."""
    if not role.log_groups:
        role.known()
        return not_applicable("no log group is known to be its own")
    said = {Kind.OTHER_LOGS: "can write the logs of others"}
    verdict = judged(review.found, said, f"{role.name} can write no logs but its own", RoleName=role.name)
    if verdict.status is not Status.PASS:
        role.known()  # what looks like another's log group may be its own
    return _mended_by(verdict, LogStreams=_streams(role, table))


@rule.check(
    confirm=2,
    version=2,
    fix="aws iam update-assume-role-policy --role-name {RoleName} --policy-document " + document(BY_LAMBDA),
)
def trust(role: TableRole, review: RoleReview) -> Verdict:
    """Lambda alone may assume it."""
    said = {Kind.ANYONE: "can be assumed by everybody", Kind.OTHERS: "can be assumed by others than Lambda"}
    return judged(review.found, said, f"Lambda alone may assume {role.name}", RoleName=role.name)


@rule.check(
    severity=Severity.LOW,
    fix="aws iam create-role --role-name {FunctionName} --assume-role-policy-document " + document(BY_LAMBDA),
)
def shared(role: TableRole, checklist: Checklist) -> Verdict:
    """The functions that share it need the same."""
    lists = {frozenset(checklist.functions.allowed(function)) for function in role.functions}
    if len(lists) <= 1:
        return passed(f"all functions under {role.name} need the same")
    names = sorted(role.functions)
    return warned(
        f"{' and '.join(names)} share the role {role.name} and need different things",
        evidence={"RoleName": role.name, "FunctionName": names[-1]},
        watched={"functions": names},
    )


@rule.check(
    severity=Severity.CRITICAL,
    confirm=2,
    version=2,
    fix=TAKE_AWAY.replace("{ResourceArn}", "{arn}"),
)
def resource_policy(table: Table, policy: ResourcePolicy, checklist: Checklist) -> Verdict:
    """The table's own policy lets in nobody from outside whom the checklist does not trust."""
    found = tuple(outsiders(policy.statements, _home(table, checklist)))
    verdict = judged(found, LETS_IN, "the table's own policy lets in nobody from outside", TableName=table.name)
    return _known(_edited(verdict, policy, _home(table, checklist), table.arn), found)


@rule.check(
    severity=Severity.CRITICAL,
    confirm=2,
    fix=TAKE_AWAY.replace("{ResourceArn}", "{StreamArn}"),
)
def stream_policy(table: Table, policy: StreamPolicy | None, checklist: Checklist) -> Verdict:
    """The policy of its stream, which shows every change, lets in nobody whom the checklist does not trust."""
    if policy is None:
        return not_applicable("the table has no stream")
    found = tuple(outsiders(policy.statements, _home(table, checklist)))
    good = "the policy of the table's stream lets in nobody from outside"
    verdict = judged(found, LETS_IN, good, TableName=f"the stream of {table.name}")
    verdict = _mended_by(verdict, TableName=table.name, StreamArn=policy.arn)
    return _known(_edited(verdict, policy, _home(table, checklist), policy.arn), found)


@rule.check(severity=Severity.MEDIUM, confirm=2, version=2, fix=WRITE_DOWN)
def reviewed(
    role: TableRole, policies: RolePolicies | Gone, manifest: ApplicationManifest | None, checklist: Checklist
) -> Verdict:
    """There is a reviewed policy for each of its functions."""
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
        return passed(f"{role.name} has a reviewed policy: {' and '.join(names)}", **seen)
    live = sorted({statement.policy for statement in policies.principal.identity.statements})
    evidence = {
        "RoleName": role.name,
        "PolicyName": live[0] if live else role.name,
        "File": f"{wanted.iam}/{found.without[0]}.json",
        "FunctionName": list(found.without),
    }
    message = f"{wanted.iam} has no reviewed policy for {' and '.join(found.without)}, under {role.name}"
    return not_recorded(message, evidence=evidence, **seen)


@rule.check(severity=Severity.MEDIUM, confirm=2, version=2, fix=AS_REVIEWED)
def as_reviewed(role: TableRole, rights: ReviewedRights) -> Verdict:
    """It may do what was reviewed, and neither more nor less."""
    return compared(role, rights)


def _home(table: Table, checklist: Checklist) -> Home:
    return Home(table.account, frozenset(checklist.trusted_accounts), checklist.trusted_organization)


def _edited(verdict: Verdict, policy: ResourcePolicy | StreamPolicy, home: Home, arn: str) -> Verdict:
    """Of a policy that says other things too, what lets them in is taken out by a person: a Deny protects the table."""
    if verdict.status is Status.PASS or all(any(outsiders([each], home)) for each in policy.statements):
        return verdict
    return replace(verdict, remedy=Remedy(TAKE_OUT, {"ResourceArn": arn}))


def _known(verdict: Verdict, found: Collection[Excess]) -> Verdict:
    """A failure is one whatever else is not known. Unreadable: nobody told whether the organization let in is ours."""
    if verdict.status is not Status.FAIL and any(each.kind is Kind.ORGANIZATION for each in found):
        detail = (
            "the policy lets in an organization, and trusted_organization of the checklist does not say which is ours"
        )
        raise Unreadable({}, Unavailable(Reason.NOT_HERE, detail=detail))
    return verdict


def _by_both(review: RoleReview, verdict: Verdict) -> Verdict:
    """The verdict, unless the table's own policy could not be read and might make it a failure."""
    if verdict.status is not Status.FAIL:
        review.certain()
    return verdict


def _mended_by(verdict: Verdict, **values: str) -> Verdict:
    """With what the remedy needs besides, where there is one."""
    return replace(verdict, evidence={**verdict.evidence, **values}) if verdict.evidence else verdict


def _streams(role: TableRole, table: Table) -> str:
    """Those of the log groups of its functions."""
    groups = f"arn:{table.arn.split(':')[1]}:logs:{table.region}:{table.account}:log-group:"
    return _listed(f"{groups}{group}:*" for group in role.log_groups)


def _kept(review: RoleReview) -> str:
    """What its functions need of the table, and what Lambda needs to read its stream for them."""
    return _listed([*review.needed, *STREAM_READS])


def _denied(found: Collection[Excess]) -> list[str]:
    """All by which it could come by more rights."""
    return sorted({name for each in found if each.kind is Kind.ESCALATES for name in each.meant})


def _listed(texts: Iterable[str]) -> str:
    return json.dumps(list(texts), separators=(",", ":"))
