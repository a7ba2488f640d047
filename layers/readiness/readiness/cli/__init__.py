"""The command line: one module per command. `main` turns every error into an exit code and one line of text."""

import gc
import logging
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from readiness.cli.exits import Defective, Exit, Failed
from readiness.cli.terminal import say


def command() -> None:
    """Run `main` in its own process without garbage collection, which would take a tenth of its time.

    Characters that the encoding of an output lacks, such as those of a name in a C locale, are printed as escapes.
    An output that is closed, as by `>&-`, discards what is written. The process then ends at once, without
    destroying its objects and closing its connections one by one, which takes a quarter of the time of a check.
    """
    gc.disable()
    sys.stdout = sys.stdout or _discarding()
    sys.stderr = sys.stderr or _discarding()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        main()
    except SystemExit as end:
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(end.code or 0))


def _discarding() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and exit with its `Exit` code. Tracebacks are shown only with `--debug`."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in arguments
    logging.basicConfig(handlers=None if debug else [logging.NullHandler()])
    try:
        code = _run([argument for argument in arguments if argument != "--debug"], debug=debug)
    except Failed as failed:
        code = _end(failed)
    except KeyboardInterrupt:
        code = _end(Failed(Exit.INTERRUPTED, "interrupted"))
    sys.exit(code)


def _run(arguments: Sequence[str], *, debug: bool) -> Exit:
    from readiness.aws.client import CannotStart
    from readiness.checklist import ChecklistError
    from readiness.cli.arguments import run

    try:
        return run(arguments)
    except ChecklistError as error:
        raise Failed(Exit.USAGE, str(error)) from None
    except CannotStart as error:
        raise Failed(Exit.CANNOT_START, str(error)) from None
    except Failed:
        raise
    except Exception as error:  # no traceback without --debug, whatever the error is
        if debug:
            raise
        raise Defective(type(error).__name__) from None


def _end(failed: Failed) -> Exit:
    for line in str(failed).splitlines():
        say(f"readiness: {_printable(line)}", sys.stderr)
    return failed.code


def _printable(line: str) -> str:
    """Return the line with escapes in place of control characters, which a name of a file can have."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in line)
