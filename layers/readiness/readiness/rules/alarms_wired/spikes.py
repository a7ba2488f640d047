"""Whether an alarm goes off when far more is consumed than usual."""

from collections.abc import Iterator

from msgspec import Struct

from readiness.alarms.firing import lasting, published, reached
from readiness.alarms.route import Route, chain, doubtful, silent, unknown
from readiness.alarms.scale import MINUTE, QUOTA, Scale
from readiness.alarms.series import Series
from readiness.facts.cloudwatch.alarms import Alarm
from readiness.facts.dynamodb.consumption import FIVE_MINUTES, Consumption
from readiness.model import Reason, Unavailable
from readiness.rules.shared.watching import statistics

NOISY, UNREACHABLE = 1.2, 20
"""How many times the usual a threshold may be."""

PERIODS = range(60, FIVE_MINUTES + 1)


class Spike(Struct, frozen=True):
    """What is known of how much is consumed. `maximum` is how many units a second can be, None without one."""

    consumption: Consumption | Unavailable
    maximum: int | None

    def able(self, alarm: Alarm, one: Series) -> Route:
        """Whether a spike of the series sets it off."""
        return chain(self._links(alarm, one))

    def _links(self, alarm: Alarm, one: Series) -> Iterator[Route]:
        """Only the sum says how much was consumed: all other statistics are about single requests."""
        if other := sorted(statistics(alarm, one) - {"Sum"}):
            yield silent(f"it reads the {other[0]} of {one.metric}, which is that of single requests")
        scale = Scale("events", (self.maximum or QUOTA) * MINUTE, unit="Count", what="units a minute")
        yield from published(alarm, one, scale.unit, scale.every)
        yield lasting(alarm, scale)
        if alarm.threshold is not None and alarm.plain and not alarm.band:
            yield from self._threshold(alarm, one, alarm.threshold)
        if alarm.band or not (alarm.formula and alarm.formula.comparing):
            yield reached(alarm, one, scale)
        elif alarm.heeds_too_little:
            yield silent("it is too little that sets it off")

    def _threshold(self, alarm: Alarm, one: Series, threshold: float) -> Iterator[Route]:
        """Rates are compared, so that it does not matter how long the alarm's period is."""
        period = alarm.period_seconds or FIVE_MINUTES
        if period not in PERIODS:
            yield doubtful(f"it adds up {period} seconds, in which a short spike is lost")
        rate = threshold / period
        if self.maximum is not None and rate >= self.maximum:
            yield silent(f"its threshold can't be reached: no more than {self.maximum} units a second can be consumed")
        elif rate >= QUOTA:
            yield doubtful(f"its threshold can't be reached, unless AWS has raised the table's quota of {QUOTA} units")
        yield self._compared(one, rate)

    def _compared(self, one: Series, rate: float) -> Route:
        if isinstance(self.consumption, Unavailable):
            return unknown(self.consumption)
        try:
            usual = self.consumption.usual(one)
        except KeyError:
            return unknown(self.consumption.unread or Unavailable(Reason.STALE, "cloudwatch:GetMetricData"))
        if not usual:
            return doubtful("nothing was consumed for two weeks that its threshold could be compared with")
        times = rate * FIVE_MINUTES / usual
        if times < NOISY:
            return doubtful(f"it is noisy: its threshold is {times:.1f} times what is usual")
        if times > UNREACHABLE:
            return doubtful(f"it hardly ever goes off: its threshold is {times:.0f} times what is usual")
        return chain([])
