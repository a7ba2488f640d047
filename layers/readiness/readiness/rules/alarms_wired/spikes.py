"""Alarms on unusual consumption of read and write capacity."""

from collections.abc import Iterator

from msgspec import Struct

from readiness.alarms.firing import LITTLE, lasting, published, reached
from readiness.alarms.route import Route, chain, doubtful, silent, unknown
from readiness.alarms.scale import MINUTE, QUOTA, Scale
from readiness.alarms.series import Series
from readiness.facts.cloudwatch.alarms import Alarm
from readiness.facts.dynamodb.consumption import FIVE_MINUTES, Consumption
from readiness.model import Reason, Unavailable
from readiness.rules.shared.watching import statistics

NOISY, UNREACHABLE = 1.2, 20
"""The least and the greatest ratio of a threshold to the usual consumption."""

PERIODS = range(60, FIVE_MINUTES + 1)


class Spike(Struct, frozen=True):
    """The consumption of the table. `maximum` is the configured limit in units a second, None without one."""

    consumption: Consumption | Unavailable
    maximum: int | None

    def able(self, alarm: Alarm, one: Series) -> Route:
        """Return PAGES if a spike of the series makes the alarm enter ALARM."""
        return chain(self._links(alarm, one))

    def _links(self, alarm: Alarm, one: Series) -> Iterator[Route]:
        """Only Sum is the consumption: all other statistics of these metrics are those of single requests."""
        if other := sorted(statistics(alarm, one) - {"Sum"}):
            yield silent(f"the statistic of {one.metric} is {other[0]}, that of single requests, expected Sum")
        scale = Scale("events", (self.maximum or QUOTA) * MINUTE, unit="Count", what="units a minute")
        yield from published(alarm, one, scale.unit, scale.every)
        yield lasting(alarm, scale)
        if alarm.threshold is not None and alarm.plain and not alarm.band:
            yield from self._threshold(alarm, one, alarm.threshold)
        if alarm.band or not (alarm.formula and alarm.formula.comparing):
            yield reached(alarm, one, scale)
        elif alarm.heeds_too_little:
            yield silent(LITTLE)

    def _threshold(self, alarm: Alarm, one: Series, threshold: float) -> Iterator[Route]:
        """Compare rates, so that the length of the alarm's period does not matter."""
        period = alarm.period_seconds or FIVE_MINUTES
        if period not in PERIODS:
            yield doubtful(f"period is {period} seconds, expected 60 to {FIVE_MINUTES}: a short spike does not show")
        rate = threshold / period
        if self.maximum is not None and rate >= self.maximum:
            yield silent(f"threshold cannot be breached: at most {self.maximum} units a second can be consumed")
        elif rate >= QUOTA:
            yield doubtful(f"threshold cannot be breached within the default table quota of {QUOTA} units a second")
        yield self._compared(one, rate)

    def _compared(self, one: Series, rate: float) -> Route:
        if isinstance(self.consumption, Unavailable):
            return unknown(self.consumption)
        try:
            usual = self.consumption.usual(one)
        except KeyError:
            return unknown(self.consumption.unread or Unavailable(Reason.STALE, "cloudwatch:GetMetricData"))
        if not usual:
            return doubtful("threshold cannot be compared: nothing was consumed for 14 days")
        times = rate * FIVE_MINUTES / usual
        if times < NOISY:
            return doubtful(f"threshold is too low: {times:.1f} times the usual consumption, expected at least {NOISY}")
        if times > UNREACHABLE:
            return doubtful(
                f"threshold is too high: {times:.0f} times the usual consumption, expected at most {UNREACHABLE}"
            )
        return chain([])
