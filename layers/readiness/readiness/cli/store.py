"""The memory of a table, for commands: what goes wrong with it ends them in one line."""

from collections.abc import Iterator
from contextlib import contextmanager

from readiness.cli.exits import Exit, Failed
from readiness.engine.evaluate import explained
from readiness.model import Gone
from readiness.state.store import ConcurrentUpdate, StoreUnavailable, WriteConflict


@contextmanager
def written(table: str) -> Iterator[None]:
    """Calls made inside end the command where the table can't be read or written, or somebody else was faster."""
    try:
        yield
    except ConcurrentUpdate as other:
        who = f"{other.by} was faster, at {other.at:%Y-%m-%d %H:%M:%S} UTC: what they said stands"
        raise Failed(Exit.CANNOT_START, f"{table}: {who}, and nothing of yours was written") from None
    except WriteConflict:
        text = "somebody else wrote at this moment, and nothing of yours was written: try again"
        raise Failed(Exit.CANNOT_START, f"{table}: {text}") from None
    except StoreUnavailable as error:
        raise Failed(Exit.CANNOT_START, f"{table}: {why(error)}") from None


def why(error: StoreUnavailable) -> str:
    """Why the table could not be read or written, with the IAM permission that the call takes."""
    if isinstance(error.why, Gone):
        return "there is no such table here"
    return explained(error.why).removeprefix("could not be read: ")
