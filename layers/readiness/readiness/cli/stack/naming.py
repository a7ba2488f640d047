"""Resource names made from table names, which may be longer than other services allow."""

import hashlib
import re
from collections.abc import Collection, Iterable
from itertools import count
from typing import Any

Json = dict[str, Any]

FINGERPRINT = 8


def fitting(name: str, ending: str, most: int, allowed: str = r"\x20-\x7e") -> str:
    """Return the name with its ending, at most `most` allowed characters long, and different for different names."""
    clean = re.sub(f"[^{allowed}]", "-", name)
    if clean == name and len(name) + len(ending) <= most:
        return name + ending
    mark = "-" + hashlib.sha256(name.encode()).hexdigest()[:FINGERPRINT]
    return clean[: most - len(ending) - len(mark)] + mark + ending


def free(name: str, existing: Collection[str]) -> str:
    """Return the name, with a number if it is existing: CloudFormation cannot create a resource that exists."""
    others = (f"{name}-{number}" for number in count(2))
    return name if name not in existing else next(other for other in others if other not in existing)


def logical(names: Iterable[str]) -> dict[str, str]:
    """Return a unique logical ID of letters and digits for each name."""
    ids: dict[str, str] = {}
    for name in names:
        words = "".join(word[:1].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]+", name))[:60] or "Table"
        existing = {each.lower() for each in ids.values()}
        number = next(each for each in range(len(ids) + 1) if f"{words}{each or ''}".lower() not in existing)
        ids[name] = f"{words}{number or ''}"
    return ids
