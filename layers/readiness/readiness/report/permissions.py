"""The AWS calls that facts declare, and the least IAM policy for them. Pure."""

from collections.abc import Collection, Iterable, Mapping
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import Any

from readiness.engine.collect import needed
from readiness.engine.fact import Source, source_of
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
    "events": frozenset({"PutEvents"}),
    "sns": frozenset({"GetTopicAttributes", "Publish", "PublishBatch"}),
    "sqs": frozenset({"SendMessage"}),
    "ssm": frozenset({"DeleteParameter", "GetParameter", "PutParameter"}),
    "sts": frozenset({"GetCallerIdentity"}),
}
"""The API operations of state, alerts, attribution and the run itself, beside those of facts."""


def actions(checks: Iterable[Check]) -> frozenset[str]:
    """Return the IAM actions of all facts that the checks need, directly or through other facts."""
    return frozenset(action for source in _sources(checks) for action in source.actions)


def _sources(checks: Iterable[Check]) -> list[Source]:
    return [source_of(identity) for identity in needed(checks) if not issubclass(identity, Given)]


def operations() -> dict[str, set[str]]:
    """Return all API operations that the product calls, by the botocore name of the service."""
    result = {service: set(names) for service, names in OWN_OPERATIONS.items()}
    for action in actions(check for rule in ASKED for check in rule.checks):
        service, _, name = action.partition(":")
        result.setdefault(SERVICE_OF.get(service, service), set()).update(OPERATIONS_OF.get(action, (name,)))
    return result


USUAL = {
    "backup": "arn:*:backup:*:*:backup-plan:*",
    "budgets": "arn:*:budgets::*:budget/*",
    "cloudtrail": "arn:*:cloudtrail:*:*:trail/*",
    "dynamodb": "{table}",
    "events": "arn:*:events:*:*:rule/*",
    "kinesis": "arn:*:kinesis:*:*:stream/*",
    "kms": "arn:*:kms:*:*:key/*",
    "lambda": "arn:*:lambda:*:*:function:*",
    "s3": "arn:*:s3:::*",
    "scheduler": "arn:*:scheduler:*:*:schedule/*/*",
    "sns": "arn:*:sns:*:*:*",
    "sqs": "arn:*:sqs:*:*:*",
    "sts": "{payer}",
}
"""The resources that facts read of a service, by its IAM prefix; `*` of all others.

The resources read depend on the account. A fact that reads other resources declares them (`engine.fact`).
"""

SCAN = "dynamodb:Scan"


def policy(
    checks: Iterable[Check],
    tables: Iterable[str],
    payer: str = "",
    staging: Iterable[str] = (),
    sampled: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> dict[str, Any]:
    """Return the least identity policy under which every fact of the checks can be read.

    `tables` are names, or ARNs where account and Region are known. `payer` is the role in the management account, if
    one is assumed. `staging` are the tables for load tests. `sampled` are the tables whose items are sampled, with the
    attributes that are read. Actions without resource-level permissions are allowed on `*`.
    """
    named = [_table_arn(table) for table in tables]
    values = {
        "table": named,
        "replica": [_in_any_region(arn) for arn in named],
        "staging": [_table_arn(table) for table in staging],
        "payer": [payer] if payer else [],
    }
    scopes = {action: _expanded(patterns, values) for action, patterns in _patterns(checks).items()}
    by_scope: dict[tuple[str, ...], list[str]] = {}
    for action in sorted(scopes.keys() - {SCAN}):
        by_scope.setdefault(scopes[action], []).append(action)
    return {
        "Version": "2012-10-17",
        "Statement": [
            *(
                {"Effect": "Allow", "Action": each, "Resource": list(scope)}
                for scope, each in by_scope.items()
                if scope
            ),
            *(_sampling(table, attributes) for table, attributes in sampled.items() if SCAN in scopes),
        ],
    }


def _patterns(checks: Iterable[Check]) -> dict[str, list[str]]:
    """Return what each action is needed for, as the facts declare it, with the names of tables in braces."""
    found: dict[str, list[str]] = {}
    for source in _sources(checks):
        for action in source.actions:
            usual = (USUAL.get(action.partition(":")[0], "*"),)
            found.setdefault(action, []).extend(source.resources.get(action, usual))
    return found


def _expanded(patterns: Iterable[str], values: Mapping[str, list[str]]) -> tuple[str, ...]:
    """Return the ARNs, each once, without those that another pattern covers."""
    found: dict[str, None] = {}
    for pattern in patterns:
        name, brace, rest = pattern.removeprefix("{").partition("}")
        found |= dict.fromkeys(f"{arn}{rest}" for arn in values[name]) if brace else {pattern: None}
    return tuple(arn for arn in found if not any(fnmatchcase(arn, other) for other in found.keys() - {arn}))


def _sampling(table: str, attributes: Collection[str]) -> dict[str, Any]:
    """Return the statement that limits a Scan to these attributes; IAM cannot limit it to keys.

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


def stored_items(tables: Iterable[str]) -> dict[str, Any]:
    """Return the statement that lets `readiness check` read what is stored in the tables, such as waivers.

    `tables` are names, or ARNs where account and Region are known.
    """
    return {
        "Effect": "Allow",
        "Action": ["dynamodb:Query"],
        "Resource": [_table_arn(table) for table in tables],
        "Condition": {
            "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["READINESS#*"]},
            # ForAllValues is also true for a request without the key.
            "Null": {"dynamodb:LeadingKeys": "false"},
        },
    }


def _table_arn(table: str) -> str:
    return table if table.startswith("arn:") else f"arn:*:dynamodb:*:*:table/{table}"


def _in_any_region(arn: str) -> str:
    head, _, rest = arn.partition(":dynamodb:")
    return f"{head}:dynamodb:*:{rest.partition(':')[2]}"
