"""Names of resources, from those of tables, which are longer than most may be."""

import hashlib
import re
from collections.abc import Collection, Iterable
from itertools import count

FINGERPRINT = 8


def fitting(name: str, ending: str, most: int, allowed: str = r"\x20-\x7e") -> str:
    """The name with its ending, at most so long, of the allowed characters alone; still another one for each name."""
    clean = re.sub(f"[^{allowed}]", "-", name)
    if clean == name and len(name) + len(ending) <= most:
        return name + ending
    mark = "-" + hashlib.sha256(name.encode()).hexdigest()[:FINGERPRINT]
    return clean[: most - len(ending) - len(mark)] + mark + ending


def free(name: str, taken: Collection[str]) -> str:
    """The name, or with a number where something is called so already: CloudFormation makes nothing twice."""
    others = (f"{name}-{number}" for number in count(2))
    return name if name not in taken else next(other for other in others if other not in taken)


def logical(names: Iterable[str]) -> dict[str, str]:
    """A logical ID for each name, another one for each: letters and digits, as CloudFormation wants them."""
    ids: dict[str, str] = {}
    for name in names:
        words = "".join(word[:1].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]+", name))[:60] or "Table"
        taken = {each.lower() for each in ids.values()}
        number = next(each for each in range(len(ids) + 1) if f"{words}{each or ''}".lower() not in taken)
        ids[name] = f"{words}{number or ''}"
    return ids
