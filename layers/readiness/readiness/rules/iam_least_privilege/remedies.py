"""Remedies that remove permissions from a role, or add the ones that its functions need.

A Deny removes a permission whichever policy grants it, and leaves that policy as it is for its other grants and users.
"""

import json
from collections.abc import Mapping
from typing import Any

from readiness.iam.logs import NEEDED, WRITES
from readiness.iam.privilege import ITEM_WRITES, STREAM_READS
from readiness.iam.reserved import PARAMETER_READS, PATH_READ
from readiness.model import Call, Json

PATHS = {"AWSLambdaDynamoDBExecutionRole": "service-role/"}
"""Paths of AWS managed policies that have one."""


def policy(name: str, *statements: Mapping[str, Any]) -> Call:
    """Return the call that puts these statements into an inline policy of the role."""
    document = Json({"Version": "2012-10-17", "Statement": list(statements)})
    return Call("iam", "PutRolePolicy", {"RoleName": "{RoleName}", "PolicyName": name, "PolicyDocument": document}, "")


def document(*statements: Mapping[str, Any]) -> str:
    """Return a policy as it is written in a command, where braces are doubled."""
    text = json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"))
    return "'" + text.replace("{", "{{").replace("}", "}}") + "'"


ITEMS = {"Effect": "Allow", "Action": "{Needed!j}", "Resource": ["{arn}", "{arn}/index/*"]}
STREAM = (
    {"Effect": "Allow", "Action": STREAM_READS, "Resource": "{arn}/stream/*"},
    {"Effect": "Allow", "Action": "dynamodb:ListStreams", "Resource": "*"},
)
LOGS = {"Effect": "Allow", "Action": NEEDED, "Resource": "{LogStreams!j}"}
ELSEWHERE = (*(f"dynamodb:{letter}*" for letter in "ABCDEGIPQRSTUW"), "dynamodb:List?xports", "dynamodb:List?mports")
"""All DynamoDB actions on tables except ListStreams, which Lambda calls to read a stream."""

ON_NO_TABLE = ("dynamodb:InjectError", "dynamodb:PurchaseReservedCapacityOfferings", "dynamodb:UpdateAbacStatus")
NOT_ELSEWHERE = {"Effect": "Deny", "Action": (*ELSEWHERE, "dynamodb:ListTags*"), "NotResource": ["{arn}", "{arn}/*"]}
NOTHING_ELSE = (
    {"Effect": "Deny", "NotAction": "{Kept!j}", "Resource": ["{arn}", "{arn}/*"]},
    {"Effect": "Deny", "Action": ON_NO_TABLE, "Resource": "*"},
)
NO_MORE_RIGHTS = {"Effect": "Deny", "Action": "{Denied!j}", "Resource": "*"}
NO_OTHER_LOGS = {"Effect": "Deny", "Action": WRITES, "NotResource": "{LogStreams!j}"}
BULK_WRITES = "dynamodb:StartBulk*"
"""A pattern, because the published list of actions may not have StartBulkPutItems yet."""

OWN_ROWS_DENIED = (
    {
        "Effect": "Deny",
        "Action": sorted(ITEM_WRITES),
        "Resource": "{EveryRegion!j}",
        "Condition": {"ForAnyValue:StringLike": {"dynamodb:LeadingKeys": "READINESS#*"}},
    },
    {"Effect": "Deny", "Action": BULK_WRITES, "Resource": "{EveryRegion!j}"},
    {"Effect": "Deny", "Action": [*PARAMETER_READS, PATH_READ], "Resource": "{OwnParameters!j}"},
)
"""With ForAllValues, the Deny would not hold for a batch that also writes another item."""

BY_LAMBDA = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}

NARROW = policy("{table}-alone", NOT_ELSEWHERE)
LIMIT = policy("{table}-nothing-else", *NOTHING_ELSE)
KEEP_OFF = policy("{table}-no-monitor-rows", *OWN_ROWS_DENIED)

READ_POLICY = (
    "aws dynamodb get-resource-policy --resource-arn {ResourceArn} --region {region} --query Policy --output text"
    " > resource-policy.json"
)
TAKE_AWAY = f"{READ_POLICY} && aws dynamodb delete-resource-policy --resource-arn {{ResourceArn}} --region {{region}}"
TAKE_OUT = (
    f'{READ_POLICY} && cp resource-policy.json former-policy.json && "${{{{EDITOR:-vi}}}}" resource-policy.json'
    " && aws dynamodb put-resource-policy --resource-arn {ResourceArn} --region {region}"
    " --policy file://resource-policy.json"
)

WRITE_DOWN = (
    'mkdir -p "$(dirname {File})" && '
    "(aws iam get-role-policy --role-name {RoleName} --policy-name {PolicyName} --query PolicyDocument > {File}"
    " || aws iam list-attached-role-policies --role-name {RoleName})"
    " && git add {File} && git commit --message 'Review a policy' && readiness manifest . --table {table} --record"
)
AS_REVIEWED = (
    "aws iam put-role-policy --role-name {RoleName} --policy-name {PolicyName} --policy-document"
    ' "$(sed -e s/PARTITION/{Partition}/g -e s/REGION/{region}/g -e s/ACCOUNT/{account}/g {File})"'
)
DELETE = "aws iam delete-role-policy --role-name {RoleName} --policy-name {PolicyName}"
DETACH = "aws iam detach-role-policy --role-name {RoleName} --policy-arn {PolicyArn}"
DETACH_OF_AWS = (
    "aws iam detach-role-policy --role-name {RoleName} --policy-arn"
    ' "$(aws iam list-attached-role-policies --role-name {RoleName} --query {Attached} --output text)"'
)
