"""AWS calls of commands that are not calls of facts or state. An error ends the command with one line."""

from collections.abc import Iterator
from contextlib import contextmanager

from readiness.aws.client import unavailable
from readiness.cli.exits import Exit, Failed
from readiness.engine.evaluate import explained
from readiness.model import Unavailable


@contextmanager
def called(what: str, permission: str) -> Iterator[None]:
    """End the command if a call made inside fails. `what` is the subject of the call, `permission` its IAM action."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        why = unavailable(error, permission)
        said = explained(why).removeprefix("could not be read: ") if isinstance(why, Unavailable) else str(why)
        raise Failed(Exit.CANNOT_START, f"{what}: {said}") from None
