"""How often the rules of a backup plan run, as far as AWS foresees."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from itertools import pairwise

from readiness.engine.rule import Status
from readiness.facts.backup.recovery_points import BY_HAND, BackupJob
from readiness.facts.backup.selections import PlanRule, PlanRules

CLOCK_CHANGE = timedelta(hours=1)
"""Once a year a day has 25 hours, where a rule runs by local time."""

LAST = 5

ENOUGH = 2
"""From one run alone nothing follows about the next."""


def regularly(plan: PlanRules, rules: Collection[PlanRule], now: datetime, hours: int) -> Status:
    """Whether some of the plan's rules, together, run every so many hours; WARN where too few runs are foreseen."""
    if longest_gap(plan, rules, now) > timedelta(hours=hours) + CLOCK_CHANGE:
        return Status.FAIL
    return Status.PASS if len(_runs(rules)) >= ENOUGH else Status.WARN


def longest_gap(plan: PlanRules, rules: Collection[PlanRule], now: datetime) -> timedelta:
    """The longest time without a run: of weekdays alone that is a weekend. No run at all is a gap without an end.

    A run after the plan's horizon is not foreseen, so the time up to there is a gap too, if an unfinished one.
    """
    moments = [now, *_runs(rules), *([plan.horizon] if plan.horizon else [])]
    return max((after - before for before, after in pairwise(moments)), default=timedelta.max)


def usual_duration(jobs: Iterable[BackupJob]) -> timedelta:
    """The longest that one of a plan's last five successful jobs took since it was due; none without such a job."""
    done = [job for job in jobs if job.state == "COMPLETED" and job.rule != BY_HAND]
    newest = sorted(done, key=lambda job: job.created)[-LAST:]
    return max((job.completed - job.created for job in newest if job.completed), default=timedelta())


def _runs(rules: Iterable[PlanRule]) -> list[datetime]:
    return sorted(moment for rule in rules for moment in rule.next_runs)
