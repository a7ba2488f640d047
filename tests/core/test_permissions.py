"""What is allowed, and what botocore keeps, follow from what the facts declare."""

from botocore.session import Session

from readiness.permissions import actions, operations, policy
from readiness.rules import ASKED

CHECKS = [check for rule in ASKED for check in rule.checks]
PAYER = "arn:aws:iam::999999999999:role/costs"


def test_what_a_check_needs_in_turn_is_among_its_actions() -> None:
    on_key = [check for check in CHECKS if check.rule.id == "encryption-kms"]
    assert {"dynamodb:DescribeTable", "kms:DescribeKey"} <= actions(on_key)


def test_botocore_knows_every_operation_by_its_name() -> None:
    session = Session()
    for service, names in operations().items():
        assert names <= set(session.get_service_model(service).operation_names), service


def test_an_action_may_stand_for_several_operations() -> None:
    assert operations()["budgets"] == {
        "DescribeBudgets",
        "DescribeNotificationsForBudget",
        "DescribeSubscribersForNotification",
    }
    assert {"AssumeRole", "GetCallerIdentity"} <= operations()["sts"]


def test_no_role_may_be_assumed_where_none_is_named() -> None:
    allowed = {action for each in policy(CHECKS, ["orders"])["Statement"] for action in each["Action"]}
    assert actions(CHECKS) - allowed == {"sts:AssumeRole"}


def test_nothing_that_can_be_scoped_is_allowed_on_everything() -> None:
    tables = ["orders", "arn:aws:dynamodb:eu-west-1:123456789012:table/carts"]
    statements = policy(CHECKS, tables, payer=PAYER)["Statement"]
    resources = {action: statement["Resource"] for statement in statements for action in statement["Action"]}
    assert set(resources) == actions(CHECKS)
    assert resources["dynamodb:DescribeTable"] == [
        "arn:*:dynamodb:*:*:table/orders",
        "arn:aws:dynamodb:eu-west-1:123456789012:table/carts",
    ]
    assert resources["sts:AssumeRole"] == [PAYER]
    assert resources["budgets:ViewBudget"] == ["arn:*:budgets::*:budget/*"]
    assert resources["kms:DescribeKey"] == ["arn:*:kms:*:*:key/*"]
    assert resources["application-autoscaling:DescribeScalableTargets"] == ["*"]
    assert resources["lambda:ListAliases"] == ["arn:*:lambda:*:*:function:*"]
    assert resources["cloudtrail:GetTrailStatus"] == ["arn:*:cloudtrail:*:*:trail/*"]
    assert resources["sqs:GetQueueAttributes"] == ["arn:*:sqs:*:*:*"]
    assert resources["backup:GetBackupPlan"] == ["arn:*:backup:*:*:backup-plan:*"]
    assert resources["scheduler:GetSchedule"] == ["arn:*:scheduler:*:*:schedule/*/*"]
    assert {action for action, scope in resources.items() if scope == ["*"]} >= {
        "backup:ListBackupPlans",
        "cloudtrail:DescribeTrails",
        "dynamodb:ListBackups",
        "iam:GetAccountAuthorizationDetails",
        "lambda:ListFunctions",
        "logs:DescribeLogGroups",
    }
