"""What the table costs is told apart from all else, and somebody hears when it grows.

On-demand capacity has no upper end: a loop in a deploy, or somebody who scrapes the shop, is paid for by the request,
and nobody is throttled who would complain. The bill comes a month later. Tags on the table alone divide no costs: their
keys have to be activated, by the account that pays, and only costs from then on are told apart.

Any one alert is enough, if every link of it holds: a budget with a notification and somebody who gets it, an anomaly
monitor with a subscription that was confirmed, or, coarser, an alarm on the bill that AWS estimates. Budgets and
monitors of the organization's other accounts are not seen. Cost Explorer is asked once a day, for it costs a cent a
request, and budgets once an hour: what was mended is seen as late as that.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from readiness.checklist import Settings
from readiness.engine.rule import Rule, Severity, Verdict, failed, passed, warned
from readiness.facts.billing.anomalies import AnomalyMonitors, AnomalySubscriptions
from readiness.facts.billing.budgets import Budgets, Notices
from readiness.facts.billing.cost_listeners import CostTopicListeners
from readiness.facts.billing.cost_tags import ACTIVE, CostTags
from readiness.facts.billing.cost_topics import CostTopicAttributes
from readiness.facts.billing.spend_alerts import AnomalyWays, BillingWays, BudgetWays, Way
from readiness.facts.dynamodb.table import Table
from readiness.facts.dynamodb.tags import TableTags
from readiness.facts.recorded.checklist import Checklist
from readiness.facts.recorded.now import Now
from readiness.model import Carry, Reason, Remedy, Unavailable, Unreadable
from readiness.rules.shared.configured import unset

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
"""A day until a new key can be activated, and another until it is."""

NAMED = 5

ADVICE = "only the account that pays may ask: name a role of it in cost.payer_role_arn of the checklist"

TAG = "aws dynamodb tag-resource --resource-arn {arn} --region {region} --tags {Tags}"
ACTIVATE = "aws ce update-cost-allocation-tags-status --cost-allocation-tags-status {CostAllocationTagsStatus}"
BUDGET = (
    ': "${{ADDRESS:?set it to the address that is told}}" && aws budgets create-budget --account-id {account}'
    ' --budget \'{{"BudgetName":"\'{table}\'-dynamodb","BudgetType":"COST","TimeUnit":"MONTHLY",'
    '"BudgetLimit":{{"Amount":"100","Unit":"USD"}},"Metrics":["UnblendedCost"],'
    '"FilterExpression":{{"Dimensions":{{"Key":"SERVICE","Values":["Amazon DynamoDB"]}}}}}}\''
    ' --notifications-with-subscribers \'[{{"Notification":{{"NotificationType":"ACTUAL",'
    '"ComparisonOperator":"GREATER_THAN","Threshold":80,"ThresholdType":"PERCENTAGE"}},'
    '"Subscribers":[{{"SubscriptionType":"EMAIL","Address":"\'"$ADDRESS"\'"}}]}}]\''
)


class Inactive(Carry):
    """Since when each key was seen not to be active."""

    stored_as = "Inactive"

    since: dict[str, datetime]


@rule.check(version=2, fix=TAG)
def tagged(tags: TableTags, checklist: Checklist) -> Verdict:
    """The table has the tags that the checklist wants, letter by letter."""
    if lacking := unset(checklist, "tags"):
        return lacking
    wanted = checklist.tags
    listed = [{"Key": key, "Value": value} for key, value in sorted(wanted.items())]
    seen: dict[str, Any] = {"watched": {"Tags": dict(tags.values)}}
    evidence = {"Tags": json.dumps(listed), "Found": dict(tags.values), "Near": list(tags.near)}
    wrong = [
        f"{key} is {tags.values[key]!r}, not {wanted[key]!r}"
        for key in sorted(tags.values)
        if tags.values[key] != wanted[key]
    ]
    missing = [f"{key} is missing" for key in sorted(wanted) if key not in tags.values]
    if wrong or missing:
        near = f"; it has {', '.join(map(repr, tags.near))}" if tags.near else ""
        return failed(f"of the table's tags, {', '.join([*missing, *wrong])}{near}", evidence=evidence, **seen)
    return passed("the table has the tags by which its costs are known", **seen)


@rule.check(version=2, fix=ACTIVATE)
def activated(
    tags: CostTags | Unavailable, checklist: Checklist, settings: Settings, now: Now, before: Inactive | None
) -> Verdict:
    """The keys of those tags are activated for the division of costs."""
    if lacking := unset(checklist, "tags"):
        return lacking
    read_at, status = _read(tags, checklist, settings)
    known = before.since if before else {}
    since = {key: known.get(key, now.at) for key in sorted(status) if status[key] != ACTIVE}
    evidence = {"CostAllocationTags": status, "AsOf": _utc(read_at)}
    watched = {"CostAllocationTags": status}
    if not since:
        return passed("the tags divide the costs", evidence=evidence, watched=watched)
    said = [f"{key} is {status[key] or 'not known'} since {_utc(seen_at)}" for key, seen_at in since.items()]
    late = any(now.at - seen_at > ACTIVATED_WITHIN for seen_at in since.values())
    judge = failed if late else warned
    wanted = json.dumps([{"TagKey": key, "Status": ACTIVE} for key in since])
    return judge(
        f"of the tags that are to divide the costs, {', '.join(said)}",
        evidence={**evidence, "CostAllocationTagsStatus": wanted},
        watched=watched,
        carry=Inactive(since),
    )


@rule.check(on=Table, version=2, fix=BUDGET)
def alerted(
    budgets: BudgetWays | Unavailable,
    anomalies: AnomalyWays | Unavailable,
    billing: BillingWays | Unavailable,
) -> Verdict:
    """A budget, an anomaly monitor or a billing alarm tells somebody what DynamoDB costs."""
    sources = {"Budgets": budgets, "AnomalyMonitors": anomalies, "MetricAlarms": billing}
    read = {name: source for name, source in sources.items() if not isinstance(source, Unavailable)}
    ways = [way for source in read.values() for way in source.of]
    as_of = {name: _utc(source.as_of) for name, source in read.items()}
    working = [way for way in ways if way.route.status == "pages"]
    if fine := [way for way in working if not way.coarse]:
        return passed(f"somebody hears of the spend by {_names(fine)}", evidence=_evidence(fine, as_of))
    unread = [source for source in sources.values() if isinstance(source, Unavailable)]
    unread += [way.route.unavailable for way in ways if way.route.unavailable]
    if unread:  # what could not be read may be the one that is not coarse
        raise Unreadable({}, unread[0])
    if working:
        message = f"somebody hears of the spend by {_names(working)} alone, and {working[0].coarse}"
        return warned(message, evidence=_evidence(working, as_of))
    if doubtful := [way for way in ways if way.route.status == "doubtful"]:
        return warned(
            f"it is not sure that anybody hears of the spend: {_broken(doubtful)}",
            evidence=_evidence(doubtful, as_of),
            remedy=_remedy(doubtful),
        )
    if ways:
        return failed(
            f"nobody hears of the spend: {_broken(ways)}", evidence=_evidence(ways, as_of), remedy=_remedy(ways)
        )
    return failed(
        "nobody hears of the spend: no budget, anomaly monitor or billing alarm is about DynamoDB",
        evidence=_evidence(ways, as_of),
    )


def _read(
    tags: CostTags | Unavailable, checklist: Checklist, settings: Settings
) -> tuple[datetime, dict[str, str | None]]:
    """When it was read, and the status of each key that is wanted.

    Unreadable: it was denied, or the checklist wants one that was not asked about.
    """
    if isinstance(tags, Unavailable):
        advised = tags.reason is Reason.ACCESS_DENIED and not settings.cost.payer_role_arn
        raise Unreadable({}, replace(tags, detail=ADVICE) if advised else tags)
    unasked = sorted(checklist.tags.keys() - tags.status.keys())
    if unasked:
        detail = f"{', '.join(unasked)} will be asked about within a day of {_utc(tags.read_at)}"
        raise Unreadable({}, Unavailable(Reason.STALE, "ce:ListCostAllocationTags", detail))
    return tags.read_at, {key: tags.status[key] for key in sorted(checklist.tags)}


def _names(ways: Sequence[Way]) -> str:
    return _few([way.name for way in ways], " and ")


def _broken(ways: Iterable[Way]) -> str:
    """The first broken link of each."""
    return _few([_named(way) for way in ways], "; ")


def _remedy(ways: Iterable[Way]) -> Remedy | None:
    """What mends a link of a way that there is; one way is enough."""
    return next((way.route.remedy for way in ways if way.route.remedy), None)


def _named(way: Way) -> str:
    """A link that does not say whose it is gets the name of its way."""
    return way.route.why if way.name in way.route.why else f"{way.name}: {way.route.why}"


def _few(said: Sequence[str], joint: str) -> str:
    more = f"{joint}{len(said) - NAMED} more" if len(said) > NAMED else ""
    return joint.join(said[:NAMED]) + more


def _evidence(ways: Sequence[Way], as_of: Mapping[str, str]) -> dict[str, Any]:
    return {"Alerts": [way.name for way in ways[:NAMED]], "AsOf": dict(as_of)}


def _utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
