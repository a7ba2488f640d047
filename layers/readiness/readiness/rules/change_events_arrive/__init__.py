"""Change events let the monitor detect a change within seconds; without them the next scheduled run detects it.

This is not an item of the checklist, but the health of the monitor itself. CloudTrail sends API calls to EventBridge
only while a trail logs them; the event history is not enough. The events of KMS, such as a disabled key, arrive only
where the trail does not exclude kms.amazonaws.com, which some do to reduce cost. Only the stack's own function knows
the names of the EventBridge rules and their queue, so only its runs check them.
"""

from readiness.engine.control import config, prowler, security_hub, well_architected
from readiness.engine.each import Each
from readiness.engine.rule import MONITOR, Rule, Severity, Verdict, failed, passed, recovered
from readiness.facts.backup.on_demand import BackupSchedules
from readiness.facts.cloudtrail.change_rules import ChangeQueue, ChangeRule, ChangeRuleState, ChangeRuleTargets
from readiness.facts.cloudtrail.trails import Trail, TrailEvents, TrailSight, TrailStatus
from readiness.facts.dynamodb.table import Table
from readiness.facts.lambda_.event_sources import EventSource
from readiness.rules.change_events_arrive.remedies import hand_over
from readiness.rules.shared.few import few

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
"""States of an event source mapping that polls, or is about to: see GetEventSourceMapping."""


@rule.check(
    decide="The owner of the trail decides what it logs. A second copy of management events is billed.",
    fix="aws cloudtrail describe-trails --region {region}",
    controls=(
        *security_hub("CloudTrail.1", related=True),
        *config("cloudtrail-enabled", related=True),
        *well_architected("SEC04"),
        *prowler("cloudtrail_multi_region_enabled_logging_management_events", related=True),
    ),
)
def trail(table: Table, trails: Each[TrailSight]) -> Verdict:
    """Does a CloudTrail trail log every API call that can change a finding?"""
    if any(not each.lacks for each in trails):
        message = f"a trail logs the API calls that can change a finding of {table.name}"
        return passed(message, subject="a trail logs all needed API calls again")
    lacking = list(trails)
    if not lacking:
        message = "no trail logs this Region: only scheduled runs detect changes"
        return failed(message, subject="no trail logs API calls any more", remedy=hand_over((), table))
    said = few([f"{each.name}: {', '.join(each.lacks)}" for each in lacking], SHOWN, "; ", "; and ")
    lacks = {"Trails": sorted(each.name for each in lacking)}
    message = f"no trail logs all needed API calls, so only scheduled runs detect some changes: {said}"
    subject = "no trail logs all needed API calls any more"
    return failed(message, subject=subject, evidence=lacks, remedy=hand_over(lacking, table))


@rule.check(
    decide="Find out who disabled the rule of the monitor's stack, and why.",
    required=False,
    fix="aws events enable-rule --name {Name} --region {region}",
)
def enabled(table: Table, event_rule: ChangeRule, state: ChangeRuleState) -> Verdict:
    """Does each EventBridge rule of the stack exist, in state ENABLED?"""
    seen = {"Name": event_rule.name, "State": state.state}
    if state.state.startswith("ENABLED"):
        return recovered(f"EventBridge rule {event_rule.name} is enabled", evidence=seen)
    found = f"EventBridge rule {event_rule.name} is {state.state}, expected ENABLED"
    message = f"{found}: only scheduled runs detect its changes of {table.name}"
    return failed(message, subject=f"EventBridge rule {event_rule.name} was disabled", evidence=seen)


@rule.check(
    decide="Find out who removed the target of the rule, and why.",
    required=False,
    fix="aws events put-targets --rule {Name} --targets Id=changes,Arn={Queue} --region {region}",
)
def queued(table: Table, event_rule: ChangeRule, targets: ChangeRuleTargets) -> Verdict:
    """Does each EventBridge rule of the stack have the queue of the function as a target?"""
    seen = {"Name": event_rule.name, "Queue": event_rule.queue, "Targets": list(targets.arns)}
    if event_rule.queue in targets.arns:
        return recovered(f"EventBridge rule {event_rule.name} sends events to the queue", evidence=seen)
    found = f"EventBridge rule {event_rule.name} does not have the queue as a target"
    message = f"{found}: only scheduled runs detect its changes of {table.name}"
    return failed(message, subject=f"EventBridge rule {event_rule.name} lost its target", evidence=seen)


@rule.check(
    decide="Deploy the monitor's stack again if its event source mapping does not exist.",
    required=False,
    fix="uuid=$(aws lambda list-event-source-mappings --event-source-arn {Queue} --region {region}"
    " --query 'EventSourceMappings[0].UUID' --output text)"
    ' && aws lambda update-event-source-mapping --uuid "$uuid" --enabled --region {region}'
    " || echo 'no event source mapping: deploy the stack again, which creates it'",
)
def polled(table: Table, queue: ChangeQueue, sources: Each[EventSource]) -> Verdict:
    """Does an enabled event source mapping poll the queue for the function?"""
    states = sorted(each.state for each in sources if each.source == queue.arn)
    seen = {"Queue": queue.arn, "States": states}
    if POLLED & set(states):
        return passed("Lambda polls the queue", subject="Lambda polls the queue of change events again", evidence=seen)
    state = f"event source mapping of the queue is {', '.join(states)}, expected Enabled"
    found = state if states else "no event source mapping of the queue"
    subject = "Lambda does not poll the queue of change events any more"
    return failed(f"{found}: only scheduled runs detect changes of {table.name}", subject=subject, evidence=seen)
