"""From a Lambda invocation to a run: what the event and the environment say, checked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from readiness import RELEASE
from readiness.alert import Topic
from readiness.alert.words import dashboard
from readiness.aws import Aws, connect
from readiness.checklist import Settings, load
from readiness.model import worst
from readiness.monitor import Outcome, Run, assert_expected, emitted, utc_now
from readiness.rules import RULES
from readiness.trouble import Deployment

clock = utc_now
"""What a run takes for now."""

TRIGGERS = ("schedule", "manual")


class BadEvent(ValueError):
    """The event is not one that the stack or a person sends."""


class BadEnvironment(ValueError):
    """The function's environment is not as the template sets it."""


class NotRecorded(RuntimeError):
    """What was seen could not be remembered: the invocation fails, so that the function's own alarms see it."""


@dataclass(frozen=True)
class Environment:
    """What the template says, by environment variables `READINESS_*`. `dashboard` is its name."""

    table: str
    topic_arn: str
    checklist: Path
    persist_alarm: str
    dashboard: str

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> "Environment":
        """BadEnvironment: one that has to be there is missing."""
        for name in ("READINESS_TABLE", "READINESS_TOPIC_ARN"):
            if not variables.get(name):
                msg = f"{name}: found nothing, expected what the template sets"
                raise BadEnvironment(msg)
        root = variables.get("LAMBDA_TASK_ROOT", "")
        return cls(
            table=variables["READINESS_TABLE"],
            topic_arn=variables["READINESS_TOPIC_ARN"],
            checklist=Path(variables.get("READINESS_CHECKLIST") or Path(root) / "checklist.toml"),
            persist_alarm=variables.get("READINESS_PERSIST_ALARM", ""),
            dashboard=variables.get("READINESS_DASHBOARD", ""),
        )


def answer(event: Any, environment: Environment, request: str, remaining_ms: Callable[[], int]) -> dict[str, Any]:
    """Make the run, print its metrics, and return what a person who invoked it by hand wants to see."""
    trigger = trigger_of(event)
    settings = _settings(environment)
    aws = _account()
    assert_expected(aws, settings)
    topic = Topic(aws.client("sns"), environment.topic_arn)
    link = dashboard(aws.partition, aws.region, environment.dashboard)
    deployment = Deployment(trigger, request, RELEASE, topic, environment.persist_alarm, link)
    run = Run(RULES, aws, settings, deployment, remaining=lambda: remaining_ms() / 1000, clock=lambda: clock())  # noqa: PLW0108  looked up when asked, for the demo sets another
    outcomes = run.run()
    for outcome in outcomes:
        emitted(run, outcome)
    unrecorded = [outcome for outcome in outcomes if outcome.unrecorded is not None]
    if unrecorded:
        msg = "; ".join(f"{each.look.table.name}: could not be recorded: {each.unrecorded}" for each in unrecorded)
        raise NotRecorded(msg)
    return {"tables": [_summary(outcome) for outcome in outcomes]}


def trigger_of(event: Any) -> str:
    """What set the run off. BadEvent: it says nothing of the kind."""
    if not isinstance(event, dict):
        msg = f"event: found {type(event).__name__}, expected an object with a trigger: {', '.join(TRIGGERS)}"
        raise BadEvent(msg)
    trigger = event.get("trigger")
    if trigger not in TRIGGERS:
        msg = f"event: trigger: found {trigger!r}, expected one of {', '.join(TRIGGERS)}"
        raise BadEvent(msg)
    return str(trigger)


@cache
def _settings(environment: Environment) -> Settings:
    return load(environment.checklist, [rule.id for rule in RULES]).deployed(environment.table)


@cache
def _account() -> Aws:
    """Asked once per execution environment: an account does not change under a function."""
    return connect()


def _summary(outcome: Outcome) -> dict[str, Any]:
    statuses = outcome.conclusion.statuses.values() if outcome.conclusion else ()
    return {
        "table": outcome.look.table.name,
        "status": worst(statuses) if statuses else None,
        "recorded": outcome.won,
        "drifts": outcome.conclusion.drifts if outcome.conclusion and outcome.won else 0,
        "pending": outcome.pending,
    }
