"""Whom the own policies of the table and of its stream let in, where every condition is read by its values."""

from typing import Any

import pytest
from msgspec.structs import replace

from readiness.facts.dynamodb.resource_policy import ResourcePolicy, StreamPolicy
from readiness.iam.statement import statements
from readiness.model import Reason, Status, Unreadable, Verdict
from readiness.rules.iam_least_privilege import resource_policy, stream_policy
from tests.aws.account import ACCOUNT, ARN
from tests.rules.facts import checklist
from tests.rules.roles import ROLE, THE_TABLE, Document, document

TRUSTED, STRANGER = "444455556666", "999988887777"
OURS, THEIRS = "o-a1b2c3d4e5", "o-z9y8x7w6v5"
STREAM = f"{ARN}/stream/2026-11-01T00:00:00.000"

LOGS_OF = "arn:aws:logs:us-east-1"
REPLICATION = {"Service": "replication.dynamodb.amazonaws.com"}
REDSHIFT = {"Service": "redshift.amazonaws.com"}


def policy(*written: Document) -> ResourcePolicy:
    whole = ({"Effect": "Allow", "Action": "dynamodb:*", "Resource": ARN, **each} for each in written)
    return ResourcePolicy(statements(document(*whole), "resource policy"))


def judged(*written: Document, organization: str = OURS) -> Verdict:
    wanted = checklist(trusted_accounts=(TRUSTED,), trusted_organization=organization)
    return resource_policy(THE_TABLE, policy(*written), wanted)


def everybody(operator: str, key: str, *values: str, who: Any = "*") -> Document:
    return {"Principal": who, "Condition": {operator: {key: list(values)}}}


def role_of(account: str, name: str = "*") -> str:
    return f"arn:aws:iam::{account}:role/{name}"


@pytest.mark.parametrize(
    ("statement", "status"),
    [
        pytest.param({"Principal": {"AWS": ACCOUNT}}, Status.PASS, id="the account itself"),
        pytest.param(
            {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}, Status.PASS, id="the account, by its root"
        ),
        pytest.param({"Principal": {"AWS": role_of(ACCOUNT, "report")}}, Status.PASS, id="a role of it"),
        pytest.param(
            {"Principal": {"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/report/x"}}, Status.PASS, id="a session of it"
        ),
        pytest.param({"Principal": {"AWS": f"arn:aws:iam::{TRUSTED}:root"}}, Status.PASS, id="a trusted account"),
        pytest.param({"Principal": {"AWS": TRUSTED}}, Status.PASS, id="a trusted account, by its number"),
        pytest.param({"Principal": {"AWS": f"arn:aws:iam::{STRANGER}:root"}}, Status.FAIL, id="a foreign account"),
        pytest.param({"Principal": {"AWS": STRANGER}}, Status.FAIL, id="a foreign account, by its number"),
        pytest.param({"Principal": {"AWS": [ACCOUNT, STRANGER]}}, Status.FAIL, id="a foreign account among others"),
        pytest.param({"Principal": {"AWS": role_of(STRANGER, "x")}}, Status.FAIL, id="a foreign role"),
        pytest.param(
            {"Principal": {"AWS": f"arn:aws:sts::{STRANGER}:assumed-role/x/y"}}, Status.FAIL, id="a foreign session"
        ),
        pytest.param({"Principal": {"AWS": "AROADBQP57FF2AEXAMPLE"}}, Status.PASS, id="a role that was deleted"),
        pytest.param({"Principal": {"AWS": "arn:aws:iam"}}, Status.FAIL, id="an ARN that names no account"),
        pytest.param({"Principal": {"AWS": "arn:aws:iam:"}}, Status.FAIL, id="one that ends before the account"),
        pytest.param({"Principal": {"CanonicalUser": "79a59d"}}, Status.WARN, id="who is named as S3 names him"),
        pytest.param({"Principal": {"Federated": "accounts.google.com"}}, Status.FAIL, id="who logs in elsewhere"),
        pytest.param(
            {"Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/ours"}},
            Status.PASS,
            id="who logs in by a provider of the account",
        ),
        pytest.param({"Principal": "*"}, Status.FAIL, id="everybody"),
        pytest.param({"Principal": {"AWS": "*"}}, Status.FAIL, id="every account"),
        pytest.param({"Principal": {"*": "*"}}, Status.FAIL, id="everybody of every kind"),
        pytest.param({"NotPrincipal": {"AWS": ROLE}}, Status.FAIL, id="everybody but a role"),
        pytest.param({"Principal": "*", "Effect": "Deny"}, Status.PASS, id="a Deny lets nobody in"),
        pytest.param({"Principal": {"AWS": STRANGER}, "Effect": "Deny"}, Status.PASS, id="nor does this one"),
        pytest.param(
            {
                "Principal": "*",
                "Condition": {
                    "StringEquals": {"aws:PrincipalAccount": ACCOUNT},
                    "StringNotEquals": {"aws:PrincipalAccount": STRANGER},
                },
            },
            Status.PASS,
            id="the account itself, and expressly no other",
        ),
    ],
)
def test_principals(statement: Document, status: Status) -> None:
    assert judged(statement).status is status


@pytest.mark.parametrize(
    ("statement", "status"),
    [
        pytest.param(everybody("StringEquals", "aws:PrincipalAccount", ACCOUNT), Status.PASS, id="this account"),
        pytest.param(everybody("StringEquals", "AWS:principalaccount", TRUSTED), Status.PASS, id="a trusted account"),
        pytest.param(everybody("StringEquals", "aws:PrincipalAccount", STRANGER), Status.FAIL, id="a foreign account"),
        pytest.param(
            everybody("StringEquals", "aws:PrincipalAccount", ACCOUNT, STRANGER), Status.FAIL, id="a foreign one too"
        ),
        pytest.param(
            everybody("StringEquals", "aws:PrincipalAccount", ACCOUNT, who={"AWS": STRANGER}),
            Status.PASS,
            id="a foreign account that a condition keeps out again",
        ),
        pytest.param(everybody("StringEquals", "aws:PrincipalAccount", "123"), Status.PASS, id="no account's number"),
        pytest.param(
            everybody("StringLike", "aws:PrincipalAccount", "99*"), Status.FAIL, id="foreign accounts by a wildcard"
        ),
        pytest.param(
            everybody("StringLike", "aws:PrincipalAccount", "9*8*"), Status.FAIL, id="foreign accounts by two wildcards"
        ),
        pytest.param(
            everybody("StringNotEquals", "aws:PrincipalAccount", STRANGER), Status.FAIL, id="all accounts but one"
        ),
        pytest.param(
            everybody("StringEqualsIfExists", "aws:PrincipalAccount", ACCOUNT),
            Status.FAIL,
            id="this account, and who has none",
        ),
        pytest.param(
            everybody("ForAllValues:StringEquals", "aws:PrincipalAccount", ACCOUNT),
            Status.FAIL,
            id="all values of an account, of which there may be none",
        ),
        pytest.param(
            everybody("ForAnyValue:StringEquals", "aws:PrincipalAccount", ACCOUNT), Status.PASS, id="any value of it"
        ),
        pytest.param(everybody("Null", "aws:PrincipalAccount", "false"), Status.FAIL, id="whoever has an account"),
        pytest.param(
            everybody("ArnLike", "aws:PrincipalArn", role_of(ACCOUNT)), Status.PASS, id="roles of the account"
        ),
        pytest.param(everybody("ArnLike", "aws:PrincipalArn", role_of(STRANGER)), Status.FAIL, id="foreign roles"),
        pytest.param(everybody("ArnEquals", "aws:PrincipalArn", role_of("*", "x")), Status.FAIL, id="roles wherever"),
        pytest.param(
            everybody("StringEquals", "aws:PrincipalArn", role_of(STRANGER, "x")), Status.FAIL, id="one foreign role"
        ),
        pytest.param(
            everybody("ArnNotLike", "aws:PrincipalArn", role_of(STRANGER)), Status.FAIL, id="everybody but some roles"
        ),
        pytest.param(
            everybody("ArnLike", "aws:PrincipalArn", role_of(STRANGER, "y"), who={"AWS": role_of(STRANGER, "x")}),
            Status.PASS,
            id="a foreign role, if it is another",
        ),
        pytest.param(
            everybody("StringEquals", "aws:PrincipalAccount", "${aws:PrincipalAccount}"),
            Status.FAIL,
            id="whatever account it is, by a variable",
        ),
        pytest.param(
            everybody("StringEquals", "aws:PrincipalAccount", "${aws:ResourceAccount}"),
            Status.PASS,
            id="the account of the table, by a variable",
        ),
        pytest.param(
            everybody("StringEquals", "aws:PrincipalOrgID", "${aws:ResourceOrgID}"),
            Status.PASS,
            id="the organization of the table, by a variable",
        ),
        pytest.param(everybody("StringEquals", "aws:ResourceAccount", ACCOUNT), Status.FAIL, id="whoever asks for it"),
        pytest.param(everybody("StringEquals", "aws:PrincipalOrgID", OURS), Status.PASS, id="our organization"),
        pytest.param(everybody("StringEquals", "aws:PrincipalOrgID", THEIRS), Status.FAIL, id="another organization"),
        pytest.param(
            everybody("StringEquals", "aws:PrincipalOrgID", OURS, THEIRS), Status.FAIL, id="another one besides"
        ),
        pytest.param(everybody("StringLike", "aws:PrincipalOrgID", "o-*"), Status.FAIL, id="any organization"),
        pytest.param(everybody("StringNotEquals", "aws:PrincipalOrgID", THEIRS), Status.FAIL, id="all but one"),
        pytest.param(
            everybody("StringEqualsIfExists", "aws:PrincipalOrgID", OURS), Status.FAIL, id="ours, and who has none"
        ),
        pytest.param(
            everybody("StringEquals", "aws:PrincipalOrgID", OURS, who={"AWS": STRANGER}),
            Status.PASS,
            id="an account that is let in as one of our organization",
        ),
        pytest.param(
            everybody("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", f"{OURS}/r-1/*"),
            Status.PASS,
            id="a part of our organization",
        ),
        pytest.param(
            everybody("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", f"{THEIRS}/r-1/*"),
            Status.FAIL,
            id="a part of another organization",
        ),
        pytest.param(everybody("StringEquals", "aws:SourceVpce", "vpce-1"), Status.WARN, id="an endpoint, whosever"),
        pytest.param(everybody("StringEquals", "aws:SourceVpc", "vpc-1"), Status.WARN, id="a network, whosever"),
        pytest.param(
            everybody("StringEqualsIfExists", "aws:SourceVpc", "vpc-1"),
            Status.FAIL,
            id="a network, and who comes from none",
        ),
        pytest.param(everybody("StringNotEquals", "aws:SourceVpc", "vpc-1"), Status.FAIL, id="every network but one"),
        pytest.param(everybody("StringLike", "aws:userid", "AROA*:x"), Status.WARN, id="a session, whosever"),
        pytest.param(everybody("Bool", "aws:SecureTransport", "true"), Status.FAIL, id="whoever comes by TLS"),
        pytest.param(everybody("IpAddress", "aws:SourceIp", "192.0.2.0/24"), Status.FAIL, id="an address"),
        pytest.param(everybody("StringEquals", "aws:PrincipalTag/team", "us"), Status.FAIL, id="who tags himself so"),
        pytest.param(everybody("StringEquals", "dynamodb:Select", "COUNT"), Status.FAIL, id="who asks in some way"),
        pytest.param(everybody("Bool", "aws:PrincipalIsAWSService", "true"), Status.WARN, id="any service of AWS"),
        pytest.param(
            everybody("StringEquals", "aws:SourceAccount", STRANGER), Status.FAIL, id="services for a stranger"
        ),
        pytest.param(everybody("StringEquals", "aws:SourceAccount", ACCOUNT), Status.PASS, id="services for us"),
        pytest.param(everybody("StringEquals", "aws:SourceOwner", STRANGER), Status.FAIL, id="what a stranger owns"),
        pytest.param(
            {
                "Principal": "*",
                "Condition": {
                    "StringEquals": {"aws:PrincipalAccount": ACCOUNT},
                    "Bool": {"aws:SecureTransport": "true"},
                },
            },
            Status.PASS,
            id="this account by TLS: all conditions have to hold",
        ),
    ],
)
def test_everybody_under_a_condition(statement: Document, status: Status) -> None:
    assert judged(statement).status is status


@pytest.mark.parametrize(
    ("statement", "status"),
    [
        pytest.param({"Principal": REDSHIFT}, Status.WARN, id="whomever it acts for"),
        pytest.param(everybody("StringEquals", "aws:SourceAccount", ACCOUNT, who=REDSHIFT), Status.PASS, id="for us"),
        pytest.param(
            everybody("StringEquals", "aws:SourceAccount", TRUSTED, who=REDSHIFT), Status.PASS, id="for who is trusted"
        ),
        pytest.param(
            everybody("StringEquals", "aws:SourceAccount", STRANGER, who=REDSHIFT), Status.FAIL, id="for a stranger"
        ),
        pytest.param(
            everybody("StringEqualsIfExists", "aws:SourceAccount", ACCOUNT, who=REDSHIFT),
            Status.WARN,
            id="for us, or for whom it does not say",
        ),
        pytest.param(
            everybody("StringNotEquals", "aws:SourceAccount", STRANGER, who=REDSHIFT), Status.WARN, id="for all but one"
        ),
        pytest.param(
            everybody("ArnLike", "aws:SourceArn", f"arn:aws:redshift:*:{ACCOUNT}:*", who=REDSHIFT),
            Status.PASS,
            id="for what is ours",
        ),
        pytest.param(
            everybody("ArnLike", "aws:SourceArn", f"arn:aws:redshift:*:{STRANGER}:*", who=REDSHIFT),
            Status.FAIL,
            id="for what is a stranger's",
        ),
        pytest.param(
            everybody("ArnLike", "aws:SourceArn", "arn:aws:redshift:*:*:*", who=REDSHIFT),
            Status.WARN,
            id="for anything of anybody",
        ),
        pytest.param(
            everybody("ArnLike", "aws:SourceArn", "arn:aws:s3:::a-bucket", who={"Service": "s3.amazonaws.com"}),
            Status.WARN,
            id="for a bucket, whosever",
        ),
        pytest.param(
            everybody("StringEquals", "aws:PrincipalTag/team", "us", who=REDSHIFT),
            Status.PASS,
            id="by a tag, which no service has",
        ),
        pytest.param(
            everybody("StringEquals", "aws:PrincipalServiceName", "redshift.amazonaws.com", who=REDSHIFT),
            Status.WARN,
            id="by its own name, whomever it acts for",
        ),
        pytest.param(
            everybody("StringEquals", "aws:PrincipalServiceName", "logs.amazonaws.com", who=REDSHIFT),
            Status.PASS,
            id="by the name of another service, which it has not",
        ),
        pytest.param(
            everybody("StringEquals", "aws:SourceOrgID", OURS, who=REDSHIFT), Status.PASS, id="for our organization"
        ),
        pytest.param(
            everybody("StringEquals", "aws:SourceOrgID", THEIRS, who=REDSHIFT), Status.WARN, id="for another one"
        ),
        pytest.param(
            everybody("StringEquals", "aws:SourceAccount", STRANGER, who=REPLICATION),
            Status.FAIL,
            id="a replica of a stranger",
        ),
        pytest.param(
            everybody("StringEquals", "aws:SourceAccount", ACCOUNT, STRANGER, who=REPLICATION),
            Status.FAIL,
            id="replicas of ours and of a stranger",
        ),
        pytest.param(
            everybody("StringEquals", "aws:SourceAccount", ACCOUNT, TRUSTED, who=REPLICATION),
            Status.PASS,
            id="replicas of ours and of who is trusted",
        ),
    ],
)
def test_a_service_is_judged_by_whom_it_acts_for(statement: Document, status: Status) -> None:
    assert judged(statement).status is status


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        pytest.param(
            everybody("StringEquals", "aws:PrincipalAccount", STRANGER),
            "babesclub-commerce allows access from accounts that the checklist does not trust: resource policy allows"
            " 999988887777, conditional (StringEquals aws:PrincipalAccount)",
            id="the account that a condition lets in is named",
        ),
        pytest.param(
            {"NotPrincipal": {"AWS": ROLE}},
            f"babesclub-commerce is public: resource policy allows all principals except {ROLE}",
            id="it is not the role that NotPrincipal lets in",
        ),
        pytest.param(
            everybody("StringEquals", "aws:SourceAccount", STRANGER, who=REPLICATION),
            "babesclub-commerce has replicas in accounts that the checklist does not trust, which can read and write"
            " every item: resource policy allows replication.dynamodb.amazonaws.com for 999988887777, conditional"
            " (StringEquals aws:SourceAccount)",
            id="what a replica may do is said",
        ),
        pytest.param(
            everybody("StringEquals", "aws:SourceVpce", "vpce-1"),
            "babesclub-commerce allows access under conditions that do not identify the principals: resource policy"
            " allows *,"
            " conditional (StringEquals aws:SourceVpce)",
            id="a network lets in principals, and no service",
        ),
        pytest.param(
            everybody("Bool", "aws:PrincipalIsAWSService", "true"),
            "babesclub-commerce allows an AWS service without aws:SourceAccount or aws:SourceArn: resource policy"
            " allows services of AWS, conditional (Bool aws:PrincipalIsAWSService)",
            id="services are let in, and no principals",
        ),
        pytest.param(
            {"Principal": REDSHIFT},
            "babesclub-commerce allows an AWS service without aws:SourceAccount or aws:SourceArn: resource policy"
            " allows redshift.amazonaws.com",
            id="whom a service acts for is not said",
        ),
    ],
)
def test_the_message_says_who_is_let_in(statement: Document, message: str) -> None:
    assert judged(statement).message == message


def test_not_principal_is_told_apart_in_evidence_and_drift() -> None:
    verdict = judged({"NotPrincipal": {"AWS": ROLE}})
    assert verdict.evidence["NotPrincipal"] == [ROLE]
    assert "Principal" not in verdict.evidence
    assert verdict.watched == {"everybody": [f"all but {ROLE}: dynamodb:* on {ARN}"]}


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(everybody("StringEquals", "aws:PrincipalOrgID", THEIRS), id="an organization"),
        pytest.param(everybody("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", f"{THEIRS}/*"), id="a part of one"),
        pytest.param(everybody("StringEquals", "aws:SourceOrgID", THEIRS, who=REDSHIFT), id="a service for one"),
    ],
)
def test_where_nobody_says_which_organization_is_ours_none_passes(statement: Document) -> None:
    with pytest.raises(Unreadable) as unread:
        judged(statement, organization="")
    assert unread.value.first.reason is Reason.NOT_HERE
    assert "trusted_organization" in unread.value.first.detail
    assert THEIRS not in unread.value.first.detail


def test_a_stranger_is_a_failure_whether_our_organization_is_known_or_not() -> None:
    organization = everybody("StringEquals", "aws:PrincipalOrgID", THEIRS)
    assert judged(organization, {"Principal": {"AWS": STRANGER}}, organization="").status is Status.FAIL
    named = everybody("StringEquals", "aws:PrincipalOrgID", THEIRS, who={"AWS": STRANGER})
    assert judged(named, organization="").status is Status.FAIL, "it is named, and nobody trusts it"
    any_but = everybody("StringNotEquals", "aws:PrincipalOrgID", THEIRS)
    assert judged(any_but, organization="").status is Status.FAIL


def test_a_variable_for_our_organization_is_not_known_where_nobody_says_which_is_ours() -> None:
    same = everybody("StringEquals", "aws:PrincipalOrgID", "${aws:ResourceOrgID}")
    assert judged(same, organization="").status is Status.WARN


def test_a_condition_whose_values_were_not_kept_restricts_nobody_for_sure() -> None:
    for key in ("aws:PrincipalOrgID", "aws:PrincipalAccount"):
        (whole,) = policy(everybody("StringEquals", key, OURS)).statements
        bare = ResourcePolicy((replace(whole, by_value=()),))
        assert resource_policy(THE_TABLE, bare, checklist(trusted_organization=OURS)).status is Status.WARN


def test_a_table_without_a_policy_of_its_own_passes() -> None:
    assert judged().status is Status.PASS


def test_a_stranger_who_reads_the_stream_fails() -> None:
    stranger = {"Principal": {"AWS": role_of(STRANGER, "x")}, "Action": "dynamodb:GetRecords", "Resource": STREAM}
    found = StreamPolicy(STREAM, policy(stranger).statements)
    verdict = stream_policy(THE_TABLE, found, checklist())
    assert verdict.status is Status.FAIL
    assert verdict.message == (
        "the stream of babesclub-commerce allows access from accounts that the checklist does not trust:"
        f" resource policy allows {role_of(STRANGER, 'x')}"
    )
    assert verdict.evidence["StreamArn"] == STREAM
    trusting = checklist(trusted_accounts=(STRANGER,))
    assert stream_policy(THE_TABLE, found, trusting).status is Status.PASS


def test_a_stream_without_a_policy_passes_and_no_stream_is_nothing_to_judge() -> None:
    assert stream_policy(THE_TABLE, StreamPolicy(STREAM, ()), checklist()).status is Status.PASS
    assert stream_policy(THE_TABLE, None, checklist()).status is Status.NOT_APPLICABLE


def test_whose_organization_reads_the_stream_may_not_be_known() -> None:
    found = StreamPolicy(STREAM, policy(everybody("StringEquals", "aws:PrincipalOrgID", THEIRS)).statements)
    with pytest.raises(Unreadable):
        stream_policy(THE_TABLE, found, checklist())
