"""The memory of a table, for commands: what goes wrong with it ends them in one line."""

from collections.abc import Iterator
from contextlib import contextmanager

from readiness.aws import Aws
from readiness.cli.exits import Exit, Failed
from readiness.evaluate import explained
from readiness.model import Gone
from readiness.store import Lost, StoreUnavailable
from readiness.store.errors import explained as explaining


@contextmanager
def written(table: str) -> Iterator[None]:
    """Calls made inside end the command where the table can't be read or written, or somebody else was faster."""
    try:
        yield
    except Lost:
        raise Failed(Exit.CANNOT_START, f"{table}: somebody else said the same at this moment: try again") from None
    except StoreUnavailable as error:
        raise Failed(Exit.CANNOT_START, f"{table}: {why(error)}") from None


def why(error: StoreUnavailable) -> str:
    """Why the table could not be read or written, with the IAM permission that the call takes."""
    if isinstance(error.why, Gone):
        return "there is no such table here"
    return explained(error.why).removeprefix("could not be read: ")


def table_id_of(aws: Aws, table: str) -> str:
    """That of this very table, which a word is about, and not about the next one of that name. StoreUnavailable."""
    with explaining("dynamodb:DescribeTable"):
        return aws.client("dynamodb").describe_table(TableName=table)["Table"]["TableId"]
