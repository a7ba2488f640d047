"""Wildcards as IAM has them: `*` is any run of characters, colons and slashes included, and `?` is exactly one."""

import re
from functools import lru_cache

REGION, ACCOUNT = 3, 4
ANY = "*"


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text fits the pattern, upper and lower case told apart."""
    return pattern == ANY or _compiled(pattern).fullmatch(text) is not None


def scoped(pattern: str, arn: str) -> bool:
    """Whether the pattern reaches nothing but the resource and what lies below it.

    `table/shop*` is not scoped to `table/shop`, for it also reaches `table/shop-staging`; `table/shop/*` is.
    """
    literal = re.split(r"[*?]", pattern, maxsplit=1)[0]
    return pattern == arn or literal.startswith(f"{arn}/")


def nearly_scoped(pattern: str, arn: str) -> bool:
    """Whether it would be scoped if it named Region and account instead of having a wildcard for them."""
    segments, real = pattern.split(":", 5), arn.split(":", 5)
    if len(segments) < len(real):
        return False
    for place in (REGION, ACCOUNT):
        if segments[place] == ANY:
            segments[place] = real[place]
    return scoped(":".join(segments), arn)


@lru_cache(maxsize=8192)
def _compiled(pattern: str) -> re.Pattern[str]:
    """Each part after a `*` is sought once, from left to right: without the atomic groups many `*` take for ever."""
    first, *others = [re.escape(part).replace(r"\?", ".") for part in pattern.split(ANY)]
    if not others:
        return re.compile(first, re.DOTALL)
    *inner, last = others
    return re.compile(first + "".join(f"(?>.*?{part})" for part in inner) + ".*" + last, re.DOTALL)
