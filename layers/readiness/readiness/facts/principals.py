"""Every role and user of the account with all that decides what they may do, by GetAccountAuthorizationDetails."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from readiness.aws import Aws
from readiness.each import Each
from readiness.fact import fact
from readiness.iam.document import Document, Reader, digest, said, unpacked
from readiness.iam.evaluate import Identity
from readiness.iam.holders import ASSUME
from readiness.iam.match import ANY
from readiness.iam.statement import Malformed, Statement
from readiness.model import Reason, Unavailable

if TYPE_CHECKING:
    from mypy_boto3_iam.literals import EntityTypeType

T = TypeVar("T")

PERMISSION = "iam:GetAccountAuthorizationDetails"
WANTED: tuple["EntityTypeType", ...] = ("Role", "User", "Group", "LocalManagedPolicy", "AWSManagedPolicy")
PAGE = 100
"""Policies come with their older versions: a page of the 1,000 that AWS allows would be the largest thing in memory."""

SERVICES = frozenset({"cloudwatch", "dynamodb", "events", "iam", "kms", "lambda", "logs", "s3", "sns", "sqs", "sts"})
"""IAM prefixes: what is said about other services is packed, for only a few roles are asked for it."""


@dataclass(frozen=True)
class Principal:
    """A role or a user. Its key is its ARN.

    `name` is its name without a path. `managed` are the names of the AWS-managed policies attached to it or its
    groups. `trust` are the statements of a role's trust policy; a user has none. `digest` changes whenever anything
    does that decides what it may do. `identity` is about some services; of a role `rest` and `boundary_rest` hold,
    packed, what its policies and its boundary say of all others.
    """

    arn: str
    name: str
    identity: Identity
    managed: tuple[str, ...]
    trust: tuple[Statement, ...]
    digest: str
    rest: tuple[bytes, ...] = field(default=(), repr=False)
    boundary_rest: bytes = field(default=b"", repr=False)

    def whole(self) -> "Principal":
        """A role with all that its policies say, of every service."""
        identity = self.identity
        boundary = identity.boundary
        if boundary is not None and self.boundary_rest:
            boundary += unpacked([self.boundary_rest])
        identity = replace(identity, statements=identity.statements + unpacked(self.rest), boundary=boundary)
        return replace(self, identity=identity, rest=(), boundary_rest=b"")


@fact(PERMISSION)
def principals(aws: Aws) -> Each[Principal]:
    """One paginated call. A document that can't be read makes that principal unavailable, and no other."""
    details = Details()
    pages = aws.client("iam").get_paginator("get_account_authorization_details")
    for page in pages.paginate(Filter=WANTED, PaginationConfig={"PageSize": PAGE}):
        details.take(page)
    return Each(dict(details.principals()))


@dataclass(frozen=True)
class Written:
    """What hangs on a role, a user or a group: its own documents, and the ARNs of the policies attached to it."""

    inline: tuple[Document, ...]
    attached: tuple[str, ...]


@dataclass(frozen=True)
class Member:
    """A role or a user as its page has it: the policies and groups that it names may be on a later one."""

    arn: str
    name: str
    kind: Literal["role", "user"]
    written: Written
    boundary: str
    groups: tuple[str, ...] = ()
    trust: Document | None = None


@dataclass
class Details:
    """All pages so far."""

    members: list[Member] = field(default_factory=list)
    groups: dict[str, tuple[str, Written]] = field(default_factory=dict)
    policies: dict[str, Document] = field(default_factory=dict)
    reader: Reader = field(default_factory=lambda: Reader(SERVICES))

    def take(self, page: Mapping[str, Any]) -> None:
        """A page may hold any of them, in any order."""
        for policy in page.get("Policies", ()):
            self.policies[policy["Arn"]] = self.reader.read(_name(policy["Arn"]), _default_version(policy))
        for group in page.get("GroupDetailList", ()):
            self.groups[group["GroupName"]] = group["Arn"], self._written(group, "GroupPolicyList")
        self.members += [self._role(role) for role in page.get("RoleDetailList", ())]
        self.members += [self._user(user) for user in page.get("UserDetailList", ())]

    def principals(self) -> Iterator[tuple[str, Principal | Unavailable]]:
        """Each by its ARN, once all pages are taken."""
        for member in self.members:
            try:
                yield member.arn, self._principal(member)
            except Malformed as why:
                yield member.arn, Unavailable(Reason.MALFORMED, PERMISSION, str(why))

    def _role(self, role: Mapping[str, Any]) -> Member:
        trust = self.reader.read("trust policy", role.get("AssumeRolePolicyDocument"))
        written = self._written(role, "RolePolicyList")
        return Member(role["Arn"], role["RoleName"], "role", written, _boundary(role), trust=trust)

    def _user(self, user: Mapping[str, Any]) -> Member:
        written, groups = self._written(user, "UserPolicyList"), tuple(sorted(user.get("GroupList", ())))
        return Member(user["Arn"], user["UserName"], "user", written, _boundary(user), groups)

    def _written(self, owner: Mapping[str, Any], inline: str) -> Written:
        documents = [self.reader.read(each["PolicyName"], each["PolicyDocument"]) for each in owner.get(inline, ())]
        return Written(tuple(documents), tuple(each["PolicyArn"] for each in owner.get("AttachedManagedPolicies", ())))

    def _principal(self, member: Member) -> Principal:
        groups = [_known(self.groups, name, "group") for name in member.groups]
        every = [member.written, *(written for _, written in groups)]
        attached = sorted({arn for written in every for arn in written.attached})
        documents = [each for written in every for each in written.inline]
        documents += [_known(self.policies, arn, "policy") for arn in attached]
        boundary = _known(self.policies, member.boundary, "policy") if member.boundary else None
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
        )
        deciding = {
            "policies": [document.digest for document in documents],
            "attached": attached,
            "boundary": (member.boundary, boundary.digest if boundary else ""),
            "trust": member.trust.digest if member.trust else "",
        }
        is_role = member.kind == "role"
        return Principal(
            arn=member.arn,
            name=member.name,
            identity=identity,
            managed=tuple(sorted(_name(arn) for arn in attached if _by_aws(arn))),
            trust=trust,
            digest=digest(deciding),
            rest=tuple(document.rest for document in documents if document.rest) if is_role else (),
            boundary_rest=boundary.rest if boundary and is_role else b"",
        )


def _known(known: Mapping[str, T], name: str, kind: str) -> T:
    if name not in known:
        msg = f"the {kind} {name} is not in the answer"
        raise Malformed(msg)
    return known[name]


def _default_version(policy: Mapping[str, Any]) -> object:
    """Of the versions kept, the one that counts; the others have no effect."""
    versions = policy.get("PolicyVersionList", ())
    return next((each.get("Document") for each in versions if each["IsDefaultVersion"]), None)


def _boundary(of: Mapping[str, Any]) -> str:
    arn: str = of.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", "")
    return arn


def _trusted(trust: Sequence[Statement]) -> tuple[str, ...]:
    """Whom the trust policy lets assume the role, services and federations aside. A condition is not relied on."""
    assuming = [statement for statement in trust if statement.speaks_of(ASSUME)]
    allowed = {who for statement in assuming if statement.allow for who in _whom(statement)}
    denied = {
        who
        for statement in assuming
        if not statement.allow and not statement.conditional and not statement.but_principals
        for who in statement.principals
    }
    return () if ANY in denied else tuple(sorted(allowed - denied))


def _whom(statement: Statement) -> tuple[str, ...]:
    """All but some are as good as all."""
    if statement.but_principals:
        return (ANY,)
    return tuple(who for who in statement.principals if who == ANY or who.isdecimal() or who.startswith("arn:"))


def _name(arn: str) -> str:
    return arn.rpartition("/")[2]


def _by_aws(arn: str) -> bool:
    return arn.split(":")[4:5] == ["aws"]
