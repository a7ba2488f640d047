"""Statements of a policy in one form, whichever of its many spellings the document has.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from readiness.iam.match import ANY, matches

VARIABLE = re.compile(r"\$\{[^}]*\}")
FIELDS_OF_AN_ARN = 6

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Statement:
    """One Allow or Deny. Where `but_actions`, it is about all actions but these (NotAction); resources likewise.

    Actions are in lower case, because IAM does not tell cases apart there. Of the conditions only their presence is
    kept: what they compare is known when a request is made, and not before.
    """

    allow: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    but_actions: bool = False
    but_resources: bool = False
    conditional: bool = False

    def speaks_of(self, action: str) -> bool:
        """Whether it is about the action, on some resource or other."""
        return self.but_actions != any(matches(pattern, action.lower()) for pattern in self.actions)

    def covers(self, action: str, resource: str) -> bool:
        """Whether it is about that action on that resource. `resource` is a whole ARN, without wildcards."""
        return self.speaks_of(action) and self.but_resources != any(
            matches(pattern, resource) for pattern in self.resources
        )


def statements(document: Document) -> Iterator[Statement]:
    """Those of an identity policy, decoded as botocore hands it over."""
    for written in _listed(document.get("Statement", [])):
        allow = written["Effect"] == "Allow"
        but_actions, but_resources = "NotAction" in written, "NotResource" in written
        actions = _listed(written["NotAction" if but_actions else "Action"])
        resources = _listed(written.get("NotResource" if but_resources else "Resource", ANY))
        yield Statement(
            allow=allow,
            actions=tuple(action.lower() for action in actions),
            resources=tuple(_plain(resources, widening=allow != but_resources)),
            but_actions=but_actions,
            but_resources=but_resources,
            conditional=bool(written.get("Condition")),
        )


def about(services: Collection[str], written: Iterable[Statement]) -> Iterator[Statement]:
    """What of the statements concerns those services, by their IAM prefixes; the answers about them stay the same."""
    for statement in written:
        actions = tuple(action for action in statement.actions if _concerns(action, services))
        if actions or statement.but_actions:
            yield replace(statement, actions=actions)


def _concerns(action: str, services: Collection[str]) -> bool:
    service, colon, _ = action.partition(":")
    return not colon or any(matches(service, known) for known in services)


def _plain(resources: Iterable[str], *, widening: bool) -> Iterator[str]:
    """Without policy variables, whose value is unknown: the statement then allows at least, and denies at most.

    `widening`: a pattern that matches more makes the principal mightier, so a variable counts as `*`. Otherwise what
    it would match can't be relied on, and the pattern says nothing.
    """
    for resource in resources:
        if widening or not VARIABLE.search(resource):
            yield _whole(VARIABLE.sub(ANY, resource))


def _whole(resource: str) -> str:
    """IAM fills in the missing fields of an ARN with wildcards."""
    missing = FIELDS_OF_AN_ARN - len(resource.split(":"))
    return resource + ":*" * missing if resource.startswith("arn:") else resource


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
