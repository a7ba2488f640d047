"""The costs of the table are separate on the bill, and an alert reaches a subscriber when they grow.

On-demand capacity has no upper limit: a loop after a deploy, or a scraper, is billed per request and never throttled,
and the bill comes a month later. A tag on the table separates no costs until its key is activated as a cost allocation
tag, by the management account, and only for costs from then on.

One alert is enough if every link works: a budget with a notification and a subscriber, an anomaly monitor with a
confirmed subscription, or, less specific, an alarm on the estimated charges. Budgets and monitors in other accounts of
the organization are not seen. Cost Explorer is read once a day, because a request costs 0.01 USD; once a week while
this item passes, each tag key is active, each monitor was evaluated, and each subscription is confirmed. Budgets are
read once an hour. Without change events, a change is seen up to that much later.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from readiness.aws.time import minute
from readiness.checklist import Settings
from readiness.engine.control import security_hub, well_architected
from readiness.engine.rule import Rule, Severity, Verdict, failed, passed, warned
from readiness.facts.billing.anomalies import ACTIVE, AnomalyMonitors, AnomalySubscriptions, CostTags
from readiness.facts.billing.budgets import Budgets, Notices
from readiness.facts.billing.cost_topics import CostTopicAttributes, CostTopicListeners
from readiness.facts.billing.spend_alerts import AnomalyAlerts, BillingAlerts, BudgetAlerts, SpendAlert
from readiness.facts.dynamodb.table import Table
from readiness.facts.dynamodb.tags import TableTags
from readiness.facts.recorded.checklist import Checklist
from readiness.model import Call, Carry, Reason, Unavailable, Unreadable
from readiness.rules.shared.configured import unset
from readiness.rules.shared.few import few

rule = Rule(
    "3.3",
    "Cost monitoring",
    Severity.MEDIUM,
    "https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/activating-tags.html",
    change_events_of=(
        TableTags,
        CostTags,
        Budgets,
        Notices,
        AnomalyMonitors,
        AnomalySubscriptions,
        CostTopicAttributes,
        CostTopicListeners,
    ),
)

ACTIVATED_WITHIN = timedelta(hours=48)
"""Up to 24 hours until a new key can be activated, and up to 24 hours until it is active."""

NAMED = 5

ADVICE = "call it from the management account: set cost.payer_role_arn of the checklist"

TAG = Call("dynamodb", "TagResource", {"ResourceArn": "{arn}", "Tags": "{Tags!j}"})
ACTIVATE = "aws ce update-cost-allocation-tags-status --cost-allocation-tags-status {CostAllocationTagsStatus}"
BUDGET = (
    ': "${{ADDRESS:?set it to the e-mail address for alerts}}" && aws budgets create-budget --account-id {account}'
    ' --budget \'{{"BudgetName":"\'{table}\'-dynamodb","BudgetType":"COST","TimeUnit":"MONTHLY",'
    '"BudgetLimit":{{"Amount":"100","Unit":"USD"}},"Metrics":["UnblendedCost"],'
    '"FilterExpression":{{"Dimensions":{{"Key":"SERVICE","Values":["Amazon DynamoDB"]}}}}}}\''
    ' --notifications-with-subscribers \'[{{"Notification":{{"NotificationType":"ACTUAL",'
    '"ComparisonOperator":"GREATER_THAN","Threshold":80,"ThresholdType":"PERCENTAGE"}},'
    '"Subscribers":[{{"SubscriptionType":"EMAIL","Address":"\'"$ADDRESS"\'"}}]}}]\''
)


class Inactive(Carry):
    """The time at which each tag key was first read not to be active."""

    stored_as = "Inactive"

    since: dict[str, datetime]


@rule.check(version=2, fix=TAG, controls=(*security_hub("DynamoDB.5"), *well_architected("COST03")))
def tagged(tags: TableTags, checklist: Checklist) -> Verdict:
    """Does the table have the tags that the checklist demands, with the same spelling?"""
    if lacking := unset(checklist, "tags"):
        return lacking
    wanted = checklist.tags
    listed = [{"Key": key, "Value": value} for key, value in sorted(wanted.items())]
    seen: dict[str, Any] = {"watched": {"Tags": dict(tags.values)}}
    evidence = {"Tags": json.dumps(listed), "Found": dict(tags.values), "Near": list(tags.near)}
    wrong = [
        f"tag {key} is {tags.values[key]!r}, expected {wanted[key]!r}"
        for key in sorted(tags.values)
        if tags.values[key] != wanted[key]
    ]
    absent = [key for key in sorted(wanted) if key not in tags.values]
    tags_are = f"tag {absent[0]} is" if len(absent) == 1 else f"tags {', '.join(absent)} are"
    missing = [f"{tags_are} missing"] if absent else []
    if wrong or missing:
        near = f"; similar: {', '.join(map(repr, tags.near))}" if tags.near else ""
        return failed(f"{'; '.join([*missing, *wrong])}{near}", evidence=evidence, **seen)
    return passed("the table has the expected tags", **seen)


@rule.check(
    decide="The management account of the organization decides which tags are cost allocation tags.",
    version=3,
    fix=ACTIVATE,
)
def activated(
    tags: CostTags | Unavailable, checklist: Checklist, settings: Settings, before: Inactive | None
) -> Verdict:
    """Are the keys of those tags active as cost allocation tags?"""
    if lacking := unset(checklist, "tags"):
        return lacking
    read_at, status = _read(tags, checklist, settings)
    known = before.since if before else {}
    since = {key: known.get(key, read_at) for key in sorted(status) if status[key] != ACTIVE}
    evidence = {"CostAllocationTags": status, "AsOf": minute(read_at)}
    watched = {"CostAllocationTags": status}
    if not since:
        return passed("cost allocation tags are active", evidence=evidence, watched=watched)
    inactive = [
        f"{key} is {status[key] or 'not known to Cost Explorer'} since {minute(seen_at)}"
        for key, seen_at in since.items()
    ]
    late = any(read_at - seen_at > ACTIVATED_WITHIN for seen_at in since.values())
    judge = failed if late else warned
    wanted = json.dumps([{"TagKey": key, "Status": ACTIVE} for key in since])
    return judge(
        f"cost allocation tag {', '.join(inactive)}, expected {ACTIVE}",
        evidence={**evidence, "CostAllocationTagsStatus": wanted},
        watched=watched,
        carry=Inactive(since),
    )


@rule.check(
    decide=(
        "Decide the amount and who is notified. `readiness alarms --write FILE` writes a template with a budget, too."
    ),
    on=Table,
    version=2,
    fix=BUDGET,
    controls=well_architected("COST03"),
)
def alerted(
    budgets: BudgetAlerts | Unavailable,
    anomalies: AnomalyAlerts | Unavailable,
    billing: BillingAlerts | Unavailable,
) -> Verdict:
    """Does a budget, an anomaly monitor or a billing alarm send alerts on DynamoDB costs to a subscriber?"""
    sources = {"Budgets": budgets, "AnomalyMonitors": anomalies, "MetricAlarms": billing}
    read = {name: source for name, source in sources.items() if not isinstance(source, Unavailable)}
    ways = [way for source in read.values() for way in source.of]
    as_of = {name: minute(source.as_of) for name, source in read.items()}
    working = [way for way in ways if way.route.status == "pages"]
    if fine := [way for way in working if not way.coarse]:
        return passed(f"cost alerts are sent by {_names(fine)}", evidence=_evidence(fine, as_of))
    unread = [source for source in sources.values() if isinstance(source, Unavailable)]
    unread += [way.route.unavailable for way in ways if way.route.unavailable]
    if unread:  # an alert that could not be read may be specific enough
        raise Unreadable({}, unread[0])
    if working:
        message = f"cost alerts are sent only by {_names(working)}: {working[0].coarse}"
        return warned(message, evidence=_evidence(working, as_of))
    if not ways:
        message = "no budget, anomaly monitor or billing alarm covers DynamoDB costs"
        return failed(message, evidence=_evidence(ways, as_of))
    doubtful = [way for way in ways if way.route.status == "doubtful"]
    broken, why = doubtful or ways, "cost alerts may not reach" if doubtful else "no cost alert reaches"
    links = [way.route.why if way.name in way.route.why else f"{way.name}: {way.route.why}" for way in broken]
    judge = warned if doubtful else failed
    return judge(
        f"{why} a subscriber: {few(links, NAMED, '; ', '; ')}",
        evidence=_evidence(broken, as_of),
        remedy=next((way.route.remedy for way in broken if way.route.remedy), None),  # one working alert is enough
    )


def _read(
    tags: CostTags | Unavailable, checklist: Checklist, settings: Settings
) -> tuple[datetime, dict[str, str | None]]:
    """Return the time of the answer and the status of each demanded key.

    Raise Unreadable where the call was denied, or where the checklist demands a key that was not read yet.
    """
    if isinstance(tags, Unavailable):
        advised = tags.reason is Reason.ACCESS_DENIED and not settings.cost.payer_role_arn
        raise Unreadable({}, replace(tags, detail=ADVICE) if advised else tags)
    unasked = sorted(checklist.tags.keys() - tags.status.keys())
    if unasked:
        detail = f"{', '.join(unasked)} will be read within 24 hours of {minute(tags.read_at)}"
        raise Unreadable({}, Unavailable(Reason.STALE, "ce:ListCostAllocationTags", detail))
    return tags.read_at, {key: tags.status[key] for key in sorted(checklist.tags)}


def _names(ways: Sequence[SpendAlert]) -> str:
    return few([way.name for way in ways], NAMED, " and ")


def _evidence(ways: Sequence[SpendAlert], as_of: Mapping[str, str]) -> dict[str, Any]:
    return {"Alerts": [way.name for way in ways[:NAMED]], "AsOf": dict(as_of)}
