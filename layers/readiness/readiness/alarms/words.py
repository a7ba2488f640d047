"""The words of the little languages that CloudWatch has for alarms."""

import re
from collections.abc import Iterator


def words(text: str, word: re.Pattern[str]) -> Iterator[str]:
    """Every word, from left to right; `word` has it as its group. ValueError where something is none."""
    at, text = 0, text.rstrip()
    while at < len(text):
        found = word.match(text, at)
        if found is None:
            raise ValueError(text[at:])
        yield found[1]
        at = found.end()


def plain(word: str) -> str:
    """A name or a text without the quotes that it may be written in."""
    return re.sub(r"\\(.)", r"\1", word[1:-1]) if word[0] in "\"'" else word
