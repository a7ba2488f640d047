"""Times in UTC, as facts hold them, and durations as people read them. botocore returns local times."""

from datetime import UTC, datetime, timedelta


def utc(moment: datetime) -> datetime:
    """The same instant, in UTC."""
    return moment.astimezone(UTC)


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC, to the microsecond: always of the same length, so that text sorts as time does."""
    return utc(moment).isoformat(timespec="microseconds").replace("+00:00", "Z")


def parsed(text: str) -> datetime:
    """The time that `iso` wrote. ValueError: it is none."""
    return datetime.fromisoformat(text)


def minute(moment: datetime) -> str:
    """Such as `2026-11-24 03:12 UTC`."""
    return f"{utc(moment):%Y-%m-%d %H:%M} UTC"


def second(moment: datetime) -> str:
    """Such as `2026-11-24 03:12:41 UTC`."""
    return f"{utc(moment):%Y-%m-%d %H:%M:%S} UTC"


def lasted(span: timedelta) -> str:
    """Such as `2 d 3 h`, `5 h 4 min`, `7 min`."""
    minutes = max(1, round(span.total_seconds() / 60))
    days, hours = minutes // 1440, minutes % 1440 // 60
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"
