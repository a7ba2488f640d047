"""Policies of topics and keys, as far as they are about CloudWatch.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
"""

import json
from typing import Any

import pytest

from readiness.iam.service_access import CLOUDWATCH as SERVICE
from readiness.iam.service_access import Grant, ServiceCall, admits, grants_to
from readiness.iam.statement import statements_in

ACCOUNT = "123456789012"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:on-call"
ALARM = f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:carts"
CLOUDWATCH = {"Service": "cloudwatch.amazonaws.com"}

Json = dict[str, Any]


def allow(principal: Any, **other: Any) -> Json:
    return {"Effect": "Allow", "Principal": principal, "Action": "sns:Publish", "Resource": TOPIC, **other}


def deny(**condition: Any) -> Json:
    return allow("*", Effect="Deny", Condition=condition)


def condition(operator: str, key: str, *values: str) -> Json:
    return {operator: {key: list(values)}}


def grants(statement: Any, action: str = "sns:Publish", resource: str = TOPIC, service: str = SERVICE) -> list[Grant]:
    document = json.dumps({"Statement": statement})
    return list(grants_to(ServiceCall(service, action, resource, ACCOUNT), statements_in(document)))


def judged(*statements: Json) -> str:
    return admits(grants(statements), ALARM)


BUT = {"Effect": "Deny", "Action": "*", "Resource": "*"}
OWNER = condition("StringEquals", "AWS:SourceOwner", ACCOUNT)
THIS_ALARM = "arn:aws:cloudwatch:*:123456789012:alarm:ca*"


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(
            allow({"AWS": "*"}, Action=["SNS:GetTopicAttributes", "SNS:Publish"], Condition=OWNER),
            id="the policy that SNS makes for a topic",
        ),
        pytest.param(allow(CLOUDWATCH), id="the service"),
        pytest.param(allow({"Service": ["events.amazonaws.com", "cloudwatch.amazonaws.com"]}), id="among services"),
        pytest.param(allow(CLOUDWATCH, Action="sns:*"), id="every action"),
        pytest.param(allow(CLOUDWATCH, Action=["SNS:publish"]), id="an action in other letters"),
        pytest.param(allow("*", Resource="arn:aws:sns:*:*:on-*"), id="topics of a kind"),
        pytest.param(
            allow(CLOUDWATCH, Condition=condition("ArnLike", "aws:SourceArn", THIS_ALARM)), id="alarms of a kind"
        ),
        pytest.param(
            allow(CLOUDWATCH, Condition=condition("StringEquals", "aws:SourceArn", ALARM)), id="just that alarm"
        ),
        pytest.param(
            allow(CLOUDWATCH, Condition=condition("StringEquals", "AWS:SourceAccount", "1", ACCOUNT)), id="the account"
        ),
        pytest.param(
            allow("*", Condition=condition("StringNotEquals", "aws:PrincipalOrgID", "o-1")), id="no organisation's"
        ),
        pytest.param(
            allow("*", Condition=condition("StringEqualsIfExists", "aws:PrincipalOrgID", "o-1")),
            id="an organisation's, if anyone's",
        ),
        pytest.param(allow("*", Condition=condition("Bool", "aws:PrincipalIsAWSService", "true")), id="any service"),
    ],
)
def test_admitted(statement: Json) -> None:
    assert judged(statement) == "yes"


@pytest.mark.parametrize(
    "statements",
    [
        pytest.param([], id="nobody"),
        pytest.param([allow({"AWS": f"arn:aws:iam::{ACCOUNT}:root"})], id="the account, of which a service is no part"),
        pytest.param([allow({"Service": "events.amazonaws.com"})], id="another service"),
        pytest.param([allow(CLOUDWATCH, Action="sns:Subscribe")], id="another action"),
        pytest.param([allow(CLOUDWATCH, Resource=f"{TOPIC}-2")], id="another topic"),
        pytest.param(
            [allow(CLOUDWATCH, Condition=condition("ArnLike", "aws:SourceArn", "arn:aws:s3:*:*:*"))], id="other sources"
        ),
        pytest.param(
            [allow(CLOUDWATCH, Condition=condition("StringEquals", "aws:SourceArn", THIS_ALARM))],
            id="a wildcard where there are none",
        ),
        pytest.param(
            [allow(CLOUDWATCH, Condition=condition("StringEquals", "aws:SourceAccount", "999999999999"))],
            id="another account",
        ),
        pytest.param(
            [allow("*", Condition=condition("StringEquals", "aws:PrincipalOrgID", "o-1"))],
            id="an organisation, of which a service is no part",
        ),
        pytest.param([allow(CLOUDWATCH), allow(CLOUDWATCH, Effect="Deny")], id="denied"),
        pytest.param(
            [allow(CLOUDWATCH), allow("*", Effect="Deny", Action=[], NotAction="sns:Subscribe")],
            id="denied by NotAction",
        ),
        pytest.param([allow(CLOUDWATCH), deny(**condition("ArnLike", "aws:SourceArn", THIS_ALARM))], id="denied to it"),
    ],
)
def test_not_admitted(statements: list[Json]) -> None:
    statements = [{key: value for key, value in each.items() if value != []} for each in statements]
    assert judged(*statements) == "no"


@pytest.mark.parametrize(
    "denial",
    [
        pytest.param(deny(**condition("Bool", "aws:SecureTransport", "false")), id="without TLS"),
        pytest.param(deny() | {"Action": "sns:Subscribe"}, id="of another action"),
        pytest.param(deny(**condition("StringNotEquals", "aws:SourceAccount", ACCOUNT)), id="to other accounts"),
        pytest.param(deny(**condition("ArnLike", "aws:SourceArn", "arn:aws:s3:::x")), id="to other sources"),
        pytest.param({**BUT, "NotPrincipal": CLOUDWATCH}, id="to everybody else"),
    ],
)
def test_a_denial_that_is_about_others_changes_nothing(denial: Json) -> None:
    assert judged(allow(CLOUDWATCH), denial) == "yes"


@pytest.mark.parametrize(
    "statements",
    [
        pytest.param(
            [allow(CLOUDWATCH, Condition=condition("IpAddress", "aws:SourceIp", "10.0.0.0/8"))], id="an address"
        ),
        pytest.param(
            [allow(CLOUDWATCH, Condition=condition("StringEquals", "aws:SourceOrgID", "o-1"))], id="the organisation"
        ),
        pytest.param(
            [allow(CLOUDWATCH), deny(**condition("StringEquals", "aws:SourceVpc", "v"))], id="a denial that may be"
        ),
        pytest.param([allow(CLOUDWATCH), {**BUT, "NotPrincipal": {"AWS": "arn"}}], id="NotPrincipal"),
    ],
)
def test_what_can_not_be_known_is_not_guessed(statements: list[Json]) -> None:
    assert judged(*statements) == "maybe"


def test_two_patterns_must_both_fit() -> None:
    both = {**condition("ArnLike", "aws:SourceArn", THIS_ALARM), **condition("ArnEquals", "aws:SourceArn", "x")}
    assert judged(allow(CLOUDWATCH, Condition=both)) == "no"
    both["ArnEquals"] = {"aws:SourceArn": ALARM}
    assert judged(allow(CLOUDWATCH, Condition=both)) == "yes"


def test_one_sure_statement_is_enough() -> None:
    unsure = allow(CLOUDWATCH, Condition=condition("IpAddress", "aws:SourceIp", "10.0.0.0/8"))
    assert judged(unsure, allow(CLOUDWATCH)) == "yes"


def test_a_key_is_granted_by_patterns_of_actions() -> None:
    statement = allow(CLOUDWATCH, Action=["kms:GenerateDataKey*", "kms:Decrypt"], Resource="*")
    for action, answer in (("kms:GenerateDataKey", "yes"), ("kms:Decrypt", "yes"), ("kms:Encrypt", "no")):
        assert admits(grants(statement, action, "arn:aws:kms:key"), ALARM) == answer


@pytest.mark.parametrize(
    ("statement", "admitted"),
    [
        pytest.param(allow({"Service": "budgets.amazonaws.com"}), "yes", id="named"),
        pytest.param(
            allow(
                {"Service": "budgets.amazonaws.com"},
                Condition={
                    **condition("StringEquals", "aws:SourceAccount", ACCOUNT),
                    **condition("ArnLike", "aws:SourceArn", f"arn:aws:budgets::{ACCOUNT}:*"),
                },
            ),
            "yes",
            id="as AWS's guide to budgets writes it",
        ),
        pytest.param(
            allow({"Service": "budgets.amazonaws.com"}, Condition=condition("StringEquals", "aws:SourceAccount", "9")),
            "no",
            id="for another account",
        ),
        pytest.param(allow(CLOUDWATCH), "no", id="another service"),
        pytest.param(allow({"AWS": "*"}, Condition=OWNER), "no", id="the policy that SNS makes for a topic"),
        pytest.param(
            allow({"Service": "budgets.amazonaws.com"}, Condition=condition("StringLike", "aws:SourceOrgID", "o-*")),
            "maybe",
            id="under a condition that can't be known",
        ),
    ],
)
def test_another_service_is_let_in_by_its_own_name(statement: Json, admitted: str) -> None:
    said = grants(statement, service="budgets.amazonaws.com")
    assert admits(said, f"arn:aws:budgets::{ACCOUNT}:budget/dynamodb") == admitted
