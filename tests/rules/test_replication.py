"""Global tables: what becomes of replicas, and what each of them has of its own."""

from typing import Any

import pytest

from readiness.facts.dynamodb.recovery import Replica, ReplicaRecovery, ReplicaTable
from readiness.facts.dynamodb.table import ReplicaDescription, Table
from readiness.model import Gone, Reason, Severity, Status, Unreadable, Verdict
from readiness.rules.pitr_enabled import replica_protection, replica_recovery, replication, rule
from tests.aws.account import ACCOUNT, ARN, REGION, TABLE
from tests.rules.facts import ago, checklist, description, encryption

HERE = Table(TABLE, ARN, ACCOUNT, REGION)
THERE = ARN.replace(REGION, "eu-west-1")
ELSEWHERE = ARN.replace(REGION, "eu-central-1")


def told(status: str | None, region: str = "eu-west-1", **other: Any) -> ReplicaDescription:
    return ReplicaDescription(
        **{"region": region, "arn": None, "status": status, "inaccessible_since": None, "key": None} | other
    )


def asked(*replicas: ReplicaDescription, **other: Any) -> list[Verdict]:
    return list(replication(HERE, description(replicas=replicas, **other)))


def of_replica(replica: ReplicaDescription, **other: Any) -> Verdict:
    (_, verdict) = asked(replica, **other)
    assert verdict.resource == THERE
    return verdict


def test_it_is_required_and_critical() -> None:
    (check,) = (check for check in rule.checks if check.name == "replication")
    assert (check.required, check.severity) == (True, Severity.CRITICAL)


def test_a_table_that_is_not_replicated_is_not_judged() -> None:
    assert [verdict.status for verdict in asked()] == [Status.NOT_APPLICABLE]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("ACTIVE", Status.PASS),
        ("CREATING", Status.WARN),
        ("UPDATING", Status.WARN),
        ("DELETING", Status.WARN),
        ("CREATION_FAILED", Status.FAIL),
        ("REGION_DISABLED", Status.FAIL),
        ("INACCESSIBLE_ENCRYPTION_CREDENTIALS", Status.FAIL),
        ("REPLICATION_NOT_AUTHORIZED", Status.FAIL),
        ("ARCHIVING", Status.FAIL),
        ("ARCHIVED", Status.FAIL),
    ],
)
def test_statuses(status: str, expected: Status) -> None:
    assert of_replica(told(status)).status is expected


@pytest.mark.parametrize("status", ["INACCESSIBLE_ENCRYPTION_CREDENTIALS", "REPLICATION_NOT_AUTHORIZED"])
@pytest.mark.parametrize(
    ("consistency", "until"),
    [
        pytest.param("EVENTUAL", "2026-11-24 20:00 UTC, 20 hours after", id="20 hours where replicas agree in the end"),
        pytest.param("STRONG", "2026-12-01 00:00 UTC, 7 days after", id="7 days where they agree strongly"),
    ],
)
def test_a_replica_that_is_cut_off_names_its_deadline(status: str, consistency: str, until: str) -> None:
    verdict = of_replica(told(status, inaccessible_since=ago(hours=3)), consistency=consistency)
    assert verdict.status is Status.FAIL
    assert until in verdict.message


def test_without_its_beginning_the_span_is_named() -> None:
    assert "20 hours after it became inaccessible" in of_replica(told("REGION_DISABLED")).message


def test_somebody_removes_a_replica_that_is_deleted() -> None:
    assert "the replica is being removed" in of_replica(told("DELETING")).message


@pytest.mark.parametrize(
    ("status", "reason"), [("SLEEPING", Reason.SDK_TOO_OLD), (None, Reason.INCOMPLETE_ANSWER)], ids=["new", "absent"]
)
def test_a_status_that_says_nothing_hides_nothing_of_the_others(status: str | None, reason: Reason) -> None:
    said: list[Verdict] = []
    with pytest.raises(Unreadable) as unread:
        said.extend(replication(HERE, description(replicas=(told(status), told("ARCHIVED", "eu-central-1")))))
    assert unread.value.elements[THERE].reason is reason
    assert [verdict.status for verdict in said if verdict.resource == ELSEWHERE] == [Status.FAIL]


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        pytest.param({}, Status.PASS, id="protected"),
        pytest.param({"disassociation_protected": False}, Status.WARN, id="one call could part it from the others"),
        pytest.param(
            {"disassociation_protected": False, "consistency": "STRONG"},
            Status.PASS,
            id="replicas that agree strongly can not be disassociated",
        ),
        pytest.param({"status": "REPLICATION_NOT_AUTHORIZED"}, Status.FAIL, id="the table itself may not replicate"),
        pytest.param({"status": "ARCHIVING"}, Status.FAIL, id="the table itself is archived"),
    ],
)
def test_of_the_table_itself(facts: dict[str, Any], status: Status) -> None:
    own, *_ = asked(told("ACTIVE"), **facts)
    assert (own.resource, own.status) == (None, status)


def test_a_table_without_its_key_is_parted_from_its_replicas_before_it_is_archived() -> None:
    locked = encryption(inaccessible_since=ago(hours=3))
    own, *_ = asked(told("ACTIVE"), status="INACCESSIBLE_ENCRYPTION_CREDENTIALS", encryption=locked)
    assert own.status is Status.FAIL
    assert "2026-11-24 20:00 UTC" in own.message


def test_a_table_that_may_not_replicate_fails_though_no_replica_is_told() -> None:
    (own,) = asked(status="REPLICATION_NOT_AUTHORIZED")
    assert own.status is Status.FAIL


def test_the_table_among_its_replicas_is_judged_once_with_its_deadline() -> None:
    itself = told("REPLICATION_NOT_AUTHORIZED", REGION, inaccessible_since=ago(hours=3))
    (own, _) = asked(itself, told("ACTIVE"), status="REPLICATION_NOT_AUTHORIZED")
    assert "2026-11-24 20:00 UTC" in own.message


@pytest.mark.parametrize(
    ("replica", "command"),
    [
        pytest.param(told("REGION_DISABLED"), "aws account enable-region", id="a Region that is off is switched on"),
        pytest.param(
            told("INACCESSIBLE_ENCRYPTION_CREDENTIALS", key="arn:aws:kms:eu-west-1:1:key/1"),
            "aws kms enable-key",
            id="a key that is off is switched on",
        ),
        pytest.param(
            told("INACCESSIBLE_ENCRYPTION_CREDENTIALS"), "aws dynamodb describe-table", id="which key has to be asked"
        ),
        pytest.param(told("REPLICATION_NOT_AUTHORIZED"), "aws dynamodb get-resource-policy", id="a policy denies it"),
    ],
)
def test_what_is_cut_off_is_mended_where_it_is_cut(replica: ReplicaDescription, command: str) -> None:
    verdict = of_replica(replica)
    assert verdict.remedy
    assert verdict.remedy.command.startswith(command)


def a_replica(**other: Any) -> Replica:
    return Replica(**{"arn": THERE, "account": ACCOUNT, "region": "eu-west-1", "status": "ACTIVE"} | other)


@pytest.mark.parametrize(
    ("replica", "recovery", "status"),
    [
        pytest.param(a_replica(), ReplicaRecovery(enabled=True), Status.PASS, id="on there too"),
        pytest.param(a_replica(), ReplicaRecovery(enabled=False), Status.FAIL, id="off there"),
        pytest.param(a_replica(status="CREATING"), ReplicaRecovery(enabled=False), Status.WARN, id="not on there yet"),
        pytest.param(a_replica(account="210987654321"), None, Status.NOT_APPLICABLE, id="of another account"),
        pytest.param(a_replica(status="DELETING"), Gone("no"), Status.NOT_APPLICABLE, id="removed already"),
        pytest.param(a_replica(), Gone("no"), Status.FAIL, id="not there though it is active"),
    ],
)
def test_recovery_of_a_replica(replica: Replica, recovery: ReplicaRecovery | Gone | None, status: Status) -> None:
    verdict = replica_recovery(replica, recovery)
    assert verdict.status is status
    assert "eu-west-1" in verdict.message


def test_the_account_of_a_replica_that_can_not_be_read_is_named() -> None:
    replica = a_replica(account="210987654321")
    assert "210987654321" in replica_recovery(replica, None).message
    assert "210987654321" in replica_protection(replica, None, checklist()).message


def protection(*, deletion: bool = True, disassociation: bool = True) -> ReplicaTable:
    return ReplicaTable(deletion_protected=deletion, disassociation_protected=disassociation)


@pytest.mark.parametrize(
    ("found", "wish", "status"),
    [
        pytest.param(protection(), "fail", Status.PASS, id="protected"),
        pytest.param(protection(deletion=False), "warn", Status.WARN, id="it can be deleted"),
        pytest.param(protection(deletion=False), "fail", Status.FAIL, id="it can be deleted, and must not"),
        pytest.param(protection(disassociation=False), "fail", Status.WARN, id="it can be parted from the others"),
        pytest.param(None, "fail", Status.NOT_APPLICABLE, id="of another account"),
        pytest.param(Gone("no"), "warn", Status.FAIL, id="not there"),
    ],
)
def test_protection_of_a_replica(found: ReplicaTable | Gone | None, wish: str, status: Status) -> None:
    assert replica_protection(a_replica(), found, checklist(deletion_protection=wish)).status is status
