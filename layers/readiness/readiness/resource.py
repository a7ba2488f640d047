"""What people call the resource of a finding. Its id is an ARN, or some of them, or a name of ours."""

FIELDS = 5
"""So many colons stand in an ARN before what names the resource."""


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
