"""The tags of a table."""

import pytest

from readiness.facts.dynamodb.table import Table
from readiness.facts.dynamodb.tags import TableTags, table_tags
from readiness.model import Gone
from tests.aws.account import Account
from tests.aws.costs import tag
from tests.rules.facts import checklist


def test_only_what_is_wanted_or_near_to_it_is_kept(furnished: Account, table: Table) -> None:
    tags = {"Project": "BabesClub", "env ": "prod", "ENV": "prod", "Token": "hunter2"}
    tag(furnished.client, **tags)
    found = table_tags(furnished.aws, table, checklist())
    assert found == TableTags({"Project": "BabesClub"}, ("ENV", "env "))


def test_a_table_without_tags(furnished: Account, table: Table) -> None:
    assert table_tags(furnished.aws, table, checklist()) == TableTags({})


def test_an_empty_page_is_not_the_last(furnished: Account, table: Table) -> None:
    answers = (
        {"Tags": [{"Key": "Env", "Value": "prod"}], "NextToken": "1"},
        {"Tags": [], "NextToken": "2"},
        {"Tags": [{"Key": "Project", "Value": "BabesClub"}]},
    )
    furnished.answer("dynamodb", "ListTagsOfResource", *answers)
    assert table_tags(furnished.aws, table, checklist()).values == {"Env": "prod", "Project": "BabesClub"}


def test_a_table_that_does_not_exist(account: Account, table: Table) -> None:
    with pytest.raises(Gone, match="does not exist"):
        table_tags(account.aws, table, checklist())
