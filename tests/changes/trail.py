"""Events as CloudTrail makes them and EventBridge delivers them.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

import json
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from tests.aws.account import ACCOUNT, REGION, TABLE

Json = dict[str, Any]

AT = datetime(2026, 11, 24, 3, 12, 2, tzinfo=UTC)
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:changes"
ROLES = f"arn:aws:iam::{ACCOUNT}:role"

MARIA: Json = {
    "type": "AssumedRole",
    "principalId": "AROAEXAMPLE:maria@example.com",
    "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSReservedSSO_PowerUser_0123456789abcdef/maria@example.com",
    "accountId": ACCOUNT,
    "accessKeyId": "ASIAEXAMPLE",
    "sessionContext": {
        "sessionIssuer": {
            "type": "Role",
            "principalId": "AROAEXAMPLE",
            "arn": f"{ROLES}/aws-reserved/sso.amazonaws.com/AWSReservedSSO_PowerUser_0123456789abcdef",
            "accountId": ACCOUNT,
            "userName": "AWSReservedSSO_PowerUser_0123456789abcdef",
        },
        "attributes": {"creationDate": "2026-11-24T02:50:00Z", "mfaAuthenticated": "false"},
    },
}
"""Signed in by IAM Identity Center."""

CONSOLE: Json = {"userAgent": "Mozilla/5.0 (Macintosh) Chrome/142.0", "sessionCredentialFromConsole": "true"}


def call(source: str, name: str, parameters: Json | None = None, **more: Any) -> Json:
    """The record of a call: `source` without its domain, `more` in place of what is usual."""
    return {
        "eventVersion": "1.11",
        "userIdentity": MARIA,
        "eventTime": f"{AT:%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "awsRegion": REGION,
        "sourceIPAddress": "203.0.113.7",
        "userAgent": "aws-cli/2.31.0 md/awscrt#0.27.6 ua/2.1 os/macos#25.0.0 lang/python#3.13.7",
        "requestParameters": parameters,
        "responseElements": None,
        "requestID": str(uuid.uuid4()),
        "eventID": str(uuid.uuid4()),
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
        **more,
    }


def recovery(*, on: bool, table: str = TABLE, **more: Any) -> Json:
    """The switch of point-in-time recovery."""
    specification = {"pointInTimeRecoveryEnabled": on}
    parameters = {"tableName": table, "pointInTimeRecoverySpecification": specification}
    return call("dynamodb", "UpdateContinuousBackups", parameters, **more)


def delivered(detail: Json) -> Json:
    """A record of CloudTrail as EventBridge delivers it."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "AWS API Call via CloudTrail",
        "source": f"aws.{detail['eventSource'].partition('.')[0]}",
        "account": ACCOUNT,
        "time": detail["eventTime"],
        "region": detail["awsRegion"],
        "resources": [],
        "detail": detail,
    }


def alarm_changed(alarm: str, operation: str = "delete") -> Json:
    """What CloudWatch itself says of an alarm that was changed.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
    """
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "CloudWatch Alarm Configuration Change",
        "source": "aws.cloudwatch",
        "account": ACCOUNT,
        "time": f"{AT:%Y-%m-%dT%H:%M:%SZ}",
        "region": REGION,
        "resources": [f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{alarm}"],
        "detail": {
            "alarmName": alarm,
            "operation": operation,
            "state": {"value": "OK", "timestamp": "2026-11-23T20:00:00.000+0000"},
            "configuration": {"actionsEnabled": True, "alarmName": alarm},
        },
    }


def batch(bodies: Iterable[Json | str]) -> Json:
    """The same as SQS hands them to a function."""
    return {
        "Records": [
            {
                "messageId": str(uuid.uuid4()),
                "receiptHandle": "AQEBexample",
                "body": body if isinstance(body, str) else json.dumps(body),
                "attributes": {
                    "ApproximateReceiveCount": "1",
                    "SentTimestamp": f"{AT.timestamp() * 1000:.0f}",
                    "SenderId": "AIDAIENQZJOLO23YVJ4VO",
                    "ApproximateFirstReceiveTimestamp": f"{AT.timestamp() * 1000:.0f}",
                },
                "messageAttributes": {},
                "md5OfBody": "0",
                "eventSource": "aws:sqs",
                "eventSourceARN": QUEUE,
                "awsRegion": REGION,
            }
            for body in bodies
        ]
    }


def batched(*details: Json) -> Json:
    """Records of CloudTrail, all the way to the function."""
    return batch(map(delivered, details))
