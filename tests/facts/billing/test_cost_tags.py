"""Which tags divide costs, and as whom that is asked."""

import pytest
from botocore.exceptions import ClientError

from readiness.aws.client import Aws, Caller, CannotStart
from readiness.checklist import CostSettings, Settings
from readiness.facts.billing.anomalies import CostTags, cost_tags
from readiness.model import Reason, Unreadable
from tests.aws.account import ACCOUNT, Account
from tests.aws.costs import activate, told_apart
from tests.rules.facts import AT, NOW, checklist

PAYER = "999999999999"
ROLE = f"arn:aws:iam::{PAYER}:role/costs"
AS_PAYER = Settings(cost=CostSettings(ROLE))


@pytest.fixture(autouse=True)
def complete() -> None:
    told_apart()


@pytest.fixture
def payer(account: Account) -> Account:
    """The account in which the tags are activated is another than that of the table."""
    activate(lambda service: account.aws.assumed(service, ROLE), "Project", "Env")  # type: ignore[arg-type]
    account.calls.clear()
    return account


def test_the_status_of_each_key_that_is_wanted(account: Account) -> None:
    activate(account.client, "Project", "Team")
    activate(account.client, "Env", status="Inactive")
    assert cost_tags(account.aws, checklist(), Settings(), NOW) == CostTags(
        AT, {"Env": "Inactive", "Project": "Active"}
    )


def test_a_key_that_cost_explorer_does_not_know(account: Account) -> None:
    assert cost_tags(account.aws, checklist(), Settings(), NOW).status == {"Env": None, "Project": None}


def test_no_cent_is_spent_where_no_tag_is_wanted(account: Account) -> None:
    assert cost_tags(account.aws, checklist(tags={}), Settings(), NOW) == CostTags(AT, {})
    assert account.calls == []


def test_an_empty_page_is_not_the_last(account: Account) -> None:
    tag = {"TagKey": "Env", "Type": "UserDefined", "Status": "Active"}
    account.answer(
        "ce",
        "ListCostAllocationTags",
        {"CostAllocationTags": [], "NextToken": "1"},
        {"CostAllocationTags": [tag]},
    )
    assert cost_tags(account.aws, checklist(), Settings(), NOW).status["Env"] == "Active"


def test_the_payer_is_asked_as_its_role(payer: Account) -> None:
    """Moto goes by the account of whose role the credentials are: the table's own has no tag."""
    assert cost_tags(payer.aws, checklist(), AS_PAYER, NOW).status == {"Env": "Active", "Project": "Active"}
    assert payer.calls == ["sts:AssumeRole", "ce:ListCostAllocationTags"]
    assert cost_tags(payer.aws, checklist(), Settings(), NOW).status == {"Env": None, "Project": None}


def test_the_session_of_the_payer_is_as_short_as_can_be(payer: Account) -> None:
    asked = []
    payer.client("sts").meta.events.register(
        "provide-client-params.sts.AssumeRole", lambda params, **_: asked.append(params)
    )
    cost_tags(payer.aws, checklist(), AS_PAYER, NOW)
    assert asked == [{"RoleArn": ROLE, "RoleSessionName": "readiness", "DurationSeconds": 900}]


def test_credentials_that_were_lent_are_not_kept(payer: Account) -> None:
    """A function lives longer than they do."""
    for _ in range(2):
        cost_tags(payer.aws, checklist(), AS_PAYER, NOW)
    assert payer.calls.count("sts:AssumeRole") == 2


def test_a_role_that_may_not_be_assumed_is_named_as_the_reason(account: Account) -> None:
    account.refuse("sts", "AssumeRole", "AccessDenied", 403)
    with pytest.raises(Unreadable) as unread:
        cost_tags(account.aws, checklist(), AS_PAYER, NOW)
    why = unread.value.first
    assert (why.reason, why.permission) == (Reason.ACCESS_DENIED, "sts:AssumeRole")


def test_a_snapshot_that_is_judged_offline_assumes_no_role() -> None:
    with pytest.raises(CannotStart, match="makes no calls"):
        Aws(ACCOUNT, "us-east-1").assumed("ce", ROLE)


def test_a_member_of_an_organization_is_denied(account: Account) -> None:
    account.refuse("ce", "ListCostAllocationTags", "AccessDeniedException")
    with pytest.raises(ClientError):
        cost_tags(account.aws, checklist(), Settings(), NOW)


@pytest.mark.parametrize("service", ["budgets", "ce"])
def test_costs_have_one_endpoint_whatever_the_region(account: Account, service: str) -> None:
    aws = Aws(ACCOUNT, "eu-west-1", caller=Caller(account.session, "eu-west-1"))
    client = aws.client(service)  # type: ignore[call-overload]
    assert client.meta.endpoint_url in {"https://budgets.amazonaws.com", "https://ce.us-east-1.amazonaws.com"}
    assert client._request_signer.region_name == "us-east-1"  # noqa: SLF001  botocore shows it nowhere else
