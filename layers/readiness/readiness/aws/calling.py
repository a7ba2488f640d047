"""The calls of each thread: the operation of the last one, and a limit for the calls of one fact."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

MOST_CALLS = 1_000
"""The maximum number of calls of one fact. A list of AWS that takes more pages is taken to have no end."""


class CallLimit(Exception):
    """The call is not made: the fact has made too many, or nobody waits for it any more."""


class _Thread(threading.local):
    """The state of one thread. Outside `limited`, any number of calls may be made."""

    operation = ""
    calls = 0
    limited = False
    ended: Callable[[], bool] = staticmethod(lambda: False)


_thread = _Thread()


@contextmanager
def limited(ended: Callable[[], bool]) -> Iterator[None]:
    """Limit the calls that this thread makes inside to MOST_CALLS; after `ended` returns True, it makes none."""
    _thread.operation, _thread.calls, _thread.limited, _thread.ended = "", 0, True, ended
    try:
        yield
    finally:
        _thread.limited = False


def begin(operation: str) -> None:
    """Record that this thread makes a call. CallLimit: it must not."""
    _thread.operation = operation
    _thread.calls += 1
    if _thread.limited and (_thread.calls > MOST_CALLS or _thread.ended()):
        msg = f"more than {MOST_CALLS} calls"
        raise CallLimit(msg)


def last_operation() -> str:
    """Return the operation of the last call of this thread, such as `GetQueueUrl`; empty if it has made none."""
    return _thread.operation
