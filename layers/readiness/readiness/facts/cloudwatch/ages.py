"""The ages of answers of GetMetricData, which AWS bills by the metric."""

from datetime import timedelta
from typing import Protocol

from readiness.engine.fact import Keeps
from readiness.model import Unavailable

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


class PartlyRead(Protocol):
    """An answer of which a series may not have been read."""

    @property
    def unread(self) -> Unavailable | None:
        """Return the reason why a series could not be read; None if all were."""


def is_partly_read(answer: PartlyRead) -> bool:
    """Return True if a series could not be read: the answer is then not kept."""
    return answer.unread is not None


def days_of_data(revision: str) -> Keeps:
    """Return the age of data of 7 days or more: a day, and not kept while a verdict that rests on it is not PASS.

    `revision` is the parameter of the fact, and its member, with the series that are asked for.
    """
    return Keeps(DAY, otherwise=timedelta(), revision=revision, asked=True, passing_by=is_partly_read)


def losses(revision: str) -> Keeps:
    """Return the age of counts of lost events: an hour."""
    return Keeps(HOUR, revision=revision, asked=True, passing_by=is_partly_read)
