"""Comparison of TableIds. An unknown TableId is never a different one."""

UNKNOWN = "unknown"
"""Stands in place of a TableId until a run has read one."""


def is_known(table_id: str | None) -> bool:
    """Return True if a run has read the TableId."""
    return table_id not in (None, UNKNOWN)


def known(*table_ids: str | None) -> str:
    """Return the first TableId that is known; UNKNOWN if none is."""
    return next((each for each in table_ids if each is not None and is_known(each)), UNKNOWN)


def another(one: str | None, other: str | None) -> bool:
    """Return True if both are known and differ. A restored table can have the name of the former one."""
    return is_known(one) and is_known(other) and one != other
