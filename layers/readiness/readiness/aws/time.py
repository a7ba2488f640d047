"""Times in UTC, as facts hold them, and durations as people read them. botocore returns local times."""

from datetime import UTC, datetime, timedelta


def utc(moment: datetime) -> datetime:
    """The same instant, in UTC."""
    return moment.astimezone(UTC)


def lasted(span: timedelta) -> str:
    """Such as `2 d 3 h`, `5 h 4 min`, `7 min`."""
    minutes = max(1, round(span.total_seconds() / 60))
    days, hours = minutes // 1440, minutes % 1440 // 60
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"
