"""Text that people choose, such as names, tags, actors and error texts, made safe to print. No other import of ours.

A line break in the name of an alarm must not begin a new line in an alert, a report, a subject or a dashboard, and a
bidirectional mark must not reorder the rest of a line.
"""

import shlex
from textwrap import wrap

LONGEST = 120
"""Characters of a value that is printed."""


def printable(value: str) -> str:
    """Return a value that somebody else may choose: on one line by `line`, and cut to 120 characters."""
    return clip(line(value), LONGEST)


def line(text: str) -> str:
    """Return the text on one line: spaces replace line breaks, control characters and bidirectional marks.

    Consecutive spaces become one, and spaces at both ends are removed.
    """
    shown = text if text.isprintable() else "".join(each if each.isprintable() else " " for each in text)
    return " ".join(shown.split())


def clip(text: str, limit: int) -> str:
    """Return the text cut to `limit` characters; three dots show that it was cut."""
    return text if len(text) <= limit else text[: limit - 3].rstrip() + "..."


def wrapped(text: str, columns: int, first: str = "", others: str = "") -> list[str]:
    """Return the text in lines of at most `columns`; a word that is longer, such as an ARN, is not broken.

    The first line begins with `first`, the others with `others`.
    """
    return wrap(
        text, columns, initial_indent=first, subsequent_indent=others, break_long_words=False, break_on_hyphens=False
    )


def quoted(value: str) -> str:
    r"""Return the value as one word of a shell command, on one line: `name`, `'two words'`, `$'two\x0alines'`.

    The last form, of bash, zsh and ksh, is for values with characters that `line` replaces.
    """
    if value.isprintable():
        return shlex.quote(value)
    return f"$'{''.join(map(_escaped, value))}'"


def _escaped(character: str) -> str:
    if character.isprintable() and character not in "\\'":
        return character
    return "".join(f"\\x{byte:02x}" for byte in character.encode(errors="replace"))
