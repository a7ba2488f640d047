"""How often a backup plan's rules run, and the longest gap between two runs of a rate or cron expression.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from readiness.facts.backup.plans import PlanRule, PlanRules
from readiness.facts.backup.recovery_points import BY_HAND, BackupJob
from readiness.model import Status

RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
CRON = re.compile(r"cron\(([^()]+)\)")

FIELDS = 6
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
AHEAD = timedelta(days=62)
"""The longest gap of a monthly schedule shows within two months."""

CLOCK_CHANGE = timedelta(hours=1)
"""A rule in local time has one day of 25 hours a year."""

LAST = 5

ENOUGH = 2
"""One run does not show a cadence."""


def regularly(plan: PlanRules, rules: Collection[PlanRule], now: datetime, hours: int) -> Status:
    """Return PASS if these rules together run every so many hours; WARN where too few runs are known.

    Runs after the plan's horizon are not known, so the time up to the horizon counts as a gap.
    """
    runs = sorted(moment for rule in rules for moment in rule.next_runs)
    moments = [now, *runs, *([plan.horizon] if plan.horizon else [])]
    gap = max((after - before for before, after in pairwise(moments)), default=timedelta.max)
    if gap > timedelta(hours=hours) + CLOCK_CHANGE:
        return Status.FAIL
    return Status.PASS if len(runs) >= ENOUGH else Status.WARN


def usual_duration(jobs: Iterable[BackupJob]) -> timedelta:
    """Return the longest duration of the last five completed jobs since they were due; zero without such a job."""
    done = [job for job in jobs if job.state == "COMPLETED" and job.rule != BY_HAND]
    newest = sorted(done, key=lambda job: job.created)[-LAST:]
    return max((job.completed - job.created for job in newest if job.completed), default=timedelta())


class Undecided(Exception):
    """The expression has a part that is not evaluated, such as the last weekday of a month."""


def longest_gap(expressions: Iterable[str], now: datetime, wanted: timedelta) -> timedelta:
    """Return the longest time without a run of any of the schedules, in enough detail to compare it with `wanted`.

    Changes between standard and daylight saving time are ignored. Raises Undecided where an expression is not evaluated
    and the others alone leave more than `wanted`.
    """
    gap, undecided = timedelta.max, None
    moments: set[datetime] = set()
    until = now + max(AHEAD, 2 * wanted)
    for expression in expressions:
        if found := RATE.fullmatch(expression):
            gap = min(gap, timedelta(minutes=int(found[1]) * {"minute": 1, "hour": 60, "day": 1440}[found[2]]))
            continue
        try:
            moments.update(_runs(expression, now, until))
        except Undecided as why:
            undecided = why
    between = [after - before for before, after in pairwise([now, *sorted(moments), until])]
    gap = min(gap, max(between)) if moments else gap
    if undecided and gap > wanted:
        raise undecided
    return gap


def _runs(expression: str, start: datetime, end: datetime) -> Iterator[datetime]:
    found = CRON.fullmatch(expression)
    fields = found[1].split() if found else []
    if len(fields) != FIELDS:
        raise Undecided(expression)
    minutes, hours = _values(fields[0], 0, 59), _values(fields[1], 0, 23)
    days, months = _values(fields[2], 1, 31), _values(fields[3], 1, 12, MONTHS)
    weekdays, years = _values(fields[4], 1, 7, DAYS), _values(fields[5], 1970, 2199)
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    for ahead in range((end - midnight).days + 1):
        day = midnight + timedelta(days=ahead)
        if day.year in years and day.month in months and day.day in days and day.isoweekday() % 7 + 1 in weekdays:
            moments = (day + timedelta(hours=hour, minutes=minute) for hour in hours for minute in minutes)
            yield from (moment for moment in moments if start < moment < end)


def _values(field: str, least: int, most: int, names: tuple[str, ...] = ()) -> set[int]:
    """Return all values of a cron field; `?` means the same as `*`."""
    found: set[int] = set()
    for part in field.upper().split(","):
        span, slash, step = part.partition("/")
        first, dash, last = span.partition("-")
        low = least if first in {"*", "?"} else _number(first, names)
        high = _number(last, names) if dash else most if slash or first in {"*", "?"} else low
        if (slash and not step.isdecimal()) or low > high:
            raise Undecided(field)
        found.update(range(low, high + 1, max(int(step or 1), 1)))
    return found


def _number(text: str, names: tuple[str, ...]) -> int:
    if text in names:
        return names.index(text) + 1
    if not text.isdecimal():
        raise Undecided(text)
    return int(text)
