"""The incidents at a pager: which should be open, their keys, and the events that open and close them. Pure.

PagerDuty Events API v2: https://developer.pagerduty.com/docs/events-api-v2-overview
Notifications of CloudWatch alarms, which the SNS integrations of pagers read:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from readiness.alerts.alert import KEPT, AlertContext
from readiness.alerts.words import ascii_line, console
from readiness.aws.time import iso, utc
from readiness.engine.rule import Check, Rule
from readiness.model import Severity
from readiness.printable import clip, line, printable
from readiness.state.drift import CheckState, Known
from readiness.state.drift.rename import adopt
from readiness.state.overlay import Overlay
from readiness.state.store.rows import shortened

EVENTS, ALARMS = "events-v2", "cloudwatch"
"""The pagers of the checklist: PagerDuty Events API v2, and alarm notifications on an SNS topic."""

PAGERS = (EVENTS, ALARMS)

PAGED = {Severity.CRITICAL: "critical", Severity.HIGH: "error"}
"""The severities of checks that open an incident, and their names in the Events API."""

TEST = "test"
"""The key of the incident of `readiness alert --test`."""

# Characters.
KEY = 255
DIGITS = 32
SUMMARY = 1_024
REASON = 1_023
SUBJECT = 99

MOST_NAMED = 10
"""The number of resources that an incident names."""


class Incident(Struct, frozen=True):
    """An incident that should be open: a check that was told as failing. `key` is the first id of the check.

    `since` is the time when the first of its `resources` was read as failing. `message` is the finding on it.
    """

    key: str
    check: str
    severity: Severity
    item: str
    title: str
    message: str
    impact: str
    since: datetime
    resources: Sequence[str]
    owner: str | None = None


def paged_checks(rules: Iterable[Rule]) -> dict[str, Check]:
    """Return the checks that can open an incident, by their first id, which a renamed check keeps."""
    checks = (check for rule in rules for check in rule.checks if check.severity in PAGED)
    return {(check.formerly or (check.id,))[-1]: check for check in checks}


def incidents(
    overlay: Overlay, checks: Mapping[str, Check], messages: Mapping[tuple[str, str], str]
) -> dict[str, Incident]:
    """Return the incidents that should be open, by key: the failures that were told and that no waiver covers.

    The annotations of the overlay are those that were announced. While the table is being deleted, only that is an
    incident. `messages` are the findings of the scan, by check and resource.
    """
    memories, _ = adopt(overlay.memories, {check.id: check.formerly for check in checks.values()})
    found = {}
    for key, check in checks.items():
        told = memories.get(check.id, CheckState()).told
        failing = {name: each for name, each in sorted(told.items()) if each.fails}
        if check.id == KEPT and failing:
            kept = _incident(key, check, failing, overlay, messages)
            return {key: kept} if kept else {}
        if incident := _incident(key, check, failing, overlay, messages):
            found[key] = incident
    return found


def _incident(
    key: str, check: Check, failing: Mapping[str, Known], overlay: Overlay, messages: Mapping[tuple[str, str], str]
) -> Incident | None:
    open_ = [name for name in failing if not overlay.waiver(check.id, name)]
    if not open_:
        return None
    first = min(open_, key=lambda name: failing[name].since)
    return Incident(
        key=key,
        check=check.id,
        severity=check.severity,
        item=check.rule.item,
        title=check.rule.title,
        message=messages.get((check.id, first)) or f"fails: {check.question}",
        impact=check.impact,
        since=failing[first].since,
        resources=open_,
        owner=overlay.owner(check.rule.id),
    )


def lost_table(place: AlertContext, check: Check, at: datetime, message: str) -> Incident:
    """Return the incident that is opened while nothing can be recorded in the table."""
    return Incident(
        key=(check.formerly or (check.id,))[-1],
        check=check.id,
        severity=Severity.CRITICAL,
        item=check.rule.item,
        title=check.rule.title,
        message=message,
        impact=check.impact,
        since=at,
        resources=(place.table,),
    )


def trial(place: AlertContext, at: datetime) -> Incident:
    """Return the incident of `readiness alert --test`."""
    return Incident(
        key=TEST,
        check=TEST,
        severity=Severity.CRITICAL,
        item="",
        title="Test",
        message="test of the pager by `readiness alert --test`, no action needed",
        impact="None. The incident is resolved by the same command.",
        since=at,
        resources=(place.table,),
    )


def dedup_key(place: AlertContext, key: str) -> str:
    """Return the key of an incident at the pager: account, Region, name of the table and first id of the check.

    At most 255 characters; a longer one is cut and ends in a digest. The TableId is no part of it, so that a restored
    table closes the incidents of the former one.
    """
    return shortened(f"{place.account}/{place.region}/{place.table}/{key}", KEY, DIGITS)


def event(place: AlertContext, key: str, incident: Incident | None) -> dict[str, Any]:
    """Return an event of the Events API v2 without its `routing_key`, which EventBridge adds from the secret.

    It opens the incident, or closes it if there is none.
    """
    known = dedup_key(place, key)
    if incident is None:
        return {"event_action": "resolve", "dedup_key": known}
    named = (("Console", console(place)), ("Dashboard", place.dashboard), ("Runbook", place.runbook))
    return {
        "event_action": "trigger",
        "dedup_key": known,
        "client": "Readiness",
        "client_url": place.dashboard or console(place),
        "links": [{"href": line(address), "text": text} for text, address in named if address.startswith("https://")],
        "payload": {
            "summary": summary(place, incident),
            "source": place.table,
            "severity": PAGED[incident.severity],
            "timestamp": iso(incident.since),
            "component": place.table,
            "group": f"{place.account} {place.region}",
            "class": incident.check,
            "custom_details": _details(place, incident),
        },
    }


def summary(place: AlertContext, incident: Incident) -> str:
    """Return the first line of an incident: the table, and what is wrong with it."""
    return clip(line(f"{place.table}: {incident.message}"), SUMMARY)


def alarm(place: AlertContext, key: str, incident: Incident | None, *, at: datetime, topic: str) -> dict[str, Any]:
    """Return the notification of a CloudWatch alarm that stands for the incident: ALARM opens it, OK closes it.

    `AlarmName` and `AlarmArn` never change, and there is no alarm of that name. `AlarmName` is the key of the incident,
    because integrations key by it, and tables of several accounts and Regions can have the same name.
    """
    name = dedup_key(place, key)
    reason = summary(place, incident) if incident else f"{place.table}: {key} no longer fails, or is waived"
    return {
        "AlarmName": name,
        "AlarmDescription": clip(_description(place, key, incident), SUMMARY),
        "AWSAccountId": place.account,
        "AlarmConfigurationUpdatedTimestamp": _stamp(incident.since if incident else at),
        "NewStateValue": "ALARM" if incident else "OK",
        "NewStateReason": clip(reason, REASON),
        "StateChangeTime": _stamp(at),
        "Region": place.region,
        "AlarmArn": f"arn:{place.partition}:cloudwatch:{place.region}:{place.account}:alarm:{name}",
        "OldStateValue": "OK" if incident else "ALARM",
        "OKActions": [topic],
        "AlarmActions": [topic],
        "InsufficientDataActions": [],
        "Trigger": {
            "MetricName": "CheckFails",
            "Namespace": "Readiness",
            "StatisticType": "Statistic",
            "Statistic": "MAXIMUM",
            "Unit": None,
            "Dimensions": [{"name": "table", "value": place.table}, {"name": "check", "value": key}],
            "Period": 300,
            "EvaluationPeriods": 1,
            "DatapointsToAlarm": 1,
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": 0.0,
            "TreatMissingData": "ignore",
            "EvaluateLowSampleCountPercentile": "",
        },
    }


def alarm_subject(notification: Mapping[str, Any]) -> str:
    """Return the subject of a notification, in the form of CloudWatch's: at most 99 ASCII characters."""
    subject = f'{notification["NewStateValue"]}: "{notification["AlarmName"]}" in {notification["Region"]}'
    return clip(ascii_line(subject), SUBJECT)


def as_json(document: Mapping[str, Any]) -> str:
    """Return an event or a notification as JSON."""
    return json.dumps(document, separators=(",", ":"))


def _description(place: AlertContext, key: str, incident: Incident | None) -> str:
    if incident is None:
        return f"{key} on {place.table}"
    lines = (
        f"{incident.severity} {incident.item} {incident.title}: {summary(place, incident)}",
        f"Owner {printable(incident.owner)}" if incident.owner else "",
        *(f"{name} {value}" for name, value in _commands(place, incident).items()),
        line(place.runbook),
        place.dashboard or console(place),
    )
    return "\n".join(filter(None, lines))


def _details(place: AlertContext, incident: Incident) -> dict[str, Any]:
    names = [printable(each) for each in incident.resources[:MOST_NAMED]]
    return {
        "table": place.table,
        "account": place.account,
        "region": place.region,
        "item": f"{incident.item} {incident.title}".strip(),
        "check": incident.check,
        "severity": str(incident.severity),
        "owner": printable(incident.owner) if incident.owner else None,
        "failing_since": iso(incident.since),
        "impact": clip(line(incident.impact), SUMMARY),
        "resources": names,
        "more_resources": len(incident.resources) - len(names),
        **_commands(place, incident),
    }


def _commands(place: AlertContext, incident: Incident) -> dict[str, str]:
    if incident.check == TEST:
        return {}
    return {
        "explain": f"readiness explain {incident.check}",
        "acknowledge": f"readiness ack {incident.check} --table {place.table}",
    }


def _stamp(at: datetime) -> str:
    """Return a time in the form of CloudWatch's notifications: `2026-11-24T03:12:41.000+0000`."""
    return f"{utc(at):%Y-%m-%dT%H:%M:%S.}{utc(at).microsecond // 1000:03d}+0000"
