"""Reports as they come up: a good table, a bad one, and one that does not exist."""

from datetime import UTC, datetime
from operator import attrgetter

from msgspec.structs import replace

from readiness.model import Status
from readiness.report.content import ITEMS, FindingLine, Report, RuleLine, TableReport, WaiverLine
from tests.fixed_rules import RULES

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/babesclub-commerce"

rank = attrgetter("rank")

FAIL, WARN, UNKNOWN, PASS = Status.FAIL, Status.WARN, Status.UNKNOWN, Status.PASS


def finding(check: str, status: Status, message: str, severity: str = "HIGH", fix: str = "") -> FindingLine:
    return FindingLine(check, status, ARN, message, {}, severity, None, None, fix, None)


def items(owner: str | None, *findings: tuple[FindingLine, ...]) -> tuple[RuleLine, ...]:
    return tuple(
        RuleLine(
            id=rule.id,
            item=rule.item,
            title=rule.title,
            status=max((each.status for each in found), key=rank),
            unwaived=max((each.status for each in found if not each.waiver), key=rank, default=Status.PASS),
            severity=rule.severity,
            owner=owner,
            since=None,
            findings=found,
            reference=rule.reference,
        )
        for rule, found in zip(RULES, findings, strict=False)
    )


def table(rules: tuple[RuleLine, ...], *, waived: int = 0) -> TableReport:
    worst = max((rule.status for rule in rules), key=rank)
    return TableReport(
        table="babesclub-commerce",
        table_id="6f0c3e1a-7f0e-4a55-9d3a-1f0d7a1f2b3c",
        account="123456789012",
        region="us-east-1",
        observed_at=NOW,
        checklist_digest="0123456789abcdef",
        checklist="./checklist.toml",
        status=worst,
        complete=False,
        incomplete=tuple(f"{item}: not evaluated" for item in ITEMS[len(rules) :]),
        counts={status.value: sum(rule.status is status for rule in rules) for status in Status} | {"WAIVED": waived},
        rules=rules,
    )


FINE = (finding("on", PASS, "it is on"),)

GOOD = table(items("platform", FINE, FINE, FINE, FINE))

WAIVER = WaiverLine("the key moves in January", "maria", datetime(2027, 1, 31, tzinfo=UTC))

BAD = table(
    items(
        None,
        (
            finding(
                "mode",
                FAIL,
                "billing mode is PROVISIONED, expected PAY_PER_REQUEST",
                fix="aws dynamodb update-table --table-name babesclub-commerce --billing-mode PAY_PER_REQUEST",
            ),
        ),
        (
            replace(
                finding("on", FAIL, "the table is encrypted with an AWS owned key, expected a KMS key of the account"),
                waiver=WAIVER,
            ),
        ),
        tuple(
            finding(check, UNKNOWN, "could not be read: access was denied (dynamodb:DescribeTimeToLive)")
            for check in ("on", "attribute", "canary")
        ),
        (
            finding(
                "on",
                FAIL,
                "PITR is disabled",
                "CRITICAL",
                "aws dynamodb update-continuous-backups --table-name babesclub-commerce --region us-east-1"
                " --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true,RecoveryPeriodInDays=35",
            ),
            finding("deletion-protection", WARN, "deletion protection is disabled"),
            finding("window", Status.NOT_APPLICABLE, "no customer managed key"),
        ),
    ),
    waived=1,
)
BAD = replace(
    BAD,
    rules=(*BAD.rules[:3], replace(BAD.rules[3], since=datetime(2026, 11, 23, 18, 5, tzinfo=UTC))),
    incomplete=("1.1: FAIL", *(f"{rule.item}: no owner" for rule in BAD.rules), *BAD.incomplete),
)

NO_TABLE = tuple(finding(name, FAIL, "the table does not exist") for name in ("on", "window"))

MISSING = replace(
    table(items("platform", NO_TABLE, NO_TABLE, NO_TABLE, NO_TABLE)),
    table="babesclub-comerce",
    table_id=None,
    exists=False,
    nearest_tables=("babesclub-commerce", "babesclub-staging"),
    existing_tables=("babesclub-commerce", "babesclub-staging", "orders"),
)
MISSING = replace(MISSING, incomplete=("the table does not exist", *MISSING.incomplete))

UNRECORDED = "nobody has recorded what the application's repository says"
MANIFEST = "readiness manifest . --table babesclub-commerce --record"
MISSED = replace(finding("env-file", FAIL, UNRECORDED, "MEDIUM", MANIFEST), reason="NOT_RECORDED")
APART = items("platform", (replace(MISSED, check="on"), MISSED), FINE, FINE, (finding("on", FAIL, "it is off"),))

REPORTS = {
    "unrecorded": Report((table(APART),)),
    "good": Report((GOOD,)),
    "bad": Report((BAD,)),
    "missing": Report((MISSING,)),
    "several": Report((GOOD, BAD)),
}
