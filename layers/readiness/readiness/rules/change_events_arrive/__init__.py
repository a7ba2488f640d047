"""A change is seen within seconds only while its event arrives; otherwise the schedule finds it minutes later.

This is no item of the checklist, but the monitor's own health. CloudTrail hands calls to EventBridge only while a trail
logs them; the event history alone is not enough. Keys that are switched off are seen only where the calls to KMS, which
are many, are not left out to save money. EventBridge's rules and their queue are judged by the stack's own
function alone, for nobody else knows their names.
"""

from readiness.engine.each import Each
from readiness.engine.rule import MONITOR, Rule, Severity, Verdict, failed, passed
from readiness.facts.backup.schedules import BackupSchedules
from readiness.facts.cloudtrail.change_rules import ChangeQueue, ChangeRule, ChangeRuleState, ChangeRuleTargets
from readiness.facts.cloudtrail.trails import Trail, TrailEvents, TrailSight, TrailStatus
from readiness.facts.dynamodb.table import Table
from readiness.facts.lambda_.event_sources import EventSource
from readiness.rules.change_events_arrive.remedies import hand_over

rule = Rule(
    MONITOR,
    "Change events",
    Severity.MEDIUM,
    "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html",
    # The schedule that starts the runs is changed by the same calls as one that makes backups.
    change_events_of=(
        Trail,
        TrailStatus,
        TrailEvents,
        ChangeRuleState,
        ChangeRuleTargets,
        BackupSchedules,
        EventSource,
    ),
)

SHOWN = 5
POLLED = frozenset({"Creating", "Enabling", "Enabled", "Updating"})
"""States of an event source mapping that polls, or is about to: API_GetEventSourceMapping."""


@rule.check(fix="aws cloudtrail describe-trails --region {region}")
def trail(table: Table, trails: Each[TrailSight]) -> Verdict:
    """A trail hands over every call that can move a rule."""
    if any(not each.lacks for each in trails):
        return passed(f"a trail hands over the calls that can move what is said of {table.name}")
    lacking = list(trails)
    if not lacking:
        message = "no trail of this Region or of all Regions logs anything: the schedule alone sees changes"
        return failed(message, remedy=hand_over((), table))
    said = "; ".join(f"{each.name}: {', '.join(each.lacks)}" for each in lacking[:SHOWN])
    more = f"; and {len(lacking) - SHOWN} more" if len(lacking) > SHOWN else ""
    lacks = {"Trails": sorted(each.name for each in lacking)}
    message = f"no trail hands over all calls, so the schedule alone sees some changes: {said}{more}"
    return failed(message, evidence=lacks, remedy=hand_over(lacking, table))


@rule.check(required=False, fix="aws events enable-rule --name {Name} --region {region}")
def enabled(table: Table, event_rule: ChangeRule, state: ChangeRuleState) -> Verdict:
    """Each rule of EventBridge that the stack brought is there and on."""
    seen = {"Name": event_rule.name, "State": state.state}
    if state.state.startswith("ENABLED"):
        return passed("the rule is on", evidence=seen)
    return failed(f"the rule is off: what it matches is seen of {table.name} by the schedule alone", evidence=seen)


@rule.check(
    required=False, fix="aws events put-targets --rule {Name} --targets Id=changes,Arn={Queue} --region {region}"
)
def queued(table: Table, event_rule: ChangeRule, targets: ChangeRuleTargets) -> Verdict:
    """Each hands what it matches to the queue of the function."""
    seen = {"Name": event_rule.name, "Queue": event_rule.queue, "Targets": list(targets.arns)}
    if event_rule.queue in targets.arns:
        return passed("the rule hands events to the queue", evidence=seen)
    return failed(
        f"the rule hands nothing to the queue: the schedule alone sees changes of {table.name}", evidence=seen
    )


@rule.check(
    required=False,
    fix="uuid=$(aws lambda list-event-source-mappings --event-source-arn {Queue} --region {region}"
    " --query 'EventSourceMappings[0].UUID' --output text)"
    ' && aws lambda update-event-source-mapping --uuid "$uuid" --enabled --region {region}'
    " || echo 'there is no mapping: deploy the stack again, which brings it'",
)
def polled(table: Table, queue: ChangeQueue, sources: Each[EventSource]) -> Verdict:
    """Lambda hands the function what is in the queue."""
    states = sorted(each.state for each in sources if each.source == queue.arn)
    seen = {"Queue": queue.arn, "States": states}
    if POLLED & set(states):
        return passed("Lambda polls the queue", evidence=seen)
    found = "the mapping of the queue is off" if states else "no mapping reads the queue"
    return failed(f"{found}: the schedule alone sees changes of {table.name}", evidence=seen)
