"""What is allowed, and what botocore keeps, follow from what the facts declare."""

from botocore.session import Session

from readiness.report.permissions import actions, operations, policy
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


def test_no_role_may_be_assumed_and_no_staging_table_read_where_none_is_named() -> None:
    allowed = {action for each in policy(CHECKS, ["orders"])["Statement"] for action in each["Action"]}
    assert actions(CHECKS) - allowed == {
        "dynamodb:DescribeContributorInsights",
        "dynamodb:Scan",
        "sts:AssumeRole",
    }


def test_other_tables_are_described_only_where_copies_are_looked_for() -> None:
    others = [check for check in CHECKS if check.rule.id == "ttl-enabled"]
    (statement,) = policy(others, ["orders"])["Statement"]
    assert statement["Resource"] == ["arn:*:dynamodb:*:*:table/orders"]


def test_a_table_is_described_in_other_regions_only_where_replicas_are_looked_for() -> None:
    arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/carts"
    for rule, region in (("pitr-enabled", "*"), ("billing-on-demand", "eu-west-1")):
        checks = [check for check in CHECKS if check.rule.id == rule]
        statements = policy(checks, [arn])["Statement"]
        (found,) = [each["Resource"] for each in statements if "dynamodb:DescribeTable" in each["Action"]]
        assert found == [arn.replace("eu-west-1", region)]


def test_the_staging_table_is_described_where_it_is_judged() -> None:
    checks = [check for check in CHECKS if check.rule.id == "load-tested"]
    statements = policy(checks, ["orders"], staging=["orders-test"])["Statement"]
    (found,) = [each["Resource"] for each in statements if "dynamodb:DescribeTable" in each["Action"]]
    assert set(found) == {"arn:*:dynamodb:*:*:table/orders", "arn:*:dynamodb:*:*:table/orders-test"}


def test_items_may_be_read_only_of_tables_that_are_sampled() -> None:
    statements = policy(CHECKS, ["orders", "carts"], sampled={"carts": ("PK", "SK", "expiresAt")})["Statement"]
    (scan,) = [each for each in statements if "dynamodb:Scan" in each["Action"]]
    assert scan == {
        "Effect": "Allow",
        "Action": ["dynamodb:Scan"],
        "Resource": ["arn:*:dynamodb:*:*:table/carts"],
        "Condition": {
            "ForAllValues:StringEquals": {"dynamodb:Attributes": ["PK", "SK", "expiresAt"]},
            "StringEquals": {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"},
        },
    }
    on_key = [check for check in CHECKS if check.rule.id == "encryption-kms"]
    assert "dynamodb:Scan" not in str(policy(on_key, ["carts"], sampled={"carts": ("PK",)}))


def test_nothing_that_can_be_scoped_is_allowed_on_everything() -> None:
    tables = ["orders", "arn:aws:dynamodb:eu-west-1:123456789012:table/carts"]
    statements = policy(CHECKS, tables, payer=PAYER, staging=["orders-test"], sampled={"orders": ("PK",)})["Statement"]
    resources = {action: statement["Resource"] for statement in statements for action in statement["Action"]}
    assert set(resources) == actions(CHECKS)
    assert resources["dynamodb:DescribeTimeToLive"] == [
        "arn:*:dynamodb:*:*:table/orders",
        "arn:aws:dynamodb:eu-west-1:123456789012:table/carts",
    ]
    assert resources["dynamodb:DescribeContinuousBackups"] == [
        "arn:*:dynamodb:*:*:table/orders",
        "arn:aws:dynamodb:*:123456789012:table/carts",
    ]
    assert resources["dynamodb:GetResourcePolicy"][2:] == [
        "arn:*:dynamodb:*:*:table/orders/stream/*",
        "arn:aws:dynamodb:eu-west-1:123456789012:table/carts/stream/*",
    ]
    assert resources["dynamodb:DescribeTable"] == ["arn:*:dynamodb:*:*:table/*"]
    assert resources["dynamodb:DescribeContributorInsights"] == [
        "arn:*:dynamodb:*:*:table/orders-test",
        "arn:*:dynamodb:*:*:table/orders-test/index/*",
    ]
    assert resources["cloudwatch:GetInsightRuleReport"] == [
        "arn:*:cloudwatch:*:*:insight-rule/DynamoDBContributorInsights-*"
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
        "backup:ListRestoreJobsByProtectedResource",
        "cloudtrail:LookupEvents",
        "cloudtrail:DescribeTrails",
        "dynamodb:ListBackups",
        "iam:GetAccountAuthorizationDetails",
        "lambda:ListFunctions",
        "logs:DescribeLogGroups",
    }
