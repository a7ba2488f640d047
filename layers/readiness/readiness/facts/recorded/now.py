"""The instant of the snapshot."""

from datetime import datetime

from readiness.model import Fact, Given


class Now(Given, Fact):
    """When the facts were collected, in UTC. Time is a fact: a check that asked the clock could not be judged again."""

    at: datetime
