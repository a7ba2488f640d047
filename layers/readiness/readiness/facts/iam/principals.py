"""Roles and users of the account, with the statements of their policies. Pure."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.iam.authorization_details import (
    GROUPS,
    PERMISSION,
    POLICIES,
    SERVICE,
    AuthorizationDetails,
    Details,
    Member,
    is_by_aws,
    name_of,
)
from readiness.facts.iam.aws_policies import GET_POLICY, GET_VERSION, AwsPolicyDocument
from readiness.iam.document import Aside, PolicyDocument, digest, said
from readiness.iam.evaluate import Identity
from readiness.iam.holders import ASSUME
from readiness.iam.match import ANY
from readiness.iam.statement import Malformed, Statement
from readiness.model import Fact, Gone, PartlyCompared, Reason, Unavailable, Unreadable

T = TypeVar("T")

Read = PolicyDocument | Unavailable

NOT_READ = Unavailable(Reason.NOT_HERE, detail="the policies of service-linked roles are not read")


class Principal(PartlyCompared, Fact):
    """A role or a user. Its key is its ARN.

    `name` has no path. `managed` are the names of the AWS managed policies attached to it or to its groups. `trust` are
    the statements of a role's trust policy; a user has none. `digest` changes with everything that decides its
    permissions. `known` covers some services; a role's `aside` covers all, and is not saved.

    `unread`: an AWS managed policy of it could not be read, and `known` lacks its statements. `unread_boundary`: its
    permissions boundary could not be read, and `known` has none.
    """

    compared = ("arn", "name", "known", "managed", "trust", "digest", "unread", "unread_boundary")

    arn: str
    name: str
    known: Identity = field(name="identity")
    managed: tuple[str, ...]
    trust: tuple[Statement, ...]
    digest: str
    aside: Aside | None = None
    unread: Unavailable | None = None
    unread_boundary: Unavailable | None = None

    @property
    def incomplete(self) -> Unavailable | None:
        """Why not all of its permissions are known; None if they are."""
        return self.unread_boundary or self.unread

    @property
    def identity(self) -> Identity:
        """All its permissions. Unreadable: not all of them are known."""
        if self.incomplete:
            raise Unreadable({}, self.incomplete)
        return self.known

    @property
    def at_least(self) -> Identity:
        """Its permissions by the policies that could be read. Unreadable: its permissions boundary could not be.

        A Deny in a policy that could not be read is not considered. Use it only where the permission is the failure.
        """
        if self.unread_boundary:
            raise Unreadable({}, self.unread_boundary)
        return self.known

    def whole(self) -> "Principal":
        """Return the role with its statements for all services."""
        if self.aside is None:
            return self
        identity = replace(self.known, statements=self.aside.statements, boundary=self.aside.boundary)
        return replace(self, known=identity, aside=None)


@fact()
def principals(details: AuthorizationDetails, documents: Each[AwsPolicyDocument]) -> Each[Principal]:
    """Return all roles and users. A malformed document makes only its principal unavailable."""
    contents = details.contents
    policies = Policies(contents, {arn: _read(contents, arn, each) for arn, each in documents.answers().items()})
    found: dict[str, Principal | Unavailable] = dict(contents.unread)
    for member in contents.members:
        try:
            found[member.arn] = policies.principal(member)
        except Malformed as why:
            found[member.arn] = Unavailable(Reason.MALFORMED, PERMISSION, str(why))
        except Unreadable as unread:
            found[member.arn] = unread.first
    return Each(found, contents.unlisted)


def _read(contents: Details, arn: str, found: AwsPolicyDocument | Unavailable | Gone | None) -> Read:
    """Return an AWS managed policy."""
    if isinstance(found, Unavailable):
        return found
    if not isinstance(found, AwsPolicyDocument):
        return Unavailable(Reason.MALFORMED, GET_POLICY, f"the policy {arn} does not exist")
    document = contents.reader.read(name_of(arn), found.document)
    return Unavailable(Reason.MALFORMED, GET_VERSION, document.malformed) if document.malformed else document


class Policies(Struct, frozen=True):
    """All policies that were read: the `contents` of the account, and AWS managed policies by ARN."""

    contents: Details
    by_aws: Mapping[str, Read]

    def principal(self, member: Member) -> Principal:
        """Return the role or user. Malformed, Unreadable: a policy of the account could not be read."""
        groups = [
            _known(self.contents.groups, name, "group", self.contents.absent.get(GROUPS)) for name in member.groups
        ]
        every = [member.written, *(written for _, written in groups)]
        attached = sorted({arn for written in every for arn in written.attached})
        policies = {arn: self._policy(arn) for arn in attached}
        documents = [each for written in every for each in written.inline]
        documents += [each for each in policies.values() if isinstance(each, PolicyDocument)]
        limits = self._policy(member.boundary) if member.boundary else None
        boundary = limits if isinstance(limits, PolicyDocument) else None
        trust = said([member.trust]) if member.trust else ()
        identity = Identity(
            arn=member.arn,
            kind=member.kind,
            statements=said(documents),
            boundary=said([boundary]) if boundary else None,
            policies=tuple(arn for arn in attached if not is_by_aws(arn)),
            groups=tuple(arn for arn, _ in groups),
            trusted=_trusted(trust),
            boundary_policy="" if is_by_aws(member.boundary) else member.boundary,
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
            known=identity,
            managed=tuple(sorted(name_of(arn) for arn in attached if is_by_aws(arn))),
            trust=trust,
            digest=digest(deciding),
            aside=Aside(documents, boundary) if member.kind == "role" else None,
            unread=next((each for each in policies.values() if isinstance(each, Unavailable)), None),
            unread_boundary=limits if isinstance(limits, Unavailable) else None,
        )

    def _policy(self, arn: str) -> Read:
        if is_by_aws(arn):
            return self.by_aws.get(arn, NOT_READ)
        return _known(self.contents.policies, arn, "policy", self.contents.absent.get(POLICIES))


def _known(known: Mapping[str, T | Unavailable], name: str, kind: str, absent: Unavailable | None) -> T:
    found = known.get(name, absent)
    if found is None:
        msg = f"the {kind} {name} is missing in the response"
        raise Malformed(msg)
    if isinstance(found, Unavailable):
        raise Unreadable({}, found)
    return found


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
