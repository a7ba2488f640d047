"""Whether AWS's services can publish to a topic, as far as that is up to the key that encrypts it.

https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html: the policy of a key that AWS manages lets no other
service use it, and can't be changed.
"""

from typing import Protocol

from readiness.alarms import remedies
from readiness.alarms.route import PAGES, Route, silent, unknown
from readiness.aws.arn import name_of
from readiness.model import Gone, Unavailable

USES = ("kms:GenerateDataKey", "kms:Decrypt")
"""KMS actions of a service that delivers a message to an encrypted topic or queue."""


class Key(Protocol):
    """The key of a topic. `manager` is AWS or CUSTOMER, `state` is AWS's KeyState."""

    @property
    def arn(self) -> str: ...  # noqa: D102  the class says it

    @property
    def manager(self) -> str: ...  # noqa: D102  likewise

    @property
    def state(self) -> str: ...  # noqa: D102  likewise


def usable(arn: str, name: str | None, key: Key | Gone | Unavailable | None, service: str) -> Route:
    """Of the topic of that ARN; its key's own `name` is None without encryption. No `key`: AWS manages it for SNS."""
    topic, moved = name_of(arn), remedies.encrypt(arn, service)
    if isinstance(key, Unavailable):
        return unknown(key)
    if isinstance(key, Gone):
        return silent(f"the key of the topic {topic} does not exist", moved)
    if key is None and name is None:
        return PAGES
    if key is None or key.manager == "AWS":
        why = f"the topic {topic} is encrypted with the key that AWS manages for SNS, which no service may use"
        return silent(why, moved)
    if key.state == "Enabled":
        return PAGES
    return silent(f"the key of the topic {topic} is {key.state}", remedies.revive(key.arn, key.state))
