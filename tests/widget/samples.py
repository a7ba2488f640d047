"""Tables as the widget may find them: one with a bit of everything, a good one, and some that can't be seen."""

from datetime import UTC, datetime, timedelta
from typing import Any

from readiness.model import Severity, Status
from readiness.widget.standing import NOTHING_YET, Item, ItemFinding, ItemWaiver, StoredChecklist, Unseen
from readiness.widget.view import Frame
from tests.fixed_rules import ASKED, RULES

NOW = datetime(2026, 11, 24, 3, 15, 40, tzinfo=UTC)
SEEN = NOW - timedelta(minutes=3)
FRAME = Frame(NOW, timedelta(minutes=15), runbook="https://wiki.example.com/commerce-table")
ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/babesclub-commerce"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:babesclub-"

FAIL, WARN, UNKNOWN, PASS = Status.FAIL, Status.WARN, Status.UNKNOWN, Status.PASS

TITLES = {rule.id: (rule.item, rule.title) for rule in ASKED}


def finding(
    check: str,
    status: Status,
    message: str,
    remediation: str = "",
    *,
    resource: str = ARN,
    severity: Severity = Severity.HIGH,
) -> ItemFinding:
    return ItemFinding(check, resource, status, severity, message, remediation)


def item(rule: str, status: Status, *findings: ItemFinding, **more: Any) -> Item:
    """An item of the checklist that is known to stand so."""
    number, title = TITLES.get(rule, ("", ""))
    usual = {"known": status, "owner": "platform@example.com", "finding_count": len(findings)}
    return Item(rule=rule, status=status, item=number, title=title, findings=findings, **{**usual, **more})


def passing(rule: str) -> Item:
    return item(rule, PASS, finding("on", PASS, "it is on"))


PITR_OFF = item(
    "pitr-enabled",
    FAIL,
    finding(
        "on",
        FAIL,
        "PITR is disabled",
        "aws dynamodb update-continuous-backups --table-name babesclub-commerce --region us-east-1"
        " --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true,RecoveryPeriodInDays=35",
        severity=Severity.CRITICAL,
    ),
    finding("deletion-protection", WARN, "deletion protection is disabled"),
    since=NOW - timedelta(hours=7),
    owner="data-platform@example.com",
)

VARIABLES = item(
    "env-vars-set",
    FAIL,
    *(
        finding(
            "variable", FAIL, "COMMERCE_TABLE is missing, expected babesclub-commerce", resource=f"{FUNCTION}{name}:7"
        )
        for name in ("cart", "checkout", "coupon", "quote", "session", "search", "stock")
    ),
    since=NOW - timedelta(days=2),
    owner=None,
)

WAIVED = item(
    "encryption-kms",
    FAIL,
    finding("customer-key", FAIL, "the table is encrypted with an AWS owned key, expected a KMS key of the account"),
    since=NOW - timedelta(days=40),
    waivers=(
        ItemWaiver(
            "encryption-kms/customer-key",
            "maria",
            "the key moves with the account in January",
            datetime(2027, 1, 31, tzinfo=UTC),
        ),
    ),
)

DENIED = "could not be read: access was denied (dynamodb:DescribeTimeToLive)"
BLIND = item(
    "ttl-enabled",
    UNKNOWN,
    finding("on", UNKNOWN, DENIED),
    finding("attribute", UNKNOWN, DENIED),
    known=WARN,
    blind_since=NOW - timedelta(hours=2),
)

MAIL_ALONE = item(
    "alarms-wired",
    WARN,
    finding(
        "throttling",
        WARN,
        "SNS topic on-call delivers only by email, which pages nobody",
        resource="babesclub-throttling",
    ),
    since=NOW - timedelta(days=9),
)

ABSENT = item("backups-scheduled", Status.NOT_APPLICABLE, finding("selected", Status.NOT_APPLICABLE, "does not exist"))

BAD = StoredChecklist(
    "babesclub-commerce",
    SEEN,
    tuple(
        {each.rule: each for each in (PITR_OFF, VARIABLES, WAIVED, BLIND, MAIL_ALONE, ABSENT)}.get(
            rule.id, passing(rule.id)
        )
        for rule in RULES
    ),
)

GOOD = StoredChecklist("babesclub-commerce-eu", SEEN, tuple(passing(rule.id) for rule in ASKED))

NOT_YET = Unseen("babesclub-staging", NOTHING_YET)
