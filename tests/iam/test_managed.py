"""Every policy of AWS's own that moto ships, read by the evaluator."""

import json
from typing import Any

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from readiness.iam.evaluate import Access, granted_by
from readiness.iam.statement import statements

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/babesclub-commerce"


GRANTING = {
    "AIDevOpsAgentActionsPolicy": Access.DIRECT,
    "AWSMcpServiceActionsFullAccess": Access.CONDITIONAL,
    "AdministratorAccess": Access.DIRECT,
    "AdministratorAccess-Amplify": Access.CONDITIONAL,
    "AmazonDynamoDBFullAccess": Access.DIRECT,
    "AmazonDynamoDBFullAccess_v2": Access.DIRECT,
    "AmazonDynamoDBFullAccesswithDataPipeline": Access.DIRECT,
    "AmazonEC2RoleforDataPipelineRole": Access.DIRECT,
    "AmazonElasticMapReduceforEC2Role": Access.DIRECT,
    "DataScientist": Access.DIRECT,
    "DatabaseAdministrator": Access.DIRECT,
    "PowerUserAccess": Access.DIRECT,
}
"""Each was read and does grant it: by its name, by a wildcard, or by NotAction."""


@pytest.fixture(scope="module")
def policies() -> dict[str, Any]:
    return {name: policy["Document"] for name, policy in json.loads(aws_managed_policies_data).items()}


def test_those_that_let_recovery_be_switched_off_are_known(policies: dict[str, Any]) -> None:
    granting = {
        name: access
        for name, document in policies.items()
        if (access := granted_by(tuple(statements(document)), "dynamodb:UpdateContinuousBackups", TABLE))
        is not Access.NONE
    }
    assert len(policies) > 1000
    assert granting == GRANTING
