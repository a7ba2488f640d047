"""Output to a pipe, whose reader may have closed it, or to a terminal. Rich is imported only for a terminal."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from readiness.cli.exits import Exit, Failed, Usage
from readiness.printable import clip, line

PROGRESS = 76
"""Columns of the progress, which is one line."""


def say(text: str, out: TextIO | None = None) -> None:
    """Write lines, by default to stdout. It is no error if the reader has closed the pipe, as `head` does.

    Failed: stdout cannot be written, as on a full disk.
    """
    out = out or sys.stdout
    try:
        out.write(text + "\n")
        out.flush()
    except OSError as error:
        # Python flushes stdout again when it exits, and would fail then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
        if out is sys.stdout and not isinstance(error, BrokenPipeError):
            raise Failed(Exit.CANNOT_START, f"the output cannot be written: {error.strerror}") from None


@contextmanager
def writing(option: str, path: Path) -> Iterator[None]:
    """Name the option and its file if the file cannot be written. Usage: it cannot."""
    try:
        yield
    except OSError as error:
        raise Usage(f"{option} {path}: cannot be written: {error.strerror}") from None


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Name the file if it cannot be read. Usage: it cannot."""
    try:
        yield
    except OSError as error:
        raise Usage(f"{path}: cannot be read: {error.strerror}") from None


def heading(text: str) -> None:
    """Write a line after an empty line, in bold on a terminal."""
    if not sys.stdout.isatty():
        say(f"\n{text}")
        return
    from rich.console import Console

    Console().print(f"\n{text}", style="bold", markup=False, highlight=False)


@contextmanager
def progress(text: str) -> Iterator[Callable[[str], None]]:
    """Show on stderr what is in progress until it is done, if stderr is a terminal. Yield how to add to the text."""
    if not sys.stderr.isatty():
        yield lambda _more: None
        return
    from rich.console import Console
    from rich.markup import escape

    with Console(stderr=True).status(escape(text)) as status:
        yield lambda more: status.update(escape(clip(f"{text}: {more}", PROGRESS)))


def agreed(action: str, *, yes: bool, dry_run: bool, kept: str = "", done: str = "recorded") -> bool:
    """Ask for confirmation of `action`, which names account and table, and return the answer; `yes` needs no question.

    If the answer is no, nothing is `done`, and `kept` is added to that text. Usage: there is no terminal to ask, such
    as in a pipeline.
    """
    action = line(action)
    if dry_run:
        say(f"would {action}")
        return False
    if yes:
        return True
    sys.stderr.write(f"{action[:1].upper()}{action[1:]}? [y/N] ")
    sys.stderr.flush()
    answer = sys.stdin.readline() if sys.stdin else ""  # it is None if stdin is closed, as with `<&-`
    if not answer.endswith("\n"):
        say("", sys.stderr)
    remains = f"; {kept}" if kept else ""
    if not answer:
        raise Usage(f"nothing {done}: no terminal to ask; use --yes{remains}")
    wanted = answer.strip().lower() in {"y", "yes"}
    if not wanted:
        say(f"nothing {done}{remains}", sys.stderr)
    return wanted
