"""The account of all three: the one of the other rows, with faults that are known."""

import json
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import unquote

import boto3
from moto.core.responses import ActionResult
from moto.iam.responses import IamResponse

from bench import account
from tests.aws import shop
from tests.aws.account import ARN, TABLE

STRANGER = "210987654321"

Json = dict[str, Any]


def complete() -> None:
    """Let moto simulate policies, which Cloud Custodian asks for: the inline policies of a role, on every resource.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
    """
    IamResponse.simulate_principal_policy = _simulated  # type: ignore[attr-defined]


def _simulated(response: Any) -> ActionResult:
    role = response.backend.get_role(response._get_param("PolicySourceArn").rpartition("/")[2])  # noqa: SLF001  moto has no other way to it
    statements = [each for text in role.policies.values() for each in json.loads(unquote(text))["Statement"]]
    actions: list[str] = response._get_param("ActionNames", [])  # noqa: SLF001  likewise
    results = [{"EvalActionName": action, "EvalDecision": _decision(action, statements)} for action in actions]
    return ActionResult({"EvaluationResults": results, "IsTruncated": False})


def _decision(action: str, statements: list[Json]) -> str:
    allowed = any(
        each["Effect"] == "Allow"
        and "*" in each["Resource"]
        and "Condition" not in each
        and any(fnmatchcase(action, pattern) for pattern in each["Action"])
        for each in statements
    )
    return "allowed" if allowed else "implicitDeny"


def furnish() -> None:
    """Furnish moto, which has to be active, and break what bench.peers.items says is not met."""
    complete()
    account.furnish(5)
    session = boto3.Session()
    client = session.client
    dynamodb = client("dynamodb")
    dynamodb.update_table(TableName=TABLE, DeletionProtectionEnabled=False)
    dynamodb.put_resource_policy(ResourceArn=ARN, Policy=json.dumps(_for_a_stranger()))
    client("lambda").update_function_configuration(
        FunctionName="babesclub-checkout",
        DeadLetterConfig={"TargetArn": "arn:aws:sqs:us-east-1:123456789012:babesclub-deleted"},
    )
    client("lambda").update_function_configuration(FunctionName="babesclub-worker-4", Environment={"Variables": {}})
    client("logs").put_retention_policy(logGroupName="/aws/lambda/babesclub-worker-3", retentionInDays=7)
    _allow("babesclub-worker-2-role", "dynamodb:*")
    _allow("babesclub-worker-3-role", "iam:CreatePolicyVersion")
    nobody = client("sns").create_topic(Name="nobody")["TopicArn"]
    shop.table_alarms(client, nobody)  # type: ignore[arg-type]


def _for_a_stranger() -> Json:
    """A policy of the table that lets another account read items."""
    principal = {"Principal": {"AWS": f"arn:aws:iam::{STRANGER}:root"}}
    return shop.document(shop.allow(["dynamodb:GetItem"], ARN, **principal))


def _allow(role: str, action: str) -> None:
    policy = json.dumps(shop.document(shop.allow([action], "*")))
    boto3.client("iam").put_role_policy(RoleName=role, PolicyName="more", PolicyDocument=policy)
