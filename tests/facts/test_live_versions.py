import dataclasses
from typing import Any

import msgspec
import pytest
from botocore.exceptions import ClientError

from readiness.checklist import FunctionSettings
from readiness.facts.live_versions import (
    SOMETHING_ELSE,
    Configuration,
    LiveVersion,
    Variables,
    configuration,
    live_versions,
    variables,
)
from readiness.facts.table import Table
from readiness.model import Gone, Reason, Unavailable, Unreadable
from tests.aws.account import ARN, TABLE, Account
from tests.aws.functions import SECRETS, alias, arn_of, configure, function, lock, published
from tests.rules.facts import checklist
from tests.rules.functions import live_version, table_function


def read(account: Account, table: Table, version: str = "$LATEST", **settings: Any) -> Configuration:
    return configuration(
        account.aws, live_version(version=version), table, checklist(functions=FunctionSettings(**settings))
    )


def test_the_latest_alone_where_there_is_no_alias(account: Account) -> None:
    function(account, "checkout")
    published(account, "checkout", {})
    latest = f"{arn_of('checkout')}:$LATEST"
    assert dict(live_versions(account.aws, table_function()).answers()) == {
        latest: LiveVersion("checkout", arn_of("checkout"), latest, "$LATEST", ())
    }


def test_every_version_that_an_alias_routes_to_with_the_weighted_ones(account: Account) -> None:
    function(account, "checkout")
    for stage in ("a", "b", "c"):
        published(account, "checkout", {"STAGE": stage})
    alias(account, "checkout", "live", "1", v2=0.1)
    alias(account, "checkout", "canary", "2")
    alias(account, "checkout", "next", "$LATEST")
    found = {each.version: each.aliases for each in live_versions(account.aws, table_function())}
    assert found == {"$LATEST": ("next",), "1": ("live",), "2": ("canary", "live")}


def test_an_empty_page_is_not_the_end(account: Account) -> None:
    account.answer(
        "lambda",
        "ListAliases",
        {"Aliases": [], "NextMarker": "more"},
        {"Aliases": [{"Name": "live", "FunctionVersion": "7"}]},
    )
    assert [each.version for each in live_versions(account.aws, table_function())] == ["$LATEST", "7"]


def test_a_function_that_was_deleted_meanwhile_is_gone(account: Account) -> None:
    with pytest.raises(Gone, match="the function checkout does not exist any more"):
        live_versions(account.aws, table_function())


def test_how_a_version_is_configured(account: Account, table: Table) -> None:
    function(account, "checkout", environment={"COMMERCE_TABLE": TABLE}, Timeout=7)
    assert read(account, table) == Configuration(
        function="checkout",
        version="$LATEST",
        role="arn:aws:iam::123456789012:role/checkout",
        update="Successful",
        timeout_seconds=7,
        dead_letters=None,
        log_group="/aws/lambda/checkout",
        log_format="Text",
        log_level=None,
        environment_denied=None,
        named={"COMMERCE_TABLE": TABLE},
        holders=(),
    )


def test_a_published_version_keeps_its_own_environment(account: Account, table: Table) -> None:
    function(account, "checkout", environment={"COMMERCE_TABLE": f"{TABLE}-staging"})
    published(account, "checkout", {"COMMERCE_TABLE": f"{TABLE}-staging"})
    published(account, "checkout", {"COMMERCE_TABLE": TABLE})
    assert read(account, table, "1").named == {"COMMERCE_TABLE": f"{TABLE}-staging"}
    assert read(account, table, "$LATEST").named == {"COMMERCE_TABLE": TABLE}


def test_where_it_logs_and_where_its_failed_events_go(account: Account, table: Table) -> None:
    function(account, "checkout")
    logging = {"LogGroup": "/shop/checkout", "LogFormat": "JSON", "ApplicationLogLevel": "ERROR"}
    queue = "arn:aws:sqs:us-east-1:123456789012:dead-letters"
    configure(account, "checkout", LoggingConfig=logging, DeadLetterConfig={"TargetArn": queue})
    found = read(account, table)
    assert (found.log_group, found.log_format, found.log_level) == ("/shop/checkout", "JSON", "ERROR")
    assert found.dead_letters == queue


def test_an_empty_target_is_none(account: Account, table: Table) -> None:
    """https://docs.aws.amazon.com/lambda/latest/api/API_DeadLetterConfig.html: so it is taken away."""
    function(account, "checkout")
    configure(account, "checkout", DeadLetterConfig={"TargetArn": ""})
    assert read(account, table).dead_letters is None


def test_a_version_that_was_deleted_is_gone(account: Account, table: Table) -> None:
    function(account, "checkout")
    version = live_version(version="7", aliases=("live",))
    with pytest.raises(Gone, match="version 7 of checkout does not exist, though calls of live go there"):
        configuration(account.aws, version, table, checklist())


def test_no_variables_at_all(account: Account, table: Table) -> None:
    function(account, "checkout")
    assert variables(read(account, table)) == Variables({}, ())


def test_other_variables_that_hold_the_name(account: Account, table: Table) -> None:
    environment = {"TABLE_NAME": TABLE, "DYNAMO": f'"{TABLE}"', "TABLE_ARN": ARN, "STAGING": f"{TABLE}-staging"}
    function(account, "checkout", environment=environment)
    assert variables(read(account, table)) == Variables({}, ("DYNAMO", "TABLE_NAME"))


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        pytest.param(f"{TABLE}\n", f"{TABLE}\n", id="the name with a line break"),
        pytest.param(f"'{TABLE}'", f"'{TABLE}'", id="the name in quotes"),
        pytest.param(f"{TABLE}-staging", f"{TABLE}-staging", id="another table"),
        pytest.param(ARN, ARN, id="an ARN"),
        pytest.param(" ", " ", id="nothing but white space"),
        pytest.param(SECRETS["DATABASE_URL"], SOMETHING_ELSE, id="a secret that was put there by mistake"),
        pytest.param(SECRETS["JWT_SIGNING"], SOMETHING_ELSE, id="a key that was put there by mistake"),
        pytest.param(f"arn:{SECRETS['DATABASE_URL']}", SOMETHING_ELSE, id="something that begins like an ARN"),
        pytest.param("x" * 256, SOMETHING_ELSE, id="something longer than a table's name can be"),
    ],
)
def test_of_a_variable_is_kept_what_may_be_shown(account: Account, table: Table, value: str, kept: str) -> None:
    function(account, "checkout", environment={"COMMERCE_TABLE": value})
    assert read(account, table).named == {"COMMERCE_TABLE": kept}


def test_a_wanted_value_is_known_whatever_it_looks_like(account: Account, table: Table) -> None:
    function(account, "checkout", environment={"API": "https://example.com/a?b", "STAGE": "prod!"})
    found = read(account, table, environment={"API": "https://example.com/a?b", "STAGE": "prod"})
    assert found.named == {"API": "https://example.com/a?b", "STAGE": SOMETHING_ELSE}


def test_nothing_of_an_environment_is_kept_but_what_the_checklist_names(account: Account, table: Table) -> None:
    function(account, "checkout", environment={"COMMERCE_TABLE": TABLE, **SECRETS})
    found = read(account, table)
    for fact in (found, variables(found)):
        kept = repr(fact) + repr(dataclasses.asdict(fact)) + repr(msgspec.to_builtins(fact))
        assert not [name for name, secret in SECRETS.items() if secret in kept or name in kept]


def test_an_environment_that_lambda_may_not_show_hides_nothing_else(account: Account, table: Table) -> None:
    function(account, "checkout", environment={"COMMERCE_TABLE": TABLE}, Timeout=7)
    lock(account, "checkout")
    found = read(account, table)
    assert found.timeout_seconds == 7
    with pytest.raises(Unreadable) as unread:
        variables(found)
    assert unread.value.first == Unavailable(Reason.ACCESS_DENIED, "kms:Decrypt", "AccessDeniedException")


@pytest.mark.parametrize("operation", ["ListAliases", "GetFunctionConfiguration"])
def test_a_refusal_is_left_to_the_collector(account: Account, table: Table, operation: str) -> None:
    function(account, "checkout")
    account.refuse("lambda", operation, "AccessDeniedException")
    with pytest.raises(ClientError, match=operation):
        _all(account, table)


@pytest.mark.parametrize("member", ["Role", "Timeout", "LastUpdateStatus"])
def test_an_answer_without_what_aws_documents_is_not_made_up_for(account: Account, table: Table, member: str) -> None:
    function(account, "checkout")
    account.alter("lambda", "GetFunctionConfiguration", lambda answer: answer.pop(member))
    with pytest.raises(KeyError):
        read(account, table)


def _all(account: Account, table: Table) -> None:
    for _ in live_versions(account.aws, table_function()):
        read(account, table)
