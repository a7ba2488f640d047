"""What an alarm watches: single series of a metric, and queries over many."""

from typing import Literal

from msgspec import Struct


class Series(Struct, frozen=True):
    """One series of a metric. `dimensions` are sorted pairs: an alarm matches the exact set, and no other.

    `statistic` is how an alarm reads it, such as `Sum` or `p99`; it does not tell one series from another.
    """

    namespace: str
    metric: str
    dimensions: tuple[tuple[str, str], ...] = ()
    statistic: str = ""

    def same(self, other: "Series") -> bool:
        """Whether both are the same series, however they are read."""
        return (self.namespace, self.metric, self.dimensions) == (other.namespace, other.metric, other.dimensions)


def series(namespace: str, metric: str, statistic: str = "", /, **dimensions: str) -> Series:
    """A series by its dimensions, in any order."""
    return Series(namespace, metric, tuple(sorted(dimensions.items())), statistic)


Function = Literal["AVG", "COUNT", "MAX", "MIN", "SUM"]


class Label(Struct, frozen=True):
    """A demand of a query on a dimension: that it has the value or, where not `equal`, another one."""

    key: str
    value: str
    equal: bool = True

    def admits(self, value: str | None) -> bool:
        """Whether a series with that value of the dimension meets it; None: it has no such dimension."""
        return value is not None and (value == self.value) is self.equal


class Query(Struct, frozen=True):
    """A Metrics Insights query: all series of a metric that it matches, however many, and those to come.

    `schema` are the only dimensions that a series may have; None where the query takes any. `tags` are demanded of the
    resource that a series is of. It returns a value for each group of those that agree in what it is `grouped` by.
    """

    namespace: str
    metric: str
    function: Function
    schema: tuple[str, ...] | None = None
    labels: tuple[Label, ...] = ()
    tags: tuple[Label, ...] = ()
    grouped: tuple[str, ...] = ()

    def covers(self, one: Series) -> bool:
        """Whether the series is among them, as long as its resource has the tags."""
        dimensions = dict(one.dimensions)
        return (
            (self.namespace, self.metric) == (one.namespace, one.metric)
            and (self.schema is None or set(self.schema) == set(dimensions))
            and all(label.admits(dimensions.get(label.key)) for label in self.labels)
        )

    def single(self, one: Series) -> bool:
        """Whether a series that it covers is the only one in its group."""
        told_apart = {*self.grouped, *(label.key for label in self.labels if label.equal)}
        return self.schema is not None and told_apart >= dict(one.dimensions).keys()
