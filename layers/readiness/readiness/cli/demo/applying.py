"""Make the change that an event reports in the embedded account, so that the function finds it there."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from readiness.cli.demo.account import GOOD, Account
from readiness.printable import printable

SERVICES = {"monitoring": "cloudwatch"}
"""Services whose name in CloudTrail differs from that of boto3."""

API_VERSION = re.compile(r"\d{8}(v\d+)?$")
"""Lambda appends it to the name of an operation in CloudTrail, such as `UpdateFunctionConfiguration20150331v2`."""

ALARM = "CloudWatch Alarm Configuration Change"

Json = Any


def applied(account: Account, event: Json, at: datetime) -> tuple[Json, list[str]]:
    """Make the changes of the event. Return the event with the time of the changes, and one line for each change."""
    if not isinstance(event, dict) or not isinstance(event.get("Records"), list):
        return event, []
    records, said = [], []
    for record in event["Records"]:
        try:
            body = json.loads(record["body"])
            detail = body["detail"]
        except (KeyError, TypeError, ValueError):
            records.append(record)
            continue
        if "eventName" in detail:
            detail["eventTime"] = f"{at:%Y-%m-%dT%H:%M:%SZ}"
            said.append(_call(account, detail))
        elif body.get("detail-type") == ALARM and detail.get("operation") == "delete":
            account.admin.client("cloudwatch").delete_alarms(AlarmNames=[detail["alarmName"]])
            said.append(f"deleted: alarm {printable(detail['alarmName'])}")
        records.append({**record, "body": json.dumps(body)})
    return {**event, "Records": records}, said


def _call(account: Account, detail: Mapping[str, Json]) -> str:
    """Make the call that CloudTrail recorded. Return what was done."""
    from botocore import xform_name
    from botocore.exceptions import BotoCoreError, ClientError

    source = detail["eventSource"].partition(".")[0]
    operation = API_VERSION.sub("", detail["eventName"])
    if "errorCode" in detail:
        return f"{operation}: AWS denied the call ({printable(detail['errorCode'])}), so nothing is changed"
    try:
        client = account.admin.client(SERVICES.get(source, source))
        shape = client.meta.service_model.operation_model(operation).input_shape
        given = {**detail.get("requestParameters", {}), **_here(account, detail)}
        getattr(client, xform_name(operation))(**_typed(shape, given))
    except ClientError as error:
        return (
            f"{operation}: not made, the embedded account refuses it ({printable(error.response['Error']['Message'])})"
        )
    except (AttributeError, BotoCoreError, LookupError, TypeError, ValueError) as error:
        return f"{operation}: not made, the event has no such call ({printable(str(error))})"
    return f"{operation}: made in the embedded account"


def _here(account: Account, detail: Mapping[str, Json]) -> Mapping[str, str]:
    """Return the ids that AWS chose, in place of those of the event: of the table's key, and of a subscription."""
    parameters = detail.get("requestParameters", {})
    if "keyId" in parameters:
        table = account.admin.client("dynamodb").describe_table(TableName=GOOD)["Table"]
        return {"keyId": table["SSEDescription"]["KMSMasterKeyArn"].rpartition("/")[2]}
    if "subscriptionArn" in parameters:
        listed = account.admin.client("sns").list_subscriptions_by_topic(TopicArn=account.topic_arn)
        return {"subscriptionArn": listed["Subscriptions"][0]["SubscriptionArn"]}
    return {}


def _typed(shape: Any, value: Json) -> Json:
    """Return parameters as boto3 takes them: CloudTrail writes the first letter of each name in lower case."""
    if shape.type_name == "structure":
        names = {name.casefold(): name for name in shape.members}
        return {
            names[key.casefold()]: _typed(shape.members[names[key.casefold()]], each) for key, each in value.items()
        }
    if shape.type_name == "list":
        return [_typed(shape.member, each) for each in value]
    return value
