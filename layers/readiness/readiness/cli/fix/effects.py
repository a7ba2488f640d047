"""Effects of the calls of `readiness fix`: the values before and after, and what cannot be undone.

A call is made only if its effect is declared, here or in a module beside this one.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from readiness.aws.client import Aws
from readiness.model import Call

Values = Mapping[str, Any]


class Effect(Struct, frozen=True):
    """The effect of one operation.

    `read` returns the values before and after the call, by AWS's names. `permission` is the IAM action of its read.
    `lasting` is what cannot be undone, if the parameters name `when`; empty if the former value can be set again.
    """

    read: Callable[[Aws, Call], tuple[Values, Values]]
    permission: str
    lasting: str = ""
    when: str = ""


ABSENT = "does not exist"


def client(aws: Aws, call: Call) -> Any:
    """Return the client for a call, whose operation is known only by its name."""
    return client_in(aws, call.service, call.region)


def client_in(aws: Aws, service: str, region: str = "") -> Any:
    """Return the client of a service in a Region, by default in this one."""
    account: Any = aws  # `client` is typed by the name of its service
    return account.client(service, region or None)


def created(name: str) -> Callable[[Aws, Call], tuple[Values, Values]]:
    """Return the effect of a call that creates what the parameter names."""

    def read(_aws: Aws, call: Call) -> tuple[Values, Values]:
        return {call.parameters[name]: ABSENT}, {call.parameters[name]: "exists"}

    return read


def statements_of(policy: Mapping[str, Any]) -> list[Any]:
    """Return the statements of a policy, where IAM takes one beside a list of them."""
    found = policy.get("Statement", [])
    return found if isinstance(found, list) else [found]


def policies_compared(before: str, after: str) -> tuple[Values, Values]:
    """Return the number of statements of a policy before, and of one after, with what is added and removed."""
    old, new = (statements_of(json.loads(each or "{}")) for each in (before, after))
    changed = {"added": [each for each in new if each not in old], "removed": [each for each in old if each not in new]}
    shown = {f"{how} statement {n}": each for how, found in changed.items() for n, each in enumerate(found, 1)}
    return {"statements": len(old)}, {"statements": len(new), **shown}


def settings(call: Call, *names: str) -> dict[str, Any]:
    """Return the parameters of the call without these, which name the resource."""
    return {name: value for name, value in call.parameters.items() if name not in names}


def same_names(values: Values, wanted: Values) -> tuple[Values, Values]:
    """Return the values before, for the names that are wanted, and the wanted values."""
    return {name: values.get(name) for name in wanted}, wanted
