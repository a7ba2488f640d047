"""Policy statements in one normal form, for all spellings of a document.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from operator import attrgetter
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from readiness.iam.condition import Condition, condition, of_text
from readiness.iam.match import ANY, WILD, matches
from readiness.model import PartlyCompared

VARIABLE = re.compile(r"\$\{[^}]*\}")
FIELDS_OF_AN_ARN = 6
RESOURCE = 5
"""The index of the resource part of an ARN, which may contain colons."""

KNOWS_VARIABLES = "2012-10-17"
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html"""


class Malformed(ValueError):
    """A document is not what AWS documents. The message names the place, and never the content."""


class Statement(PartlyCompared, Struct, frozen=True):
    """One Allow or Deny.

    `but_actions`: all actions except these (NotAction); `but_resources` and `but_principals` likewise. Actions are in
    lower case, because IAM action names are case-insensitive. `conditions` are operators and keys, such as `StringLike
    dynamodb:LeadingKeys`, sorted; `by_value` are the same with their kept values, which are ignored when statements are
    compared. `policy` and `sid` are where it is written.

    `varied` are resources with policy variables; `resources` has them in a form that allows at least, and denies at
    most, the resources that they can match.

    `principals` is for resource-based and trust policies: `*`, ARNs, accounts, `Service:lambda.amazonaws.com`,
    `Federated:cognito-identity.amazonaws.com`.
    """

    compared = (
        *("allow", "actions", "resources", "but_actions", "but_resources", "conditions"),
        *("policy", "sid", "principals", "but_principals"),
    )

    allow: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    but_actions: bool = False
    but_resources: bool = False
    conditions: tuple[str, ...] = ()
    policy: str = ""
    sid: str = ""
    principals: tuple[str, ...] = ()
    but_principals: bool = False
    by_value: tuple[Condition, ...] = ()
    varied: tuple[str, ...] = ()

    @property
    def tests(self) -> tuple[Condition, ...]:
        """Return its conditions; without values where it was made of texts."""
        return self.by_value or tuple(map(of_text, self.conditions))

    @property
    def conditional(self) -> bool:
        """Return True where it has conditions."""
        return bool(self.conditions)

    def speaks_of(self, action: str) -> bool:
        """Return True where it covers the action, on some resource."""
        lower = action.lower()
        return self.but_actions != any(matches(pattern, lower) for pattern in self.actions)

    def covers(self, action: str, resource: str) -> bool:
        """Return True where it covers the action on the resource, a whole ARN without wildcards."""
        if not self.speaks_of(action):
            return False
        return self.but_resources != any(matches(pattern, resource) for pattern in self.resources)


def statements(document: object, policy: str = "", *, whole: bool = False) -> tuple[Statement, ...]:
    """Return the statements, with all condition values if `whole`. Malformed: the document is not a policy."""
    if not isinstance(document, Mapping) or "Statement" not in document:
        msg = f"{policy}: is not a policy document".lstrip(": ")
        raise Malformed(msg)
    read = partial(condition, variables=document.get("Version") == KNOWS_VARIABLES, whole=whole)
    listed = enumerate(_listed(document["Statement"]), start=1)
    return tuple(_read(written, policy, at, read) for at, written in listed)


def statements_in(text: str, policy: str = "") -> tuple[Statement, ...]:
    """Return the statements of a document in JSON. Raise Malformed where it is not a policy."""
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    return statements(document, policy)


def about(services: Collection[str], written: Iterable[Statement]) -> Iterator[Statement]:
    """Yield the parts of the statements that concern these services, by IAM prefix; other resources do not apply."""
    for statement in written:
        actions = tuple(action for action in statement.actions if _concerns(action, services))
        resources, varied = (
            tuple(resource for resource in each if may_be_of(resource, services))
            for each in (statement.resources, statement.varied)
        )
        if (actions, resources) == (statement.actions, statement.resources):
            yield statement
        elif (actions or statement.but_actions) and (resources or statement.but_resources):
            yield replace(statement, actions=actions, resources=resources, varied=varied)


def as_written(statement: Statement) -> Statement:
    """Return the statement with its policy variables in place, to compare it with another one."""
    resources = list(statement.resources)
    for resource in statement.varied:
        wide = VARIABLE.sub(ANY, resource)
        if wide in resources:
            resources.remove(wide)
    return replace(statement, resources=(*resources, *statement.varied), varied=())


def may_be_of(resource: str, services: Collection[str]) -> bool:
    """Return True where the pattern may match a resource of one of the services."""
    arn, *fields = resource.split(":", RESOURCE)
    if arn != "arn" or len(fields) < RESOURCE:
        return True
    return any(matches(fields[1], service) for service in services)


def _concerns(action: str, services: Collection[str]) -> bool:
    service, colon, _ = action.partition(":")
    if WILD.search(service) is None:
        return service in services
    return not colon or any(matches(service, known) for known in services)


def _read(written: object, policy: str, at: int, read: Callable[..., Condition]) -> Statement:
    where = f"{policy}: statement {at}".lstrip(": ")
    if not isinstance(written, Mapping) or written.get("Effect") not in ("Allow", "Deny"):
        msg = f"{where} has an Effect that is neither Allow nor Deny"
        raise Malformed(msg)
    allow = written["Effect"] == "Allow"
    principals, but_principals = _either(written, "Principal", where, needed=False)
    actions, but_actions = _either(written, "Action", where)
    resources, but_resources = _either(written, "Resource", where, needed=principals is None)
    named = _texts(ANY if resources is None else resources, where)
    sid = written.get("Sid", "")
    tests = sorted(_conditions(written.get("Condition", {}), where, read), key=attrgetter("text"))
    return Statement(
        allow=allow,
        actions=tuple(action.lower() for action in _texts(actions, where)),
        resources=tuple(_plain(named, widening=allow != but_resources)),
        but_actions=but_actions,
        but_resources=but_resources,
        conditions=tuple(each.text for each in tests),
        policy=policy,
        sid=sid if isinstance(sid, str) else "",
        principals=tuple(sorted(set(_principals(principals, where)))),
        but_principals=but_principals,
        by_value=tuple(tests),
        varied=tuple(_whole(resource) for resource in named if VARIABLE.search(resource)),
    )


def _either(written: Mapping[str, Any], element: str, where: str, *, needed: bool = True) -> tuple[Any, bool]:
    """Return the element or its negation, and True for the negation."""
    given = [name for name in (element, f"Not{element}") if name in written]
    if len(given) > 1 or (needed and not given):
        msg = f"{where} has {'both' if given else 'neither'} {element} {'and' if given else 'nor'} Not{element}"
        raise Malformed(msg)
    return (written[given[0]], given[0] != element) if given else (None, False)


def _conditions(block: object, where: str, read: Callable[..., Condition]) -> Iterator[Condition]:
    """Yield the conditions. An operator without keys is kept: AWS does not document that it always holds."""
    if not isinstance(block, Mapping) or not all(isinstance(keys, Mapping) for keys in block.values()):
        msg = f"{where} has a malformed Condition"
        raise Malformed(msg)
    for operator, keys in block.items():
        if not keys:
            yield Condition(operator)
        yield from (read(operator, key, value) for key, value in keys.items())


def _principals(element: object, where: str) -> Iterator[str]:
    if not isinstance(element, Mapping):
        yield from () if element is None else _texts(element, where)
        return
    for kind, who in element.items():
        for each in _texts(who, where):
            yield each if kind in ("AWS", ANY) else f"{kind}:{each}"


def _plain(resources: Iterable[str], *, widening: bool) -> Iterator[str]:
    """Yield the resources; a policy variable counts as `*` if `widening` gives more, else it is left out."""
    for resource in resources:
        if widening or not VARIABLE.search(resource):
            yield _whole(VARIABLE.sub(ANY, resource))


def _whole(resource: str) -> str:
    """Return the ARN with wildcards for missing fields, as IAM reads it."""
    missing = FIELDS_OF_AN_ARN - len(resource.split(":"))
    return resource + ":*" * missing if resource.startswith("arn:") else resource


def _texts(value: object, where: str) -> list[str]:
    texts = _listed(value)
    if not all(isinstance(text, str) for text in texts):
        msg = f"{where} has a value that is not a string"
        raise Malformed(msg)
    return texts


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
