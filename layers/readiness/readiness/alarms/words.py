"""A tokenizer for the expression languages of CloudWatch alarms, and the base of their parsers."""

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


class Parser:
    """A recursive descent parser. It raises ValueError where the text is not of its language."""

    def __init__(self, text: str, word: re.Pattern[str]) -> None:
        """Split the text into tokens; see `words`."""
        self._words = list(words(text, word))
        self._next = 0

    def peek(self) -> str:
        """Return the next token in capitals; empty at the end."""
        return self._words[self._next].upper() if self._next < len(self._words) else ""

    def take(self) -> str:
        """Return the next token."""
        if self._next == len(self._words):
            msg = "the text ends too soon"
            raise ValueError(msg)
        self._next += 1
        return self._words[self._next - 1]

    def expect(self, mark: str) -> None:
        """Take the next token, which has to be the mark."""
        if self.take() != mark:
            raise ValueError(mark)

    def expect_end(self) -> None:
        """Do nothing at the end of the text."""
        if self._next < len(self._words):
            raise ValueError(self._words[self._next])


def plain(word: str) -> str:
    """Return a name or a text without its quotes."""
    return re.sub(r"\\(.)", r"\1", word[1:-1]) if word[0] in "\"'" else word
