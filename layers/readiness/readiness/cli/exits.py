"""Exit codes, documented in the README, and the ways to end with one. Of several that apply, the first in `ORDER`."""

from collections.abc import Iterable
from enum import IntEnum


class Exit(IntEnum):
    """What a command's exit code says."""

    OK = 0
    FAILS = 1
    USAGE = 2
    UNKNOWN = 3
    CANNOT_START = 4
    INCOMPLETE = 5
    DEFECT = 70
    INTERRUPTED = 130


ORDER = (
    Exit.INTERRUPTED,
    Exit.DEFECT,
    Exit.USAGE,
    Exit.CANNOT_START,
    Exit.FAILS,
    Exit.UNKNOWN,
    Exit.INCOMPLETE,
    Exit.OK,
)


def first(exits: Iterable[Exit]) -> Exit:
    """The one to use of those that apply; OK where none does."""
    return min(exits, key=ORDER.index, default=Exit.OK)


class Failed(Exception):
    """A command ends with this code and text."""

    def __init__(self, code: Exit, text: str) -> None:
        """`text` says what to do about it."""
        super().__init__(text)
        self.code = code


class Usage(Failed):
    """What was typed makes no sense. One line that says what would."""

    def __init__(self, text: str) -> None:
        """It is about the command line or a file named there."""
        super().__init__(Exit.USAGE, text)


class Defective(Failed):
    """Something of ours raised what it should not."""

    def __init__(self, what: str) -> None:
        """`what` names it."""
        report = "please report it as an issue of the project, with what --debug says"
        super().__init__(Exit.DEFECT, f"a defect of Readiness: {what}: {report}")
