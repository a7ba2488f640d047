"""The formats of a report: their names, and the suffixes of their files. No import, since every command starts with it.

`report/rendering.py` renders them.
"""

from collections.abc import Iterable
from pathlib import PurePath

SUFFIXES = {
    "text": ".txt",
    "json": ".json",
    "junit": ".xml",
    "html": ".html",
    "markdown": ".md",
    "csv": ".csv",
    "asff": ".asff.json",
    "ocsf": ".ocsf.json",
}
"""The suffix of the files of each format, by its name."""


def format_of(path: PurePath) -> str | None:
    """Return the format of a file by its suffix, in upper or lower case. None: the file has none of the suffixes."""
    name = path.name.lower()
    found = [each for each, suffix in SUFFIXES.items() if name.endswith(suffix)]
    return max(found, key=lambda each: len(SUFFIXES[each]), default=None)


def listed(names: Iterable[str]) -> str:
    """Return the names as a text, such as `text, json or html`."""
    *most, last = names
    return f"{', '.join(most)} or {last}" if most else last
