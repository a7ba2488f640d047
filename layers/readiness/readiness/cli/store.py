"""The memory of a table, for commands: what goes wrong with it ends them in one line."""

from collections.abc import Iterator
from contextlib import contextmanager

from readiness.aws import Aws
from readiness.checklist import TableSettings
from readiness.cli.exits import Exit, Failed
from readiness.evaluate import explained
from readiness.model import Gone
from readiness.monitor import store_of
from readiness.store import Lost, Remembered, StoreUnavailable, errors


@contextmanager
def written(table: str) -> Iterator[None]:
    """Calls made inside end the command where the table can't be read or written, or somebody else was faster."""
    try:
        yield
    except Lost:
        raise Failed(Exit.CANNOT_START, f"{table}: somebody else said the same at this moment: try again") from None
    except StoreUnavailable as error:
        raise Failed(Exit.CANNOT_START, f"{table}: {why(error)}") from None


def remembered(aws: Aws, table: TableSettings) -> Remembered | None:
    """What the table remembers, which is nothing if it does not exist; None where it can't be read."""
    try:
        return store_of(aws, table, writer="cli").read()
    except StoreUnavailable as error:
        return Remembered() if isinstance(error.why, Gone) else None


def table_id(aws: Aws, table: str) -> str:
    """A word is about this very table, not about the next one of that name."""
    with errors.explained("dynamodb:DescribeTable"):
        return aws.client("dynamodb").describe_table(TableName=table)["Table"]["TableId"]


def why(error: StoreUnavailable) -> str:
    """Why the table could not be read or written, with the IAM permission that the call takes."""
    if isinstance(error.why, Gone):
        return "there is no such table here"
    return explained(error.why).removeprefix("could not be read: ")
