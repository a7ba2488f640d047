"""The billed counts of a run, as measured on an embedded account with few and with many functions.

`counts.json` holds the measurements of this release. A test measures again and compares.
"""

from importlib.resources import files

from msgspec import Struct, json, structs

MEASURED = files(__package__).joinpath("counts.json")
"""The measurements, with few functions first."""


class RunCounts(Struct, frozen=True):
    """The billed calls of one run. `data_calls` of the `calls` are no management events of CloudTrail.

    `metrics_read` are the metrics in requests of GetMetricData and GetInsightRuleReport. `status_bytes` of the
    `log_bytes` emit the status of items.
    """

    calls: float
    data_calls: float
    metrics_read: float
    metric_requests: float
    cost_requests: float
    kms_requests: float
    read_units: float
    write_units: float
    log_bytes: float
    status_bytes: float

    def minus(self, other: "RunCounts") -> "RunCounts":
        """Return the differences, 0 where the other has more."""
        pairs = zip(structs.astuple(self), structs.astuple(other), strict=True)
        return RunCounts(*(max(0, mine - theirs) for mine, theirs in pairs))


class Counts(Struct, frozen=True):
    """The counts of an account: of each run without changes, and what is added once an hour, a day and a week."""

    functions: int
    every_run: RunCounts
    hourly: RunCounts
    daily: RunCounts
    weekly: RunCounts


def shipped() -> tuple[Counts, Counts]:
    """Return the measurements of this release, with few functions and with many."""
    return json.decode(MEASURED.read_bytes(), type=tuple[Counts, Counts])


def between(measured: tuple[Counts, Counts], functions: int) -> Counts:
    """Return the counts for a number of functions, on the line through both measurements."""
    few, many = measured
    share = (functions - few.functions) / (many.functions - few.functions)

    def at(name: str) -> RunCounts:
        low, high = (structs.astuple(getattr(each, name)) for each in measured)
        return RunCounts(*(max(0, a + share * (b - a)) for a, b in zip(low, high, strict=True)))

    return Counts(functions, at("every_run"), at("hourly"), at("daily"), at("weekly"))
