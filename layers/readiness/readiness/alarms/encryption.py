"""The KMS key of an SNS topic, and the AWS services that can publish to the topic with it.

https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html: the key policy of an AWS managed key allows no other
service, and cannot be changed.
"""

from msgspec import Struct

from readiness.alarms import remedies
from readiness.alarms.route import PAGES, Route, silent, unknown
from readiness.aws.arn import name_of
from readiness.model import Gone, Unavailable

USES = ("kms:GenerateDataKey", "kms:Decrypt")
"""The KMS actions that a service needs to send to an encrypted topic or queue."""


class Key(Struct, frozen=True):
    """A KMS key. `manager` is AWS or CUSTOMER (KeyManager), `state` is AWS's KeyState."""

    arn: str
    manager: str
    state: str


def usable(arn: str, name: str | Unavailable | None, key: Key | Gone | Unavailable | None, service: str) -> Route:
    """Return the route past the key of the topic `arn`. `name` is None without encryption, `key` for alias/aws/sns."""
    topic, moved = name_of(arn), remedies.encrypt(arn, service)
    if isinstance(name, Unavailable):
        return unknown(name)
    if isinstance(key, Unavailable):
        return unknown(key)
    if isinstance(key, Gone):
        return silent(f"KMS key of SNS topic {topic} does not exist", moved)
    if key is None and name is None:
        return PAGES
    if key is None or key.manager == "AWS":
        why = f"SNS topic {topic} is encrypted with an AWS managed key, which no other AWS service can use"
        return silent(why, moved)
    why = f"KMS key of SNS topic {topic} is {key.state}"
    return PAGES if key.state == "Enabled" else silent(why, remedies.revive(key.arn, key.state))
