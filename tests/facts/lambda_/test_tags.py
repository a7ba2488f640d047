import pytest
from botocore.exceptions import ClientError

from readiness.checklist import FunctionSettings, Settings, TableSettings
from readiness.facts.lambda_.functions import FunctionTags, function_tags
from readiness.model import Unreadable
from tests.aws.account import Account
from tests.aws.functions import arn_of, function

NONE = FunctionSettings(tags={})


def test_only_the_tags_that_the_checklist_names(account: Account) -> None:
    function(account, "checkout", tags={"Project": "BabesClub", "CostCenter": "4711"})
    function(account, "other", tags={"CostCenter": "4711"})
    assert function_tags(account.aws, Settings()) == FunctionTags({arn_of("checkout"): {"Project": "BabesClub"}})


def test_those_that_a_table_of_its_own_names_too(account: Account) -> None:
    function(account, "checkout", tags={"Project": "BabesClub", "Env": "prod"})
    own = TableSettings(functions=FunctionSettings(tags={"Env": "prod"}))
    found = function_tags(account.aws, Settings(tables=(own,)))
    assert found.of[arn_of("checkout")] == {"Project": "BabesClub", "Env": "prod"}


def test_what_is_not_a_function_is_not_asked_for(account: Account) -> None:
    account.client("sqs").create_queue(QueueName="orders", tags={"Project": "BabesClub"})
    assert function_tags(account.aws, Settings()) == FunctionTags({})


@pytest.mark.parametrize(
    "settings",
    [Settings(functions=NONE), Settings(functions=NONE, tables=(TableSettings(functions=NONE),))],
)
def test_no_call_where_nothing_is_selected_by_tags(account: Account, settings: Settings) -> None:
    assert function_tags(account.aws, settings) == FunctionTags({})
    assert not account.calls


def test_an_empty_page_is_not_the_end(account: Account) -> None:
    tagged = {"ResourceARN": arn_of("checkout"), "Tags": [{"Key": "Project", "Value": "BabesClub"}]}
    account.answer(
        "resourcegroupstaggingapi",
        "GetResources",
        {"ResourceTagMappingList": [], "PaginationToken": "more"},
        {"ResourceTagMappingList": [tagged], "PaginationToken": ""},
    )
    assert function_tags(account.aws, Settings()).of == {arn_of("checkout"): {"Project": "BabesClub"}}


def test_a_refusal_is_left_to_the_collector(account: Account) -> None:
    account.refuse("resourcegroupstaggingapi", "GetResources", "AccessDeniedException")
    with pytest.raises(ClientError, match="GetResources"):
        function_tags(account.aws, Settings())


def test_a_list_that_is_absent_is_not_an_empty_one(account: Account) -> None:
    account.answer("resourcegroupstaggingapi", "GetResources", {"PaginationToken": ""})
    with pytest.raises(Unreadable):
        function_tags(account.aws, Settings())
