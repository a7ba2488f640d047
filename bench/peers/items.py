"""The items that are checked, the truth about each, and the checks of each tool for it."""

from dataclasses import dataclass
from typing import Any

Policy = dict[str, Any]


@dataclass(frozen=True)
class Item:
    """One question about one resource, which is `met` or not. `resource` is a part of its name.

    `checks` are checks of Readiness, `policy` the name of one of `POLICIES`, which finds what does not meet it, and
    `prowler` checks of Prowler. Empty: the tool has nothing that asks it. `found_at` is the resource of the finding of
    Readiness if it is another one.
    """

    name: str
    resource: str
    met: bool
    checks: tuple[str, ...]
    policy: str = ""
    prowler: tuple[str, ...] = ()
    found_at: str = ""


TABLE, CART = "babesclub-commerce", "babesclub-cart"
RETENTION = ("cloudwatch_log_group_retention_policy_specific_days_enabled",)
DEAD_LETTERS = ("awslambda_function_no_dead_letter_queue",)
ROLES = ("iam_inline_policy_no_administrative_privileges", "iam_inline_policy_allows_privilege_escalation")

ITEMS = (
    Item(
        "on-demand capacity",
        TABLE,
        met=True,
        checks=("billing-on-demand/mode",),
        policy="capacity",
        prowler=("dynamodb_table_autoscaling_enabled",),
    ),
    Item(
        "encrypted with a KMS key",
        TABLE,
        met=True,
        checks=("encryption-kms/on",),
        policy="encryption",
        prowler=("dynamodb_tables_kms_cmk_encryption_enabled",),
    ),
    Item(
        "PITR", TABLE, met=True, checks=("pitr-enabled/on",), policy="pitr", prowler=("dynamodb_tables_pitr_enabled",)
    ),
    Item(
        "deletion protection",
        TABLE,
        met=False,
        checks=("pitr-enabled/deletion-protection",),
        policy="deletion",
        prowler=("dynamodb_table_deletion_protection_enabled",),
    ),
    Item(
        "in a backup plan",
        TABLE,
        met=False,
        checks=("backups-scheduled/selected",),
        policy="backup",
        prowler=("dynamodb_table_protected_by_backup_plan",),
    ),
    Item(
        "no other account reads items",
        TABLE,
        met=False,
        checks=("iam-least-privilege/resource-policy",),
        policy="stranger",
        prowler=("dynamodb_table_cross_account_access",),
    ),
    Item(
        "logs are kept",
        "/aws/lambda/babesclub-cart",
        met=True,
        checks=("write-failures-audited/retention",),
        policy="retention",
        prowler=RETENTION,
    ),
    Item(
        "logs are kept 7 days only",
        "/aws/lambda/babesclub-worker-3",
        met=False,
        checks=("write-failures-audited/retention",),
        policy="retention",
        prowler=RETENTION,
    ),
    Item(
        "failed events are kept",
        CART,
        met=True,
        checks=("dead-letters-kept/asynchronous", "dead-letters-kept/exists"),
        policy="dead-letters",
        prowler=DEAD_LETTERS,
    ),
    Item(
        "their queue was deleted",
        "babesclub-checkout",
        met=False,
        checks=("dead-letters-kept/exists",),
        policy="dead-letters",
        prowler=DEAD_LETTERS,
        found_at="babesclub-deleted",
    ),
    Item(
        "the alarm's topic has no subscriber",
        "babesclub-commerce throttled",
        met=False,
        checks=("alarms-wired/throttling",),
        policy="alarms",
        prowler=("cloudwatch_alarm_actions_alarm_state_configured",),
        found_at=TABLE,
    ),
    Item(
        "least privilege",
        "babesclub-cart-role",
        met=True,
        checks=("iam-least-privilege/actions", "iam-least-privilege/escalation"),
        policy="any-action",
        prowler=ROLES,
    ),
    Item(
        "dynamodb:* on every table",
        "babesclub-worker-2-role",
        met=False,
        checks=("iam-least-privilege/actions", "iam-least-privilege/scope", "iam-least-privilege/administration"),
        policy="any-action",
        prowler=ROLES,
    ),
    Item(
        "may escalate its privileges",
        "babesclub-worker-3-role",
        met=False,
        checks=("iam-least-privilege/escalation",),
        policy="escalation",
        prowler=ROLES,
    ),
    Item(
        "the variable of the table is set",
        "babesclub-worker-4",
        met=False,
        checks=("env-vars-set/variables",),
        policy="variable",
    ),
)


def _value(key: str, value: object, op: str = "eq", kind: str = "value") -> Policy:
    return {"type": kind, "key": key, "op": op, "value": value}


def _allowed(action: str) -> Policy:
    return {"type": "check-permissions", "match": "allowed", "actions": [action]}


PITR = "PointInTimeRecoveryDescription.PointInTimeRecoveryStatus"
BACKUPS = {"type": "consecutive-aws-backups", "count": 1, "period": "days", "status": "COMPLETED"}
SHORT = [_value("retentionInDays", "absent"), _value("retentionInDays", 30, "lt")]

POLICIES: dict[str, tuple[str, list[Policy]]] = {
    "capacity": ("dynamodb-table", [_value("BillingModeSummary.BillingMode", "PAY_PER_REQUEST", "ne")]),
    "encryption": ("dynamodb-table", [_value("SSEDescription.SSEType", "KMS", "ne")]),
    "pitr": ("dynamodb-table", [_value(PITR, "ENABLED", "ne", "continuous-backup")]),
    "deletion": ("dynamodb-table", [_value("DeletionProtectionEnabled", value=True, op="ne")]),
    "backup": ("dynamodb-table", [{"not": [BACKUPS]}]),
    "stranger": ("dynamodb-table", [{"type": "cross-account"}]),
    "retention": ("log-group", [{"or": SHORT}]),
    "dead-letters": ("lambda", [_value("DeadLetterConfig.TargetArn", "absent")]),
    "alarms": ("alarm", [_value("AlarmActions", "empty")]),
    "any-action": ("iam-role", [_allowed("dynamodb:DeleteTable")]),
    "escalation": ("iam-role", [_allowed("iam:CreatePolicyVersion")]),
    "variable": ("lambda", [_value("Environment.Variables.COMMERCE_TABLE", "absent")]),
}
"""Policies of Cloud Custodian: a resource, and the filters that find what does not meet the item."""
