from datetime import UTC, datetime
from typing import Any

from readiness.facts.dynamodb.operations import OperationsInUse, operations_in_use
from readiness.facts.dynamodb.table import Table
from tests.aws.account import TABLE, Account
from tests.aws.logs import publish

LATENCY = "AWS/DynamoDB", "SuccessfulRequestLatency"


def test_operations_of_this_table_that_succeeded(account: Account, table: Table) -> None:
    now = datetime.now(UTC)
    for operation in ("Query", "PutItem", "Query"):
        publish(account, now, 3, *LATENCY, TableName=TABLE, Operation=operation)
    publish(account, now, 3, *LATENCY, TableName=TABLE, Operation="GetRecords", StreamLabel="2026-01-01T00:00:00.000")
    publish(account, now, 3, *LATENCY, TableName="orders", Operation="Scan")
    publish(account, now, 3, "AWS/DynamoDB", "ThrottledRequests", TableName=TABLE, Operation="DeleteItem")
    assert operations_in_use(account.aws, table) == OperationsInUse(("GetRecords", "PutItem", "Query"))


def test_an_empty_page_is_not_the_last_one(account: Account, table: Table) -> None:
    metric: dict[str, Any] = {"Dimensions": [{"Name": "Operation", "Value": "Scan"}]}
    account.answer("cloudwatch", "ListMetrics", {"Metrics": [], "NextToken": "1"}, {"Metrics": [metric]})
    assert operations_in_use(account.aws, table) == OperationsInUse(("Scan",))
