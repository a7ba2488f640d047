"""Whether AWS's services can publish to a topic, as far as that is up to the key that encrypts it.

https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html: the policy of a key that AWS manages lets no other
service use it, and can't be changed.
"""

from typing import Protocol

from readiness.alarming.route import PAGES, Route, silent, unknown
from readiness.model import Gone, Unavailable


class Key(Protocol):
    """The key of a topic. `manager` is AWS or CUSTOMER, `state` is AWS's KeyState."""

    @property
    def manager(self) -> str: ...  # noqa: D102  the class says it

    @property
    def state(self) -> str: ...  # noqa: D102  likewise


def usable(topic: str, name: str | None, key: Key | Gone | Unavailable | None) -> Route:
    """Of the topic of that name; its key's own `name` is None without encryption. No `key`: AWS manages it for SNS."""
    if isinstance(key, Unavailable):
        return unknown(key)
    if isinstance(key, Gone):
        return silent(f"the key of the topic {topic} does not exist")
    if key is None and name is None:
        return PAGES
    if key is None or key.manager == "AWS":
        return silent(f"the topic {topic} is encrypted with the key that AWS manages for SNS, which no service may use")
    return PAGES if key.state == "Enabled" else silent(f"the key of the topic {topic} is {key.state}")
