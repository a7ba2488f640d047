"""The cadence of a backup plan's rules, from the scheduled runs that AWS Backup returns."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from itertools import pairwise

from readiness.engine.rule import Status
from readiness.facts.backup.plans import PlanRule, PlanRules
from readiness.facts.backup.recovery_points import BY_HAND, BackupJob

CLOCK_CHANGE = timedelta(hours=1)
"""A rule in local time has one day of 25 hours a year."""

LAST = 5

ENOUGH = 2
"""One run does not show a cadence."""


def regularly(plan: PlanRules, rules: Collection[PlanRule], now: datetime, hours: int) -> Status:
    """Return PASS if these rules together run every so many hours; WARN where too few runs are known."""
    if longest_gap(plan, rules, now) > timedelta(hours=hours) + CLOCK_CHANGE:
        return Status.FAIL
    return Status.PASS if len(_runs(rules)) >= ENOUGH else Status.WARN


def longest_gap(plan: PlanRules, rules: Collection[PlanRule], now: datetime) -> timedelta:
    """Return the longest time without a run, such as a weekend; timedelta.max for no run at all.

    Runs after the plan's horizon are not known, so the time up to the horizon counts as a gap.
    """
    moments = [now, *_runs(rules), *([plan.horizon] if plan.horizon else [])]
    return max((after - before for before, after in pairwise(moments)), default=timedelta.max)


def usual_duration(jobs: Iterable[BackupJob]) -> timedelta:
    """Return the longest duration of the last five completed jobs since they were due; zero without such a job."""
    done = [job for job in jobs if job.state == "COMPLETED" and job.rule != BY_HAND]
    newest = sorted(done, key=lambda job: job.created)[-LAST:]
    return max((job.completed - job.created for job in newest if job.completed), default=timedelta())


def _runs(rules: Iterable[PlanRule]) -> list[datetime]:
    return sorted(moment for rule in rules for moment in rule.next_runs)
