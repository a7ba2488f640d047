"""moto's Budgets and Cost Explorer, with what AWS says of subscribers, tags and anomalies and moto does not.

Applied to moto's own classes, so it holds for whoever asks it; and costs as the rule about them wants them.
"""

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from moto.budgets.exceptions import NotFoundException
from moto.budgets.responses import BudgetsResponse
from moto.ce.responses import CostExplorerResponse
from moto.core.exceptions import JsonRESTError

from tests.aws.account import ACCOUNT, ARN

Client = Callable[[str], Any]
Json = dict[str, Any]

PAGE = 100
TOKEN = "NextToken"
INVALID = "ValidationException"
UNKNOWN_MONITOR = "UnknownMonitorException"
TAGS = {"Project": "BabesClub", "Env": "prod"}
DYNAMODB = {"Dimensions": {"Key": "SERVICE", "Values": ["Amazon DynamoDB"]}}
AT_80_PERCENT = {
    "NotificationType": "ACTUAL",
    "ComparisonOperator": "GREATER_THAN",
    "Threshold": 80.0,
    "ThresholdType": "PERCENTAGE",
}


def told_apart() -> None:
    """Complete moto, once per process.

    API_budgets_DescribeBudgets: MaxResults, NextToken, and ShowFilterExpression, without which no budget has its
    FilterExpression. API_budgets_DescribeNotificationsForBudget and DescribeSubscribersForNotification, in pages.
    API_ListCostAllocationTags, UpdateCostAllocationTagsStatus, and those that make and get anomaly monitors and
    subscriptions: botocore's model of Cost Explorer has their members.
    """
    BudgetsResponse.describe_budgets = _budgets  # type: ignore[assignment,method-assign]
    BudgetsResponse.describe_notifications_for_budget = _notifications  # type: ignore[assignment,method-assign]
    BudgetsResponse.describe_subscribers_for_notification = _subscribers  # type: ignore[attr-defined]
    CostExplorerResponse.list_cost_allocation_tags = _tags  # type: ignore[attr-defined]
    CostExplorerResponse.update_cost_allocation_tags_status = _update_tags  # type: ignore[attr-defined]
    CostExplorerResponse.create_anomaly_monitor = _create_monitor  # type: ignore[attr-defined]
    CostExplorerResponse.get_anomaly_monitors = _monitors  # type: ignore[attr-defined]
    CostExplorerResponse.create_anomaly_subscription = _create_subscription  # type: ignore[attr-defined]
    CostExplorerResponse.get_anomaly_subscriptions = _subscriptions  # type: ignore[attr-defined]


def furnish(client: Client, topic: str) -> None:
    """A table whose costs are told apart by its tags, and a budget that tells the topic of what DynamoDB costs."""
    tag(client)
    activate(client, *TAGS)
    let_publish(client, topic, "budgets.amazonaws.com")
    budget(client, topic, FilterExpression=DYNAMODB)


def tag(client: Client, **tags: str) -> None:
    """Tag the table, as the checklist wants it where no tags are named."""
    pairs = [{"Key": key, "Value": value} for key, value in (tags or TAGS).items()]
    client("dynamodb").tag_resource(ResourceArn=ARN, Tags=pairs)


def activate(client: Client, *keys: str, status: str = "Active") -> None:
    """Let costs be divided by these tags, or no longer."""
    statuses = [{"TagKey": key, "Status": status} for key in keys]
    client("ce").update_cost_allocation_tags_status(CostAllocationTagsStatus=statuses)


def let_publish(client: Client, topic: str, service: str) -> None:
    """Add to the topic's policy that the service may publish for this account, as AWS's guide to budgets writes it."""
    sns = client("sns")
    policy = json.loads(sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"])
    policy["Statement"].append(
        {
            "Sid": service.partition(".")[0],
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "SNS:Publish",
            "Resource": topic,
            "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
        }
    )
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(policy))


def budget(client: Client, *subscribers: str, name: str = "babesclub-dynamodb", **other: Any) -> None:
    """A budget of $100 a month, which tells topics (ARNs) and people (addresses) when 80 % of it are spent."""
    told = [
        {"SubscriptionType": "SNS" if each.startswith("arn:") else "EMAIL", "Address": each} for each in subscribers
    ]
    wanted: Json = {
        "BudgetName": name,
        "BudgetType": "COST",
        "TimeUnit": "MONTHLY",
        "BudgetLimit": {"Amount": "100", "Unit": "USD"},
    }
    client("budgets").create_budget(
        AccountId=ACCOUNT,
        Budget={**wanted, **other},
        NotificationsWithSubscribers=[{"Notification": AT_80_PERCENT, "Subscribers": told}] if told else [],
    )


def monitor(client: Client, name: str = "services", **other: Any) -> str:
    """An anomaly monitor, on each service by itself where nothing else is said; its ARN."""
    wanted = other or {"MonitorType": "DIMENSIONAL", "MonitorDimension": "SERVICE"}
    made = client("ce").create_anomaly_monitor(AnomalyMonitor={"MonitorName": name, **wanted})
    arn: str = made["MonitorArn"]
    return arn


def subscription(client: Client, monitor: str, *subscribers: str, name: str = "daily", **other: Any) -> None:
    """Tell topics (ARNs) and people (addresses) of its anomalies."""
    told = [{"Type": "SNS" if each.startswith("arn:") else "EMAIL", "Address": each} for each in subscribers]
    wanted: Json = {
        "SubscriptionName": name,
        "MonitorArnList": [monitor],
        "Subscribers": told,
        "Frequency": "DAILY",
        **(other or {"ThresholdExpression": beyond("100")}),
    }
    client("ce").create_anomaly_subscription(AnomalySubscription=wanted)


def beyond(value: str, key: str = "ANOMALY_TOTAL_IMPACT_ABSOLUTE") -> Json:
    """The expression that is met by anomalies of that size, dollars where nothing else is said."""
    return {"Dimensions": {"Key": key, "Values": [value], "MatchOptions": ["GREATER_THAN_OR_EQUAL"]}}


def _budgets(response: Any) -> str:
    request = json.loads(response.body)
    found = list(response.backend.describe_budgets(account_id=request["AccountId"]))
    if not request.get("ShowFilterExpression"):
        for each in found:
            each.pop("FilterExpression", None)
    return _page("Budgets", found, request)


def _notifications(response: Any) -> str:
    request = json.loads(response.body)
    return _page("Notifications", [each.details for each in _made(response, request).notifications], request)


def _subscribers(response: Any) -> str:
    request = json.loads(response.body)
    asked = request["Notification"]
    for each in _made(response, request).notifications:
        if all(each.details.get(name) == asked.get(name) for name in AT_80_PERCENT):
            return _page("Subscribers", each.subscribers, request)
    msg = f"Unable to get subscribers - the notification doesn't exist for the budget {request['BudgetName']}."
    raise NotFoundException(msg)


def _made(response: Any, request: Json) -> Any:
    made = response.backend.budgets[request["AccountId"]]
    if request["BudgetName"] not in made:
        msg = f"Unable to get budget: {request['BudgetName']} - the budget doesn't exist."
        raise NotFoundException(msg)
    return made[request["BudgetName"]]


def _update_tags(response: Any) -> str:
    """Moto has no bill, so a key is known as soon as somebody says what is to become of it."""
    known = _kept(response, "tags")
    for each in json.loads(response.body)["CostAllocationTagsStatus"]:
        known[each["TagKey"]] = {
            "Type": "UserDefined",
            "LastUpdatedDate": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            **each,
        }
    return json.dumps({"Errors": []})


def _tags(response: Any) -> str:
    request = json.loads(response.body)
    wanted = {"Status": request.get("Status"), "Type": request.get("Type")}
    found = [
        each
        for key, each in _kept(response, "tags").items()
        if key in request.get("TagKeys", [key]) and all(value in {None, each[name]} for name, value in wanted.items())
    ]
    return _page("CostAllocationTags", found, request)


def _create_monitor(response: Any) -> str:
    """It has not looked yet: "it can take 24 hours to begin detecting new anomalies" (the guide to them)."""
    arn = f"arn:aws:ce::{response.current_account}:anomalymonitor/{uuid.uuid4()}"
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    wanted = json.loads(response.body)["AnomalyMonitor"]
    _kept(response, "monitors")[arn] = {"MonitorArn": arn, "CreationDate": today, "LastUpdatedDate": today, **wanted}
    return json.dumps({"MonitorArn": arn})


def _monitors(response: Any) -> str:
    request = json.loads(response.body)
    return _page("AnomalyMonitors", list(_kept(response, "monitors").values()), request, "NextPageToken")


def _create_subscription(response: Any) -> str:
    """Only topics are told at once (API_AnomalySubscription, Frequency)."""
    wanted = json.loads(response.body)["AnomalySubscription"]
    if not set(wanted["MonitorArnList"]) <= _kept(response, "monitors").keys():
        raise JsonRESTError(UNKNOWN_MONITOR, "The cost anomaly monitor does not exist for the account.")
    if wanted["Frequency"] == "IMMEDIATE" and any(each["Type"] == "EMAIL" for each in wanted["Subscribers"]):
        raise JsonRESTError(INVALID, "Immediate frequency is only supported for SNS subscribers.")
    arn = f"arn:aws:ce::{response.current_account}:anomalysubscription/{uuid.uuid4()}"
    told = [{"Status": "CONFIRMED", **each} for each in wanted["Subscribers"]]
    _kept(response, "subscriptions")[arn] = {**wanted, "SubscriptionArn": arn, "Subscribers": told}
    return json.dumps({"SubscriptionArn": arn})


def _subscriptions(response: Any) -> str:
    request = json.loads(response.body)
    return _page("AnomalySubscriptions", list(_kept(response, "subscriptions").values()), request, "NextPageToken")


def _kept(response: Any, what: str) -> dict[str, Json]:
    """What the account has of it, for as long as moto does not forget everything."""
    kept: dict[str, Json] = vars(response.ce_backend).setdefault(f"told_apart_{what}", {})
    return kept


def _page(name: str, found: Sequence[Any], request: Mapping[str, Any], token: str = TOKEN) -> str:
    start = int(request.get(token, 0))
    end = start + request.get("MaxResults", PAGE)
    following = {token: str(end)} if end < len(found) else {}
    return json.dumps({name: found[start:end], **following})
