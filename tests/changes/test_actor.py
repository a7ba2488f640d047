"""Every kind of identity that CloudTrail knows, as one would say it."""

from typing import Any

import pytest

from readiness.changes.actor import Actor, acted, stack_of, tool, who
from tests.aws.account import ACCOUNT
from tests.changes.trail import AT, CONSOLE, MARIA, call, recovery

IN_ROLE: dict[str, Any] = {
    "type": "AssumedRole",
    "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/release-42",
    "sessionContext": {"sessionIssuer": {"arn": f"arn:aws:iam::{ACCOUNT}:role/ci/deploy", "userName": "deploy"}},
}


def with_source(identity: str) -> dict[str, Any]:
    return {**IN_ROLE, "sessionContext": {**IN_ROLE["sessionContext"], "sourceIdentity": identity}}


@pytest.mark.parametrize(
    ("identity", "said"),
    [
        pytest.param({"type": "Root", "accountId": ACCOUNT}, f"root of account {ACCOUNT}", id="root"),
        pytest.param({"type": "IAMUser", "userName": "maria"}, "IAM user maria", id="a user"),
        pytest.param(
            {"type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:user/team/maria"},
            "IAM user maria",
            id="a user whose name only the ARN has",
        ),
        pytest.param(MARIA, "maria@example.com, signed in with permission set PowerUser", id="single sign-on"),
        pytest.param(IN_ROLE, "release-42 as role deploy", id="a role, by the name of its session"),
        pytest.param(
            {key: value for key, value in IN_ROLE.items() if key != "sessionContext"},
            "release-42 as role deploy",
            id="a role that only the session's ARN names",
        ),
        pytest.param(with_source("maria"), "maria, session release-42 as role deploy", id="a source identity"),
        pytest.param(with_source("release-42"), "release-42 as role deploy", id="one that says the session again"),
        pytest.param(
            {"type": "FederatedUser", "arn": f"arn:aws:sts::{ACCOUNT}:federated-user/maria"},
            "federated user maria",
            id="a federated user",
        ),
        pytest.param(
            {"type": "SAMLUser", "userName": "maria", "identityProvider": "https://idp.example.com"},
            "maria of https://idp.example.com",
            id="a user of SAML",
        ),
        pytest.param(
            {"type": "WebIdentityUser", "userName": "1234", "identityProvider": "accounts.google.com"},
            "1234 of accounts.google.com",
            id="a user of a web identity",
        ),
        pytest.param(
            {"type": "IdentityCenterUser", "onBehalfOf": {"userId": "544894e8-80c1-707f-60e3-3ba6510dfac1"}},
            "IAM Identity Center user 544894e8-80c1-707f-60e3-3ba6510dfac1",
            id="a user of Identity Center",
        ),
        pytest.param({"type": "Directory", "userName": "maria"}, "directory user maria", id="a directory's user"),
        pytest.param(
            {"type": "AWSAccount", "accountId": "999999999999", "principalId": "AIDAEXAMPLE"},
            "account 999999999999, AIDAEXAMPLE",
            id="somebody of another account",
        ),
        pytest.param({"type": "AWSService", "invokedBy": "backup.amazonaws.com"}, "AWS Backup", id="a service"),
        pytest.param(
            {"type": "AWSService", "invokedBy": "dynamodb.application-autoscaling.amazonaws.com"},
            "Application Auto Scaling",
            id="a part of a service",
        ),
        pytest.param(
            {"type": "AWSService", "invokedBy": "new.amazonaws.com"},
            "new.amazonaws.com",
            id="a service without a name of ours",
        ),
        pytest.param(
            {**IN_ROLE, "invokedBy": "cloudformation.amazonaws.com"},
            "CloudFormation for release-42 as role deploy",
            id="a service that acts for somebody",
        ),
        pytest.param({**IN_ROLE, "invokedBy": "AWS Internal"}, "release-42 as role deploy", id="AWS's own plumbing"),
        pytest.param({"type": "Unknown"}, "somebody whom CloudTrail does not name", id="nobody known"),
        pytest.param({}, "somebody whom CloudTrail does not name", id="no identity at all"),
    ],
)
def test_who(identity: dict[str, Any], said: str) -> None:
    assert who(identity) == said


@pytest.mark.parametrize(
    ("parameters", "stack"),
    [
        pytest.param({"tags": {"aws:cloudformation:stack-name": "shop"}}, "shop", id="a map of tags"),
        pytest.param({"tags": [{"key": "aws:cloudformation:stack-name", "value": "shop"}]}, "shop", id="a list"),
        pytest.param({"tags": [{"Key": "aws:cloudformation:stack-name", "Value": "shop"}]}, "shop", id="IAM's list"),
        pytest.param({"tags": [{"key": "Env", "value": "prod"}]}, "", id="tags of others"),
        pytest.param({"tagList": "truncated"}, "", id="tags that are none"),
        pytest.param(None, "", id="parameters that were left out"),
    ],
)
def test_the_stack_is_named_where_the_call_shows_it(parameters: object, stack: str) -> None:
    assert stack_of(parameters) == stack


def test_cloudformation_is_named_with_the_stack() -> None:
    identity = {**IN_ROLE, "invokedBy": "cloudformation.amazonaws.com"}
    tags = {"tags": {"aws:cloudformation:stack-name": "shop"}}
    made = call("lambda", "CreateFunction20150331", tags, userIdentity=identity)
    assert acted(made).who == "CloudFormation (stack shop) for release-42 as role deploy"


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        ("aws-cli/2.31.0 md/awscrt#0.27.6 ua/2.1 os/macos#25.0.0", "AWS CLI 2.31.0"),
        ("APN/1.0 HashiCorp/1.0 Terraform/1.9.5 (+https://www.terraform.io) aws-sdk-go-v2/1.32.2", "Terraform 1.9.5"),
        ("Boto3/1.40.1 md/Botocore#1.40.1 ua/2.1 os/linux", "boto3 1.40.1"),
        ("aws-sdk-js/3.901.0 ua/2.1 os/linux lang/js", "AWS SDK for js 3.901.0"),
        ("aws-sdk-go-v2/1.32.2 os/linux", "AWS SDK for go 1.32.2"),
        ("aws-cli/2.31.0 exec-env/CloudShell", "CloudShell"),
        ("Mozilla/5.0 (Macintosh) Chrome/142.0", "the console"),
        ("console.amazonaws.com", "the console"),
        ("cloudformation.amazonaws.com", ""),
        ("AWS Internal", ""),
        ("curl/8.9", "curl/8.9"),
    ],
)
def test_with_what(agent: str, said: str) -> None:
    assert tool(agent) == said


def test_a_session_of_the_console_is_one_whatever_the_browser_says() -> None:
    assert acted(call("kms", "DisableKey", **{**CONSOLE, "userAgent": "AWS Internal"})).tool == "the console"


def test_an_actor_is_who_from_where_with_what_and_by_which_call() -> None:
    switched = recovery(on=False)
    assert acted(switched) == Actor(
        who="maria@example.com, signed in with permission set PowerUser",
        where="203.0.113.7",
        tool="AWS CLI 2.31.0",
        call="UpdateContinuousBackups",
        at=f"{AT:%Y-%m-%dT%H:%M:%SZ}",
        event=switched["eventID"],
    )


def test_the_address_of_a_service_is_its_name() -> None:
    assert acted(recovery(on=False, sourceIPAddress="cloudformation.amazonaws.com")).where == "CloudFormation"
