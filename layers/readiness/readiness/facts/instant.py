"""Times as all facts hold them: in UTC. botocore hands over the local time of the machine."""

from datetime import UTC, datetime


def utc(moment: datetime) -> datetime:
    """The same instant, in UTC."""
    return moment.astimezone(UTC)


def utc_or_none(moment: datetime | None) -> datetime | None:
    """The same instant, in UTC, if there is one."""
    return utc(moment) if moment else None
