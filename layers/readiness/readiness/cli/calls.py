"""Calls that a command makes besides those of facts and memory: what goes wrong with one ends it in one line."""

from collections.abc import Iterator
from contextlib import contextmanager

from readiness.aws.client import unavailable
from readiness.cli.exits import Exit, Failed
from readiness.engine.evaluate import explained
from readiness.model import Unavailable


@contextmanager
def called(what: str, permission: str) -> Iterator[None]:
    """A call made inside ends the command where it fails. `what` was asked, `permission` is the IAM action it takes."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        why = unavailable(error, permission)
        said = explained(why).removeprefix("could not be read: ") if isinstance(why, Unavailable) else str(why)
        raise Failed(Exit.CANNOT_START, f"{what}: {said}") from None
