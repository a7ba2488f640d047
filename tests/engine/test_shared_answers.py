"""What several facts of a collection read is asked for once, and its failure is the failure of each of them."""

import threading

import pytest

from readiness.aws.calling import MOST_CALLS, CallLimit, SharedAnswers, begin, limited, shared

TOPIC = "the topic"


def refused() -> str:
    raise PermissionError


def test_facts_that_run_at_the_same_time_share_an_answer() -> None:
    answers, asked, release = SharedAnswers(), list[int](), threading.Event()
    found: list[str] = []

    def call() -> str:
        asked.append(1)
        release.wait(30)
        return "its attributes"

    def fetch() -> None:
        with limited(lambda: False, answers):
            found.append(shared(TOPIC, call))

    threads = [threading.Thread(target=fetch) for _ in range(3)]
    for thread in threads:
        thread.start()
    release.set()
    for thread in threads:
        thread.join(30)
    assert (found, len(asked)) == (["its attributes"] * 3, 1)


def test_a_failure_is_shared() -> None:
    answers = SharedAnswers()
    for read in (refused, lambda: "an answer that comes too late"):
        with limited(lambda: False, answers), pytest.raises(PermissionError):
            shared(TOPIC, read)


def test_a_fact_without_calls_left_does_not_take_them_from_another() -> None:
    answers = SharedAnswers()
    with limited(lambda: False, answers):
        for _ in range(MOST_CALLS):
            begin("ListTopics")
        with pytest.raises(CallLimit):
            shared(TOPIC, lambda: begin("GetTopicAttributes"))
    with limited(lambda: False, answers):
        assert shared(TOPIC, lambda: "its attributes") == "its attributes"


def test_the_next_collection_asks_again() -> None:
    for answer in ("before", "after"):
        with limited(lambda: False, SharedAnswers()):
            assert shared(TOPIC, lambda: answer) == answer  # noqa: B023  called at once
    assert shared(TOPIC, lambda: "outside of a collection") == "outside of a collection"
