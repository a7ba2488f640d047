"""Conversion and formatting of times in UTC, and of durations. botocore returns local times."""

from datetime import UTC, datetime, timedelta


def utc(moment: datetime) -> datetime:
    """Return the same time in UTC."""
    return moment.astimezone(UTC)


def iso(moment: datetime) -> str:
    """Return ISO 8601 in UTC with microseconds. All texts have the same length, so they sort by time."""
    return utc(moment).isoformat(timespec="microseconds").replace("+00:00", "Z")


def parsed(text: str) -> datetime:
    """Return the time that `iso` formatted. ValueError: the text is not a time."""
    return datetime.fromisoformat(text)


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
