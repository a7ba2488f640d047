"""A limit for the calls that a thread makes for one fact."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

MOST_CALLS = 1_000
"""The maximum number of calls of one fact. A list of AWS that takes more pages is taken to have no end."""


class CallLimit(Exception):
    """The call is not made: the fact has made too many, or nobody waits for it any more."""

    def __init__(self, operation_name: str) -> None:
        """`operation_name` is the operation of the call, such as `ListTables`."""
        super().__init__(f"more than {MOST_CALLS} calls")
        self.operation_name = operation_name


class _Thread(threading.local):
    """The state of one thread. Outside `limited`, any number of calls may be made."""

    calls = 0
    limited = False
    ended: Callable[[], bool] = staticmethod(lambda: False)


_thread = _Thread()


@contextmanager
def limited(ended: Callable[[], bool]) -> Iterator[None]:
    """Limit the calls that this thread makes inside to MOST_CALLS; after `ended` returns True, it makes none."""
    _thread.calls, _thread.limited, _thread.ended = 0, True, ended
    try:
        yield
    finally:
        _thread.limited = False


def begin(operation: str) -> None:
    """Count a call of this thread. CallLimit: it must not be made."""
    _thread.calls += 1
    if _thread.limited and (_thread.calls > MOST_CALLS or _thread.ended()):
        raise CallLimit(operation)
