"""A table with somebody else's row in it, a store over it that may touch only ours, and a view from outside."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from botocore.config import Config
from moto import mock_aws

from readiness.state.store import Parameters, Rows, Store, parameter
from tests.aws.leading_keys import only_ours
from tests.aws.ministack import ministack
from tests.aws.quick import quicken
from tests.state.store.samples import ACCOUNT, REGION, TABLE, Outside

__all__ = ["ministack"]

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

quicken()

# One session: each of its own would read botocore's models anew.
SESSION = botocore.session.Session()

SECRET = "none"
ON_BOTH = pytest.mark.parametrize("outside", ["moto", "ministack"], indirect=True)
"""For tests of conditions on damaged rows: each engine evaluates conditions by code of its own."""

MakeStore = Callable[..., Store]


def connect(**arguments: Any) -> "DynamoDBClient":
    """A client of DynamoDB that gives up at once."""
    config = Config(retries={"total_max_attempts": 1}, max_pool_connections=20)
    client: DynamoDBClient = SESSION.create_client(  # type: ignore[assignment]  # botocore's stubs know no services
        "dynamodb", REGION, config=config, aws_access_key_id="x", aws_secret_access_key=SECRET, **arguments
    )
    return client


def create_table(client: "DynamoDBClient") -> None:
    """The table, and one row of the application."""
    client.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}, {"AttributeName": "SK", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "PK", "AttributeType": "S"},
            {"AttributeName": "SK", "AttributeType": "S"},
        ],
    )
    client.put_item(TableName=TABLE, Item={"PK": {"S": "CART#1"}, "SK": {"S": "STATE"}, "total": {"N": "5"}})


def one_run(outside: Outside, writer: str = "run-1", **differs: Any) -> Store:
    """A store over the table, with a client of its own."""
    client = connect(endpoint_url=outside.client.meta.endpoint_url)
    only_ours(client)
    rows = Rows(client, **{"account": ACCOUNT, "region": REGION, "table": TABLE, **differs})
    return Store(rows, writer, Parameters(outside.ssm, ACCOUNT, REGION, TABLE))  # type: ignore[arg-type]  # likewise


@pytest.fixture(autouse=True)
def _new_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test runs in an execution environment that has read no key yet."""
    monkeypatch.setattr(parameter, "_keys", {})


@pytest.fixture
def outside(request: pytest.FixtureRequest) -> Iterator[Outside]:
    """The table on moto, or on the engine that ON_BOTH names."""
    if getattr(request, "param", "moto") == "ministack":
        yield request.getfixturevalue("stricter")
        return
    with mock_aws():
        client = connect()
        create_table(client)
        yield Outside(client)


@pytest.fixture
def make_store(outside: Outside) -> MakeStore:
    """A store with a client of its own: one run of the monitor."""
    return partial(one_run, outside)


@pytest.fixture
def stricter(ministack: str) -> Iterator[Outside]:
    """The same table on the second engine, for as long as a test."""
    client = connect(endpoint_url=ministack)
    create_table(client)
    yield Outside(client)
    client.delete_table(TableName=TABLE)


@pytest.fixture
def store(make_store: MakeStore) -> Store:
    return make_store()
