"""Exit codes, documented in docs/commands.md, and the exceptions that end a command with one."""

from collections.abc import Iterable
from enum import IntEnum


class Exit(IntEnum):
    """The exit codes. If several apply, the first of them is used."""

    INTERRUPTED = 130
    DEFECT = 70
    USAGE = 2
    CANNOT_START = 4
    FAILS = 1
    UNKNOWN = 3
    INCOMPLETE = 5
    OK = 0


def first(exits: Iterable[Exit]) -> Exit:
    """Return the first of the exit codes in the order of `Exit`; OK if there is none."""
    return min(exits, key=list(Exit).index, default=Exit.OK)


class Failed(Exception):
    """Ends a command with an exit code and a text."""

    def __init__(self, code: Exit, text: str) -> None:
        """`text` tells what to do."""
        super().__init__(text)
        self.code = code


class Usage(Failed):
    """Wrong arguments or a wrong file. The text tells what was expected."""

    def __init__(self, text: str) -> None:
        """`text` names the option or the file."""
        super().__init__(Exit.USAGE, text)


class Defective(Failed):
    """An internal error of Readiness."""

    def __init__(self, cause: str) -> None:
        """`cause` names the error or the check."""
        report = "please report it as an issue of the project, with the output of --debug"
        super().__init__(Exit.DEFECT, f"internal error of Readiness: {cause}: {report}")
