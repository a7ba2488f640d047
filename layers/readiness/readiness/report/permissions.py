"""The AWS calls that facts declare, and the least IAM policy for them. Pure."""

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from readiness.engine.collect import needed
from readiness.engine.fact import source_of
from readiness.engine.rule import Check
from readiness.model import Given
from readiness.rules import ASKED

OPERATIONS_OF = {
    "budgets:ViewBudget": ("DescribeBudgets", "DescribeNotificationsForBudget", "DescribeSubscribersForNotification")
}
"""The API operations of IAM actions whose name is not that of the operation, or that cover several operations."""

SERVICE_OF = {"tag": "resourcegroupstaggingapi"}
"""The botocore name of services whose IAM prefix differs from it."""

OWN_OPERATIONS = {
    "cloudtrail": frozenset({"LookupEvents"}),
    "cloudwatch": frozenset({"DescribeAlarms"}),
    "dynamodb": frozenset(
        {"BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "TransactWriteItems", "UpdateItem"}
    ),
    "sns": frozenset({"GetTopicAttributes", "Publish"}),
    "sqs": frozenset({"SendMessage"}),
    "ssm": frozenset({"DeleteParameter", "GetParameter", "PutParameter"}),
    "sts": frozenset({"GetCallerIdentity"}),
}
"""The API operations of state, alerts, attribution and the run itself, beside those of facts."""


def actions(checks: Iterable[Check]) -> frozenset[str]:
    """Return the IAM actions of all facts that the checks need, directly or through other facts."""
    return frozenset(
        action
        for identity in needed(checks)
        if not issubclass(identity, Given)
        for action in source_of(identity).actions
    )


def operations() -> dict[str, set[str]]:
    """Return all API operations that the product calls, by the botocore name of the service."""
    result = {service: set(names) for service, names in OWN_OPERATIONS.items()}
    for action in actions(check for rule in ASKED for check in rule.checks):
        service, _, name = action.partition(":")
        result.setdefault(SERVICE_OF.get(service, service), set()).update(OPERATIONS_OF.get(action, (name,)))
    return result


UNSCOPABLE = frozenset(
    {
        "backup:DescribeRegionSettings",
        "backup:ListBackupJobs",
        "backup:ListBackupPlans",
        "backup:ListBackupVaults",
        "backup:ListRecoveryPointsByResource",
        "cloudtrail:DescribeTrails",
        "dynamodb:ListBackups",
        "dynamodb:ListTables",
        "events:ListRules",
        "lambda:ListEventSourceMappings",
        "lambda:ListFunctions",
        "scheduler:ListSchedules",
    }
)
"""Actions that AWS takes no resource for, of a service that has others."""

SCOPES = {
    "backup": ("arn:*:backup:*:*:backup-plan:*",),
    "cloudwatch:GetInsightRuleReport": ("arn:*:cloudwatch:*:*:insight-rule/DynamoDBContributorInsights-*",),
    "budgets": ("arn:*:budgets::*:budget/*",),
    "cloudtrail": ("arn:*:cloudtrail:*:*:trail/*",),
    "events": ("arn:*:events:*:*:rule/*",),
    "events:DescribeEventBus": ("arn:*:events:*:*:event-bus/*",),
    "kinesis": ("arn:*:kinesis:*:*:stream/*",),
    "kms": ("arn:*:kms:*:*:key/*",),
    "lambda": ("arn:*:lambda:*:*:function:*",),
    "s3": ("arn:*:s3:::*",),
    "scheduler": ("arn:*:scheduler:*:*:schedule/*/*",),
    "sns": ("arn:*:sns:*:*:*",),
    "sqs": ("arn:*:sqs:*:*:*",),
}
"""What the facts read of a service, by its IAM prefix, or by an action that is about something else of it.

What they read depends on what they find.
"""


ASSUME = "sts:AssumeRole"
SCAN = "dynamodb:Scan"

INSIGHTS = "dynamodb:DescribeContributorInsights"

RECOVERY = "dynamodb:DescribeContinuousBackups"
"""Of the table and its replicas, which are in other Regions; there they are described too."""

DESCRIBE = "dynamodb:DescribeTable"
"""Of any table, where copies are looked for: only a copy itself says of what it is one."""


def policy(
    checks: Iterable[Check],
    tables: Iterable[str],
    payer: str = "",
    staging: Iterable[str] = (),
    sampled: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> dict[str, Any]:
    """The least identity policy under which every fact of the checks can be read.

    `tables` are names, or ARNs where account and Region are known. `payer` is the role of the account that pays, where
    one is assumed, and `staging` the tables that load is put on. `sampled` are the tables of which items are looked at,
    and the attributes that are. Actions that AWS can't scope are allowed on `*`.
    """
    staged = [_table_arn(table) for table in staging]
    allowed = actions(checks) - (set() if payer else {ASSUME}) - (set() if staged else {INSIGHTS})
    scopes = {**SCOPES, "dynamodb": tuple(_table_arn(table) for table in tables), "sts": (payer,)}
    if RECOVERY in allowed:
        scopes[RECOVERY] = scopes[DESCRIBE] = tuple(dict.fromkeys(map(_in_any_region, scopes["dynamodb"])))
    if "dynamodb:ListTables" in allowed:
        scopes[DESCRIBE] = (_table_arn("*"),)
    scopes[INSIGHTS] = tuple(each for arn in staged for each in (arn, f"{arn}/index/*"))
    by_scope: dict[tuple[str, ...], list[str]] = {}
    for action in sorted(allowed - {SCAN}):
        scope = ("*",) if action in UNSCOPABLE else scopes.get(action, scopes.get(action.partition(":")[0], ("*",)))
        by_scope.setdefault(scope, []).append(action)
    return {
        "Version": "2012-10-17",
        "Statement": [
            *({"Effect": "Allow", "Action": named, "Resource": list(scope)} for scope, named in by_scope.items()),
            *(_sampling(table, attributes) for table, attributes in sampled.items() if SCAN in allowed),
        ],
    }


def _sampling(table: str, attributes: Collection[str]) -> dict[str, Any]:
    """No key can be demanded of a Scan, but that it asks for no other attributes.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_dynamodb_attributes.html
    """
    return {
        "Effect": "Allow",
        "Action": [SCAN],
        "Resource": [_table_arn(table)],
        "Condition": {
            "ForAllValues:StringEquals": {"dynamodb:Attributes": list(attributes)},
            "StringEquals": {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"},
        },
    }


def _table_arn(table: str) -> str:
    return table if table.startswith("arn:") else f"arn:*:dynamodb:*:*:table/{table}"


def _in_any_region(arn: str) -> str:
    head, _, rest = arn.partition(":dynamodb:")
    return f"{head}:dynamodb:*:{rest.partition(':')[2]}"
