"""Errors of calls on the table."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from readiness.aws.client import SERVER_ERROR_FROM, unavailable
from readiness.model import Gone, Reason, Unavailable, Unreadable

RACED = frozenset({"ConditionalCheckFailed", "TransactionConflict"})
THROTTLED = frozenset({"ProvisionedThroughputExceeded", "ThrottlingError"})


TRIES = 4


class WriteConflict(Exception):
    """Another run committed first, or the result of the write is unknown. The caller must read again."""

    def __init__(self, *said: object, unanswered: Unavailable | Gone | None = None) -> None:
        """`unanswered` is why the result is unknown; None if another run committed first."""
        super().__init__(*said)
        self.unanswered = unanswered


class StoreUnavailable(Exception):
    """The table can't be read or written. `why` is `Gone` if the table does not exist."""

    def __init__(self, why: Unavailable | Gone) -> None:
        """`why` holds the reason and the IAM permission of the call."""
        super().__init__(str(why))
        self.why = why


@contextmanager
def explained(permission: str) -> Iterator[None]:
    """Raise StoreUnavailable for errors of AWS calls made inside, and for values missing in their responses.

    `permission` is the IAM action that the calls need.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise StoreUnavailable(_why(error, permission)) from error
    except Unreadable as unread:
        raise StoreUnavailable(unread.first) from unread


@contextmanager
def raced(permission: str) -> Iterator[None]:
    """Raise WriteConflict if a transaction made inside was refused because of another, or its response was lost.

    botocore retries neither. A transaction without a response can have been committed, so a retry can conflict with it.
    """
    from botocore.exceptions import ClientError, HTTPClientError
    from botocore.exceptions import ConnectionError as NotConnected

    from readiness.aws.parsing import MalformedResponse

    try:
        yield
    except (HTTPClientError, NotConnected, MalformedResponse) as error:
        raise WriteConflict(unanswered=_why(error, permission)) from error
    except ClientError as error:
        if _is_server_error(error.response):
            raise WriteConflict(unanswered=_why(error, permission)) from error
        if _is_lost(error.response):
            raise WriteConflict from error
        raise


def happened(write: Callable[[], object]) -> bool:
    """Make one conditional write, with up to 4 attempts. Return False if its condition does not hold.

    DynamoDB refuses a write while a transaction uses the row, and botocore does not retry it.
    """
    from botocore.exceptions import ClientError

    for tries_left in reversed(range(TRIES)):
        try:
            write()
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "ConditionalCheckFailedException":
                return False
            if code != "TransactionConflictException" or not tries_left:
                raise
        else:
            break
    return True


def _is_server_error(response: Any) -> bool:
    status: int = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status >= SERVER_ERROR_FROM


def _is_lost(response: Any) -> bool:
    in_progress = response.get("Error", {}).get("Code") == "TransactionInProgressException"
    return in_progress or bool(RACED & _cancelled(response))


def _cancelled(response: Any) -> set[str]:
    """Return the codes of the CancellationReasons of a cancelled transaction."""
    return {reason.get("Code", "None") for reason in response.get("CancellationReasons", ())} - {"None"}


def _why(error: Any, permission: str) -> Unavailable | Gone:
    reasons = _cancelled(getattr(error, "response", None) or {})
    if reasons:
        reason = Reason.THROTTLED if reasons & THROTTLED else Reason.MALFORMED
        return Unavailable(reason, permission, ", ".join(sorted(reasons)))
    return unavailable(error, permission) or Unavailable(Reason.DEFECT, permission, type(error).__name__)
