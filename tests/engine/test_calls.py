"""Calls that hang can't hold a run, and threads end with the collection that started them."""

import threading
import time
from functools import partial

from readiness.engine.collect import AT_ONCE, THREADS, Calls


def test_more_calls_than_threads_all_arrive() -> None:
    calls = Calls()
    for number in range(3 * THREADS):
        calls.submit(f"service{number % 9}", 0, number, partial(abs, -number))
    arrived = dict(filter(None, (calls.next(time.monotonic() + 30) for _ in range(3 * THREADS))))
    calls.close()
    assert arrived == {number: number for number in range(3 * THREADS)}


def test_a_service_is_never_asked_more_at_once_than_its_limit() -> None:
    calls = Calls()
    release = threading.Event()
    under_way: list[int] = []

    def call() -> None:
        under_way.append(1)
        release.wait(30)

    for number in range(20):
        calls.submit("kms", 0, number, call)
    assert calls.next(time.monotonic() + 0.1) is None
    assert len(under_way) == AT_ONCE["kms"]
    assert sorted(calls.give_up()) == list(range(20))
    release.set()
    assert calls.next(time.monotonic() + 0.1) is None, "late answers are discarded"
    calls.close()


def test_threads_end_after_a_collection() -> None:
    before = set(threading.enumerate())
    for _ in range(50):
        calls = Calls()
        calls.submit("sts", 0, "who", int)
        assert calls.next(time.monotonic() + 30) == ("who", 0)
        calls.close()
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
    assert set(threading.enumerate()) <= before
