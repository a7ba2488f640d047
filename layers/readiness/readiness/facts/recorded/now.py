"""The time of the snapshot."""

from datetime import datetime

from readiness.model import Fact, Given


class Now(Given, Fact):
    """The time at which the facts were collected, in UTC: a check that read the clock could not be repeated."""

    at: datetime
