"""What the KMS key of a table allows by its own policy."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from readiness.answer import Answer
from readiness.arn import region_of
from readiness.aws import Aws
from readiness.fact import fact
from readiness.facts.key import TableKey
from readiness.iam.addressed import account_of, addressed
from readiness.iam.match import matches
from readiness.iam.statement import Malformed, Statement, about, statements_in
from readiness.model import Reason, Unavailable, Unreadable

PERMISSION = "kms:GetKeyPolicy"
VIA = "kms:viaservice"


@dataclass(frozen=True)
class KeyPolicy:
    """What it says of those who use the key through DynamoDB; of its text nothing is kept."""

    statements: tuple[Statement, ...]

    def names(self, principal: str) -> Iterator[Statement]:
        """What is said of a role or user: of its ARN or of everybody, and what is denied to its whole account."""
        yield from addressed(self.statements, principal)

    def leaves_to_iam(self, principal: str) -> Iterator[Statement]:
        """What the policies of the principal's account may allow it: a key is not theirs unless its own says so."""
        for statement in self.statements:
            if statement.allow and any(who in statement.principals for who in account_of(principal)):
                yield statement


@fact(PERMISSION)
def key_policy(aws: Aws, key: TableKey) -> KeyPolicy | None:
    """None: AWS manages the key, and its policy. That of a key in another account can't be read."""
    if key.manager != "CUSTOMER":
        return None
    answered = aws.client("kms", region_of(key.arn)).get_key_policy(KeyId=key.arn, PolicyName="default")
    through_dynamodb = _through(
        Answer(answered, PERMISSION).need("Policy", str), f"dynamodb.{aws.region}.amazonaws.com"
    )
    try:
        return KeyPolicy(tuple(about({"kms"}, through_dynamodb)))
    except Malformed as why:
        raise Unreadable({key.arn: Unavailable(Reason.MALFORMED, PERMISSION, str(why))}) from None


def _through(text: str, service: str) -> Iterator[Statement]:
    """Without those that hold only for what other services do with the key."""
    read = statements_in(text, "the key policy")
    written = json.loads(text)["Statement"]
    for statement, raw in zip(read, written if isinstance(written, list) else [written], strict=True):
        if not _elsewhere(raw.get("Condition") or {}, service):
            yield statement


def _elsewhere(condition: Mapping[str, Any], service: str) -> bool:
    """https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service."""
    return any(
        not any(matches(str(wanted), service) for wanted in (value if isinstance(value, list) else [value]))
        for operator, keys in condition.items()
        for name, value in keys.items()
        if name.lower() == VIA and "String" in operator and "Not" not in operator
    )
