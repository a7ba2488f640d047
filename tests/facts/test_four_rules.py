"""The rules about the table itself, on moto: what is read, what it leads to, what stays unknown when a call fails."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError
from msgspec.structs import replace

from readiness.aws.client import Aws
from readiness.checklist import Settings
from readiness.engine.collect import Past, collect
from readiness.engine.evaluate import TableEvaluation, evaluate
from readiness.engine.snapshot import ROOT, Place
from readiness.facts.dynamodb.table import Table
from readiness.facts.dynamodb.time_to_live import Canaries
from readiness.facts.recorded.now import Now
from readiness.model import Finding, Reason, Status
from readiness.rules import RULES
from tests.aws.account import ARN, TABLE, Account, encrypt

DESCRIBE = {
    "billing-on-demand/mode",
    "billing-on-demand/settled",
    "encryption-kms/on",
    "encryption-kms/accessible",
    "pitr-enabled/deletion-protection",
    "pitr-enabled/kept",
}
TTL = {"ttl-enabled/on", "ttl-enabled/attribute", "ttl-enabled/canary"}
RECOVERY = {"pitr-enabled/on", "pitr-enabled/window", "pitr-enabled/filled", "pitr-enabled/fresh"}
KEY = {"encryption-kms/key", "encryption-kms/rotation", "encryption-kms/material"}
SCALING = {"billing-on-demand/autoscaling"}
EVERYTHING = DESCRIBE | TTL | RECOVERY | KEY | SCALING

NEEDED_BY = {
    ("dynamodb", "DescribeTable"): DESCRIBE | KEY | SCALING,
    ("dynamodb", "DescribeTimeToLive"): TTL,
    ("dynamodb", "DescribeContinuousBackups"): RECOVERY,
    ("kms", "DescribeKey"): KEY,
    ("kms", "GetKeyRotationStatus"): {"encryption-kms/rotation"},
    ("kms", "ListKeyRotations"): {"encryption-kms/rotation"},
    ("application-autoscaling", "DescribeScalableTargets"): SCALING,
}

FAILURES: dict[Reason, Callable[[Account, str, str], None]] = {
    Reason.ACCESS_DENIED: lambda account, *call: account.refuse(*call, "AccessDeniedException"),
    Reason.THROTTLED: lambda account, *call: account.refuse(*call, "ThrottlingException"),
    Reason.SERVER_ERROR: lambda account, *call: account.refuse(*call, "InternalServerError", status=500),
    Reason.TIMEOUT: lambda account, *call: account.fail(*call, ReadTimeoutError(endpoint_url="https://aws")),
    Reason.INCOMPLETE_ANSWER: lambda account, *call: account.answer(*call, {}),
}


def judged(account: Account) -> TableEvaluation:
    place = frozenset({(Table, ARN)})
    given: dict[type, dict[Place, Any]] = {
        Aws: {ROOT: account.aws},
        Settings: {ROOT: Settings()},
        Now: {ROOT: Now(datetime.now(UTC))},
        Canaries: {place: Canaries(())},
    }
    rules = [replace(rule, checks=[check for check in rule.checks if check.id in EVERYTHING]) for rule in RULES]
    snapshot = collect([check for rule in rules for check in rule.checks], Past(given))
    [judgement] = evaluate(rules, snapshot, Table, _names, _no_defect)
    return judgement


def _names(table: Table) -> dict[str, object]:
    return {
        "table": table.name,
        "arn": table.arn,
        "account": table.account,
        "region": table.region,
        "ttl_attribute": "expiresAt",
        "window_days": 35,
    }


def _no_defect(who: str, error: Exception) -> None:
    raise AssertionError(who) from error


def findings(judgement: TableEvaluation) -> Iterator[tuple[str, Finding]]:
    for asked in judgement.asked:
        [finding] = asked.findings
        yield asked.check.id, finding


def of_status(judgement: TableEvaluation, status: Status) -> set[str]:
    return {check for check, finding in findings(judgement) if finding.status is status}


@pytest.fixture
def customer_key(furnished: Account) -> str:
    """The table is encrypted with this customer key, which nobody rotates, so that every call has to be made."""
    arn: str = furnished.client("kms").create_key()["KeyMetadata"]["Arn"]
    encrypt(furnished, arn)
    return arn


def test_a_good_table_passes(furnished: Account) -> None:
    judgement = judged(furnished)
    assert of_status(judgement, Status.NOT_APPLICABLE) == {"encryption-kms/rotation", "ttl-enabled/canary"}
    assert of_status(judgement, Status.PASS) == EVERYTHING - of_status(judgement, Status.NOT_APPLICABLE)
    assert "first result is due on" in dict(findings(judgement))["ttl-enabled/canary"].message
    assert [judgement.status(rule) for rule in judgement.rules] == [Status.PASS] * 4


def test_a_bad_table_fails_where_it_is_bad_and_says_how_to_mend_it(account: Account) -> None:
    account.client("dynamodb").create_table(
        TableName=TABLE,
        BillingMode="PROVISIONED",
        ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
        KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "PK", "AttributeType": "S"}],
    )
    judgement = judged(account)
    assert of_status(judgement, Status.FAIL) == {
        "billing-on-demand/mode",
        "encryption-kms/on",
        "ttl-enabled/on",
        "pitr-enabled/on",
    }
    assert of_status(judgement, Status.WARN) == {"pitr-enabled/deletion-protection"}
    assert dict(findings(judgement))["pitr-enabled/on"].remediation == (
        "aws dynamodb update-continuous-backups --region us-east-1 --table-name babesclub-commerce"
        " --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true,RecoveryPeriodInDays=35"
    )


def test_a_missing_table_fails_everything_in_one_sentence(account: Account) -> None:
    judgement = judged(account)
    assert of_status(judgement, Status.FAIL) == EVERYTHING
    assert {finding.message for _, finding in findings(judgement)} == {"the table babesclub-commerce does not exist"}


@pytest.mark.usefixtures("customer_key")
def test_no_call_is_made_twice(furnished: Account) -> None:
    furnished.calls.clear()
    judged(furnished)
    assert sorted(furnished.calls) == sorted(f"{service}:{operation}" for service, operation in NEEDED_BY)


@pytest.mark.usefixtures("customer_key")
@pytest.mark.parametrize("call", NEEDED_BY, ids=lambda call: call[1])
@pytest.mark.parametrize("reason", FAILURES)
def test_a_call_that_fails_leaves_just_those_unknown_that_need_it(
    furnished: Account, call: tuple[str, str], reason: Reason
) -> None:
    before = dict(findings(judged(furnished)))
    FAILURES[reason](furnished, *call)
    after = dict(findings(judged(furnished)))
    unknown = {check for check, finding in after.items() if finding.status is Status.UNKNOWN}
    assert unknown == NEEDED_BY[call]
    for check in unknown:
        why = after[check].unavailable
        assert why
        assert (why.reason, why.permission) == (reason, ":".join(call))
    assert {check: after[check].status for check in EVERYTHING - unknown} == {
        check: before[check].status for check in EVERYTHING - unknown
    }


def test_a_key_pending_deletion_is_seen_while_the_table_is_active(furnished: Account, customer_key: str) -> None:
    furnished.client("kms").schedule_key_deletion(KeyId=customer_key.rpartition("/")[2], PendingWindowInDays=7)
    judgement = judged(furnished)
    assert of_status(judgement, Status.FAIL) == {"encryption-kms/key"}
    assert "encryption-kms/rotation" in of_status(judgement, Status.NOT_APPLICABLE)
