"""Which table something is about, by its `TableId` as far as that is known: unknown is not another."""

UNKNOWN = "unknown"
"""Stands where a TableId would, as long as nobody has read one."""


def is_known(table_id: str | None) -> bool:
    """Somebody has read it."""
    return table_id not in (None, UNKNOWN)


def known(*table_ids: str | None) -> str:
    """The first that is known, else UNKNOWN."""
    return next((each for each in table_ids if each is not None and is_known(each)), UNKNOWN)


def another(one: str | None, other: str | None) -> bool:
    """Both are known, and they are two tables: one may bear the other's name after a restore."""
    return is_known(one) and is_known(other) and one != other
