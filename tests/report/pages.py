"""A report on a whole checklist, and the rows that its runs left in the table: what the HTML report is drawn from."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from msgspec.structs import replace

from readiness.aws.time import iso
from readiness.model import Status
from readiness.report.content import AttestationLine, ControlLine, FindingLine, Report, SignoffLine, TableReport
from readiness.report.timeline import Row, Timeline, timeline
from tests.fixed_rules import RULES
from tests.report.samples import ARN, FAIL, FINE, NOW, PASS, UNKNOWN, WAIVER, WARN, finding, items, table

TABLE_ID = "6f0c3e1a-7f0e-4a55-9d3a-1f0d7a1f2b3c"
TODAY = NOW.date()
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:babesclub-"
MARIA = {"who": "maria@example.com (permission set PowerUser, AWS CLI)"}

RECOVERY = tuple(
    ControlLine(*each)
    for each in (
        ("AWS Security Hub", "DynamoDB.2", False),
        ("AWS Config", "dynamodb-pitr-enabled", False),
        ("AWS Well-Architected", "REL09", True),
    )
)
PROTECTION = (ControlLine("AWS Security Hub", "DynamoDB.6", related=True),)

Rows = Iterator[tuple[str, Row]]


def on(day: int, hour: int = 3, minute: int = 0) -> datetime:
    """An instant so many days before the report."""
    return datetime.combine(TODAY - timedelta(days=day), time(hour, minute), UTC)


def run(at: datetime, statuses: Mapping[str, str], **more: Any) -> tuple[str, Row]:
    """The row of a run that gave these items a status, and PASS to all others."""
    every = {rule.id: "PASS" for rule in RULES} | dict(statuses)
    return f"RUN#{iso(at)}#1", {"at": iso(at), "tableId": TABLE_ID, "trigger": "schedule", "statuses": every, **more}


def drift(at: datetime, check: str, before: str | None, after: str | None, /, **more: Any) -> tuple[str, Row]:
    """The row of a change of the table's status in one check; the kind is that of a change between these two."""
    kind = "REGRESSED" if after == "FAIL" else "RECOVERED" if before == "FAIL" else "CHANGED"
    sides = {"before": _side(before), "after": _side(after)}
    row = {"at": iso(at), "tableId": TABLE_ID, "check": check, "kind": kind, **sides, **more}
    return f"DRIFT#{iso(at)}#1#{check}", row


def drawn(*rows: tuple[str, Row], of: TableReport | None = None) -> Timeline:
    """The timeline of a table that has these rows."""
    report = of or WHOLE
    return timeline(report, [rule.id for rule in report.rules], rows)


def _side(status: str | None) -> dict[str, Any]:
    return {ARN: {"status": status, "watched": {}} if status else None}


def month() -> Rows:
    """Runs of 26 days but three, in which PITR was off for two days and permissions were missing for four."""
    for day in range(26, -1, -1):
        if day in {17, 18, 19}:
            continue
        for hour in (0, 2):
            statuses = {"billing-on-demand": "WARN", "backups-scheduled": "NOT_APPLICABLE"}
            statuses |= {"pitr-enabled": "FAIL"} if day in {9, 8} or (day == 0 and hour) else {}
            statuses |= {"restore-drilled": "FAIL"} | ({"ttl-enabled": "UNKNOWN"} if day < 4 else {})
            statuses |= {"encryption-kms": "FAIL", "iam-least-privilege": "FAIL"} if day < 22 else {}
            statuses |= {"alarms-wired": "FAIL"} if day > 12 else {"alarms-wired": "WARN"}
            yield run(on(day, hour), statuses)


def quarter() -> Rows:
    """The changes of 90 days: of those before the month, no run is left."""
    yield drift(on(120), "alarms-wired/throttling", None, "FAIL")
    yield drift(on(71, 14, 20), "ttl-enabled/on", None, "FAIL", actor=MARIA)
    yield drift(on(66, 9, 5), "ttl-enabled/on", "FAIL", None, actor=MARIA)
    yield drift(on(52), "dead-letters-kept/kept", None, "FAIL")
    yield drift(on(52, 3, 40), "dead-letters-kept/kept", "FAIL", None)
    yield drift(on(22), "encryption-kms/on", None, "FAIL")
    yield drift(on(22), "iam-least-privilege/own-rows", None, "FAIL")
    yield drift(on(12), "alarms-wired/throttling", "FAIL", "WARN")
    yield drift(on(9, 0, 4), "pitr-enabled/on", None, "FAIL", actor=MARIA)
    yield drift(on(7, 0, 2), "pitr-enabled/on", "FAIL", None, actor=MARIA)
    yield drift(on(0, 2), "pitr-enabled/on", None, "FAIL", actor=MARIA)


def _found() -> dict[str, tuple[FindingLine, ...]]:
    denied = "could not be read: access was denied (dynamodb:DescribeTimeToLive)"
    pitr = (
        "aws dynamodb update-continuous-backups --table-name babesclub-commerce --region us-east-1"
        " --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true,RecoveryPeriodInDays=35"
    )
    recovery = {"PointInTimeRecoveryStatus": "DISABLED", "EarliestRestorableDateTime": None}
    rights = "lets the function change items of the monitor, whose keys begin with READINESS#"
    record = "readiness attest restore-drilled"
    return {
        "billing-on-demand": (finding("mode", WARN, "billing mode changed 9 days ago: the price is not settled"),),
        "encryption-kms": (
            replace(
                finding("on", FAIL, "the table is encrypted with an AWS owned key, expected a KMS key of the account"),
                waiver=WAIVER,
                evidence={"SSEDescription": None},
            ),
        ),
        "ttl-enabled": tuple(
            replace(finding(check, UNKNOWN, denied), reason="ACCESS_DENIED", permission="dynamodb:DescribeTimeToLive")
            for check in ("on", "attribute")
        ),
        "pitr-enabled": (
            replace(finding("on", FAIL, "PITR is disabled", "CRITICAL", pitr), evidence=recovery, controls=RECOVERY),
            replace(finding("deletion-protection", WARN, "deletion protection is disabled"), controls=PROTECTION),
            finding("window", Status.NOT_APPLICABLE, "PITR is disabled"),
            replace(finding("togglers", PASS, "only role/breakglass can disable PITR"), controls=RECOVERY[:1]),
        ),
        "iam-least-privilege": (
            *(
                replace(
                    finding("own-rows", FAIL, rights),
                    resource=f"arn:aws:iam::123456789012:role/babesclub-{name}",
                    evidence={"Actions": ["dynamodb:PutItem", "dynamodb:UpdateItem"], "Statement": "Writes"},
                )
                for name in ("cart", "checkout")
            ),
            finding("scoped", PASS, "no statement allows dynamodb:* on all tables"),
        ),
        "alarms-wired": (finding("throttling", WARN, "SNS topic on-call delivers only by email, which pages nobody"),),
        "backups-scheduled": (
            replace(
                finding("selected", Status.NOT_APPLICABLE, "backup_decision is not configured in the checklist"),
                reason="NOT_CONFIGURED",
            ),
        ),
        "restore-drilled": (
            replace(finding("drilled", FAIL, "no restore drill is recorded", "MEDIUM", record), reason="NOT_RECORDED"),
        ),
    }


def _whole() -> TableReport:
    found = _found()
    rules = items("data-platform@example.com", *(found.get(rule.id, FINE) for rule in RULES))
    since = {"pitr-enabled": on(0, 2), "ttl-enabled": on(3), "encryption-kms": on(22), "iam-least-privilege": on(22)}
    attested = AttestationLine("li@example.com", on(20), on(-70), "2,000 requests a second for 30 minutes", "VALID")
    rules = tuple(
        replace(
            rule,
            since=since.get(rule.id),
            owner=None if rule.id == "restore-drilled" else rule.owner,
            attestations=(attested,) if rule.id == "load-tested" else (),
        )
        for rule in rules
    )
    lacks = ("1.3: UNKNOWN", "1.4: FAIL", "2.2: FAIL", "5.1: FAIL", "5.1: no owner")
    return replace(
        table(rules, waived=1),
        incomplete=lacks,
        runbook="https://wiki.example.com/runbooks/commerce-table",
        signoff=SignoffLine("li@example.com", on(30), on(-60), "CHANGED", ("pitr-enabled/on",)),
    )


WHOLE = _whole()
REPORT = Report((WHOLE,))
HISTORY = drawn(*month(), *quarter())
TIMELINES = {WHOLE.table: HISTORY}
