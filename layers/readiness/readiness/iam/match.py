"""IAM wildcards: `*` is any run of characters, with colons and slashes, and `?` is one character."""

import re
from functools import lru_cache

ANY = "*"
WILD = re.compile(r"[*?]")


def matches(pattern: str, text: str) -> bool:
    """Return True where the whole text matches the pattern, case-sensitive."""
    if pattern == ANY:
        return True
    plain = literal(pattern)
    if plain == pattern or not text.startswith(plain):  # the common case: avoids compiling a regular expression
        return pattern == text
    return _compiled(pattern).fullmatch(text) is not None


def literal(pattern: str) -> str:
    """Return the part of the pattern before the first wildcard."""
    wild = WILD.search(pattern)
    return pattern[: wild.start()] if wild else pattern


def apart(one: str, other: str) -> bool:
    """Return True where no text matches both patterns; two with wildcards are compared by their literal parts."""
    first, second = literal(one), literal(other)
    if first == one:
        return not matches(other, one)
    if second == other:
        return not matches(one, other)
    return not (first.startswith(second) or second.startswith(first))


@lru_cache(maxsize=8192)
def _compiled(pattern: str) -> re.Pattern[str]:
    """Return a regular expression with atomic groups: without them, many `*` take exponential time."""
    first, *others = [re.escape(part).replace(r"\?", ".") for part in pattern.split(ANY)]
    if not others:
        return re.compile(first, re.DOTALL)
    *inner, last = others
    return re.compile(first + "".join(f"(?>.*?{part})" for part in inner) + ".*" + last, re.DOTALL)
