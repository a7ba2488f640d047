import json

import pytest
from botocore.exceptions import ClientError

from readiness.facts.dynamodb.resource_policy import StreamPolicy, resource_policy, stream_policy
from readiness.facts.dynamodb.table import Table, TableDescription, table_description
from readiness.model import Gone, Reason, Unreadable
from tests.aws.account import ACCOUNT, ARN, Account

POLICY = {
    "Version": "2012-10-17",
    "Statement": {
        "Sid": "Report",
        "Effect": "Allow",
        "Principal": {"AWS": ["arn:aws:iam::111122223333:root", ACCOUNT]},
        "Action": "dynamodb:GetItem",
        "Resource": ARN,
        "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-secret"}},
    },
}


def test_the_statements_of_the_tables_own_policy(furnished: Account, table: Table) -> None:
    furnished.client("dynamodb").put_resource_policy(ResourceArn=ARN, Policy=json.dumps(POLICY))
    (statement,) = resource_policy(furnished.aws, table).statements
    assert statement.allow
    assert statement.sid == "Report"
    assert set(statement.principals) == {"arn:aws:iam::111122223333:root", ACCOUNT}
    assert statement.conditions == ("StringEquals aws:PrincipalOrgID",)


def test_what_conditions_compare_with_is_not_kept(furnished: Account, table: Table) -> None:
    furnished.client("dynamodb").put_resource_policy(ResourceArn=ARN, Policy=json.dumps(POLICY))
    assert "o-secret" not in repr(resource_policy(furnished.aws, table))


def test_a_table_without_one_has_no_statements(furnished: Account, table: Table) -> None:
    assert resource_policy(furnished.aws, table).statements == ()


def test_a_table_that_does_not_exist_is_gone_and_not_without_a_policy(account: Account, table: Table) -> None:
    with pytest.raises(Gone, match="the table babesclub-commerce does not exist"):
        resource_policy(account.aws, table)


def test_a_policy_that_is_none_can_not_be_read(furnished: Account, table: Table) -> None:
    furnished.answer("dynamodb", "GetResourcePolicy", {"Policy": '{"Statement": [{"Effect": "Perhaps"}]}'})
    with pytest.raises(Unreadable) as unread:
        resource_policy(furnished.aws, table)
    assert unread.value.first.reason is Reason.MALFORMED
    assert unread.value.first.permission == "dynamodb:GetResourcePolicy"
    assert "Perhaps" not in unread.value.first.detail, "of a policy nothing is told"


def test_a_call_that_is_denied_is_no_policy_that_is_missing(furnished: Account, table: Table) -> None:
    furnished.refuse("dynamodb", "GetResourcePolicy", "AccessDeniedException")
    with pytest.raises(ClientError, match="GetResourcePolicy"):
        resource_policy(furnished.aws, table)


def test_it_takes_the_call_that_it_declares(furnished: Account, table: Table) -> None:
    before = len(furnished.calls)
    resource_policy(furnished.aws, table)
    assert furnished.calls[before:] == ["dynamodb:GetResourcePolicy"]


STREAM = f"{ARN}/stream/2026-11-01T00:00:00.000"


def streaming(account: Account, **other: object) -> TableDescription:
    described = {"StreamSpecification": {"StreamEnabled": True}, "LatestStreamArn": STREAM, **other}
    account.alter("dynamodb", "DescribeTable", lambda answer: answer["Table"].update(described))
    return table_description(account.aws, Table("babesclub-commerce", ARN, ACCOUNT, "us-east-1"))


def test_the_statements_of_the_policy_of_the_stream(furnished: Account) -> None:
    furnished.answer("dynamodb", "GetResourcePolicy", {"Policy": json.dumps(POLICY)})
    found = stream_policy(furnished.aws, streaming(furnished))
    assert found
    assert (found.arn, [statement.sid for statement in found.statements]) == (STREAM, ["Report"])


def test_a_stream_without_a_policy_has_no_statements(furnished: Account) -> None:
    furnished.refuse("dynamodb", "GetResourcePolicy", "PolicyNotFoundException")
    assert stream_policy(furnished.aws, streaming(furnished)) == StreamPolicy(STREAM, ())


def test_a_stream_that_was_deleted_since_is_none(furnished: Account) -> None:
    furnished.refuse("dynamodb", "GetResourcePolicy", "ResourceNotFoundException")
    stopped = streaming(furnished, StreamSpecification={"StreamEnabled": False})
    assert stopped.stream_arn == STREAM, "AWS goes on naming it"
    assert stream_policy(furnished.aws, stopped) is None


def test_a_table_without_a_stream_is_not_asked(furnished: Account) -> None:
    before = len(furnished.calls)
    described = table_description(furnished.aws, Table("babesclub-commerce", ARN, ACCOUNT, "us-east-1"))
    assert stream_policy(furnished.aws, described) is None
    assert "dynamodb:GetResourcePolicy" not in furnished.calls[before:]


def test_a_stream_that_is_not_named_makes_its_policy_unknown_and_nothing_else(furnished: Account) -> None:
    described = streaming(furnished, LatestStreamArn=None)
    assert described.status == "ACTIVE"
    with pytest.raises(Unreadable) as unread:
        stream_policy(furnished.aws, described)
    assert unread.value.first.detail == "Table.LatestStreamArn"


def test_an_answer_without_the_policy_is_no_table_without_one(furnished: Account, table: Table) -> None:
    furnished.answer("dynamodb", "GetResourcePolicy", {})
    with pytest.raises(Unreadable) as unread:
        resource_policy(furnished.aws, table)
    assert unread.value.first.reason is Reason.INCOMPLETE_ANSWER
