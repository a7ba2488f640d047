import pytest

from readiness.model import Status
from readiness.rules.iam_least_privilege import escalation
from tests.aws.account import ACCOUNT, ARN, REGION
from tests.rules.iam_least_privilege.policies import CONDITION, NARROW
from tests.rules.roles import ROLE, Document, allow, deny, document, extra, role


@pytest.mark.parametrize(
    ("written", "status"),
    [
        pytest.param(allow("iam:PassRole", "*"), Status.FAIL, id="PassRole of every role"),
        pytest.param(allow("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/*"), Status.FAIL, id="and of the account's"),
        pytest.param(allow("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/step"), Status.PASS, id="of one role"),
        pytest.param(allow("sts:AssumeRole", "*"), Status.FAIL, id="AssumeRole of every role"),
        pytest.param(allow("sts:AssumeRole", "arn:aws:iam::*:role/*"), Status.FAIL, id="as its ARN says it"),
        pytest.param(allow("sts:AssumeRole", "arn:aws:iam::111122223333:role/mail"), Status.PASS, id="of one"),
        pytest.param(allow("sts:GetCallerIdentity", "*"), Status.PASS, id="who am I"),
        pytest.param(allow("iam:PutRolePolicy", ROLE), Status.FAIL, id="a role that edits itself"),
        pytest.param(allow("iam:Attach*", "*"), Status.FAIL, id="Attach*"),
        pytest.param(allow("iam:CreatePolicyVersion", "*"), Status.FAIL, id="a new version of a policy"),
        pytest.param(allow("iam:Get*", "*"), Status.PASS, id="to read IAM"),
        pytest.param(allow("lambda:UpdateFunctionCode", "*"), Status.FAIL, id="UpdateFunctionCode"),
        pytest.param(allow("lambda:InvokeFunction", "*"), Status.PASS, id="InvokeFunction"),
        pytest.param(allow("*", ARN), Status.PASS, id="every action on the table is none on a role"),
        pytest.param(allow("*", "*"), Status.FAIL, id="everything"),
        pytest.param(allow(None, "*", NotAction="dynamodb:*"), Status.FAIL, id="NotAction"),
        pytest.param(allow("iam:PassRole", None, NotResource=ROLE), Status.FAIL, id="NotResource"),
        pytest.param(allow("iam:PassRole", "*", Condition=CONDITION), Status.FAIL, id="under a condition"),
        pytest.param(deny("iam:*", "*", Condition=CONDITION), Status.PASS, id="what is denied at times"),
        *(
            pytest.param(allow(action, "*"), Status.FAIL, id=f"{action} on everything")
            for action in (
                "iam:AddUserToGroup",
                "iam:CreateAccessKey",
                "iam:CreateLoginProfile",
                "iam:DeleteRolePermissionsBoundary",
                "iam:DeleteRolePolicy",
                "iam:DeleteUserPermissionsBoundary",
                "iam:DeleteUserPolicy",
                "iam:DetachRolePolicy",
                "iam:PutUserPermissionsBoundary",
                "iam:SetDefaultPolicyVersion",
                "iam:UpdateAssumeRolePolicy",
                "iam:UpdateLoginProfile",
                "lambda:UpdateFunctionConfiguration",
                "codebuild:StartBuild",
                "ssm:SendCommand",
                "cloudformation:UpdateStack",
            )
        ),
        pytest.param(
            allow("lambda:UpdateFunctionConfiguration", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:mail"),
            Status.FAIL,
            id="the configuration of one function",
        ),
        pytest.param(
            allow("codebuild:StartBuild", f"arn:aws:codebuild:{REGION}:{ACCOUNT}:project/site"),
            Status.PASS,
            id="a build of one project",
        ),
        pytest.param(
            allow("ssm:SendCommand", "arn:aws:ec2:*:*:instance/*"), Status.FAIL, id="a command on every instance"
        ),
        pytest.param(
            allow("ssm:SendCommand", f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-1"), Status.PASS, id="on one instance"
        ),
        pytest.param(allow("lambda:CreateFunction", "*"), Status.PASS, id="a new function without a role to pass"),
    ],
)
def test_escalation(written: Document, status: Status) -> None:
    assert escalation(role(), extra(written)).status is status


@pytest.mark.parametrize(
    ("boundary", "status"),
    [
        pytest.param(NARROW, Status.WARN, id="a boundary without IAM"),
        pytest.param(document(allow("*", "*"), deny("iam:*", "*")), Status.WARN, id="one that denies IAM"),
        pytest.param(document(allow("*", "*")), Status.FAIL, id="one of everything"),
        pytest.param(document(allow("*", f"{ARN}*")), Status.WARN, id="one of everything on the table"),
    ],
)
@pytest.mark.parametrize("action", ["iam:PassRole", "iam:PutRolePolicy"])
def test_escalation_within_a_boundary(action: str, boundary: Document, status: Status) -> None:
    assert escalation(role(), extra(allow(action, "*"), boundary=boundary)).status is status


def test_of_escalations_the_message_names_those_that_the_boundary_lets_through() -> None:
    found = extra(allow(["iam:PassRole", "lambda:Update*"], "*"), boundary=document(allow("lambda:*", "*")))
    verdict = escalation(role(), found)
    assert verdict.message == (
        "cart can escalate its privileges: extra allows lambda:Update*"
        " (lambda:UpdateFunctionCode, lambda:UpdateFunctionConfiguration) on *"
    )


def test_escalation_that_is_denied_is_none() -> None:
    assert escalation(role(), extra(allow("iam:*", "*"), deny("iam:*", "*"))).status is Status.PASS


STEP = f"arn:aws:iam::{ACCOUNT}:role/step"


PASSES = allow("iam:PassRole", STEP)


def passes_to(*services: str, operator: str = "StringEquals") -> Document:
    return PASSES | {"Condition": {operator: {"iam:PassedToService": list(services)}}}


RUNS_CODE = (
    "lambda:CreateFunction",
    "ec2:RunInstances",
    "cloudformation:CreateStack",
    "codebuild:CreateProject",
    "glue:CreateDevEndpoint",
    "ssm:StartAutomationExecution",
)


RUNS_AN_APPLICATION = ("ecs:RunTask", "scheduler:CreateSchedule", "states:CreateStateMachine")


@pytest.mark.parametrize(
    ("written", "status"),
    [
        *(pytest.param([PASSES, allow(each, "*")], Status.FAIL, id=f"one to {each}") for each in RUNS_CODE),
        *(pytest.param([PASSES, allow(each, "*")], Status.WARN, id=f"one to {each}") for each in RUNS_AN_APPLICATION),
        *(
            pytest.param(
                [allow("iam:PassRole", f"{STEP}-*"), allow(each, "*")], Status.FAIL, id=f"any of some to {each}"
            )
            for each in RUNS_AN_APPLICATION
        ),
        pytest.param([allow(["iam:PassRole", "lambda:Create*"], "*")], Status.FAIL, id="any, in one statement"),
        pytest.param([allow("iam:PassRole", f"{STEP}-*")], Status.PASS, id="any of some to nothing that runs as it"),
        pytest.param([allow("iam:PassRole", ROLE), allow("lambda:CreateFunction", "*")], Status.PASS, id="itself"),
        pytest.param(
            [passes_to("states.amazonaws.com"), allow("lambda:CreateFunction", "*")],
            Status.PASS,
            id="to another service",
        ),
        pytest.param(
            [passes_to("states.amazonaws.com", "lambda.amazonaws.com"), allow("lambda:CreateFunction", "*")],
            Status.FAIL,
            id="to this service too",
        ),
        pytest.param(
            [passes_to("*", operator="StringLike"), allow("lambda:CreateFunction", "*")],
            Status.FAIL,
            id="to any service",
        ),
        pytest.param(
            [passes_to("ecs-tasks.amazonaws.com"), allow("ecs:RunTask", "*")],
            Status.WARN,
            id="to a service that goes by another name",
        ),
        pytest.param(
            [PASSES, allow("lambda:CreateFunction", "*"), deny("lambda:CreateFunction", "*")],
            Status.PASS,
            id="one to what is denied",
        ),
        pytest.param(
            [PASSES, allow("lambda:CreateFunction", "*"), deny("iam:PassRole", "*")],
            Status.PASS,
            id="none, for it is denied",
        ),
        pytest.param(
            [PASSES, allow("lambda:CreateFunction", "*"), deny("iam:PassRole", None, NotResource=ROLE)],
            Status.PASS,
            id="none but itself, for all others are denied",
        ),
        pytest.param(
            [PASSES, allow("lambda:CreateFunction", "arn:aws:s3:::photos")],
            Status.PASS,
            id="one to what is no function",
        ),
        pytest.param(
            [PASSES, allow("ssm:StartAutomationExecution", f"arn:aws:ssm:{REGION}::automation-definition/*")],
            Status.FAIL,
            id="one to an automation by its ARN",
        ),
    ],
)
def test_escalation_by_passing_a_role(written: list[Document], status: Status) -> None:
    assert escalation(role(), extra(*written)).status is status


@pytest.mark.parametrize(
    ("boundary", "status"),
    [
        pytest.param(document(allow("*", "*"), deny("iam:*", "*")), Status.WARN, id="the role"),
        pytest.param(document(allow("*", "*"), deny("lambda:*", "*")), Status.WARN, id="the function"),
        pytest.param(document(allow("*", "*"), deny("s3:*", "*")), Status.FAIL, id="something else"),
    ],
)
def test_passing_a_role_within_a_boundary_that_keeps_back(boundary: Document, status: Status) -> None:
    found = extra(PASSES, allow("lambda:CreateFunction", "*"), boundary=boundary)
    assert escalation(role(), found).status is status


def test_the_message_names_what_runs_as_the_role_that_is_passed() -> None:
    verdict = escalation(role(), extra(PASSES, allow(["lambda:CreateFunction", "ecs:RunTask"], "*")))
    assert verdict.message == (
        "cart can escalate its privileges: extra allows iam:PassRole"
        f" (iam:PassRole, ecs:RunTask, lambda:CreateFunction) on {STEP}"
    )


def test_an_assumable_role_that_a_deny_leaves_by_name_is_no_escalation() -> None:
    found = extra(allow("sts:AssumeRole", "*"), deny("sts:AssumeRole", None, NotResource=STEP))
    assert escalation(role(), found).status is Status.PASS
