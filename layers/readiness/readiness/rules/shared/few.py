"""Lists in messages: the first entries, and the number of the others."""

from collections.abc import Sequence


def few(texts: Sequence[str], most: int, joint: str = ", ", last: str = " and ") -> str:
    """Return the first `most` texts, and the number of the others, such as `a, b and 3 more`."""
    more = f"{last}{len(texts) - most} more" if len(texts) > most else ""
    return joint.join(texts[:most]) + more
