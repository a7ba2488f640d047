import pytest

from readiness.model import Status
from readiness.rules.iam_least_privilege import administration
from tests.aws.account import ARN
from tests.rules.iam_least_privilege.policies import CONDITION, NARROW, TABLES
from tests.rules.roles import Document, allow, deny, extra, role


@pytest.mark.parametrize(
    ("written", "status"),
    [
        pytest.param(allow("dynamodb:*", ARN), Status.FAIL, id="dynamodb:*"),
        pytest.param(allow("*", "*"), Status.FAIL, id="everything"),
        pytest.param(allow("dynamodb:DeleteTable", ARN), Status.FAIL, id="DeleteTable"),
        pytest.param(allow("dynamodb:Update*", ARN), Status.FAIL, id="UpdateTable is among Update*"),
        pytest.param(allow("dynamodb:UpdateItem", ARN), Status.PASS, id="UpdateItem is not"),
        pytest.param(allow("dynamodb:UpdateContinuousBackups", ARN), Status.FAIL, id="UpdateContinuousBackups"),
        pytest.param(allow("dynamodb:UpdateTimeToLive", ARN), Status.FAIL, id="UpdateTimeToLive"),
        pytest.param(allow("dynamodb:CreateBackup", ARN), Status.FAIL, id="CreateBackup"),
        pytest.param(allow("dynamodb:DeleteBackup", f"{ARN}/backup/*"), Status.FAIL, id="DeleteBackup, on backups"),
        pytest.param(allow("dynamodb:RestoreTableToPointInTime", ARN), Status.FAIL, id="Restore"),
        pytest.param(allow("dynamodb:ExportTableToPointInTime", ARN), Status.FAIL, id="Export"),
        pytest.param(allow("dynamodb:PutResourcePolicy", ARN), Status.FAIL, id="PutResourcePolicy"),
        pytest.param(allow("dynamodb:UntagResource", ARN), Status.FAIL, id="UntagResource"),
        pytest.param(allow("dynamodb:UpdateContributorInsights", ARN), Status.FAIL, id="insights"),
        pytest.param(allow("dynamodb:DisableKinesisStreamingDestination", ARN), Status.FAIL, id="Kinesis"),
        pytest.param(allow("dynamodb:DescribeKinesisStreamingDestination", ARN), Status.PASS, id="who reads"),
        pytest.param(allow("dynamodb:PartiQLInsert", ARN), Status.PASS, id="PartiQL writes items"),
        pytest.param(allow("dynamodb:DeleteTable", f"{TABLES}/other"), Status.PASS, id="of another table"),
        pytest.param(allow(None, ARN, NotAction="iam:*"), Status.FAIL, id="NotAction"),
        pytest.param(allow("dynamodb:DeleteTable", ARN, Condition=CONDITION), Status.FAIL, id="under a condition"),
        pytest.param(allow("dynamodb:*", f"{ARN}/index/*"), Status.FAIL, id="insights of an index"),
        pytest.param(allow("dynamodb:Query", f"{ARN}/index/*"), Status.PASS, id="to query it is none"),
        pytest.param(allow("dynamodb:*", f"{ARN}/stream/*"), Status.FAIL, id="the policy of its stream"),
        pytest.param(allow("dynamodb:DeleteBackup", f"{ARN}/backup/0157*"), Status.FAIL, id="some of the backups"),
        pytest.param(allow("dynamodb:DeleteTable", f"{ARN}/backup/*"), Status.PASS, id="a backup is no table"),
        pytest.param(allow("dynamodb:PurchaseReserved*", "*"), Status.PASS, id="what concerns no table"),
    ],
)  # fmt: skip
def test_administration(written: Document, status: Status) -> None:
    assert administration(role(), extra(written)).status is status


def test_what_is_denied_is_not_administered() -> None:
    allowed = allow("dynamodb:DeleteTable", ARN)
    assert administration(role(), extra(allowed, deny("dynamodb:DeleteTable", "*"))).status is Status.PASS
    conditional = deny("dynamodb:DeleteTable", "*", Condition=CONDITION)
    assert administration(role(), extra(allowed, conditional)).status is Status.FAIL


def test_administration_that_a_boundary_keeps_back_is_a_warning() -> None:
    verdict = administration(role(), extra(allow("dynamodb:*", "*"), boundary=NARROW))
    assert verdict.status is Status.WARN
    assert "its permissions boundary does not allow it" in verdict.message


def test_of_a_pattern_the_message_names_the_actions_that_administer() -> None:
    verdict = administration(role(), extra(allow(["dynamodb:Delete*", "dynamodb:GetItem"], ARN)))
    assert "extra allows dynamodb:Delete* (dynamodb:DeleteTable, " in verdict.message
    assert verdict.evidence["Action"] == ["dynamodb:Delete*"]
