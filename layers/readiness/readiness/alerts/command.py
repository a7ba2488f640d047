"""Commands on the lines of an alert. Pure."""

import re

COLUMNS = 100
LINES = 3
"""A command that needs more lines is not part of an alert."""

WORD = re.compile(r"""(?:[^\s'"\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")+""")


def lines(text: str, columns: int = COLUMNS, indent: str = "  ") -> list[str]:
    """Return the command on lines that end with a backslash. A word that is longer than a line is not broken."""
    words = WORD.findall(text)
    if not words or WORD.sub("", text).strip():
        return [text]  # a quote that does not end: it is not broken
    broken = [words[0]]
    for word in words[1:]:
        if len(broken[-1]) + len(word) + 1 <= columns - 2:
            broken[-1] += f" {word}"
        else:
            broken.append(f"{indent}{word}")
    return [f"{line} \\" for line in broken[:-1]] + broken[-1:]


def fits(text: str) -> bool:
    """Return True if the command needs at most three lines."""
    return sum(1 + (len(line) - 1) // COLUMNS for line in lines(text)) <= LINES
