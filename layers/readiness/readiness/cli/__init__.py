"""What people type: one file per command. `main` is where every way of ending becomes an exit code and one line."""

import gc
import logging
import sys
from collections.abc import Sequence

from readiness.cli.exits import Defective, Exit, Failed
from readiness.cli.terminal import say


def command() -> None:
    """`main` in a process of its own, which ends before there is garbage worth a tenth of its time."""
    gc.disable()
    main()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and exit with its code: see `Exit`. No traceback is shown unless `--debug` asks for it."""
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
    except Exception as error:  # the last resort: whatever it is, no traceback reaches who did not ask for one
        if debug:
            raise
        raise Defective(type(error).__name__) from None


def _end(failed: Failed) -> Exit:
    for line in str(failed).splitlines():
        say(f"readiness: {line}", sys.stderr)
    return failed.code
