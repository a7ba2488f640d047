"""A tokenizer for the expression languages of CloudWatch alarms."""

import re
from collections.abc import Iterator


def words(text: str, word: re.Pattern[str]) -> Iterator[str]:
    """Yield every token from left to right; `word` has it as its group. Raises ValueError at any other text."""
    at, text = 0, text.rstrip()
    while at < len(text):
        found = word.match(text, at)
        if found is None:
            raise ValueError(text[at:])
        yield found[1]
        at = found.end()


def plain(word: str) -> str:
    """Return a name or a text without its quotes."""
    return re.sub(r"\\(.)", r"\1", word[1:-1]) if word[0] in "\"'" else word
