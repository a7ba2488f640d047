"""https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html."""

from typing import Any

import pytest

from readiness.iam.service_access import ServiceCall, may
from readiness.iam.statement import statements

ACCOUNT, STRANGER = "123456789012", "999988887777"
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:pages"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:on-call"
OTHERS = f"arn:aws:sns:us-east-1:{STRANGER}:on-call"
SNS = "sns.amazonaws.com"

Json = dict[str, Any]


def allow(principal: Any = {"Service": SNS}, **condition: Json) -> Json:  # noqa: B006  it is not changed
    return {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "sqs:SendMessage",
        "Resource": QUEUE,
        "Condition": condition,
    }


def deny(**condition: Json) -> Json:
    return allow("*", **condition) | {"Effect": "Deny"}


def to_all_but(statement: Json) -> Json:
    """The same for everybody but a role."""
    others = {name: value for name, value in statement.items() if name != "Principal"}
    return others | {"NotPrincipal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/deploy"}}


def source(*arns: str) -> Json:
    return {"aws:SourceArn": list(arns)}


def judged(*written: Json, version: str = "2012-10-17") -> str:
    read = statements({"Version": version, "Statement": list(written)})
    return may(read, ServiceCall(SNS, "sqs:SendMessage", QUEUE, ACCOUNT), TOPIC)


@pytest.mark.parametrize(
    ("written", "answer"),
    [
        pytest.param([], "no", id="nobody is let in"),
        pytest.param(
            [deny(StringEquals={"aws:SourceOrgID": "o-1"})], "no", id="nobody is let in, and some may be denied"
        ),
        pytest.param([allow()], "yes", id="the service is let in"),
        pytest.param([allow({"Service": "*"})], "yes", id="every service is let in"),
        pytest.param([allow(ArnEquals=source(TOPIC))], "yes", id="for that topic"),
        pytest.param([allow(ArnEquals=source(OTHERS))], "no", id="for the topic of another account"),
        pytest.param([allow(ArnLike=source(OTHERS, f"arn:aws:sns:*:{ACCOUNT}:*"))], "yes", id="for any of the account"),
        pytest.param([allow(StringEquals=source(f"{TOPIC}*"))], "no", id="a wildcard where text is compared"),
        pytest.param([allow(StringEqualsIgnoreCase=source(TOPIC.upper()))], "yes", id="in another case"),
        pytest.param([allow(ArnNotEquals=source(TOPIC))], "no", id="for all topics but that"),
        pytest.param([allow(ArnNotLike=source(OTHERS))], "yes", id="for all topics but another"),
        pytest.param([allow(Null={"aws:SourceArn": "false"})], "yes", id="for any source"),
        pytest.param([allow(Null={"aws:SourceArn": "true"})], "no", id="for no source"),
        pytest.param([allow(StringEquals={"aws:SourceAccount": STRANGER})], "no", id="for another account"),
        pytest.param([allow(StringEqualsIfExists={"aws:SourceAccount": STRANGER})], "no", id="IfExists, and it does"),
        pytest.param([allow(StringNotEquals={"aws:SourceAccount": STRANGER})], "yes", id="for all accounts but one"),
        pytest.param(
            [allow(ForAllValues__StringEquals={"aws:SourceAccount": [STRANGER]})], "no", id="all values of one"
        ),
        pytest.param([allow("*", StringEquals={"aws:SourceOwner": ACCOUNT})], "no", id="the owner, which SNS has not"),
        pytest.param([allow("*", Null={"aws:PrincipalAccount": "true"})], "yes", id="whoever is no principal"),
        pytest.param([allow(StringEquals={"aws:SourceOrgID": "o-1"})], "maybe", id="for an organization"),
        pytest.param(
            [allow(ArnLike=source("arn:aws:sns:*:${aws:SourceAccount}:*"))], "maybe", id="a variable in the source"
        ),
        pytest.param(
            [allow({"Service": "sns.us-east-1.amazonaws.com"})], "maybe", id="the service as one Region writes it"
        ),
        pytest.param([allow({"Service": "sqs.amazonaws.com"})], "no", id="another service"),
        pytest.param([allow({"AWS": ACCOUNT})], "no", id="the account, of which a service is no part"),
        pytest.param([to_all_but(allow())], "maybe", id="all but a role, which may be about a service"),
        pytest.param([allow(), to_all_but(deny())], "maybe", id="denied to all but a role"),
        pytest.param([allow(), deny(ArnEquals=source(OTHERS))], "yes", id="denied for another topic"),
        pytest.param([allow(), deny(ArnNotEquals=source(OTHERS))], "no", id="denied for all topics but another"),
        pytest.param([allow(), deny(StringNotEquals={"aws:SourceAccount": ACCOUNT})], "yes", id="denied to others"),
        pytest.param([allow(), deny(StringEquals={"aws:SourceVpc": "vpc-1"})], "maybe", id="a denial that may hold"),
        pytest.param([allow(StringEquals={"aws:SourceOrgID": "o-1"}), allow()], "yes", id="one sure way is enough"),
    ],
)
def test_who_is_let_in(written: list[Json], answer: str) -> None:
    for each in written:
        each["Condition"] = {name.replace("__", ":"): keys for name, keys in each["Condition"].items()}
    assert judged(*written) == answer
