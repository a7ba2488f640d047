"""Calls of commands. An error ends the command with one line."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from readiness.aws.client import unavailable
from readiness.cli.exits import Exit, Failed
from readiness.engine.evaluate import explained
from readiness.model import Gone, Unavailable
from readiness.state.store import ConcurrentUpdate, StoreUnavailable, WriteConflict

T = TypeVar("T")


@contextmanager
def stored(table: str) -> Iterator[None]:
    """End the command if the table cannot be read or written, or if somebody else has written at the same time."""
    try:
        yield
    except ConcurrentUpdate as other:
        who = f"{other.by} recorded at {other.at:%Y-%m-%d %H:%M:%S} UTC, before you"
        raise Failed(Exit.CANNOT_START, f"{table}: {who}; nothing of yours was written") from None
    except WriteConflict:
        text = "another process wrote at the same time; nothing of yours was written: try again"
        raise Failed(Exit.CANNOT_START, f"{table}: {text}") from None
    except StoreUnavailable as error:
        raise Failed(Exit.CANNOT_START, f"{table}: {cause(error)}") from None


def cause(error: StoreUnavailable) -> str:
    """Return why the table could not be read or written, with the IAM permission of the call."""
    if isinstance(error.why, Gone):
        return "the table does not exist in this account and Region"
    return _failure(error.why)


@contextmanager
def called(subject: str, permission: str) -> Iterator[None]:
    """End the command if a call made inside fails. `subject` is that of the call, `permission` its IAM action."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        why = unavailable(error, permission)
        text = _failure(why) if isinstance(why, Unavailable) else str(why)
        raise Failed(Exit.CANNOT_START, f"{subject}: {text}") from None


def answered(permission: str, ask: Callable[[], T]) -> T | Unavailable | None:
    """Return what `ask` returns; Unavailable if its call fails with this IAM action, None if nothing is there."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return ask()
    except (BotoCoreError, ClientError) as error:
        why = unavailable(error, permission)
        return why if isinstance(why, Unavailable) else None


def _failure(why: Unavailable) -> str:
    return explained(why).removeprefix("could not be read: ")
