"""AWS managed policies: each that is in use is read once, and kept until AWS publishes another version of it."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from msgspec.structs import replace

from readiness.aws.client import Aws
from readiness.engine.collect import Past, collect
from readiness.engine.each import Each
from readiness.engine.rule import passed
from readiness.engine.snapshot import ROOT, Snapshot, name_of
from readiness.facts.iam.aws_policies import AwsPolicyDocument, text_of
from readiness.facts.iam.principals import Principal
from readiness.iam.evaluate import Access, access
from readiness.iam.statement import statements
from readiness.model import Reason, Unreadable, Verdict, stored_name
from readiness.state.kept import KeptAnswers
from readiness.state.past import packed as stored
from readiness.state.store import KeptFact
from readiness.state.store.kept_rows import rows_of, values_of
from tests.aws.account import ARN, Account
from tests.aws.managed import publish
from tests.engine.shops import rule_of, unexpected

BASIC, READS = "AWSLambdaBasicExecutionRole", "AmazonDynamoDBReadOnlyAccess"
TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
LOG = "arn:aws:logs:us-east-1:123456789012:log-group:a"
AT = datetime(2026, 11, 24, 3, tzinfo=UTC)


def document(action: str) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}


def role(account: Account, name: str, *attached: str, inline: str = "", **other: Any) -> str:
    iam = account.client("iam")
    trust = json.dumps({"Version": "2012-10-17", "Statement": [TRUST]})
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, **other)["Role"]["Arn"]
    for policy in attached:
        iam.attach_role_policy(RoleName=name, PolicyArn=policy)
    if inline:
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=json.dumps(document(inline)))
    return str(arn)


def linked(account: Account, service: str, attached: str) -> str:
    """A service-linked role, as AWS makes it."""
    trust = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
    path, text = f"/aws-service-role/{service}.amazonaws.com/", json.dumps({"Statement": [trust]})
    iam = account.client("iam")
    arn = iam.create_role(RoleName=f"For{service}", Path=path, AssumeRolePolicyDocument=text)["Role"]["Arn"]
    iam.attach_role_policy(RoleName=f"For{service}", PolicyArn=attached)
    return str(arn)


class Runs:
    """Runs on an account, each of which keeps what later ones can reuse."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.now = AT
        self.kept: list[KeptFact] = []
        self.calls: Counter[str] = Counter()

    def run(self, after: timedelta = timedelta()) -> Each[Principal]:
        def asks(principals: Each[Principal]) -> Verdict:
            return passed(f"{principals}")

        self.now += after
        begun = len(self.account.calls)
        past = Past({Aws: {ROOT: self.account.aws}}, kept=KeptAnswers(self.kept, self.now).find)
        snapshot = collect(rule_of(asks).checks, past, defect=unexpected)
        self.calls = Counter(self.account.calls[begun:])
        self._keep(snapshot)
        return snapshot.each(Principal, ROOT)

    def _keep(self, snapshot: Snapshot) -> None:
        for (identity, place), each in snapshot.fresh.items():
            answer = json.loads(json.dumps(stored(each.answer)))
            fact = KeptFact(
                type=stored_name(identity),
                place=name_of(place),
                at=self.now,
                table_id="t",
                answer=answer,
                revision=each.revision,
            )
            self.kept.append(fact)


DETAILS, POLICY, VERSION = "iam:GetAccountAuthorizationDetails", "iam:GetPolicy", "iam:GetPolicyVersion"


@pytest.fixture
def runs(account: Account) -> Runs:
    return Runs(account)


def test_each_that_is_in_use_is_read_once(account: Account, runs: Runs) -> None:
    basic, reads, *_ = publish(BASIC, READS, "AdministratorAccess")
    for name in ("cart", "quote", "checkout"):
        role(account, name, basic, PermissionsBoundary=reads)
    found = runs.run()
    assert runs.calls == {DETAILS: 1, POLICY: 2, VERSION: 2}
    assert [each.managed for each in found] == [(BASIC,)] * 3
    one, other, _ = found
    assert one.identity.statements[0] is other.identity.statements[0], "a document is decoded once"


def test_those_of_service_linked_roles_are_read_where_functions_or_rules_run_as_one(
    account: Account, runs: Runs
) -> None:
    reads, basic = publish(READS, BASIC)
    support = linked(account, "support", reads)
    assert runs.run()[support].incomplete
    assert runs.calls == {DETAILS: 1}
    events = linked(account, "events", reads)
    role(account, "cart", basic)
    found = runs.run()
    assert runs.calls == {DETAILS: 1, POLICY: 2, VERSION: 2}
    assert access(found[events].identity, "dynamodb:GetItem", ARN) is Access.DIRECT


def test_those_of_groups_count_where_somebody_is_in_the_group(account: Account, runs: Runs) -> None:
    iam = account.client("iam")
    for group, policy in (("support", READS), ("empty", BASIC)):
        iam.create_group(GroupName=group)
        iam.attach_group_policy(GroupName=group, PolicyArn=publish(policy)[0])
    iam.create_user(UserName="ann")
    iam.add_user_to_group(GroupName="support", UserName="ann")
    [ann] = runs.run()
    assert runs.calls == {DETAILS: 1, POLICY: 1, VERSION: 1}
    assert access(ann.identity, "dynamodb:GetItem", ARN) is Access.DIRECT


def test_the_default_version_is_asked_daily_and_its_document_read_when_it_changes(account: Account, runs: Runs) -> None:
    arn = role(account, "cart", *publish(READS, version="v7", document=document("dynamodb:GetItem")))
    first = runs.run()[arn]
    for _ in range(3):
        assert runs.run(timedelta(hours=7))[arn] == first
        assert runs.calls == {DETAILS: 1}
    assert runs.run(timedelta(hours=7))[arn] == first
    assert runs.calls == {DETAILS: 1, POLICY: 1}
    publish(READS, version="v8", document=document("dynamodb:Scan"))
    changed = runs.run(timedelta(days=1))[arn]
    assert runs.calls == {DETAILS: 1, POLICY: 1, VERSION: 1}
    assert access(changed.identity, "dynamodb:Scan", ARN) is Access.DIRECT
    assert changed.digest != first.digest
    assert runs.run(timedelta(hours=1))[arn] == changed
    assert runs.calls == {DETAILS: 1}


def test_one_that_is_attached_later_is_read_at_once(account: Account, runs: Runs) -> None:
    arn = role(account, "cart", *publish(BASIC))
    runs.run()
    account.client("iam").attach_role_policy(RoleName="cart", PolicyArn=publish(READS)[0])
    assert runs.run(timedelta(minutes=5))[arn].managed == (BASIC, READS)
    assert runs.calls == {DETAILS: 1, POLICY: 1, VERSION: 1}


@pytest.mark.parametrize("operation", ["GetPolicy", "GetPolicyVersion"])
def test_one_that_could_not_be_read_leaves_what_the_others_allow(account: Account, runs: Runs, operation: str) -> None:
    basic, reads = publish(BASIC, READS)
    cart = role(account, "cart", basic, inline="dynamodb:*")
    bounded = role(account, "bounded", inline="dynamodb:*", PermissionsBoundary=reads)
    free = role(account, "free", inline="dynamodb:GetItem")
    account.refuse("iam", operation, "AccessDenied")
    found = runs.run()
    assert access(found[free].identity, "dynamodb:GetItem", ARN) is Access.DIRECT
    one = found[cart]
    assert (one.managed, one.trust[0].principals) == ((BASIC,), ("Service:lambda.amazonaws.com",))
    assert access(one.at_least, "dynamodb:PutItem", ARN) is Access.DIRECT
    for principal, permissions in ((one, "identity"), (found[bounded], "identity"), (found[bounded], "at_least")):
        with pytest.raises(Unreadable) as raised:
            getattr(principal, permissions)
        why = raised.value.first
        assert (why.reason, why.permission) == (Reason.ACCESS_DENIED, f"iam:{operation}")
    assert not runs.kept or operation == "GetPolicyVersion"


def test_one_that_could_not_be_read_is_read_by_the_next_run(account: Account, runs: Runs) -> None:
    arn = role(account, "cart", *publish(BASIC))
    refused = [True]
    account.refuse_while(refused, "iam", "GetPolicyVersion", "AccessDenied")
    assert runs.run()[arn].incomplete
    refused.clear()
    assert access(runs.run(timedelta(minutes=5))[arn].identity, "logs:PutLogEvents", LOG) is Access.DIRECT
    assert runs.calls == {DETAILS: 1, VERSION: 1}


@pytest.mark.parametrize(
    ("operation", "answer", "reason"),
    [
        ("GetPolicy", {"Policy": {}}, Reason.INCOMPLETE_ANSWER),
        ("GetPolicy", {}, Reason.INCOMPLETE_ANSWER),
        ("GetPolicyVersion", {"PolicyVersion": {"VersionId": "v1"}}, Reason.INCOMPLETE_ANSWER),
        ("GetPolicyVersion", {"PolicyVersion": {"Document": "s3cret"}}, Reason.MALFORMED),
        ("GetPolicyVersion", {"PolicyVersion": {"Document": quote('{"Statement": [{}]}')}}, Reason.MALFORMED),
    ],
)
def test_an_answer_without_a_policy_is_no_policy_that_allows_nothing(
    account: Account, runs: Runs, operation: str, answer: dict[str, Any], reason: Reason
) -> None:
    arn = role(account, "cart", *publish(BASIC))
    account.answer("iam", operation, answer)
    why = runs.run()[arn].incomplete
    assert why
    assert (why.reason, why.permission) == (reason, f"iam:{operation}")
    assert "s3cret" not in why.detail
    assert stored_name(AwsPolicyDocument) not in {each.type for each in runs.kept}


def test_a_kept_document_that_cannot_be_read_any_more_is_not_known(account: Account, runs: Runs) -> None:
    arn = role(account, "cart", *publish(BASIC))
    runs.run()
    runs.kept = [
        replace(each, answer={"text": text_of({"Statement": [{}]})}) if each.type == "AwsPolicyDocument" else each
        for each in runs.kept
    ]
    why = runs.run()[arn].incomplete
    assert runs.calls == {DETAILS: 1}
    assert why
    assert (why.reason, why.permission) == (Reason.MALFORMED, "iam:GetPolicyVersion")


@pytest.mark.parametrize("operation", ["GetPolicy", "GetPolicyVersion"])
def test_one_that_does_not_exist_any_more_is_not_known(account: Account, runs: Runs, operation: str) -> None:
    arn = role(account, "cart", *publish(BASIC))
    account.refuse("iam", operation, "NoSuchEntity", 404)
    why = runs.run()[arn].incomplete
    assert why
    assert why.reason is Reason.MALFORMED
    assert BASIC in why.detail


def test_what_is_kept_is_small(account: Account, runs: Runs) -> None:
    names = [BASIC, READS, "AdministratorAccess", "PowerUserAccess", "AmazonS3FullAccess", "ReadOnlyAccess"]
    role(account, "cart", *publish(*names))
    runs.run()
    sizes = {name: len(values_of(facts)["answers"]) for name, facts in rows_of(runs.kept).items()}
    assert sum(sizes.values()) < 25_000, "of which ReadOnlyAccess takes nine tenths"


def test_nothing_is_lost_when_a_document_is_kept() -> None:
    text = {**document("dynamodb:*"), "Id": "dropped"}
    text["Statement"][0] |= {"Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, "Sid": "Région"}
    again = AwsPolicyDocument(text_of(text)).document
    assert statements(again, "p", whole=True) == statements(text, "p", whole=True)
    assert again == {name: value for name, value in text.items() if name != "Id"}
