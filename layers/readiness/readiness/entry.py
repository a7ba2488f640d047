"""Validate the event and the environment of a Lambda invocation, and execute the run."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from readiness import RELEASE
from readiness.alerts.bus import EventBus
from readiness.alerts.pager import ALARMS, EVENTS
from readiness.alerts.topic import AlertTopic
from readiness.alerts.words import dashboard
from readiness.aws.client import Aws, connect
from readiness.checklist import Settings
from readiness.checklist.file import load
from readiness.facts.cloudtrail.change_rules import ChangeRoute
from readiness.model import worst
from readiness.rules import ASKED, RULES
from readiness.run import Deployment, Outcome, Run, Trigger, emit, utc_now
from readiness.scan import assert_expected

if TYPE_CHECKING:
    from readiness.changes.batch import Batch
    from readiness.changes.call import ApiCall

clock = utc_now
"""The clock of runs."""

TRIGGERS = ("schedule", "manual")

CHANGE = "change"
"""The trigger of a run that is started by change events."""

LONGEST = 100
"""The number of characters of a wrong trigger in an error message."""

SETTLED = 60
"""Seconds until the second run for a call without effect so far: services are eventually consistent."""


class BadEvent(ValueError):
    """The event is not in a known format."""


class BadEnvironment(ValueError):
    """An environment variable that the template sets is missing."""


class NotRecorded(RuntimeError):
    """The results cannot be recorded. The invocation fails, so that the function's alarms notify."""


@dataclass(frozen=True)
class Environment:
    """The settings of the template, from environment variables `READINESS_*`. `dashboard` is its name."""

    table: str
    topic_arn: str
    checklist: Path
    persist_alarm: str
    dashboard: str
    interval: int | None
    changes_url: str = ""
    changes_arn: str = ""
    change_rules: tuple[str, ...] = ()
    stack: str = ""
    kms_key: str = ""
    pager_bus: str = ""
    pager_topic: str = ""
    event_bus: str = ""

    @property
    def pagers(self) -> dict[str, str]:
        """The ARN of the event bus or topic of each pager that the stack has."""
        return {name: arn for name, arn in ((EVENTS, self.pager_bus), (ALARMS, self.pager_topic)) if arn}

    @property
    def route(self) -> ChangeRoute:
        """The route of change events to the function."""
        return ChangeRoute(self.change_rules, self.changes_arn, self.stack)

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> "Environment":
        """Read the settings. BadEnvironment: a required variable is missing."""
        for name in ("READINESS_TABLE", "READINESS_TOPIC_ARN"):
            if not variables.get(name):
                msg = f"{name}: not set, expected the value that the template sets"
                raise BadEnvironment(msg)
        root = variables.get("LAMBDA_TASK_ROOT", "")
        return cls(
            table=variables["READINESS_TABLE"],
            topic_arn=variables["READINESS_TOPIC_ARN"],
            checklist=Path(variables.get("READINESS_CHECKLIST") or Path(root) / "checklist.toml"),
            persist_alarm=variables.get("READINESS_PERSIST_ALARM", ""),
            dashboard=variables.get("READINESS_DASHBOARD", ""),
            interval=int(variables.get("READINESS_INTERVAL_MINUTES") or 0) or None,
            event_bus=variables.get("READINESS_EVENT_BUS_ARN", ""),
            changes_url=variables.get("READINESS_CHANGES_URL", ""),
            changes_arn=variables.get("READINESS_CHANGES_ARN", ""),
            change_rules=tuple(variables.get("READINESS_CHANGE_RULES", "").split()),
            stack=variables.get("READINESS_STACK", ""),
            kms_key=variables.get("READINESS_SIGNING_KEY_ARN", ""),
            pager_bus=variables.get("READINESS_PAGER_BUS_ARN", ""),
            pager_topic=variables.get("READINESS_PAGER_TOPIC_ARN", ""),
        )


def answer(event: Any, environment: Environment, request: str, remaining_ms: Callable[[], int]) -> dict[str, Any]:
    """Execute the run, print its metrics, and return its summary, or the batch response for change events.

    NotRecorded: the results of a table cannot be recorded.
    """
    settings = _settings(environment)
    batch = _batch(event, settings)
    if batch and not batch.asks:
        return batch.response
    aws = _account()
    assert_expected(aws, settings)
    topic = AlertTopic(aws.client("sns"), environment.topic_arn)
    link = dashboard(aws.partition, aws.region, environment.dashboard)
    calls, again = (batch.calls, batch.again) if batch else ((), ())
    run = Run(
        rules=ASKED,
        aws=aws,
        settings=settings,
        trigger=Trigger(CHANGE if batch else trigger_of(event), request, calls, again),
        deployment=Deployment(
            RELEASE,
            topic,
            EventBus(aws, environment.event_bus) if environment.event_bus else None,
            environment.persist_alarm,
            link,
            environment.interval,
            environment.route,
            environment.kms_key,
            pagers=environment.pagers,
        ),
        remaining=lambda: remaining_ms() / 1000,
        clock=lambda: clock(),  # noqa: PLW0108  read at each call, because the demo replaces `clock`
    )
    outcomes = run.run()
    for outcome in outcomes:
        emit(run, outcome)
    unrecorded = [outcome for outcome in outcomes if outcome.unrecorded is not None]
    if unrecorded:
        msg = "; ".join(f"{each.scan.table.name}: cannot record: {each.unrecorded}" for each in unrecorded)
        raise NotRecorded(msg)
    if batch:
        _look_again(aws, environment, batch, outcomes)
        return batch.response
    return {"tables": [_summary(outcome) for outcome in outcomes]}


def _batch(event: Any, settings: Settings) -> "Batch | None":
    """Return the change events of a batch; None for other events. The import is late because it costs start-up time."""
    if not (isinstance(event, dict) and "Records" in event):
        return None
    from readiness.changes.batch import is_batch, read

    return read(event, [table.name for table in settings.tables], _account) if is_batch(event) else None


def _look_again(aws: Aws, environment: Environment, batch: "Batch", outcomes: Iterable[Outcome]) -> None:
    """Request a second run a minute later for calls without effect so far, or if this one could not commit.

    There is no third run after two that committed.
    """
    from readiness.changes.batch import put_off

    unseen = {call.id: call for outcome in outcomes for call in _without_effect(batch, outcome) if not call.refused}
    if unseen and environment.changes_url:
        aws.client("sqs").send_message(
            QueueUrl=environment.changes_url, MessageBody=put_off(list(unseen.values())), DelaySeconds=SETTLED
        )


def _without_effect(batch: "Batch", outcome: Outcome) -> Iterable["ApiCall"]:
    """Return the calls of the batch that need another run: all of them if other runs always committed first."""
    if outcome.plan is None:
        return batch.calls
    if not outcome.committed:
        return (*batch.calls, *batch.again)
    first = {call.id for call in batch.calls}
    return (call for call in outcome.plan.unexplained if call.id in first)


def trigger_of(event: Any) -> str:
    """Return the trigger of the run. BadEvent: the event has none."""
    if not isinstance(event, dict):
        msg = f"event: found {type(event).__name__}, expected an object with a trigger: {', '.join(TRIGGERS)}"
        raise BadEvent(msg)
    trigger = event.get("trigger")
    if trigger not in TRIGGERS:
        msg = f"event: trigger: found {_shown(trigger)}, expected one of {', '.join(TRIGGERS)}"
        raise BadEvent(msg)
    return str(trigger)


def _shown(value: object) -> str:
    """Return the beginning of a text, or the type of another value, which can be large."""
    if isinstance(value, str):
        return repr(value[:LONGEST])
    return "none" if value is None else type(value).__name__


@cache
def _settings(environment: Environment) -> Settings:
    return load(environment.checklist, [rule.id for rule in RULES], environment.table).deployed(environment.table)


@cache
def _account() -> Aws:
    """Return the account, read once per execution environment."""
    return connect()


def _summary(outcome: Outcome) -> dict[str, Any]:
    statuses = outcome.plan.statuses.values() if outcome.plan else ()
    return {
        "table": outcome.scan.table.name,
        "status": worst(statuses) if statuses else None,
        "recorded": outcome.committed,
        "drifts": outcome.plan.transitions if outcome.plan and outcome.committed else 0,
        "pending": outcome.pending,
    }
