"""`readiness demo`: show all features on an embedded AWS account, or process one event."""

from pathlib import Path

from readiness.cli.exits import Exit, Failed

INSTALL = (
    "install the wheel with its extra (pip install 'readiness-VERSION-py3-none-any.whl[demo]'), or run `make demo`"
)


def run(event: Path | None = None, *, verbose: bool = False) -> Exit:
    """Run the demo, or process one event. Failed: the packages of the embedded account are not installed."""
    try:
        from readiness.cli.demo.story import run_demo, run_event

        if event is None:
            run_demo(verbose=verbose)
        else:
            run_event(event)
    except ImportError as error:
        raise Failed(Exit.CANNOT_START, f"the demo needs {error.name}: {INSTALL}") from None
    return Exit.OK
