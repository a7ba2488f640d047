"""Conversion and formatting of times in UTC, and of durations. botocore returns local times."""

from datetime import UTC, datetime, timedelta

FIRST = datetime.min.replace(tzinfo=UTC)
LAST = datetime.max.replace(tzinfo=UTC)


def utc(moment: datetime) -> datetime:
    """Return the same time in UTC; the first or the last possible time for one that UTC has in the year 0 or 10000."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return FIRST if moment.year == FIRST.year else LAST


def later(moment: datetime, span: timedelta) -> datetime:
    """Return the time after a span, in UTC; the last possible time if it is later than that."""
    try:
        return utc(moment) + span
    except OverflowError:
        return LAST


def iso(moment: datetime) -> str:
    """Return ISO 8601 in UTC with microseconds. All texts have the same length, so they sort by time."""
    return utc(moment).isoformat(timespec="microseconds").replace("+00:00", "Z")


def parsed(text: str) -> datetime:
    """Return the time that `iso` formatted. ValueError: the text is not a time with a time zone."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        msg = "a time without a time zone"
        raise ValueError(msg)
    return moment


def minute(moment: datetime) -> str:
    """Return the time such as `2026-11-24 03:12 UTC`."""
    return f"{utc(moment):%Y-%m-%d %H:%M} UTC"


def second(moment: datetime) -> str:
    """Return the time such as `2026-11-24 03:12:41 UTC`."""
    return f"{utc(moment):%Y-%m-%d %H:%M:%S} UTC"


def lasted(span: timedelta) -> str:
    """Return the duration such as `2 d 3 h`, `5 h 4 min` or `7 min`; at least `1 min`."""
    minutes = max(1, round(span.total_seconds() / 60))
    days, hours = minutes // 1440, minutes % 1440 // 60
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"
