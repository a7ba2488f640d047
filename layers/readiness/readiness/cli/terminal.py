"""Where text goes: a pipe whose reader may have left, or a terminal, for which Rich is loaded."""

import os
import sys
from contextlib import AbstractContextManager, nullcontext
from typing import TextIO

from readiness.cli.exits import Usage


def say(text: str, out: TextIO | None = None) -> None:
    """Write lines, on stdout unless told otherwise. Who has stopped reading, as `head` does, is no error."""
    out = out or sys.stdout
    try:
        out.write(text + "\n")
        out.flush()
    except BrokenPipeError:
        # Python flushes once more when it ends, and would complain then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())


def heading(text: str) -> None:
    """A line by itself, bold on a terminal."""
    if not sys.stdout.isatty():
        say(f"\n{text}\n")
        return
    from rich.console import Console

    Console().print(f"\n{text}\n", style="bold", markup=False, highlight=False)


def progress(what: str) -> AbstractContextManager[object]:
    """Say on stderr what takes a while, until it is done; nothing where that is no terminal."""
    if not sys.stderr.isatty():
        return nullcontext()
    from rich.console import Console

    return Console(stderr=True).status(what)


def agreed(what: str, *, yes: bool, dry_run: bool, kept: str = "") -> bool:
    """Whether to go on with what is about to be written; it names account and table. Asks, unless told not to.

    `kept` is said besides where it does not go on. Usage: nobody answers, as in a pipeline.
    """
    if dry_run:
        say(f"would {what}")
        return False
    if yes:
        return True
    sys.stderr.write(f"{what[:1].upper()}{what[1:]}? [y/N] ")
    sys.stderr.flush()
    answer = sys.stdin.readline() if sys.stdin else ""  # there is none where it was closed, as with `<&-`
    if not answer.endswith("\n"):
        say("", sys.stderr)
    remains = f"; {kept}" if kept else ""
    if not answer:
        msg = f"nothing recorded: no terminal to ask; use --yes{remains}"
        raise Usage(msg)
    wanted = answer.strip().lower() in {"y", "yes"}
    if not wanted:
        say(f"nothing recorded{remains}", sys.stderr)
    return wanted
