"""Every policy of AWS's own that moto ships, read by the evaluator."""

import json
from collections.abc import Mapping

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from readiness.facts.iam.authorization_details import SERVICES
from readiness.iam.catalogue import actions, spoken_of
from readiness.iam.evaluate import Access, granted_by
from readiness.iam.statement import Statement, about, statements

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/babesclub-commerce"
ASKED = ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateContinuousBackups")

NO, YES, IF = Access.NONE, Access.DIRECT, Access.CONDITIONAL

Row = tuple[Access, Access, Access]

GRANTING: Mapping[str, Row] = {
    "AWSBackupServiceRolePolicyForRestores": (YES, YES, NO),
    "AWSIoTRuleActions": (NO, YES, NO),
    "AdministratorAccess-Amplify": (NO, IF, IF),
    "AmazonDynamoDBFullAccess": (YES, YES, YES),
    "AmazonDynamoDBFullAccess_v2": (YES, YES, YES),
    "AmazonDynamoDBFullAccesswithDataPipeline": (YES, YES, YES),
    "AmazonDynamoDBReadOnlyAccess": (YES, NO, NO),
    "AmazonEC2RoleforDataPipelineRole": (YES, YES, YES),
    "AmazonElasticMapReduceforEC2Role": (YES, YES, YES),
    "ConsoleFullAccessFromVercel": (YES, YES, NO),
    "DataScientist": (YES, YES, YES),
    "DatabaseAdministrator": (YES, YES, YES),
    "DynamoDBReplicationServiceRolePolicy": (YES, YES, NO),
    "ReadOnlyAccess": (YES, NO, NO),
}
"""Those that name an action of DynamoDB, and grant one of the three on any table. Each was read, and does."""

BROAD: Mapping[str, Row] = {
    "AIDevOpsAgentActionsPolicy": (YES, YES, YES),
    "AWSMcpServiceActionsFullAccess": (IF, IF, IF),
    "AdministratorAccess": (YES, YES, YES),
    "PowerUserAccess": (YES, YES, YES),
}
"""Those that grant one of the three without naming DynamoDB, by `*` or NotAction. Each was read, and does."""

OTHER_TABLES = {
    "AWSElasticBeanstalkWorkerTier",
    "AWSThinkboxDeadlineResourceTrackerAccessPolicy",
    "AmazonEC2RolePolicyForLaunchWizard",
    "AmazonRedshiftAllCommandsFullAccess",
}
"""Those that grant one of the three, but on tables of certain names only."""

OTHER_ACTIONS = {
    "AIDevOpsAgentAccessPolicy",
    "AIOpsAssistantPolicy",
    "AWSApplicationAutoscalingDynamoDBTablePolicy",
    "AWSAuditManagerServiceRolePolicy",
    "AWSBackupFullAccess",
    "AWSBackupOperatorAccess",
    "AWSBackupServiceLinkedRolePolicyForBackup",
    "AWSBackupServiceRolePolicyForBackup",
    "AWSCloudTrail_FullAccess",
    "AWSConfigServiceRolePolicy",
    "AWSDataPipeline_FullAccess",
    "AWSDataPipeline_PowerUser",
    "AWSElasticBeanstalkRoleWorkerTier",
    "AWSGlueConsoleFullAccess",
    "AWSGlueConsoleSageMakerNotebookFullAccess",
    "AWSLambdaDynamoDBExecutionRole",
    "AWSLambdaInvocation-DynamoDB",
    "AWSResilienceHubAsssessmentExecutionPolicy",
    "AWSResilienceHubV2AssessmentExecutionPolicy",
    "AWSResourceExplorerServiceRolePolicy",
    "AWSServiceRolePolicyForBackupRestoreTesting",
    "AWSSupportServiceRolePolicy",
    "AWSThinkboxAWSPortalAdminPolicy",
    "AWSThinkboxAWSPortalGatewayPolicy",
    "AWSThinkboxDeadlineResourceTrackerAdminPolicy",
    "AWSTrustedAdvisorServiceRolePolicy",
    "AWSWellArchitectedAgentResourceScanningServiceRolePolicy",
    "AWS_ConfigRole",
    "AccessAnalyzerServiceRolePolicy",
    "AdministratorAccess-AWSElasticBeanstalk",
    "AmazonDevOpsGuruServiceRolePolicy",
    "AmazonLaunchWizardFullAccessV2",
    "AssuranceServiceRolePolicy",
    "CloudWatchApplicationInsightsFullAccess",
    "CloudWatchAutomaticDashboardsAccess",
    "CloudWatchOmniAWSIntegrationPolicy",
    "CloudwatchApplicationInsightsServiceLinkedRolePolicy",
    "ComputeOptimizerServiceRolePolicy",
    "ConsoleViewOnlyAccessFromVercel",
    "ResourceGroupsTaggingAPITagUntagSupportedResources",
    "Route53RecoveryReadinessServiceRolePolicy",
    "SageMakerStudioAdminIAMDefaultExecutionPolicy",
    "SageMakerStudioAdminIAMPermissiveExecutionPolicy",
    "SageMakerStudioProjectUserRolePermissionsBoundary",
    "SageMakerStudioProjectUserRolePolicy",
    "SageMakerStudioUserIAMDefaultExecutionPolicy",
    "SageMakerStudioUserIAMPermissiveExecutionPolicy",
    "SecurityAudit",
    "ServiceQuotasFullAccess",
    "ServiceQuotasReadOnlyAccess",
    "SupportUser",
    "ViewOnlyAccess",
    "WellArchitectedAgentResourceScanning",
}
"""Those that name other actions of DynamoDB only, some of them as bad: deleting backups, scanning any table.

One names two of the three, but only as the exceptions of a Deny: SageMakerStudioProjectUserRolePermissionsBoundary.
"""


@pytest.fixture(scope="module")
def policies() -> dict[str, tuple[Statement, ...]]:
    documents = {name: policy["Document"] for name, policy in json.loads(aws_managed_policies_data).items()}
    assert len(documents) > 1000
    return {name: statements(document, name) for name, document in documents.items()}


def granted(read: tuple[Statement, ...]) -> Row:
    first, second, third = (granted_by(read, action, TABLE) for action in ASKED)
    return first, second, third


def names_dynamodb(read: tuple[Statement, ...]) -> bool:
    return any(pattern.startswith("dynamodb:") for statement in read for pattern in statement.actions)


def test_what_those_that_name_dynamodb_grant(policies: dict[str, tuple[Statement, ...]]) -> None:
    nothing = dict.fromkeys(OTHER_TABLES | OTHER_ACTIONS, (NO, NO, NO))
    assert {name: granted(read) for name, read in policies.items() if names_dynamodb(read)} == {**GRANTING, **nothing}


def test_what_all_others_grant(policies: dict[str, tuple[Statement, ...]]) -> None:
    others = {name: granted(read) for name, read in policies.items() if not names_dynamodb(read)}
    assert {name: row for name, row in others.items() if row != (NO, NO, NO)} == BROAD


def test_those_of_other_tables_do_grant_them(policies: dict[str, tuple[Statement, ...]]) -> None:
    spoken = {
        name: {action.name for statement in policies[name] for action in spoken_of(statement, "dynamodb")}
        for name in OTHER_TABLES
    }
    assert all(names & set(ASKED) for names in spoken.values())


def test_what_is_kept_of_them_grants_the_same(policies: dict[str, tuple[Statement, ...]]) -> None:
    assert all(granted(tuple(about(SERVICES, read))) == granted(read) for read in policies.values())


def test_what_they_spell_out_is_in_the_catalogue(policies: dict[str, tuple[Statement, ...]]) -> None:
    every = set(actions("dynamodb").values())
    for read in policies.values():
        assert all(set(spoken_of(statement, "dynamodb")) <= every for statement in read)
    (everything,) = policies["AdministratorAccess"]
    assert set(spoken_of(everything, "dynamodb")) == every
