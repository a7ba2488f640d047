"""Items of ours that expire soon, by which time to live shows that it works."""

from datetime import datetime
from typing import ClassVar

from readiness.facts.dynamodb.table import Table
from readiness.model import Fact, Given


class Canaries(Given, Fact):
    """When each canary that is still in the table expires, or has; one that is deleted is no longer among them."""

    on: ClassVar[tuple[type, ...]] = (Table,)

    expiries: tuple[datetime, ...]
