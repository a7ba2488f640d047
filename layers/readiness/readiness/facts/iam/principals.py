"""Roles and users of the account with their policies, from GetAccountAuthorizationDetails."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from readiness.aws.answer import Answer
from readiness.aws.client import Aws
from readiness.engine.each import Each, each_of
from readiness.engine.fact import fact
from readiness.iam.document import Aside, PolicyDocument, PolicyReader, digest, said
from readiness.iam.evaluate import Identity
from readiness.iam.holders import ASSUME
from readiness.iam.match import ANY
from readiness.iam.statement import Malformed, Statement
from readiness.model import Fact, Gone, PartlyCompared, Reason, Unavailable, Unreadable

if TYPE_CHECKING:
    from mypy_boto3_iam.literals import EntityTypeType

T = TypeVar("T")

PERMISSION = "iam:GetAccountAuthorizationDetails"
GROUPS, POLICIES, ROLES, USERS = "GroupDetailList", "Policies", "RoleDetailList", "UserDetailList"
SERVICE = "Service:"
"""Prefix of an AWS service among the principals of a statement."""

COLONS = 5
"""The minimum number of colons in an ARN."""

WANTED: tuple["EntityTypeType", ...] = ("Role", "User", "Group", "LocalManagedPolicy", "AWSManagedPolicy")
PAGE = 100
"""A page of 1,000 policies, the maximum, with all their versions would be the largest object in memory."""

SERVICES = frozenset(
    {"cloudformation", "cloudwatch", "dynamodb", "events", "iam", "kms", "lambda", "logs", "s3", "sns", "sqs", "sts"}
)
"""IAM prefixes: statements about other services stay encoded, because only a few roles need them."""


class Principal(PartlyCompared, Fact):
    """A role or a user. Its key is its ARN.

    `name` has no path. `managed` are the names of the AWS managed policies attached to it or to its groups. `trust` are
    the statements of a role's trust policy; a user has none. `digest` changes with everything that decides its
    permissions. `identity` covers some services; a role's `aside` covers all, and is not saved.
    """

    compared = ("arn", "name", "identity", "managed", "trust", "digest")

    arn: str
    name: str
    identity: Identity
    managed: tuple[str, ...]
    trust: tuple[Statement, ...]
    digest: str
    aside: Aside | None = None

    def whole(self) -> "Principal":
        """Return the role with its statements for all services."""
        if self.aside is None:
            return self
        identity = replace(self.identity, statements=self.aside.statements, boundary=self.aside.boundary)
        return replace(self, identity=identity, aside=None)


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
def principals(aws: Aws) -> Each[Principal]:
    """Read all principals by one paginated call. An unreadable document makes only its principal unavailable."""
    details = Details()
    pages = aws.client("iam").get_paginator("get_account_authorization_details")
    for page in pages.paginate(Filter=WANTED, PaginationConfig={"PageSize": PAGE}):
        details.take(Answer(page, PERMISSION))
    return Each(details.principals(), details.unlisted)


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


class Details(Struct):
    """The contents of all pages so far; `unread`: members that could not be read; `absent`: lists that a page lacks."""

    members: list[Member] = field(default_factory=list)
    groups: dict[str, tuple[str, Written] | Unavailable] = field(default_factory=dict)
    policies: dict[str, PolicyDocument | Unavailable] = field(default_factory=dict)
    unread: dict[str, Unavailable] = field(default_factory=dict)
    absent: dict[str, Unavailable] = field(default_factory=dict)
    reader: PolicyReader = field(default_factory=lambda: PolicyReader(SERVICES))

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

    def principals(self) -> dict[str, Principal | Unavailable]:
        """Return all roles and users by ARN, once all pages are added."""
        found: dict[str, Principal | Unavailable] = dict(self.unread)
        for member in self.members:
            try:
                found[member.arn] = self._principal(member)
            except Malformed as why:
                found[member.arn] = Unavailable(Reason.MALFORMED, PERMISSION, str(why))
            except Unreadable as unread:
                found[member.arn] = unread.first
        return found

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
        return self.reader.read(_name(policy.need("Arn", str)), _default_version(policy))

    def _role(self, role: Answer) -> Member:
        arn = role.need("Arn", str)
        trust = self.reader.read("trust policy", _document(role, "AssumeRolePolicyDocument"))
        written = self._written(role, role.parts("RolePolicyList"))
        return Member(arn, role.get("RoleName", str, _name(arn)), "role", written, _boundary(role), trust=trust)

    def _user(self, user: Answer) -> Member:
        """Return a user. AWS leaves UserPolicyList out for a user without inline policies."""
        arn = user.need("Arn", str)
        written, groups = self._written(user, user.parts_or_empty("UserPolicyList")), user.texts("GroupList")
        name = user.get("UserName", str, _name(arn))
        return Member(arn, name, "user", written, _boundary(user), tuple(sorted(groups)))

    def _group(self, group: Answer) -> tuple[str, Written]:
        return group.need("Arn", str), self._written(group, group.parts("GroupPolicyList"))

    def _written(self, owner: Answer, inline: Iterable[Answer]) -> Written:
        documents = [
            self.reader.read(each.need("PolicyName", str), _document(each, "PolicyDocument")) for each in inline
        ]
        attached = (each.need("PolicyArn", str) for each in owner.parts("AttachedManagedPolicies"))
        return Written(tuple(documents), tuple(attached))

    def _policy(self, arn: str) -> PolicyDocument:
        return _known(self.policies, arn, "policy", self.absent.get(POLICIES))

    def _principal(self, member: Member) -> Principal:
        groups = [_known(self.groups, name, "group", self.absent.get(GROUPS)) for name in member.groups]
        every = [member.written, *(written for _, written in groups)]
        attached = sorted({arn for written in every for arn in written.attached})
        documents = [each for written in every for each in written.inline]
        documents += [self._policy(arn) for arn in attached]
        boundary = self._policy(member.boundary) if member.boundary else None
        trust = said([member.trust]) if member.trust else ()
        identity = Identity(
            arn=member.arn,
            kind=member.kind,
            statements=said(documents),
            boundary=said([boundary]) if boundary else None,
            policies=tuple(arn for arn in attached if not _by_aws(arn)),
            groups=tuple(arn for arn, _ in groups),
            trusted=_trusted(trust),
            boundary_policy="" if _by_aws(member.boundary) else member.boundary,
            services=_services(trust) if member.trust else None,
        )
        deciding = {
            "policies": [document.digest for document in documents],
            "attached": attached,
            "boundary": (member.boundary, boundary.digest if boundary else ""),
            "trust": member.trust.digest if member.trust else "",
        }
        return Principal(
            arn=member.arn,
            name=member.name,
            identity=identity,
            managed=tuple(sorted(_name(arn) for arn in attached if _by_aws(arn))),
            trust=trust,
            digest=digest(deciding),
            aside=Aside(documents, boundary) if member.kind == "role" else None,
        )


def _known(known: Mapping[str, T | Unavailable], name: str, kind: str, absent: Unavailable | None) -> T:
    found = known.get(name, absent)
    if found is None:
        msg = f"the {kind} {name} is missing in the response"
        raise Malformed(msg)
    if isinstance(found, Unavailable):
        raise Unreadable({}, found)
    return found


def _key(each: Answer, name: str) -> str:
    """Return the ARN or the name. Raise Unreadable for an incomplete ARN."""
    key = each.need(name, str)
    if name == "Arn" and key.count(":") < COLONS:
        raise Unreadable({}, each.incomplete(name))
    return key


def _document(of: Answer, name: str) -> object:
    """Return the policy document of a member, whatever it is: the policy reader validates it."""
    if not of.has(name):
        raise Unreadable({}, of.incomplete(name))
    return of.get(name, object)


def _default_version(policy: Answer) -> object:
    """Return the document of the default version; other versions have no effect."""
    versions = policy.parts("PolicyVersionList")
    return next((_document(each, "Document") for each in versions if each.need("IsDefaultVersion", bool)), None)


def _boundary(of: Answer) -> str:
    """Return the ARN of the permissions boundary; empty without one."""
    boundary = of.part_or_none("PermissionsBoundary")
    return boundary.need("PermissionsBoundaryArn", str) if boundary else ""


def _trusted(trust: Sequence[Statement]) -> tuple[str, ...]:
    """Return the trusted principals, whatever the conditions, without services and federated users."""
    assuming = [statement for statement in trust if statement.speaks_of(ASSUME)]
    allowed = {who for statement in assuming if statement.allow for who in _whom(statement)}
    denied = {
        who
        for statement in assuming
        if not statement.allow and not statement.conditional and not statement.but_principals
        for who in statement.principals
    }
    return () if ANY in denied else tuple(sorted(allowed - denied))


def _services(trust: Sequence[Statement]) -> tuple[str, ...] | None:
    """Return the services that the trust policy allows, without regard to a Deny; None: all except some."""
    allowing = [statement for statement in trust if statement.allow and statement.speaks_of(ASSUME)]
    if any(statement.but_principals or ANY in statement.principals for statement in allowing):
        return None
    named = {who for statement in allowing for who in statement.principals if who.startswith(SERVICE)}
    return tuple(sorted(who.removeprefix(SERVICE) for who in named))


def _whom(statement: Statement) -> tuple[str, ...]:
    """Return the principals; an Allow for all except some counts as all."""
    if statement.but_principals:
        return (ANY,)
    return tuple(who for who in statement.principals if who == ANY or who.isdecimal() or who.startswith("arn:"))


def _name(arn: str) -> str:
    return arn.rpartition("/")[2]


def _by_aws(arn: str) -> bool:
    return arn.split(":")[4:5] == ["aws"]
