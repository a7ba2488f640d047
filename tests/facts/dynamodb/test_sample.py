"""What is seen of items, and that nothing else of them is kept."""

import json
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from botocore.exceptions import ClientError
from msgspec.structs import replace

from readiness.checklist import SampleSettings, Settings, TableSettings
from readiness.facts.dynamodb.sample import OTHER, Expiry, Sample, sample, sampling
from readiness.facts.dynamodb.table import Table
from readiness.facts.recorded.now import Now
from readiness.model import Gone, Reason, Unavailable
from tests.aws.account import TABLE, Account
from tests.rules.facts import AT, NOW
from tests.rules.manifests import document, manifest
from tests.rules.manifests import prefix as prefix_of
from tests.rules.samples import SAMPLING

SECRET = "hunter2@example.com"
AHEAD = {"N": str(int((AT + timedelta(days=3)).timestamp()))}


def put(account: Account, partition: str, sort: str = "META", expires: dict[str, Any] | None = None) -> None:
    item: dict[str, Any] = {"PK": {"S": partition}, "SK": {"S": sort}, "email": {"S": SECRET}}
    account.client("dynamodb").put_item(TableName=TABLE, Item=item | ({"expiresAt": expires} if expires else {}))


def counted(account: Account, count: int) -> None:
    """What DescribeTable says of the number of items, which is hours old anyway."""
    account.alter("dynamodb", "DescribeTable", lambda answer: answer["Table"].update(ItemCount=count))


def scans(account: Account) -> list[dict[str, Any]]:
    """The requests of every Scan from now on."""
    asked: list[dict[str, Any]] = []

    def keep(params: dict[str, Any], **_event: object) -> None:
        asked.append(json.loads(params["body"]))

    account.client("dynamodb").meta.events.register("before-call.dynamodb.Scan", keep)
    return asked


def test_without_the_checklists_wish_nothing_is_looked_at(table: Table) -> None:
    assert sampling(table, Settings()) is None


def test_the_wish_names_the_attributes_of_the_table(table: Table) -> None:
    wish = SampleSettings(enabled=True, segments=2, items=10, read_budget=5)
    settings = Settings(tables=(TableSettings(partition_key="id", ttl_attribute="ttl", sample=wish),))
    found = sampling(table, settings)
    assert found == replace(SAMPLING, partition_key="id", ttl_attribute="ttl", segments=2, items=10, read_budget=5)


def test_prefixes_are_counted_and_keys_are_not_kept(furnished: Account, table: Table) -> None:
    put(furnished, f"CART#{SECRET}")
    put(furnished, "CART#2", f"ITEM#{SECRET}")
    put(furnished, SECRET)
    put(furnished, f"Cart#{SECRET}")
    found = sample(furnished.aws, table, SAMPLING, NOW)
    assert found.expiries == {
        OTHER: {Expiry.ABSENT: 2},
        "CART": {Expiry.ABSENT: 2},
        "ITEM": {Expiry.ABSENT: 1},
    }
    assert (found.items, found.at) == (4, AT)
    assert found.prefixes == {"CART", "ITEM"}
    assert SECRET not in repr(found)


@pytest.mark.parametrize(
    ("key", "prefix"),
    [
        pytest.param("RATE_LIMIT#1", "RATE_LIMIT", id="with an underscore"),
        pytest.param("S3#1", "S3", id="with a digit"),
        pytest.param("C#1", OTHER, id="one letter is none"),
        pytest.param("A" * 31 + "#1", "A" * 31, id="the longest"),
        pytest.param("A" * 32 + "#1", OTHER, id="longer than that"),
        pytest.param("49170123#1", OTHER, id="a telephone number is none"),
        pytest.param("CART", OTHER, id="without a mark"),
        pytest.param("ÄPFEL#1", OTHER, id="letters of other alphabets"),
        pytest.param("CART\n#1", OTHER, id="a line that ends"),
    ],
)
def test_of_a_key_only_what_looks_like_a_prefix_is_kept(
    furnished: Account, table: Table, key: str, prefix: str
) -> None:
    put(furnished, key)
    assert list(sample(furnished.aws, table, SAMPLING, NOW).expiries) == [prefix]


def test_a_prefix_in_other_letters_is_kept_where_the_repository_names_it(furnished: Account, table: Table) -> None:
    put(furnished, "session#1", "userProfile#2")
    put(furnished, f"{SECRET}#1")
    says = manifest(code=(prefix_of("session"),), plan=document(prefixes=("userProfile",)))
    assert set(sample(furnished.aws, table, SAMPLING, NOW, says).expiries) == {"session", "userProfile", OTHER}


def test_where_it_is_not_known_what_the_repository_names_it_is_not_kept(furnished: Account, table: Table) -> None:
    put(furnished, "session#1")
    for unknown in (None, Unavailable(Reason.STALE)):
        assert set(sample(furnished.aws, table, SAMPLING, NOW, unknown).expiries) == {OTHER}


def test_our_own_items_count_by_their_partition_alone(furnished: Account, table: Table) -> None:
    put(furnished, "READINESS#123456789012#us-east-1#x", "STATE#OWNER#x")
    assert list(sample(furnished.aws, table, SAMPLING, NOW).expiries) == ["READINESS"]


def at(**span: float) -> dict[str, str]:
    return {"N": str(int((AT + timedelta(**span)).timestamp()))}


@pytest.mark.parametrize(
    ("value", "expiry"),
    [
        pytest.param(None, Expiry.ABSENT, id="none"),
        pytest.param(at(seconds=1), Expiry.LATER, id="a second ahead"),
        pytest.param(at(), Expiry.DUE, id="now"),
        pytest.param(at(days=-5 * 365), Expiry.DUE, id="five years ago"),
        pytest.param(at(days=-5 * 365, seconds=-1), Expiry.TOO_OLD, id="longer ago"),
        pytest.param({"N": "-1"}, Expiry.TOO_OLD, id="negative"),
        pytest.param({"N": "1795489200000"}, Expiry.MILLISECONDS, id="milliseconds"),
        pytest.param({"N": "100000000000"}, Expiry.LATER, id="the last that is taken for seconds"),
        pytest.param({"S": "1795489200"}, Expiry.NO_NUMBER, id="a string"),
        pytest.param({"M": {"at": {"N": "1795489200"}}}, Expiry.NO_NUMBER, id="nested in a map"),
        pytest.param({"NULL": True}, Expiry.NO_NUMBER, id="null"),
    ],
)
def test_an_item_says_when_it_expires(
    furnished: Account, table: Table, value: dict[str, Any] | None, expiry: Expiry
) -> None:
    put(furnished, "QUOTE#1", expires=value)
    assert sample(furnished.aws, table, SAMPLING, NOW).expiries == {"QUOTE": {expiry: 1}}


def test_a_request_asks_for_keys_and_expiry_alone(furnished: Account, table: Table) -> None:
    asked = scans(furnished)
    sample(furnished.aws, table, SAMPLING, NOW)
    assert len(asked) == SAMPLING.segments
    for request in asked:
        assert request["Select"] == "SPECIFIC_ATTRIBUTES"
        assert sorted(request["ExpressionAttributeNames"].values()) == ["PK", "SK", "expiresAt"]
        assert request["ProjectionExpression"].split(",") == list(request["ExpressionAttributeNames"])
        assert (request["Limit"], request["ReturnConsumedCapacity"]) == (125, "TOTAL")


def test_of_a_small_table_every_item_is_looked_at(furnished: Account, table: Table) -> None:
    for number in range(40):
        put(furnished, f"CART#{number}")
    counted(furnished, 40)
    asked = scans(furnished)
    found = sample(furnished.aws, table, SAMPLING, NOW)
    assert {request["TotalSegments"] for request in asked} == {8}
    assert found.expiries == {"CART": {Expiry.ABSENT: 40}}


def segments(account: Account, table: Table, now: Now = NOW) -> list[int]:
    asked = scans(account)
    sample(account.aws, table, SAMPLING, now)
    assert {request["TotalSegments"] for request in asked} == {8_000}
    return [request["Segment"] for request in asked]


def test_of_a_large_table_other_segments_are_looked_at_each_day(furnished: Account, table: Table) -> None:
    counted(furnished, 1_000_000)
    today = segments(furnished, table)
    assert len(set(today)) == 8
    assert segments(furnished, table) == today
    assert segments(furnished, table, Now(AT + timedelta(days=1))) != today


def test_it_stops_once_it_has_cost_more_than_its_budget(furnished: Account, table: Table) -> None:
    furnished.alter("dynamodb", "Scan", lambda answer: answer.update(ConsumedCapacity={"CapacityUnits": 100.5}))
    asked = scans(furnished)
    found = sample(furnished.aws, table, replace(SAMPLING, read_budget=201), NOW)
    assert (len(asked), found.consumed) == (2 + 1, 301.5)


def test_what_it_costs_is_what_aws_says(furnished: Account, table: Table) -> None:
    put(furnished, "CART#1")
    assert sample(furnished.aws, table, SAMPLING, NOW).consumed > 0


def test_what_is_kept_of_it_comes_back(furnished: Account, table: Table) -> None:
    put(furnished, "QUOTE#1", expires=AHEAD)
    found = sample(furnished.aws, table, SAMPLING, NOW)
    assert msgspec.convert(msgspec.to_builtins(found), Sample) == found


def test_a_refusal_is_left_to_the_collector(furnished: Account, table: Table) -> None:
    furnished.refuse("dynamodb", "Scan", "AccessDeniedException")
    with pytest.raises(ClientError):
        sample(furnished.aws, table, SAMPLING, NOW)


def test_a_table_that_does_not_exist_is_gone(account: Account, table: Table) -> None:
    with pytest.raises(Gone):
        sample(account.aws, table, SAMPLING, NOW)


@pytest.mark.parametrize("key", [{}, {"PK": {}}], ids=["no key", "an empty one"])
def test_an_item_without_its_partition_key_may_be_anybodys(
    furnished: Account, table: Table, key: dict[str, Any]
) -> None:
    item = {"SK": {"S": "RULE#1.1"}, **key}
    page = {"Items": [item], "ConsumedCapacity": {"CapacityUnits": 1.0}}
    furnished.answer("dynamodb", "Scan", *[page] * SAMPLING.segments)
    assert list(sample(furnished.aws, table, SAMPLING, NOW).expiries) == [OTHER]
