"""Roles, users, groups and customer managed policies of the account, from GetAccountAuthorizationDetails.

The call could return AWS managed policies too: all 1,500, of which an account uses few. They are read by their ARN.
"""

from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import TYPE_CHECKING, Literal, TypeVar

from msgspec import Struct

from readiness.aws.answer import Answer
from readiness.aws.arn import resource_of
from readiness.aws.client import Aws
from readiness.engine.each import each_of
from readiness.engine.fact import fact
from readiness.iam.document import PolicyDocument, PolicyReader
from readiness.model import Fact, Gone, Unavailable, Unreadable, Unsaved

if TYPE_CHECKING:
    from mypy_boto3_iam.literals import EntityTypeType

T = TypeVar("T")

PERMISSION = "iam:GetAccountAuthorizationDetails"
GROUPS, POLICIES, ROLES, USERS = "GroupDetailList", "Policies", "RoleDetailList", "UserDetailList"

SERVICE = "Service:"
"""Prefix of an AWS service among the principals of a statement."""

LINKED = "role/aws-service-role/"
"""The path of service-linked roles: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html."""

RUNNING_AS_ROLES = frozenset({f"{SERVICE}events.amazonaws.com", f"{SERVICE}lambda.amazonaws.com"})
"""The services whose roles are evaluated: those of functions and of targets of EventBridge rules."""

COLONS = 5
"""The minimum number of colons in an ARN."""

WANTED: tuple["EntityTypeType", ...] = ("Role", "User", "Group", "LocalManagedPolicy")
PAGE = 100
"""A page of 1,000 policies, the maximum, with all their versions would be the largest object in memory."""

SERVICES = frozenset(
    {"cloudformation", "cloudwatch", "dynamodb", "events", "iam", "kms", "lambda", "logs", "s3", "sns", "sqs", "sts"}
)
"""IAM prefixes: statements about other services stay encoded, because only a few roles need them."""


class Written(Struct, frozen=True):
    """The policies of a role, a user or a group: inline documents, and ARNs of attached policies."""

    inline: tuple[PolicyDocument, ...]
    attached: tuple[str, ...]


class Member(Struct, frozen=True):
    """A role or a user as on its page: its policies and groups may be on a later page."""

    arn: str
    name: str
    kind: Literal["role", "user"]
    written: Written
    boundary: str
    groups: tuple[str, ...] = ()
    trust: PolicyDocument | None = None

    @property
    def is_evaluated(self) -> bool:
        """False for a service-linked role of a service that runs neither functions nor rules.

        AWS defines its permissions, and only that service can assume it.
        """
        trusted = (who for each in self.trust.statements for who in each.principals) if self.trust else ()
        return not is_service_linked(self.arn) or not RUNNING_AS_ROLES.isdisjoint(trusted)


class Details(Unsaved):
    """The contents of all pages so far; `unread`: members that could not be read; `absent`: lists that a page lacks."""

    def __init__(self) -> None:
        """Begin without a page."""
        self.members: list[Member] = []
        self.groups: dict[str, tuple[str, Written] | Unavailable] = {}
        self.policies: dict[str, PolicyDocument | Unavailable] = {}
        self.unread: dict[str, Unavailable] = {}
        self.absent: dict[str, Unavailable] = {}
        self.reader = PolicyReader(SERVICES)

    def take(self, page: Answer) -> None:
        """Add a page, which may hold any of the lists in any order."""
        self.policies |= self._each(page, POLICIES, "Arn", self._document)
        self.groups |= self._each(page, GROUPS, "GroupName", self._group)
        for name, make in ((ROLES, self._role), (USERS, self._user)):
            for arn, made in self._each(page, name, "Arn", make).items():
                if isinstance(made, Unavailable):
                    self.unread[arn] = made
                else:
                    self.members.append(made)

    def attached(self) -> Iterator[str]:
        """Yield the ARNs of the policies of roles and users: attached to them or their groups, or their boundary.

        Those of service-linked roles that are not evaluated are left out: an account has dozens.
        """
        for member in filter(attrgetter("is_evaluated"), self.members):
            yield from self.attached_to(member)
            if member.boundary:
                yield member.boundary

    def attached_to(self, member: Member) -> Iterator[str]:
        """Yield the ARNs of the policies that are attached to the member, or to a group of it that could be read."""
        yield from member.written.attached
        for name in member.groups:
            group = self.groups.get(name)
            if group and not isinstance(group, Unavailable):
                yield from group[1].attached

    @property
    def unlisted(self) -> Unavailable | None:
        """Return why there may be other roles or users."""
        return self.absent.get(ROLES) or self.absent.get(USERS)

    def _each(self, page: Answer, name: str, key: str, make: Callable[[Answer], T]) -> dict[str, T | Unavailable]:
        """Return the results of `make` by key; a missing list or an element without a key is recorded in `absent`."""
        try:
            listed = page.parts(name)
        except Unreadable as unread:
            self.absent.setdefault(name, unread.first)
            return {}
        found = each_of(listed, lambda each: _key(each, key), make)
        if found.unlisted:
            self.absent.setdefault(name, found.unlisted)
        return {of: made for of, made in found.answers().items() if made is not None and not isinstance(made, Gone)}

    def _document(self, policy: Answer) -> PolicyDocument:
        return self.reader.read(name_of(policy.need("Arn", str)), _default_version(policy))

    def _role(self, role: Answer) -> Member:
        arn = role.need("Arn", str)
        trust = self.reader.read("trust policy", document_of(role, "AssumeRolePolicyDocument"))
        written = self._written(role, role.parts("RolePolicyList"))
        return Member(arn, role.get("RoleName", str, name_of(arn)), "role", written, _boundary(role), trust=trust)

    def _user(self, user: Answer) -> Member:
        """Return a user. AWS leaves UserPolicyList out for a user without inline policies."""
        arn = user.need("Arn", str)
        written, groups = self._written(user, user.parts_or_empty("UserPolicyList")), user.texts("GroupList")
        name = user.get("UserName", str, name_of(arn))
        return Member(arn, name, "user", written, _boundary(user), tuple(sorted(groups)))

    def _group(self, group: Answer) -> tuple[str, Written]:
        return group.need("Arn", str), self._written(group, group.parts("GroupPolicyList"))

    def _written(self, owner: Answer, inline: Iterable[Answer]) -> Written:
        documents = [
            self.reader.read(each.need("PolicyName", str), document_of(each, "PolicyDocument")) for each in inline
        ]
        attached = (each.need("PolicyArn", str) for each in owner.parts("AttachedManagedPolicies"))
        return Written(tuple(documents), tuple(attached))


class AuthorizationDetails(Fact):
    """The roles, users, groups and customer managed policies; None in a snapshot that was saved."""

    read: Details | None

    @property
    def contents(self) -> Details:
        """The contents of all pages; empty in a snapshot that was saved."""
        return self.read or Details()


@fact(
    PERMISSION,
    events=(
        "iam:PutRolePolicy",
        "iam:AttachRolePolicy",
        "iam:DeleteRolePolicy",
        "iam:DetachRolePolicy",
        "iam:CreatePolicyVersion",
        "iam:SetDefaultPolicyVersion",
        "iam:UpdateAssumeRolePolicy",
        "iam:DeletePolicyVersion",
        "iam:PutRolePermissionsBoundary",
        "iam:DeleteRolePermissionsBoundary",
        "iam:PutUserPolicy",
        "iam:AttachUserPolicy",
        "iam:PutGroupPolicy",
        "iam:AttachGroupPolicy",
        "iam:AddUserToGroup",
        "iam:DeleteUserPolicy",
        "iam:DeleteUserPermissionsBoundary",
        "iam:CreateAccessKey",
        "iam:CreateLoginProfile",
        "iam:UpdateLoginProfile",
    ),
)
def authorization_details(aws: Aws) -> AuthorizationDetails:
    """Read all by one paginated call."""
    details = Details()
    pages = aws.client("iam").get_paginator("get_account_authorization_details")
    for page in pages.paginate(Filter=WANTED, PaginationConfig={"PageSize": PAGE}):
        details.take(Answer(page, PERMISSION))
    return AuthorizationDetails(details)


def _key(each: Answer, name: str) -> str:
    """Return the ARN or the name. Raise Unreadable for an incomplete ARN."""
    key = each.need(name, str)
    if name == "Arn" and key.count(":") < COLONS:
        raise Unreadable({}, each.incomplete(name))
    return key


def document_of(of: Answer, name: str) -> object:
    """Return the policy document of a member, whatever it is: the policy reader validates it."""
    if not of.has(name):
        raise Unreadable({}, of.incomplete(name))
    return of.get(name, object)


def _default_version(policy: Answer) -> object:
    """Return the document of the default version; other versions have no effect."""
    versions = policy.parts("PolicyVersionList")
    return next((document_of(each, "Document") for each in versions if each.need("IsDefaultVersion", bool)), None)


def _boundary(of: Answer) -> str:
    """Return the ARN of the permissions boundary; empty without one."""
    boundary = of.part_or_none("PermissionsBoundary")
    return boundary.need("PermissionsBoundaryArn", str) if boundary else ""


def name_of(arn: str) -> str:
    """Return the name at the end of an ARN, after the path."""
    return arn.rpartition("/")[2]


def is_service_linked(arn: str) -> bool:
    """Return True for the ARN of a service-linked role."""
    return resource_of(arn).startswith(LINKED)


def is_by_aws(arn: str) -> bool:
    """Return True for the ARN of an AWS managed policy; False for no ARN."""
    return arn.split(":")[4:5] == ["aws"]
