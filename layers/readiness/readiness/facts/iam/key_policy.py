"""The key policy of a table's KMS key."""

from readiness.aws.answer import Answer
from readiness.aws.arn import region_of
from readiness.aws.client import Aws, existing
from readiness.engine.fact import fact
from readiness.facts.dynamodb.key import TableKey
from readiness.iam.statement import Malformed, Statement, about, statements_in
from readiness.model import Fact, Reason, Unavailable, Unreadable

PERMISSION = "kms:GetKeyPolicy"


class KeyPolicy(Fact):
    """The KMS statements of the policy; its text is not kept."""

    statements: tuple[Statement, ...]


@fact(PERMISSION, absent="no customer managed key")
def key_policy(aws: Aws, key: TableKey) -> KeyPolicy | None:
    """Return None for an AWS managed key. The policy of a key in another account cannot be read."""
    if key.manager != "CUSTOMER":
        return None
    with existing(f"the key {key.arn}"):
        answer = aws.client("kms", region_of(key.arn)).get_key_policy(KeyId=key.arn, PolicyName="default")
    text = Answer(answer, PERMISSION).need("Policy", str)
    try:
        return KeyPolicy(tuple(about({"kms"}, statements_in(text, "the key policy"))))
    except Malformed as why:
        raise Unreadable({key.arn: Unavailable(Reason.MALFORMED, PERMISSION, str(why))}) from None
