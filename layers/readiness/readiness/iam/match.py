"""Wildcards as IAM has them: `*` is any run of characters, colons and slashes included, and `?` is exactly one."""

import re
from functools import lru_cache

ANY = "*"
WILD = re.compile(r"[*?]")


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text fits the pattern, upper and lower case told apart."""
    if pattern == ANY:
        return True
    plain = literal(pattern)
    if plain == pattern or not text.startswith(plain):  # most end here: a regular expression costs more to make
        return pattern == text
    return _compiled(pattern).fullmatch(text) is not None


def literal(pattern: str) -> str:
    """What every text that fits begins with: the part before the first wildcard."""
    wild = WILD.search(pattern)
    return pattern[: wild.start()] if wild else pattern


def apart(one: str, other: str) -> bool:
    """Whether nothing fits both patterns; of two with wildcards as far as their beginnings tell."""
    first, second = literal(one), literal(other)
    if first == one:
        return not matches(other, one)
    if second == other:
        return not matches(one, other)
    return not (first.startswith(second) or second.startswith(first))


@lru_cache(maxsize=8192)
def _compiled(pattern: str) -> re.Pattern[str]:
    """Each part after a `*` is sought once, from left to right: without the atomic groups many `*` take for ever."""
    first, *others = [re.escape(part).replace(r"\?", ".") for part in pattern.split(ANY)]
    if not others:
        return re.compile(first, re.DOTALL)
    *inner, last = others
    return re.compile(first + "".join(f"(?>.*?{part})" for part in inner) + ".*" + last, re.DOTALL)
