"""The data that an alarm watches: single series of a metric, and Metrics Insights queries over many."""

from typing import Literal

from msgspec import Struct


class Series(Struct, frozen=True):
    """One series of a metric, by its exact sorted dimensions. `statistic` is no part of its identity."""

    namespace: str
    metric: str
    dimensions: tuple[tuple[str, str], ...] = ()
    statistic: str = ""

    def same(self, other: "Series") -> bool:
        """True for the same series, whatever the statistics."""
        return (self.namespace, self.metric, self.dimensions) == (other.namespace, other.metric, other.dimensions)


def series(namespace: str, metric: str, statistic: str = "", /, **dimensions: str) -> Series:
    """Return a series by its dimensions, in any order."""
    return Series(namespace, metric, tuple(sorted(dimensions.items())), statistic)


Function = Literal["AVG", "COUNT", "MAX", "MIN", "SUM"]


class Label(Struct, frozen=True):
    """A condition of a query on a dimension or tag: it has the value or, where not `equal`, another one."""

    key: str
    value: str
    equal: bool = True

    def admits(self, value: str | None) -> bool:
        """True if a series with this value meets the condition; None: no such dimension."""
        return value is not None and (value == self.value) is self.equal


class Query(Struct, frozen=True):
    """A Metrics Insights query: all series of a metric that it matches, now and later.

    `schema` is the exact set of dimensions; None where the query takes any. `tags` are conditions on the resource of a
    series. It returns one value for each group of series with the same values of `grouped`.
    """

    namespace: str
    metric: str
    function: Function
    schema: tuple[str, ...] | None = None
    labels: tuple[Label, ...] = ()
    tags: tuple[Label, ...] = ()
    grouped: tuple[str, ...] = ()

    def covers(self, one: Series) -> bool:
        """True if the query matches the series, provided that its resource has the tags."""
        dimensions = dict(one.dimensions)
        return (
            (self.namespace, self.metric) == (one.namespace, one.metric)
            and (self.schema is None or set(self.schema) == set(dimensions))
            and all(label.admits(dimensions.get(label.key)) for label in self.labels)
        )

    def single(self, one: Series) -> bool:
        """True if a series that it covers is alone in its group."""
        told_apart = {*self.grouped, *(label.key for label in self.labels if label.equal)}
        return self.schema is not None and told_apart >= dict(one.dimensions).keys()
