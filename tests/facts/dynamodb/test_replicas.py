import pytest
from moto import mock_aws

from readiness.aws.client import Caller
from readiness.facts.dynamodb.recovery import Replica, replica_recovery, replica_table, replicas
from readiness.facts.dynamodb.table import ReplicaDescription, Table
from readiness.model import Gone, Unreadable
from tests.aws.account import ACCOUNT, ARN, TABLE, Account, make_table
from tests.rules.facts import description

THERE = "eu-west-1"
THERE_ARN = ARN.replace("us-east-1", THERE)
OTHER = "210987654321"
HERE = Table(TABLE, ARN, ACCOUNT, "us-east-1")


def told(region: str = THERE, arn: str | None = THERE_ARN, status: str | None = "ACTIVE") -> ReplicaDescription:
    return ReplicaDescription(region, arn, status, None, None)


def found(*told: ReplicaDescription) -> list[Replica]:
    return list(replicas(HERE, description(replicas=told)))


def test_a_replica_is_known_by_its_arn_and_account() -> None:
    arn = THERE_ARN.replace(ACCOUNT, OTHER)
    assert found(told(), told(arn=arn)) == [
        Replica(THERE_ARN, ACCOUNT, THERE, "ACTIVE"),
        Replica(arn, OTHER, THERE, "ACTIVE"),
    ]


def test_one_without_an_arn_is_of_this_account() -> None:
    assert found(told(arn=None)) == [Replica(THERE_ARN, ACCOUNT, THERE, "ACTIVE")]


def test_a_table_that_is_named_like_its_region_keeps_its_name() -> None:
    table = Table("us-east-1", ARN.replace(TABLE, "us-east-1"), ACCOUNT, "us-east-1")
    (replica,) = replicas(table, description(replicas=(told(arn=None),)))
    assert replica.arn == THERE_ARN.replace(TABLE, "us-east-1")


def test_the_table_is_no_replica_of_itself() -> None:
    assert found(told("us-east-1", ARN), told("us-east-1", None)) == []


@pytest.fixture
def replicated(account: Account) -> Account:
    """The table, and in another Region one of its name that has neither recovery nor protection."""
    make_table(account.client("dynamodb"))
    there = Caller(account.session, THERE).client("dynamodb")
    make_table(there)
    there.update_table(TableName=TABLE, DeletionProtectionEnabled=False)
    there.update_continuous_backups(
        TableName=TABLE, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
    )
    return account


REPLICA = Replica(THERE_ARN, ACCOUNT, THERE, "ACTIVE")


def test_each_is_read_in_its_own_region(replicated: Account) -> None:
    recovery, table = replica_recovery(replicated.aws, HERE, REPLICA), replica_table(replicated.aws, HERE, REPLICA)
    assert recovery
    assert table
    assert (recovery.enabled, table.deletion_protected, table.disassociation_protected) == (False, False, True)


@pytest.mark.parametrize(("consistency", "protected"), [("EVENTUAL", False), ("STRONG", True)])
def test_one_that_agrees_strongly_can_not_be_disassociated(
    replicated: Account, consistency: str, *, protected: bool
) -> None:
    replicated.aws.client("dynamodb", THERE).meta.events.register(
        "after-call.dynamodb.DescribeTable",
        lambda parsed, **_event: parsed["Table"].update(
            DisassociationProtectionEnabled=False, MultiRegionConsistency=consistency
        ),
    )
    table = replica_table(replicated.aws, HERE, REPLICA)
    assert table
    assert table.disassociation_protected is protected


def test_nothing_is_asked_of_another_account(account: Account) -> None:
    other = Replica(THERE_ARN.replace(ACCOUNT, OTHER), OTHER, THERE, "ACTIVE")
    assert replica_recovery(account.aws, HERE, other) is None
    assert replica_table(account.aws, HERE, other) is None
    assert account.calls == []


def test_one_that_is_not_there_is_gone() -> None:
    with mock_aws():
        account = Account()
        with pytest.raises(Gone):
            replica_recovery(account.aws, HERE, REPLICA)
        with pytest.raises(Gone):
            replica_table(account.aws, HERE, REPLICA)


def test_recovery_that_is_not_told_is_not_taken_for_off(replicated: Account) -> None:
    replicated.aws.client("dynamodb", THERE).meta.events.register(
        "after-call.dynamodb.DescribeContinuousBackups",
        lambda parsed, **_event: parsed["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"].clear(),
    )
    found = replica_recovery(replicated.aws, HERE, REPLICA)
    assert found
    with pytest.raises(Unreadable):
        _ = found.enabled
