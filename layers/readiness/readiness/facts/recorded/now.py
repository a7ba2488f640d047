"""The time of the snapshot."""

from dataclasses import dataclass
from datetime import datetime

from readiness.model import Given


@dataclass(frozen=True)
class Now(Given):
    """The time at which the facts were collected, in UTC.

    A check that read the clock could not be evaluated again later.
    """

    at: datetime
