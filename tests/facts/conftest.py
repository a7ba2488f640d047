from collections.abc import Iterator

import pytest
from moto import mock_aws

from readiness.facts.dynamodb.table import Table
from tests.aws.account import ACCOUNT, ARN, REGION, TABLE, Account, good_table


@pytest.fixture
def account() -> Iterator[Account]:
    """An account with nothing in it."""
    with mock_aws():
        yield Account()


@pytest.fixture
def furnished(account: Account) -> Account:
    """An account with the table as it should be."""
    good_table(account)
    return account


@pytest.fixture
def table() -> Table:
    return Table(TABLE, ARN, ACCOUNT, REGION)
