"""The fields of an ARN. One that is absent is empty: what stands where AWS documents an ARN may be anything."""

PARTITION, SERVICE, REGION, ACCOUNT = 1, 2, 3, 4
FIELDS_OF_A_FUNCTION = 7

FIELDS = 5
"""Colons in an ARN before what names the resource."""

LATEST = "$LATEST"


def partition_of(arn: str) -> str:
    """Such as `aws` or `aws-cn`."""
    return _field(arn, PARTITION)


def resource_of(arn: str) -> str:
    """What stands behind the account, such as `role/path/name`; colons in it stay."""
    return dict(enumerate(arn.split(":", FIELDS))).get(FIELDS, "")


def service_of(arn: str) -> str:
    """The service that it names; of a Kafka topic, which has no ARN, `kafka`."""
    return arn.partition(":")[0] if "://" in arn else _field(arn, SERVICE)


def region_of(arn: str) -> str:
    """The Region that it names."""
    return _field(arn, REGION)


def account_of(arn: str) -> str:
    """The account that it names; empty for a bucket."""
    return _field(arn, ACCOUNT)


def name_of(arn: str) -> str:
    """What stands behind the last colon, such as the name of a queue or topic."""
    return arn.rpartition(":")[2]


def part_of(arn: str, number: int) -> str:
    """One of the parts between slashes: of `table/orders/stream/2026-01-01`, 1 is the name of the table."""
    return dict(enumerate(arn.split("/"))).get(number, "")


def unqualified(function: str) -> str:
    """The ARN of a function without the version or alias that it may name."""
    return ":".join(function.split(":")[:FIELDS_OF_A_FUNCTION])


def qualifier_of(function: str) -> str:
    """The version or alias that the ARN of a function names: without one, `$LATEST`."""
    return _field(function, FIELDS_OF_A_FUNCTION) or LATEST


def _field(arn: str, number: int) -> str:
    return dict(enumerate(arn.split(":"))).get(number, "")


def short(resource: str) -> str:
    """The name in an ARN, without its kind and path, and with the version that follows it, such as `checkout:7`."""
    return " ".join(map(_short, resource.split(" "))) if resource.startswith("arn:") else resource


def is_table(resource: str) -> bool:
    """The table itself, and no index, stream or backup of it."""
    return "/" not in resource.partition(":table/")[2] and ":table/" in resource


def _short(arn: str) -> str:
    if arn.count(":") < FIELDS:
        return arn
    named = arn.split(":", FIELDS)[FIELDS]
    _, colon, after = named.partition(":")
    return (after if colon else named.rpartition("/")[2]) or arn
