import json
from typing import Any

import msgspec
import pytest
from botocore.exceptions import ClientError

from readiness.aws.answer import lacking
from readiness.checklist import FunctionSettings
from readiness.engine.each import Each
from readiness.engine.fact import source_of
from readiness.facts.dynamodb.table import Table
from readiness.facts.lambda_.event_sources import EventSource, sources_by_function
from readiness.facts.lambda_.live_versions import (
    SOMETHING_ELSE,
    Configuration,
    EnvironmentVariables,
    LiveVersion,
    PermittedVersions,
    aliases,
    configuration,
    live_versions,
    permitted_versions,
    variables,
)
from readiness.model import Gone, Reason, Unavailable, Unreadable
from tests.aws.account import ARN, TABLE, Account
from tests.aws.dead_letters import by_qualifier
from tests.aws.functions import SECRETS, alias, arn_of, configure, function, lock, published
from tests.rules.dead_letters import mapping
from tests.rules.facts import checklist
from tests.rules.functions import DENIED, each, live_version, table_function
from tests.rules.functions import configuration as rebuilt

by_qualifier()

ANYBODY = {"Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction", "Resource": "*"}


def permit(account: Account, name: str, qualifier: str) -> None:
    """Let EventBridge invoke the function by that qualifier."""
    account.client("lambda").add_permission(
        FunctionName=name,
        StatementId="events",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        Qualifier=qualifier,
    )


def read(account: Account, table: Table, version: str = "$LATEST", **settings: Any) -> Configuration:
    return configuration(
        account.aws, live_version(version=version), table, checklist(functions=FunctionSettings(**settings))
    )


NONE = PermittedVersions(())
NO_VARIABLES = FunctionSettings()
OF = Table(TABLE, ARN, "123456789012", "us-east-1")


def live(
    account: Account,
    *sources: EventSource,
    permitted: PermittedVersions | Unavailable = NONE,
    revision: str = "1",
    wanted: FunctionSettings = NO_VARIABLES,
) -> Each[LiveVersion]:
    named = aliases(account.aws, table_function())
    function = table_function(revision=revision)
    return live_versions(
        OF, checklist(functions=wanted), function, named, permitted, sources_by_function(each(*sources))
    )


def revisions(account: Account, **other: Any) -> tuple[str, ...]:
    """Of `$LATEST`, and of the version behind an alias."""
    latest, numbered = live(account, **other)
    return latest.revision, numbered.revision


def test_a_configuration_has_another_revision_once_the_function_or_the_wanted_variables_differ(
    account: Account,
) -> None:
    function(account, "checkout")
    alias(account, "checkout", "live", published(account, "checkout", {}))
    latest, numbered = revisions(account)
    assert revisions(account) == (latest, numbered)
    after = revisions(account, revision="2")
    assert after[0] != latest
    assert after[1] == numbered, "a published version does not change"
    other = revisions(account, wanted=FunctionSettings(environment={"CARTS": "{table}"}))
    assert {*other}.isdisjoint({latest, numbered})
    assert revisions(account, revision="")[0] == "", "it is not known"


def test_a_configuration_that_is_about_to_change_is_not_kept() -> None:
    kept = source_of(Configuration).keeps
    assert kept is not None
    assert not kept.passing_by(rebuilt())
    assert kept.passing_by(rebuilt(update="InProgress"))
    assert kept.passing_by(rebuilt(environment_denied="KMSAccessDenied"))


def test_the_latest_alone_where_there_is_no_alias(account: Account) -> None:
    function(account, "checkout")
    published(account, "checkout", {})
    latest = f"{arn_of('checkout')}:$LATEST"
    assert dict(live(account, revision="").answers()) == {
        latest: LiveVersion("checkout", arn_of("checkout"), latest, "$LATEST", ())
    }


def test_every_version_that_an_alias_routes_to_with_the_weighted_ones(account: Account) -> None:
    function(account, "checkout")
    for stage in ("a", "b", "c"):
        published(account, "checkout", {"STAGE": stage})
    alias(account, "checkout", "live", "1", v2=0.1)
    alias(account, "checkout", "canary", "2")
    alias(account, "checkout", "next", "$LATEST")
    found = {each.version: each.aliases for each in live(account)}
    assert found == {"$LATEST": ("next",), "1": ("live",), "2": ("canary", "live")}


def test_a_version_that_is_polled_for_by_its_number_is_live(account: Account) -> None:
    function(account, "checkout")
    published(account, "checkout", {})
    found = {version.version: version.numbered for version in live(account, mapping(function=arn_of("checkout:1")))}
    assert found == {"$LATEST": False, "1": True}


def test_a_version_that_somebody_may_invoke_by_its_number_is_live(account: Account) -> None:
    function(account, "checkout")
    for stage in ("a", "b"):
        published(account, "checkout", {"STAGE": stage})
    alias(account, "checkout", "live", "2")
    for name in ("1", "live"):
        permit(account, "checkout", name)
    permitted = permitted_versions(account.aws, table_function())
    assert permitted == PermittedVersions(("1",)), "an alias has a policy of its own"
    found = {version.version: version for version in live(account, permitted=permitted)}
    assert {name: version.numbered for name, version in found.items()} == {"$LATEST": False, "1": True, "2": False}


def test_of_many_versions_the_newest_are_asked_for_a_policy(account: Account) -> None:
    versions = [{"Version": "$LATEST"}, *({"Version": str(number)} for number in range(1, 31))]
    account.answer("lambda", "ListVersionsByFunction", {"Versions": versions})
    account.answer("lambda", "GetPolicy", *[{"Policy": json.dumps({"Statement": [ANYBODY]})}] * 10)
    assert permitted_versions(account.aws, table_function()).numbers == tuple(map(str, range(30, 20, -1)))


def test_versions_that_may_be_invoked_by_number_leave_the_list_open_where_they_were_not_read(account: Account) -> None:
    function(account, "checkout")
    found = live(account, permitted=DENIED)
    assert [version.version for version in found.readable()[0]] == ["$LATEST"]
    assert found.unlisted == DENIED


def test_the_policies_of_versions_of_a_function_that_was_deleted_are_gone(account: Account) -> None:
    account.refuse("lambda", "ListVersionsByFunction", "ResourceNotFoundException", 404)
    with pytest.raises(Gone, match="the function checkout does not exist"):
        permitted_versions(account.aws, table_function())


def test_a_version_that_is_deleted_meanwhile_is_not_one_that_may_be_invoked(account: Account) -> None:
    account.answer("lambda", "ListVersionsByFunction", {"Versions": [{"Version": "$LATEST"}, {"Version": "1"}]})
    assert permitted_versions(account.aws, table_function()) == NONE


def test_aliases_that_are_absent_are_not_none(account: Account) -> None:
    account.answer("lambda", "ListAliases", {})
    with pytest.raises(Unreadable):
        live(account)


def test_an_empty_page_is_not_the_end(account: Account) -> None:
    account.answer(
        "lambda",
        "ListAliases",
        {"Aliases": [], "NextMarker": "more"},
        {"Aliases": [{"Name": "live", "FunctionVersion": "7"}]},
    )
    assert [each.version for each in live(account)] == ["$LATEST", "7"]


def test_a_function_that_was_deleted_meanwhile_is_gone(account: Account) -> None:
    with pytest.raises(Gone, match="the function checkout does not exist"):
        live(account)


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
    with pytest.raises(Gone, match="version 7 of checkout does not exist, but alias live routes to it"):
        configuration(account.aws, version, table, checklist())


def test_no_variables_at_all(account: Account, table: Table) -> None:
    function(account, "checkout")
    assert variables(read(account, table)) == EnvironmentVariables({}, ())


def test_other_variables_that_hold_the_name(account: Account, table: Table) -> None:
    environment = {"TABLE_NAME": TABLE, "DYNAMO": f'"{TABLE}"', "TABLE_ARN": ARN, "STAGING": f"{TABLE}-staging"}
    function(account, "checkout", environment=environment)
    assert variables(read(account, table)) == EnvironmentVariables({}, ("DYNAMO", "TABLE_NAME"))


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
        kept = repr(fact) + repr(msgspec.structs.asdict(fact)) + repr(msgspec.to_builtins(fact))
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


@pytest.mark.parametrize(("member", "field"), [("LastUpdateStatus", "update"), ("Timeout", "timeout_seconds")])
def test_what_an_answer_lacks_is_unreadable_alone(account: Account, table: Table, member: str, field: str) -> None:
    """A function that is Pending has no LastUpdateStatus yet."""
    function(account, "checkout", environment={"COMMERCE_TABLE": TABLE})
    account.alter("lambda", "GetFunctionConfiguration", lambda answer: answer.pop(member))
    found = read(account, table)
    assert variables(found).named == {"COMMERCE_TABLE": TABLE}
    assert dict(lacking(found)) == {
        field: Unavailable(Reason.INCOMPLETE_ANSWER, "lambda:GetFunctionConfiguration", member)
    }


def test_an_answer_without_a_role_is_not_made_up_for(account: Account, table: Table) -> None:
    function(account, "checkout")
    account.alter("lambda", "GetFunctionConfiguration", lambda answer: answer.pop("Role"))
    with pytest.raises(Unreadable):
        read(account, table)


def test_a_number_that_is_invoked_and_was_deleted_is_gone(account: Account, table: Table) -> None:
    function(account, "checkout")
    version = live_version(version="7", numbered=True)
    with pytest.raises(Gone, match="version 7 of checkout does not exist, but calls by version number route to it"):
        configuration(account.aws, version, table, checklist())


def _all(account: Account, table: Table) -> None:
    for _ in live(account):
        read(account, table)
