"""The fields of an ARN. A missing field is empty, because a text in place of an ARN may have any form."""

from collections.abc import Iterable

from readiness.printable import printable

PLACES = 5

PARTITION, SERVICE, REGION, ACCOUNT = 1, 2, 3, 4
FIELDS_OF_A_FUNCTION = 7

FIELDS = 5
"""The number of colons in an ARN before the resource."""

LATEST = "$LATEST"


def partition_of(arn: str) -> str:
    """Return the partition, such as `aws` or `aws-cn`."""
    return _field(arn, PARTITION)


def resource_of(arn: str) -> str:
    """Return the part after the account, such as `role/path/name`, with the colons in it."""
    return dict(enumerate(arn.split(":", FIELDS))).get(FIELDS, "")


def service_of(arn: str) -> str:
    """Return the service; for a URL such as `kafka://...`, which is used for a Kafka topic, its scheme."""
    return arn.partition(":")[0] if "://" in arn else _field(arn, SERVICE)


def region_of(arn: str) -> str:
    """Return the Region."""
    return _field(arn, REGION)


def account_of(arn: str) -> str:
    """Return the account; empty for a bucket."""
    return _field(arn, ACCOUNT)


def name_of(arn: str) -> str:
    """Return the part after the last colon, such as the name of a queue or topic."""
    return arn.rpartition(":")[2]


def part_of(arn: str, number: int) -> str:
    """Return one of the parts between slashes. Part 1 of `table/orders/stream/2026-01-01` is the name of the table."""
    return dict(enumerate(arn.split("/"))).get(number, "")


def unqualified(function: str) -> str:
    """Return the ARN of a function without its version or alias."""
    return ":".join(function.split(":")[:FIELDS_OF_A_FUNCTION])


def qualifier_of(function: str) -> str:
    """Return the version or alias in the ARN of a function; `$LATEST` without one."""
    return _field(function, FIELDS_OF_A_FUNCTION) or LATEST


def _field(arn: str, number: int) -> str:
    return dict(enumerate(arn.split(":"))).get(number, "")


def short(resource: str) -> str:
    """Return the name in each ARN of the text, to print: without its type and path, with its version: `checkout:7`."""
    return printable(" ".join(map(_short, resource.split(" "))) if resource.startswith("arn:") else resource)


def name_in(text: str) -> str:
    """Return the name of the resource in an ARN, a part of one, or a URL: the function of a version, the table."""
    if "://" in text:
        return text.rpartition("/")[2]
    for kind in (":table/", ":function:"):
        if kind in text:
            return text.partition(kind)[2].partition("/")[0].partition(":")[0]
    if not text.startswith("arn:") or text.count(":") < FIELDS:
        return text
    service, rest = text.split(":")[2], text.split(":", FIELDS)[FIELDS]
    if service == "sns":
        return rest.partition(":")[0]
    if service == "budgets":  # the name of a budget may have slashes
        return rest.partition("/")[2]
    kind, colon, name = rest.partition(":")
    return name.removesuffix(":*") if colon and "/" not in kind else rest.rpartition("/")[2]


def is_table(resource: str) -> bool:
    """Return True for the ARN of a table, and False for that of an index, a stream or a backup."""
    return "/" not in resource.partition(":table/")[2] and ":table/" in resource


def is_within(resource: str, parent: str) -> bool:
    """Return True if the resource is the parent, is named below it, or if only the parent is a table.

    A version is below its function, and an index below its table. Whatever is not a table belongs to its table.
    """
    below = any(resource.startswith(f"{parent}{separator}") for separator in (":", "/", " "))
    return resource == parent or below or (is_table(parent) and not is_table(resource))


def places(resources: Iterable[str], message: str) -> str:
    """Return the names of the resources as a prefix of the message, unless they are tables or the message names them.

    After five names, the number of the others follows.
    """
    named = dict.fromkeys(short(resource) for resource in resources if not is_table(resource))
    names = [name for name in named if name not in message]
    more = f" and {len(names) - PLACES} more" if len(names) > PLACES else ""
    return f"{', '.join(names[:PLACES])}{more}: " if names else ""


def _short(arn: str) -> str:
    if arn.count(":") < FIELDS:
        return arn
    named = arn.split(":", FIELDS)[FIELDS]
    _, colon, after = named.partition(":")
    return (after if colon else named.rpartition("/")[2]) or arn
