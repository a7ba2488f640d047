"""`readiness demo`: the whole story on an embedded account, or one event of it."""

from pathlib import Path

from readiness.cli.exits import Exit, Failed


def run(event: Path | None = None) -> Exit:
    """Tell the story, or what one event leads to. Failed: what the embedded account is made of is not installed."""
    try:
        from readiness.cli.demo.story import tell, tell_event

        if event is None:
            tell()
        else:
            tell_event(event)
    except ImportError as error:
        raise Failed(Exit.CANNOT_START, f"the demo needs readiness[demo]: {error.name} is not installed") from None
    return Exit.OK
