"""`readiness check --record`: make a run from here, as the deployed function does."""

from collections.abc import Callable
from uuid import uuid4

from msgspec.structs import replace

from readiness import RELEASE, __version__
from readiness.alerts.topic import AlertTopic
from readiness.aws.client import Aws
from readiness.checklist import Settings, TableSettings
from readiness.cli.exits import Usage
from readiness.cli.failures import cause
from readiness.engine.collect import Progress
from readiness.facts.cloudtrail.change_rules import ChangeRoute
from readiness.model import Gone
from readiness.rules import ASKED
from readiness.run import Deployment, Outcome, Run, Trigger
from readiness.scan import Defects
from readiness.state.store import Remembered, StoreUnavailable, store_of

OF_THE_STACK = tuple(f"change-events-arrive/{check}" for check in ("enabled", "queued", "polled"))


def record(
    aws: Aws, settings: Settings, defects: Defects, progress: Callable[[Progress], None], *, fresh: bool
) -> list[Outcome]:
    """Make a run, and deliver its alert where the checklist names a topic; else the deployed function delivers it.

    Usage: the table is watched with another version or another checklist.
    """
    known = [_agree(aws, settings, table) for table in settings.tables]
    release = max(RELEASE, *(each.release for each in known))
    topic = AlertTopic(aws.client("sns"), settings.on_call.topic_arn) if settings.on_call.topic_arn else None
    # The names of the EventBridge rules are known to the deployed function only: what it recorded of them is kept.
    recorded = any(name in each.checks and "told" in each.checks[name] for each in known for name in OF_THE_STACK)
    deployment = Deployment(release, topic, route=ChangeRoute(None if recorded else ()))
    trigger = Trigger("cli", f"cli-{uuid4()}")
    run = Run(
        rules=ASKED,
        aws=aws,
        settings=settings,
        trigger=trigger,
        deployment=deployment,
        defects=defects,
        fresh=fresh,
        progress=progress,
    )
    return run.run()


def unrecorded(outcome: Outcome) -> str | None:
    """Return why a scan of a table that exists was not recorded; None where it was."""
    if outcome.unrecorded is not None:
        return None if isinstance(outcome.unrecorded.why, Gone) else cause(outcome.unrecorded)
    if outcome.committed:
        return None
    return "another run has recorded newer results" if outcome.plan else "a newer release monitors the table"


def recorded(outcome: Outcome, topic: str) -> str:
    """Return the run that was recorded, and who was told about its changes."""
    state, plan = outcome.state, outcome.plan
    if state is None or plan is None:
        return "not recorded"
    run = f"run {state.next_version(plan.change.at)}" if state.version else "the first run"
    message = plan.change.message
    if message is None:
        told = "no change, no message"
    elif not topic:
        told = "told nobody: no topic (on_call.topic_arn); the message waits for the deployed function"
    elif outcome.delivery.result(message.id) == "sent":
        told = f"told {topic}"
    else:
        why = "it has no confirmed subscription" if outcome.no_subscribers else "the message waits"
        told = f"told nobody: {topic}: {why}"
    return f"recorded as {run}; {told}"


def remembered_after(outcome: Outcome) -> Remembered | None:
    """Return what the table remembers now; None where it can't be read."""
    before = outcome.state
    if outcome.scan.missing:
        return Remembered()
    if before is None or outcome.plan is None or not outcome.committed:
        return before
    change = outcome.plan.change
    return replace(
        before,
        version=before.next_version(change.at),
        table_id=change.table_id,
        seen=bool(change.seen),
        verified_at=change.at,
        checks=change.checks,
        signs=change.signs,
        words=change.words,
    )


def _agree(aws: Aws, settings: Settings, table: TableSettings) -> Remembered:
    """Return what is remembered. Usage: another version or checklist wrote it, and each would undo the other's work."""
    try:
        remembered = store_of(aws, table, writer="cli").read()
    except StoreUnavailable:
        return Remembered()
    judged_by = remembered.judged_by
    for what, theirs, ours in (
        ("version", judged_by.get("version"), __version__),
        ("checklist", judged_by.get("checklist"), settings.wanted(table.name).digest),
    ):
        if theirs and theirs != ours:
            raise Usage(f"--record: {table.name} is monitored with another {what} ({theirs}, here {ours})")
    return remembered
