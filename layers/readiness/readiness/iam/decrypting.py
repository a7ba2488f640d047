"""Permission of a role to decrypt with a table's KMS key, which DynamoDB uses on behalf of the role.

https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html
"""

from collections.abc import Collection

from msgspec import Struct
from msgspec.structs import replace

from readiness.iam.addressed import account_of, addressed, of_role
from readiness.iam.condition import RequestContext
from readiness.iam.evaluate import Access, Identity, access, granted_by, settled
from readiness.iam.statement import Statement

DECRYPT = "kms:Decrypt"
CONTEXT = "kms:encryptioncontext:"


class Reading(Struct, frozen=True):
    """A read of an item: the ARN of the table, and the ARN of its key."""

    table: str
    key: str

    def by(self, role: str) -> RequestContext:
        """Return the known condition keys of the Decrypt request."""
        _, _, _, region, account, resource = self.table.split(":", 5)
        name = resource.removeprefix("table/")
        return RequestContext(
            {
                **of_role(role),
                "aws:calledvia": ("dynamodb.amazonaws.com",),
                "aws:calledviafirst": ("dynamodb.amazonaws.com",),
                "aws:calledvialast": ("dynamodb.amazonaws.com",),
                "aws:requestedregion": (region,),
                "aws:viaawsservice": ("true",),
                f"{CONTEXT}aws:dynamodb:subscriberid": (account,),
                f"{CONTEXT}aws:dynamodb:tablename": (name,),
                "kms:encryptioncontextkeys": ("aws:dynamodb:subscriberId", "aws:dynamodb:tableName"),
                "kms:viaservice": (f"dynamodb.{region}.amazonaws.com",),
            },
            absent=(CONTEXT,),
        )


def left_to_iam(policy: Collection[Statement], role: str, reading: Reading) -> Access:
    """Return how far the key policy delegates to IAM policies of the role's account."""
    accounts = account_of(role)
    leaving = (each for each in policy if each.allow and any(who in each.principals for who in accounts))
    return granted_by(tuple(settled(leaving, reading.by(role))), DECRYPT, reading.key)


def may_decrypt(identity: Identity, policy: Collection[Statement], reading: Reading) -> Access:
    """Return how far the key policy, or where it delegates the role's policies, allow to decrypt."""
    context = reading.by(identity.arn)
    left = left_to_iam(policy, identity.arn, reading)
    own = tuple(settled(identity.statements, context))
    boundary = None if identity.boundary is None else tuple(settled(identity.boundary, context))
    named = tuple(settled(addressed(policy, identity.arn), context))

    def counting(*, allows: bool) -> Access:
        said = (*named, *(each for each in own if allows or not each.allow))
        return access(replace(identity, statements=said, boundary=boundary), DECRYPT, reading.key)

    if counting(allows=left is not Access.NONE) not in {Access.DIRECT, Access.CONDITIONAL}:
        return Access.NONE
    perhaps_denied = any(
        not each.allow and each.conditional and each.covers(DECRYPT, reading.key)
        for each in (*named, *own, *(boundary or ()))
    )
    sure = counting(allows=left is Access.DIRECT) is Access.DIRECT
    return Access.DIRECT if sure and not perhaps_denied else Access.CONDITIONAL
