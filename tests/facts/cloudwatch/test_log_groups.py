import pytest
from botocore.exceptions import ClientError
from msgspec.structs import replace

from readiness.engine.each import Each
from readiness.facts.cloudwatch.log_groups import (
    FunctionLogGroup,
    LogGroup,
    function_log_groups,
    log_group,
    log_group_batches,
)
from readiness.facts.dynamodb.table import Table
from readiness.facts.lambda_.event_sources import EventSource, sources_by_function
from readiness.facts.lambda_.live_versions import Configuration, LiveVersion, configuration
from readiness.model import Gone, Unreadable
from tests.aws import logs
from tests.aws.account import Account
from tests.aws.completed import complete
from tests.aws.functions import function
from tests.rules import functions as built
from tests.rules.dead_letters import mapping
from tests.rules.facts import checklist

complete()

PREFIX = "arn:aws:logs:us-east-1:123456789012:log-group:"
CART = "/aws/lambda/cart"


def group(name: str = CART) -> FunctionLogGroup:
    return FunctionLogGroup(name, PREFIX + name, ("cart",))


def log_groups_of(
    table: Table, known: Each[Configuration], *versions: LiveVersion, sources: tuple[EventSource, ...] = ()
) -> Each[FunctionLogGroup]:
    return function_log_groups(table, known, built.each(*versions), sources_by_function(built.each(*sources)))


def configurations(*known: Configuration | Gone, whole: bool = True) -> Each[Configuration]:
    return Each(dict(zip("abcdef", known, strict=False)), None if whole else built.DENIED)


def test_a_group_that_functions_share_is_one_with_the_names_of_all(table: Table) -> None:
    shared = configurations(
        built.configuration(function="quote", log_group="/shop"),
        built.configuration(function="cart", log_group="/shop", version="7"),
        built.configuration(function="cart"),
        Gone("version 8 of cart does not exist"),
    )
    assert list(log_groups_of(table, shared)) == [
        FunctionLogGroup(CART, PREFIX + CART, ("cart",)),
        FunctionLogGroup("/shop", PREFIX + "/shop", ("cart", "quote")),
    ]


LATEST, FIRST = built.live_version(function="cart"), built.live_version(function="cart", version="1", aliases=("live",))


@pytest.mark.parametrize(
    ("versions", "sources", "invoked"),
    [
        pytest.param((LATEST, FIRST), (), {CART}, id="what nothing leads to beside an alias"),
        pytest.param((LATEST, replace(FIRST, aliases=(), numbered=True)), (), {CART}, id="nor beside a number"),
        pytest.param((LATEST,), (), {CART, "/shop"}, id="there is no alias"),
        pytest.param((replace(LATEST, aliases=("next",)), FIRST), (), {CART, "/shop"}, id="another alias leads there"),
        pytest.param((LATEST, FIRST), (mapping(function=LATEST.function_arn),), {CART, "/shop"}, id="a source does"),
    ],
)
def test_where_the_versions_log_that_are_invoked(
    table: Table, versions: tuple[LiveVersion, ...], sources: tuple[EventSource, ...], invoked: set[str]
) -> None:
    known = configurations(
        built.configuration(function="cart", log_group="/shop"), built.configuration(function="cart", version="1")
    )
    found = log_groups_of(table, known, *versions, sources=sources)
    assert {group.name for group in found if group.invoked} == invoked
    assert len(found) == 2


def test_a_configuration_that_could_not_be_read_may_name_another_group(table: Table) -> None:
    found = log_groups_of(table, configurations(built.configuration(function="cart"), whole=False))
    assert CART in [each.name for each in found.readable()[0]]
    assert found.unlisted == built.DENIED
    with pytest.raises(Unreadable):
        list(found)


def test_arns_are_of_the_tables_partition_and_region() -> None:
    table = Table("t", "arn:aws-cn:dynamodb:cn-north-1:123456789012:table/t", "123456789012", "cn-north-1")
    [found] = log_groups_of(table, configurations(built.configuration(function="cart")))
    assert found.arn == f"arn:aws-cn:logs:cn-north-1:123456789012:log-group:{CART}"


def test_the_group_that_a_function_was_told_to_write_to(account: Account, table: Table) -> None:
    """The name after the function is only the default."""
    told = {"LogGroup": "/shop", "LogFormat": "JSON", "ApplicationLogLevel": "WARN"}
    arn = function(account, "cart", LoggingConfig=told)
    version = built.live_version(function="cart")
    assert version.function_arn == arn
    found = configuration(account.aws, version, table, checklist())
    assert (found.log_group, found.log_format, found.log_level) == ("/shop", "JSON", "WARN")


def read(account: Account, *others: str) -> LogGroup | None:
    """The group of the function, described with others."""
    batches = log_group_batches(built.each(group(), *map(group, others)))
    return log_group(account.aws, group(), batches)


def test_a_group_and_how_long_its_logs_are_kept(account: Account) -> None:
    logs.log_group(account, CART, days=90)
    assert read(account) == LogGroup("STANDARD", 90)


def test_logs_that_never_expire(account: Account) -> None:
    logs.log_group(account, CART)
    assert read(account) == LogGroup("STANDARD", None)


def test_the_class_of_a_group(account: Account) -> None:
    logs.log_group(account, CART, kind="INFREQUENT_ACCESS")
    assert read(account) == LogGroup("INFREQUENT_ACCESS", None)


def test_a_group_that_does_not_exist_beside_one_that_does(account: Account) -> None:
    logs.log_group(account, "/shop", days=90)
    assert read(account, "/shop") is None


def test_fifty_groups_share_a_call() -> None:
    batches = log_group_batches(built.each(*(group(f"/shop/{number:03}") for number in range(101)))).of
    assert {len(batch) for batch in batches.values()} == {50, 1}
    assert len(set(batches.values())) == 3
    assert all(name in batch for name, batch in batches.items())


def test_a_batch_that_aws_does_not_accept_is_described_one_by_one(account: Account) -> None:
    """The request for a group by its name then takes a prefix."""
    logs.log_group(account, CART, days=90)
    logs.log_group(account, f"{CART}-api", days=30)
    refused = [True]
    account.refuse_while(refused, "logs", "DescribeLogGroups", "InvalidParameterException")
    account.caller.prepare("logs", "after-call.{}.DescribeLogGroups", lambda **_event: refused.clear())
    assert read(account, "/shop") == LogGroup("STANDARD", 90)
    assert not refused


def test_an_empty_page_with_a_token_is_not_the_end(account: Account) -> None:
    account.answer(
        "logs",
        "DescribeLogGroups",
        {"logGroups": [], "nextToken": "more"},
        {"logGroups": [{"logGroupName": f"{CART}-api"}], "nextToken": "and more"},
        {"logGroups": [{"logGroupName": CART, "retentionInDays": 30}]},
    )
    assert read(account) == LogGroup("STANDARD", 30)


def test_an_answer_without_a_list_is_no_missing_group(account: Account) -> None:
    account.answer("logs", "DescribeLogGroups", {})
    with pytest.raises(Unreadable):
        read(account)


def test_a_refused_call_is_no_missing_group(account: Account) -> None:
    account.refuse("logs", "DescribeLogGroups", "AccessDeniedException")
    with pytest.raises(ClientError):
        read(account)
