"""The account's functions, from how they are listed to what is said of them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from botocore.exceptions import ClientError
from msgspec.structs import replace

from readiness.aws.client import Aws
from readiness.checklist import Settings, TableSettings
from readiness.engine.collect import Past, collect, needed
from readiness.engine.evaluate import evaluate
from readiness.engine.snapshot import ROOT, Place, Snapshot, name_of
from readiness.facts.dynamodb.table import Table
from readiness.facts.lambda_.functions import Function, functions
from readiness.facts.lambda_.table_functions import TableFunction
from readiness.facts.recorded.manifest import ApplicationManifest
from readiness.facts.recorded.now import Now
from readiness.model import Finding, Reason, Status, Unavailable
from readiness.report.snapshot_file import save
from readiness.rules.env_vars_set import rule
from readiness.state import past
from tests.aws.account import ARN, TABLE, Account
from tests.aws.functions import SECRETS, alias, arn_of, function, lock, published, role

SETTINGS = Settings(tables=(TableSettings(TABLE), TableSettings("orders")))
EVERY_CHECK = {check.name for check in rule.checks if ApplicationManifest not in needed([check])}
"""That asks about functions."""


def read(account: Account, name: str) -> Function:
    return functions(account.aws, SETTINGS)[arn_of(name)]


def test_what_is_known_of_a_function(account: Account) -> None:
    function(account, "checkout", environment={"COMMERCE_TABLE": TABLE, "TABLE_ARN": ARN, "TOKEN": "secret"})
    role = "arn:aws:iam::123456789012:role/checkout"
    expected = Function("checkout", arn_of("checkout"), role, (TABLE,), variables=("COMMERCE_TABLE",))
    found = read(account, "checkout")
    assert replace(found, revision="") == expected
    assert found.revision, "what is kept of its configuration ends with it"


def test_the_monitor_is_no_function_of_the_table_that_it_watches(account: Account) -> None:
    function(account, "readiness-Monitor", environment={"READINESS_TABLE": TABLE})
    assert arn_of("readiness-Monitor") not in functions(account.aws, SETTINGS)


@pytest.mark.parametrize(
    ("value", "tables"),
    [
        pytest.param(TABLE, (TABLE,), id="its name"),
        pytest.param(ARN, (TABLE,), id="its ARN"),
        pytest.param(f"{ARN}/index/by-mail", (TABLE,), id="the ARN of an index of it"),
        pytest.param(f'{{"tables": ["{ARN}", "{ARN}-staging"]}}', (TABLE,), id="its ARN somewhere in a text"),
        pytest.param(f"{ARN},arn:aws:dynamodb:eu-west-1:1:table/orders", (TABLE, "orders"), id="two tables"),
        pytest.param(f"{ARN}-staging", (), id="the ARN of another table, whose name begins like it"),
        pytest.param(f"{ARN}.v2", (), id="likewise with a full stop"),
        pytest.param(f"{TABLE}-staging", (), id="the name of another table"),
        pytest.param(f"https://{TABLE}.example.com", (), id="its name within something else"),
    ],
)
def test_a_value_names_a_table_by_its_whole_name(account: Account, value: str, tables: tuple[str, ...]) -> None:
    function(account, "checkout", environment={"ANY": value, "OTHER": "x"})
    assert read(account, "checkout").tables == tables


def test_a_function_without_variables_names_none(account: Account) -> None:
    function(account, "checkout")
    found = read(account, "checkout")
    assert (found.tables, found.unread) == ((), None)


def test_an_environment_that_lambda_may_not_show_is_unread_not_empty(account: Account) -> None:
    function(account, "checkout", environment={"COMMERCE_TABLE": TABLE})
    function(account, "cart", environment={"COMMERCE_TABLE": TABLE})
    lock(account, "checkout")
    found = read(account, "checkout")
    assert found.unread == Unavailable(Reason.ACCESS_DENIED, "kms:Decrypt", "AccessDeniedException")
    assert read(account, "cart").unread is None, "the others can be read"


def test_an_empty_page_is_not_the_end(account: Account) -> None:
    last = {"FunctionName": "checkout", "FunctionArn": arn_of("checkout"), "Role": "arn:aws:iam::1:role/checkout"}
    account.answer("lambda", "ListFunctions", {"Functions": [], "NextMarker": "more"}, {"Functions": [last]})
    assert len(functions(account.aws, SETTINGS)) == 1


def test_no_value_of_an_environment_is_kept(account: Account) -> None:
    function(account, "checkout", environment={"COMMERCE_TABLE": TABLE, **SECRETS})
    found = functions(account.aws, SETTINGS)
    kept = repr(list(found)) + repr(msgspec.to_builtins(dict(found.answers())))
    assert not [name for name, secret in SECRETS.items() if secret in kept or name in kept]


def look(
    account: Account, settings: Settings = SETTINGS, carried: Mapping[str, Any] | None = None
) -> tuple[Snapshot, dict[str, Finding]]:
    """What a look at the account finds, by check and resource. `carried` is what the table's memory kept."""
    home: Place = frozenset({(Table, ARN)})
    memory = past.carried(rule.checks, {home: carried or {}})
    given: dict[type, dict[Place, Any]] = {
        Aws: {ROOT: account.aws},
        Settings: {ROOT: settings},
        Now: {ROOT: Now(datetime(2026, 11, 24, 3, tzinfo=UTC))},
    }
    snapshot = collect(rule.checks, Past(given, memory), defect=no_defect)
    judgements = evaluate(
        [rule], snapshot, Table, lambda table: {"region": table.region, "table": table.name}, no_defect
    )
    asked = next(iter(judgements)).asked
    return snapshot, {f"{each.check} {each.resource}": each for one in asked for each in one.findings}


def no_defect(who: str, error: Exception) -> None:
    raise AssertionError(who) from error


@pytest.fixture
def shop(furnished: Account) -> Account:
    """Functions that belong, one that only looks like it, and one that has nothing to do with the table."""
    writing = role(furnished, "writing", "dynamodb:PutItem", resource=ARN)
    function(furnished, "babesclub-api", environment={"COMMERCE_TABLE": TABLE, **SECRETS}, role=writing)
    function(furnished, "mail", environment={"COMMERCE_TABLE": TABLE}, tags={"Project": "BabesClub"})
    function(furnished, "sessions", environment={"COMMERCE_TABLE": TABLE}, role=writing)
    function(furnished, "images", environment=SECRETS)
    function(furnished, "carts-report", role=writing)
    function(furnished, "babesclub-LogRetention")
    return furnished


def test_an_account_whose_functions_are_as_they_should_be(shop: Account) -> None:
    _, found = look(shop)
    fine = {Status.PASS, Status.NOT_APPLICABLE}
    bad = {
        name: finding.status for name, finding in found.items() if finding.status not in fine and not finding.omission
    }
    assert bad == {f"unclassified {arn_of('carts-report')}": Status.WARN}
    assert found[f"functions {ARN}"].evidence["SelectedWithoutAccess"] == ["babesclub-LogRetention"]
    assert found[f"functions {ARN}"].watched == dict.fromkeys(("babesclub-api", "mail", "sessions"), "belongs")


def test_what_belonged_by_its_rights_at_the_last_look_stays_while_rights_are_denied(shop: Account) -> None:
    writing = role(shop, "selected", "dynamodb:PutItem", resource=ARN)
    function(shop, "babesclub-cart", role=writing)
    belonging = look(shop)[1][f"functions {ARN}"]
    assert belonging.carry
    kept = {"functions": {ARN: {"kind": "SelectedBefore", "of": msgspec.to_builtins(belonging.carry)}}}
    assert "babesclub-cart" in belonging.watched
    shop.refuse("iam", "GetAccountAuthorizationDetails", "AccessDenied")
    _, later = look(shop, carried=kept)
    assert later[f"variables {arn_of('babesclub-cart')}:$LATEST"].status is Status.FAIL
    _, never = look(shop)
    assert never[f"variables {arn_of('babesclub-cart')}"].status is Status.UNKNOWN


def test_an_alias_that_serves_a_version_with_the_wrong_name(shop: Account) -> None:
    published(shop, "mail", {"COMMERCE_TABLE": f"{TABLE}-staging"})
    published(shop, "mail", {"COMMERCE_TABLE": TABLE})
    alias(shop, "mail", "live", "2", v1=0.1)
    _, found = look(shop)
    statuses = {version: found[f"variables {arn_of('mail')}:{version}"].status for version in ("$LATEST", "1", "2")}
    assert statuses == {"$LATEST": Status.PASS, "1": Status.FAIL, "2": Status.PASS}


def test_a_function_whose_environment_is_locked_is_unknown_alone(shop: Account) -> None:
    lock(shop, "babesclub-api")
    _, found = look(shop)
    unknown = [name for name, finding in found.items() if finding.status is Status.UNKNOWN]
    assert unknown == [f"variables {arn_of('babesclub-api')}:$LATEST"]


@pytest.mark.parametrize(
    ("service", "operation", "unknown"),
    [
        pytest.param("lambda", "ListFunctions", {"functions", "unclassified", "variables", "updated"}, id="functions"),
        pytest.param("lambda", "ListAliases", {"variables", "updated"}, id="aliases"),
        pytest.param("lambda", "GetFunctionConfiguration", {"variables", "updated"}, id="configurations"),
        pytest.param("iam", "GetAccountAuthorizationDetails", {*EVERY_CHECK}, id="roles"),
        pytest.param("lambda", "ListEventSourceMappings", {*EVERY_CHECK}, id="event sources"),
        pytest.param("resourcegroupstaggingapi", "GetResources", {*EVERY_CHECK}, id="tags"),
    ],
)
def test_what_stays_unknown_when_a_call_is_refused(
    shop: Account, service: str, operation: str, unknown: set[str]
) -> None:
    shop.refuse(service, operation, "AccessDeniedException")
    _, found = look(shop)
    assert {finding.check for finding in found.values() if finding.status is Status.UNKNOWN} == unknown
    assert not [each for each in found.values() if each.status is Status.FAIL and not each.omission]


def test_no_value_of_an_environment_reaches_the_file_of_a_snapshot(shop: Account, tmp_path: Path) -> None:
    snapshot, found = look(shop)
    save(snapshot, SETTINGS, tmp_path / "snapshot.json")
    kept = (tmp_path / "snapshot.json").read_text() + repr(found) + repr(snapshot)
    assert TABLE in kept
    assert not [name for name, secret in SECRETS.items() if secret in kept or name in kept]


def test_two_tables_share_the_calls(shop: Account) -> None:
    function(shop, "orders-api", environment={"COMMERCE_TABLE": "orders"})
    snapshot, _ = look(shop)
    assert shop.calls.count("lambda:ListFunctions") == 1
    functions_of = {name_of(place): set(answer.answers()) for place, answer in snapshot.answers[TableFunction].items()}
    orders = next(found for table, found in functions_of.items() if table.endswith("/orders"))
    assert arn_of("orders-api") in orders
    assert arn_of("orders-api") not in functions_of[ARN]


def test_a_refusal_is_left_to_the_collector(account: Account) -> None:
    account.refuse("lambda", "ListFunctions", "AccessDeniedException")
    with pytest.raises(ClientError, match="ListFunctions"):
        functions(account.aws, SETTINGS)


def test_an_answer_without_a_role_is_not_made_up_for(account: Account) -> None:
    function(account, "checkout")
    account.alter("lambda", "ListFunctions", lambda answer: answer["Functions"][0].pop("Role"))
    lacking = functions(account.aws, SETTINGS).answers()[arn_of("checkout")]
    assert lacking == Unavailable(Reason.INCOMPLETE_ANSWER, "lambda:ListFunctions", "Functions[].Role")


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        pytest.param({}, "Functions", id="no list"),
        pytest.param({"Functions": [{"FunctionName": "checkout"}]}, "Functions[].FunctionArn", id="no ARN"),
    ],
)
def test_functions_that_are_not_listed_are_not_none(account: Account, answer: Any, detail: str) -> None:
    account.answer("lambda", "ListFunctions", answer)
    assert functions(account.aws, SETTINGS).unlisted == Unavailable(
        Reason.INCOMPLETE_ANSWER, "lambda:ListFunctions", detail
    )


def test_an_environment_that_is_null_has_no_variables(account: Account) -> None:
    """So the console's own recordings have it; AWS's answers leave it out."""
    last = {"FunctionName": "checkout", "FunctionArn": arn_of("checkout"), "Role": "arn:aws:iam::1:role/checkout"}
    account.answer("lambda", "ListFunctions", {"Functions": [{**last, "Environment": {"Variables": None}}]})
    assert read(account, "checkout").tables == ()
