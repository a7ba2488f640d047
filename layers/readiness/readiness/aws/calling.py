"""The calls of a thread for one fact: their limit, and the answers that the facts of a collection share."""

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

MOST_CALLS = 1_000
"""The maximum number of calls of one fact. A list of AWS that takes more pages is taken to have no end."""

T = TypeVar("T")


class CallLimit(Exception):
    """The call is not made: the fact has made too many, or nobody waits for it any more."""

    def __init__(self, operation_name: str) -> None:
        """`operation_name` is the operation of the call, such as `ListTables`."""
        super().__init__(f"more than {MOST_CALLS} calls")
        self.operation_name = operation_name


class _Thread(threading.local):
    """The state of one thread. Outside `limited`, any number of calls may be made, and nothing is shared."""

    calls = 0
    limited = False
    ended: Callable[[], bool] = staticmethod(lambda: False)
    wait: Callable[[str], None] = staticmethod(lambda _operation: None)
    shared: "SharedAnswers | None" = None


_thread = _Thread()


class SharedAnswers:
    """The answers that several facts of one collection need, each read once."""

    def __init__(self) -> None:
        """Nothing is read yet."""
        self._found: dict[Hashable, _Reading] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, read: Callable[[], T]) -> T:
        """Return what `read` returned for the first caller with the key, or raise what it raised.

        A call that was not made, because the first caller had made too many, is made for the others.
        """
        with self._lock:
            reading = self._found.get(key)
            first = reading is None
            if reading is None:
                reading = self._found[key] = _Reading()
        if first:
            reading.read(read)
        reading.done.wait()
        if isinstance(reading.error, CallLimit) and not first:
            return read()
        if reading.error is not None:
            raise reading.error
        answer: T = reading.answer
        return answer


class _Reading:
    """An answer, or the exception in its place, once `done` is set."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.answer: Any = None
        self.error: Exception | None = None

    def read(self, read: Callable[[], Any]) -> None:
        try:
            self.answer = read()
        except Exception as error:  # noqa: BLE001  each fact that shares the answer raises it
            self.error = error
        finally:
            self.done.set()


@contextmanager
def limited(
    ended: Callable[[], bool],
    shared: SharedAnswers | None = None,
    wait: Callable[[str], None] = lambda _operation: None,
) -> Iterator[None]:
    """Limit the calls that this thread makes inside to MOST_CALLS; after `ended` returns True, it makes none.

    `wait` is called with the operation before each call.
    """
    _thread.calls, _thread.limited, _thread.ended, _thread.shared, _thread.wait = 0, True, ended, shared, wait
    try:
        yield
    finally:
        _thread.limited, _thread.shared = False, None


def shared(key: Hashable, read: Callable[[], T]) -> T:
    """Return the answer of `read`, which the facts of a collection that use the same key share."""
    return read() if _thread.shared is None else _thread.shared.get(key, read)


def begin(operation: str) -> None:
    """Count a call of this thread. CallLimit: it must not be made."""
    _thread.calls += 1
    if not _thread.limited:
        return
    if _thread.calls > MOST_CALLS or _thread.ended():
        raise CallLimit(operation)
    _thread.wait(operation)
