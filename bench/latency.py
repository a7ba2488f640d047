"""A warm run where every call takes 50 ms, over the calls that have to follow one another."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.artifact import environment, layer
from bench.figure import Figure, row
from bench.served import served

CALL = 0.05
"""Seconds."""

CHAIN = (
    "dynamodb:Query of the memory",
    "lambda:ListFunctions",
    "sqs:GetQueueUrl",
    "sqs:GetQueueAttributes",
    "dynamodb:TransactWriteItems",
    "dynamodb:Query of the outbox",
    "sns:GetTopicAttributes",
)
"""The calls of an unchanged run that have to follow one another, of functions with a dead-letter queue.

The configuration of a function is kept while ListFunctions returns the same RevisionId.
"""


def figures(runs: int) -> Iterator[Figure]:
    """Invoke the function again and again."""
    layer()
    with (
        tempfile.TemporaryDirectory() as folder,
        served(5) as account,
        environment(Path(folder) / "here", account) as started,
    ):
        started.invoke()
        started.invoke()
        at_once = [started.invoke() for _ in range(runs)]
        account.delay(int(CALL * 1000))
        delayed = [started.invoke() for _ in range(runs)]
    yield Figure("latency", f"a run over {len(CHAIN)} calls in a row", "s", delayed, [len(CHAIN) * CALL] * runs, 1.3)
    yield Figure("latency", "the same without delay", "s", at_once)


if __name__ == "__main__":
    row(figures)
