"""The steps of a run: load, scan, compare, attribute, compose, commit or scan again, deliver, mirror, emit.

Facts that are read after version v of the stored state are newer than every fact in v, and a commit that replaces v
succeeds only while v is the latest version. This orders overlapping runs without clocks or locks.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from math import isinf

import msgspec
from msgspec.structs import force_setattr, replace

from readiness import metrics
from readiness.alerts.alert import Alert, Trouble, TroubleKind
from readiness.alerts.compose import compose
from readiness.alerts.deliver import DeliveryResult, deliver
from readiness.alerts.entries import alert_of, context_of, owners_of
from readiness.alerts.failures import (
    MOST_NAMED,
    digests_of,
    failing_alert,
    failures_found,
    failures_told,
    in_force,
    still_failing,
)
from readiness.alerts.fallback import is_due, publish_directly, publish_fallback, told_of, trouble_of
from readiness.alerts.filtered import filtered_items
from readiness.alerts.merge import merged
from readiness.alerts.pager import paged_checks
from readiness.aws.client import Aws
from readiness.aws.failure import failure
from readiness.changes.actor import Actor
from readiness.changes.attribution import Attributing, Attribution, deleter
from readiness.changes.call import ApiCall
from readiness.changes.ended import answers_ended
from readiness.changes.history import History
from readiness.changes.records import brief, refused, unattributed, with_authors
from readiness.checklist import Settings, TableSettings
from readiness.engine.collect import Past, Progress, needed
from readiness.engine.fact import Source
from readiness.engine.pace import Pace
from readiness.engine.rule import Rule
from readiness.engine.snapshot import ROOT, Kept, Place
from readiness.facts.change_events import needs_events
from readiness.facts.cloudtrail.change_rules import ChangeRoute
from readiness.model import Gone, Status
from readiness.rules.shared.few import few
from readiness.run.mirroring import TableMirror
from readiness.run.outcome import Deployment, Outcome, Plan, Trigger, measured, problems, summary
from readiness.scan import Defects, Scan, checks_of, scan
from readiness.state.announce import announce, announced_before
from readiness.state.compare import compare
from readiness.state.drift import Difference, Event
from readiness.state.emission import emission
from readiness.state.identity import Continuity, TableIdentity
from readiness.state.kept import kept_sources
from readiness.state.overlay import Overlay
from readiness.state.past import Memories, Memory, past_of, without_kept_answers
from readiness.state.plan import expires, plan_write, statuses_of
from readiness.state.rule_outcome import rule_outcomes
from readiness.state.store import (
    Change,
    OutboxEntry,
    Remembered,
    RunRecord,
    Store,
    StoreUnavailable,
    WriteConflict,
    parameters_of,
    store_of,
)
from readiness.state.store.entry import LEASE, LONGEST
from readiness.state.table_id import another, known
from readiness.state.withdrawal import name_withdrawals

__all__ = ["Deployment", "Outcome", "Plan", "Run", "TableRun", "Trigger", "emit", "utc_now"]

logger = logging.getLogger(__name__)

RESCANS = 3
"""The number of scans that a run repeats if another run committed first."""

RESERVE = 20.0
"""Seconds of an invocation that are reserved for the commit and the delivery."""

SPREAD = 40.0
"""Seconds of a run for the calls of each service with a low rate, such as those of Lambda's control plane."""

INTERVAL = 5
"""Minutes between scheduled runs, if the deployment does not say it."""

ROLLING = timedelta(minutes=15)
"""The time after a run of a newer release in which runs of an older release commit nothing, as during a deployment."""

HISTORY = timedelta(hours=3)
"""The period of CloudTrail events that is searched for the author of a change. A message may be delayed that long."""


def utc_now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One run and its inputs. `remaining` returns the remaining seconds of the invocation.

    `fresh`: cached answers are not used. `progress` is called before each wait for a call.
    """

    rules: Sequence[Rule]
    aws: Aws
    settings: Settings
    deployment: Deployment
    trigger: Trigger
    remaining: Callable[[], float] = lambda: float("inf")
    clock: Callable[[], datetime] = utc_now
    defects: Defects = msgspec.field(default_factory=Defects)
    fresh: bool = False
    progress: Callable[[Progress], None] = lambda _progress: None
    started: float = msgspec.field(default_factory=time.monotonic)
    calls_before: int = 0

    def __post_init__(self) -> None:
        """Record the calls of earlier runs in the same execution environment."""
        force_setattr(self, "calls_before", self.aws.calls)

    def run(self) -> list[Outcome]:
        """Scan all tables of the checklist once, then commit and deliver each table separately.

        Nothing is scanned if all calls of the trigger were rejected by AWS or are recorded for every table already.
        """
        history = History(self.aws, self.clock() - HISTORY, in_time=self.in_time)
        tables = [self.table_run(table, history) for table in self.settings.tables]
        states = {each.table.name: each.load() for each in tables}
        for each in tables:
            each.record_refused_calls(states[each.table.name])
        if self.trigger.calls and not self.trigger.again and not any(map(self.new_calls, states.values())):
            return []
        states = {each.table.name: each.without_ended(states[each.table.name]) for each in tables}
        scans = self.scan(self.settings, states)
        outcomes = [each.finish(states[each.table.name], scans[each.table.name]) for each in tables]
        return [each.mirror(outcome) for each, outcome in zip(tables, outcomes, strict=True)]

    def scan(self, settings: Settings, states: Memories) -> dict[str, Scan]:
        """Fetch the facts and evaluate the rules."""
        at = self.clock()
        deadline = time.monotonic() + self.remaining() - RESERVE
        states = without_kept_answers(states) if self.fresh else states
        past = past_of(self.aws, settings, self.in_force(states, at), checks_of(self.rules), at)
        given = {**past.given, ChangeRoute: {ROOT: self.deployment.route}}
        past = replace(past, given=given, kept=self.kept(past), pace=self.pace(at))
        scans = scan(
            self.rules, self.aws, settings, past, at, defects=self.defects, deadline=deadline, progress=self.progress
        )
        return {each.table.name: each for each in scans}

    def kept(self, past: Past) -> Callable[[Source, Place, str], Kept | None]:
        """Return the lookup of kept answers, without those that change events would end if no rule sends any."""

        def found(source: Source, place: Place, revision: str) -> Kept | None:
            return None if needs_events(source) else past.kept(source, place, revision)

        return found if self.deployment.route.rules == () else past.kept

    def pace(self, at: datetime) -> Pace | None:
        """Return how long this run may call a service with a low rate, and when later runs do.

        None for a run without a limit of time, as a person's.
        """
        if isinf(self.remaining()):
            return None
        interval = timedelta(minutes=self.deployment.interval or INTERVAL)
        return Pace(SPREAD, lambda number: f"read by {at + number * interval + interval:%H:%M} UTC")

    def in_force(self, states: Memories, at: datetime) -> Memories:
        """Return the memories with the annotations that have effect in this run, which announces new ones."""
        return {
            name: announce(state, at, self.settings.limits).remembered if isinstance(state, Remembered) else state
            for name, state in states.items()
        }

    def table_run(self, table: TableSettings, history: History) -> "TableRun":
        """Return the part of this run that is about one table."""
        store = store_of(self.aws, table, self.trigger.run_id, signs=True, kms_key=self.deployment.kms_key)
        return TableRun(self, table, store, TableIdentity(parameters_of(self.aws, table.name)), history)

    def in_time(self) -> bool:
        """Return True while there is time for more than the commit and the delivery."""
        return self.remaining() > RESERVE

    def new_calls(self, state: Memory) -> tuple[ApiCall, ...]:
        """Return the calls of the trigger that no run has processed, without those that AWS rejected."""
        known = frozenset(state.calls) if isinstance(state, Remembered) else frozenset()
        return tuple(call for call in self.trigger.calls if not call.refused and brief(call) not in known)

    def record(self, statuses: Mapping[str, Status]) -> RunRecord:
        """Return the record of the run so far for the store: trigger, duration, number of calls and statuses."""
        return RunRecord(trigger=self.trigger.kind, seconds=self.seconds, calls=self.calls, statuses=statuses)

    @property
    def seconds(self) -> float:
        """Duration so far."""
        return time.monotonic() - self.started

    @property
    def calls(self) -> int:
        """Number of API calls so far."""
        return self.aws.calls - self.calls_before


class TableRun(msgspec.Struct, frozen=True):
    """The part of a run for one table. The docstring of each method that makes calls names the services."""

    run: Run
    table: TableSettings
    store: Store
    identity: TableIdentity
    history: History

    def load(self) -> Memory:
        """Read everything under STATE: one DynamoDB query."""
        try:
            return self.store.read()
        except StoreUnavailable as error:
            return error

    def without_ended(self, state: Memory) -> Memory:
        """Return the memory, if there is one, with the kept answers that the trigger ended. DynamoDB, if it ended any.

        They are ended for all runs, because this one may be stopped, or another may commit first.
        """
        return self.end_kept_answers(state) if isinstance(state, Remembered) else state

    def end_kept_answers(self, state: Remembered) -> Remembered:
        """Return the memory with the kept answers that the trigger ended. DynamoDB, if it ended any."""
        trigger = self.run.trigger
        calls = (*trigger.calls, *trigger.again)
        ended = calls and answers_ended(calls, trigger.run_id, state, kept_sources(needed(checks_of(self.run.rules))))
        if not ended:
            return state
        with logged("kept answers could not be ended for other runs"):
            self.store.end_facts(ended, known(state.table_id))
        return replace(state, ended=(*state.ended, ended))

    def finish(self, state: Memory, scan: Scan) -> Outcome:
        """Commit the results of the scan and deliver the outbox. If they cannot be recorded, publish that directly."""
        if isinstance(state, StoreUnavailable):
            return self.report_unrecorded(Outcome(scan), state)
        try:
            outcome = self.superseded(state, scan) or self.commit(state, scan)
        except StoreUnavailable as error:
            return self.report_unrecorded(Outcome(scan, state), error)
        return self.deliver(outcome)

    def superseded(self, state: Remembered, scan: Scan) -> Outcome | None:
        """Return the outcome where a newer release wrote the stored state, in a newer schema or in the last 15 minutes.

        DynamoDB and SNS, if the schema is newer.
        """
        outcome = Outcome(scan, state)
        if state.is_newer:
            self.report_rollback(outcome, state)
            return outcome
        recent = state.verified_at is not None and self.run.clock() - state.verified_at < ROLLING
        return outcome if recent and state.release > self.run.deployment.release else None

    def commit(self, state: Remembered, scan: Scan) -> Outcome:
        """Write the plan in one transaction. If another run committed first, scan again.

        StoreUnavailable: among others, DynamoDB does not answer the last attempt.
        """
        for rescans_left in reversed(range(RESCANS + 1)):
            plan = self.plan(state, scan)
            try:
                self.store.commit(state, plan.change)
            except WriteConflict as conflict:
                if not rescans_left or not self.run.in_time():
                    if conflict.unanswered:
                        raise StoreUnavailable(conflict.unanswered) from conflict
                    break
                state, scan = self.rescan()
            else:
                self.tidy(state, scan, plan.change)
                return Outcome(scan, state, plan, committed=True)
        return Outcome(scan, state, plan)

    def rescan(self) -> tuple[Remembered, Scan]:
        """Read the stored state and then the facts of this table only. StoreUnavailable."""
        state, name = self.end_kept_answers(self.store.read()), self.table.name
        return state, self.run.scan(self.run.settings.only(name), {name: state})[name]

    def plan(self, state: Remembered, scan: Scan) -> Plan:
        """Return the changes to write and the message to send. Lines without a comment make no call."""
        run, deployment = self.run, self.run.deployment
        first, trouble = self.beginning(state, scan)  # SSM, if the stored state does not identify its table
        table_id = self.identity.table_id(state, scan)  # SSM, in the same case
        state = state.about(table_id)
        announcement = announce(state, scan.at, run.settings.limits)
        overlay = Overlay(announcement.remembered, run.settings, scan.at)
        transitions = compare(overlay, scan)
        outcomes = rule_outcomes(overlay, scan, transitions)
        attribution = self.attribute(state, scan, transitions.events)  # CloudTrail, at most 3 s
        context = context_of(scan.table, run.settings, deployment.dashboard, table_id)
        alert = alert_of(
            overlay, scan, transitions, outcomes, attribution, context=context, first=first, trouble=trouble
        )
        statuses = statuses_of(outcomes)
        record = run.record(statuses)
        change = plan_write(
            overlay, scan, transitions, outcomes, table_id=table_id, release=deployment.release, run=record
        )
        change = with_authors(change, state, transitions.events, attribution, run.new_calls(state))
        notes = name_withdrawals(announcement.notes, state.words, self.store)  # DynamoDB, for withdrawn annotations
        alert = replace(alert, notes=notes)
        topic = deployment.topic.arn if deployment.topic else ""
        change = replace(change, interval=deployment.interval, topic=topic, message=compose(alert))
        shown, emitted = emission(run.settings.item_metrics, statuses, state, scan.at)
        if deployment.interval:  # only the deployed monitor emits metrics
            change = replace(change, emitted=emitted)
        change = self.merge(change)  # SNS and DynamoDB, where there is a message
        overdue = max((outcome.overdue for outcome in outcomes), default=0)
        return Plan(change, attribution.unseen, shown, overdue)

    def beginning(self, state: Remembered, scan: Scan) -> tuple[bool, Trouble | None]:
        """Return True for the first run, and what happened to the table or its stored state. SSM, CloudTrail."""
        if state.damaged:
            return False, Trouble(TroubleKind.DAMAGED, detail=few(state.illegible, MOST_NAMED))
        match self.identity.continuity(state, scan):
            case Continuity.TABLE_REPLACED:
                return False, Trouble(TroubleKind.REPLACED, before=self.identity.before(state), actor=self.deleter())
            case Continuity.MEMORY_DELETED:
                return False, Trouble(TroubleKind.FORGOTTEN)
            case continuity:
                return continuity is Continuity.FIRST_RUN, None

    def attribute(self, state: Remembered, scan: Scan, events: Sequence[Event]) -> Attribution:
        """Return the authors of the changes, from the calls of the trigger and the event history of CloudTrail."""
        trigger = self.run.trigger
        calls = (*(call for call in trigger.calls if not call.refused), *trigger.again)
        attributing = Attributing(self.table.name, calls, self.history, state.verified_at or scan.at, scan.at)
        return attributing.attribute(events, unattributed(state, scan.at))

    def merge(self, change: Change) -> Change:
        """Merge the message into the waiting one if the topic has no confirmed subscription. SNS, DynamoDB."""
        topic = self.run.deployment.topic
        if change.message is None or topic is None or topic.has_subscribers():
            return change
        waiting = self.store.head()
        if not isinstance(waiting, OutboxEntry) or another(waiting.table_id, change.table_id):
            return change
        return replace(change, message=merged(waiting.message, change.message), merged_into=waiting)

    def tidy(self, state: Remembered, scan: Scan, change: Change) -> None:
        """Record the TableId and authors, and delete expired rows. SSM, DynamoDB. Failures are logged."""
        self.identity.remember(state, scan)
        if not expires(change.run.statuses):
            with logged("expired rows could not be deleted"):
                self.store.trim(scan.at)
        for drift, actor in change.named.items():
            with logged("the author of a change could not be recorded"):
                self.store.name(drift, actor)

    def deliver(self, outcome: Outcome) -> Outcome:
        """Send the messages in the outbox. `Unwell` counts those that cannot be sent. DynamoDB, SNS, EventBridge."""
        run, topic = self.run, self.run.deployment.topic
        if topic is None:
            return outcome
        table_id = self.identity.table_id(outcome.state or Remembered(), outcome.scan)
        until = self.until()
        delivery = DeliveryResult(pending=1)
        with logged("the outbox could not be delivered"):
            deliver(
                self.store,
                topic,
                table_id,
                until=until,
                clock=run.clock,
                replace=partial(self.replace_damaged, outcome.scan, until),
                delivery=delivery,
                bus=run.deployment.bus,
            )
        if delivery.undeleted:
            logger.warning(
                "a message was sent and not deleted, a later run sends it again",
                extra={"alert": delivery.undeleted, "operation": "DeleteItem"},
            )
        for refusal in delivery.refusals:
            logger.warning("SNS refused a message", extra=failure(refusal))
        owner = self.overlay(outcome.state or Remembered(), outcome.scan.at).owner
        filtered = filtered_items(run.rules, outcome.scan.snapshot, topic.arn, self.table.name, owner)
        no_subscribers = not topic.has_subscribers()
        return replace(outcome, delivery=delivery, no_subscribers=no_subscribers, filtered=len(filtered))

    def mirror(self, outcome: Outcome) -> Outcome:
        """Let the pager agree with what was told. DynamoDB, and EventBridge or SNS, if something differs.

        All tables have sent their messages by then. While nothing can be recorded, the incident of the table is opened.
        """
        if self.run.deployment.pagers is None:
            return outcome
        if outcome.unrecorded:
            mirrors = self.mirrors(outcome.scan, known(outcome.table_id))
            return replace(outcome, pager_differs=mirrors.open_alone(outcome.trouble))
        if outcome.state is None or outcome.plan is None:
            return outcome
        change = outcome.recorded.change if outcome.recorded else None
        mirrors = self.mirrors(outcome.scan, self.identity.table_id(outcome.state, outcome.scan))
        return replace(outcome, pager_differs=mirrors.update(outcome.state, change, self.run.deployment.interval))

    def mirrors(self, scan: Scan, table_id: str) -> TableMirror:
        """Return the mirrors of the table at the pagers of the stack."""
        run = self.run
        return TableMirror(
            run.aws,
            run.settings,
            paged_checks(run.rules),
            run.deployment.pagers or {},
            self.store,
            context_of(scan.table, run.settings, run.deployment.dashboard, table_id),
            scan,
            self.until(),
            run.clock,
            run.remaining,
        )

    def until(self) -> datetime:
        """Return the end of the leases of this run, which is after the end of its invocation."""
        remaining = min(self.run.remaining(), LONGEST.total_seconds())
        return self.run.clock() + timedelta(seconds=remaining) + LEASE

    def replace_damaged(self, scan: Scan, until: datetime) -> bool:
        """Replace the damaged rows at the beginning of the outbox by what was reported as failing. DynamoDB, SSM.

        Return False if the stored state cannot be believed either, or another run was faster.
        """
        state, damaged = self.store.read(), self.store.damaged_entries()
        if state.damaged or state.is_newer or not (state.version and damaged):
            return False
        rows = few([each.sort_key for each in damaged], MOST_NAMED)
        logger.warning("messages in the outbox were not written by the monitor", extra={"rows": rows})
        overlay = self.overlay(state, self.run.clock())
        trouble = Trouble(TroubleKind.FORGED, detail="; ".join([rows, *in_force(overlay)]))
        message = compose(self.failing_alert(overlay, scan, failures_told(overlay), trouble))
        return message is not None and self.store.replace(damaged, message, state, until=until, now=overlay.at)

    def overlay(self, state: Remembered, at: datetime) -> Overlay:
        """Return the stored state with the annotations that earlier runs announced, for alerts that announce none."""
        settings = self.run.settings
        return Overlay(announced_before(state, at, settings.limits), settings, at)

    def report_rollback(self, outcome: Outcome, state: Remembered) -> None:
        """Publish what fails, once, where a newer release wrote the stored state. DynamoDB, SNS.

        SSM, if the table was not described. Nothing that the newer release wrote is changed.
        """
        run, topic, release = self.run, self.run.deployment.topic, self.run.deployment.release
        overlay = self.overlay(state, outcome.scan.at)
        failures = failures_found(overlay, outcome.scan)
        if topic is None:
            return
        found = digests_of(self.identity.table_id(state, outcome.scan), failures)
        failing = still_failing(found, self.store.reported_after_rollback(release), outcome.scan)
        if not self.store.claim_rollback(release, failing, until=self.until(), now=run.clock()):
            return
        trouble = Trouble(TroubleKind.NEWER)
        if publish_directly(topic, self.failing_alert(overlay, outcome.scan, failures, trouble)):
            self.store.rollback_reported(release, failing)

    def failing_alert(
        self, overlay: Overlay, scan: Scan, failures: Mapping[str, Sequence[Difference]], trouble: Trouble
    ) -> Alert:
        """Return an alert of these failures, apart from the alerts of commits."""
        table_id = known(overlay.remembered.table_id if overlay.remembered else None, scan.table_id)
        place = context_of(scan.table, self.run.settings, self.run.deployment.dashboard, table_id)
        return failing_alert(overlay, scan, failures, place=place, trouble=trouble)

    def report_unrecorded(self, outcome: Outcome, error: StoreUnavailable) -> Outcome:
        """Publish that nothing can be recorded. CloudWatch, SNS; for a deleted table SSM and CloudTrail."""
        deployment, scan, why = self.run.deployment, outcome.scan, error.why
        logger.warning("the run could not be recorded", extra=failure(error))
        if deployment.topic is not None:
            trouble = trouble_of(scan, why, self.identity.former if isinstance(why, Gone) else None)
            if is_due(self.run.aws, deployment.persist_alarm, scan, why, trouble):
                trouble = replace(trouble, actor=self.deleter() if isinstance(why, Gone) else None)
                table_id = known(trouble.before or None, scan.table_id)
                context = context_of(scan.table, self.run.settings, deployment.dashboard, table_id)
                owners = owners_of(self.overlay(outcome.state or Remembered(), scan.at), scan.evaluation.rules)
                publish_fallback(deployment.topic, context, scan, trouble, owners)
                outcome = replace(outcome, trouble=told_of(context, scan, trouble))
        return replace(outcome, unrecorded=error)

    def record_refused_calls(self, state: Memory) -> None:
        """Record the calls of the trigger that AWS rejected. No run depends on them. DynamoDB."""
        calls = (
            each for each in self.run.trigger.calls if each.refused and each.concerns(frozenset({self.table.name}))
        )
        attempts = refused(calls, self.run.clock())
        if attempts and isinstance(state, Remembered):
            with logged("refused calls could not be recorded"):
                self.store.attempted(known(state.table_id), attempts)

    def deleter(self) -> Actor | None:
        """Return the actor that deleted the table, from the calls of the trigger and from CloudTrail."""
        return deleter(self.table.name, (*self.run.trigger.calls, *self.run.trigger.again), self.history)


def emit(run: Run, outcome: Outcome) -> None:
    """Print the metrics of one table and the log line of the run. RunCompleted is last, unless recording failed."""
    plan, table = outcome.recorded, outcome.scan.table.name
    figures, unwell = measured(outcome, run.calls, run.seconds), problems(outcome, run.defects.count)
    unrecorded = outcome.unrecorded is not None
    metrics.emit(metrics.Emitted(table, plan.shown if plan else None, unwell, figures, unrecorded))
    logger.info("run", extra=summary(run.trigger, outcome, figures, unwell))
    if not unrecorded:
        metrics.completed(table)


@contextmanager
def logged(what: str) -> Iterator[None]:
    """Log a DynamoDB failure in the block as a warning, and continue."""
    try:
        yield
    except (WriteConflict, StoreUnavailable) as error:
        logger.warning(what, extra=failure(error))
