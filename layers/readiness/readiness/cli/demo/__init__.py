"""`readiness demo`: the whole story on an embedded account."""

from readiness.cli.exits import Exit, Failed


def run() -> Exit:
    """Tell the story. Failed: what the embedded account is made of is not installed."""
    try:
        from readiness.cli.demo.story import tell

        tell()
    except ImportError as error:
        raise Failed(Exit.CANNOT_START, f"the demo needs readiness[demo]: {error.name} is not installed") from None
    return Exit.OK
