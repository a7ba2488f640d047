"""Every signal alone and with others, and what is undecided when one of them could not be read."""

from typing import Any

import pytest
from msgspec.structs import replace

from readiness.checklist import FunctionSettings
from readiness.engine.each import Each
from readiness.facts.dynamodb.resource_policy import ResourcePolicy
from readiness.facts.iam.principals import Principal
from readiness.facts.lambda_.event_sources import EventSource
from readiness.facts.lambda_.functions import Function, FunctionTags
from readiness.facts.lambda_.table_functions import (
    AT_THE_LAST_LOOK,
    SelectedBefore,
    TableFunction,
    Unclassified,
    selected,
    table_functions,
    unclassified,
)
from readiness.iam.evaluate import Identity
from readiness.iam.statement import Statement
from readiness.model import Gone, Reason, Unavailable
from tests.aws.account import ARN, TABLE
from tests.rules.facts import checklist
from tests.rules.functions import DENIED, ROLE, THE_TABLE, each, function, function_arn

SELECTING = {"name_patterns": ("babesclub-*",), "tags": {"Project": "BabesClub", "Env": "prod"}}
DENIED_TAGS = Unavailable(Reason.ACCESS_DENIED, "tag:GetResources", "AccessDeniedException")
DENIED_SOURCES = Unavailable(Reason.ACCESS_DENIED, "lambda:ListEventSourceMappings", "AccessDeniedException")
DENIED_ROLES = Unavailable(Reason.ACCESS_DENIED, "iam:GetAccountAuthorizationDetails", "AccessDenied")
LOCKED = Unavailable(Reason.ACCESS_DENIED, "kms:Decrypt", "AccessDeniedException")
UNLISTED_ROLES: Each[Principal] = Each({}, DENIED_ROLES)
UNLISTED_SOURCES: Each[EventSource] = Each({}, DENIED_SOURCES)


def source(name: str, stream: str = f"{ARN}/stream/2026-01-01T00:00:00.000") -> EventSource:
    arn = f"arn:aws:lambda:us-east-1:123456789012:event-source-mapping:{name}"
    return EventSource(
        arn=arn,
        function=function_arn(name),
        source=stream,
        state="Enabled",
        result="OK",
        on_failure=None,
        retries=None,
        max_age_seconds=None,
        bisects=False,
    )


def principal(
    *actions: str,
    resource: str = ARN,
    arn: str = ROLE,
    trusts: str = "Service:lambda.amazonaws.com",
    conditions: tuple[str, ...] = (),
    boundary: tuple[Statement, ...] | None = None,
) -> Principal:
    lower = tuple(action.lower() for action in actions)
    statements = (Statement(allow=True, actions=lower, resources=(resource,), conditions=conditions),)
    trust = (Statement(allow=True, actions=("sts:assumerole",), resources=("*",), principals=(trusts,)),)
    identity = Identity(arn, "role", statements, boundary)
    return Principal(arn, arn.rpartition("/")[2], identity, managed=(), trust=trust, digest="")


WRITER = principal("dynamodb:PutItem")
READER = principal("dynamodb:GetItem", "dynamodb:Query")
STRANGER = principal("logs:PutLogEvents", resource="*")
MAY_USE = "its role may use the table"
MAY_WRITE = "its role may write to the table"
DENIED_POLICY = Unavailable(Reason.ACCESS_DENIED, "dynamodb:GetResourcePolicy", "AccessDeniedException")


def table_policy(*actions: str, role: str = ROLE, resource: str = ARN) -> ResourcePolicy:
    """The table's own policy lets the role do these actions."""
    lower = tuple(action.lower() for action in actions)
    return ResourcePolicy((Statement(allow=True, actions=lower, resources=(resource,), principals=(role,)),))


def asked(*functions: Function, unlisted: Unavailable | None = None, **other: Any) -> dict[str, Any]:
    settings = {"names": (), **SELECTING, **other.pop("settings", {})}
    return {
        "table": THE_TABLE,
        "checklist": checklist(functions=FunctionSettings(**settings)),
        "functions": each(*functions, unlisted=unlisted),
        "sources": Each({}),
        "tags": FunctionTags({}),
        "principals": each(STRANGER),
        "policy": ResourcePolicy(()),
    } | other


def belonging(*functions: Function, before: tuple[str, ...] | None = None, **other: Any) -> Each[TableFunction]:
    earlier = None if before is None else SelectedBefore(before)
    return table_functions(**asked(*functions, **other), before=earlier)


def signals(function: Function, before: tuple[str, ...] | None = None, **other: Any) -> tuple[str, ...] | None:
    """Why it belongs; None where it does not."""
    found = belonging(function, before=before, **other)
    return found[function.arn].signals if function.arn in found else None


def hints(function: Function, **other: Any) -> tuple[str, ...] | None:
    found: Each[Unclassified] = unclassified(**asked(function, **other))
    return found[function.arn].signals if function.arn in found else None


def vain(*functions: Function, **other: Any) -> tuple[str, ...]:
    """Those that are selected, and can not reach the table."""
    return selected(**asked(*functions, **other)).without_access


def tagged(name: str, **tags: str) -> dict[str, Any]:
    return {"tags": FunctionTags({function_arn(name): tags})}


TAGGED = tagged("billing", Project="BabesClub", Env="prod")
BILLING = function("billing", role=ROLE)
API = function("babesclub-api", role=ROLE)


@pytest.mark.parametrize(
    ("found", "other", "why"),
    [
        pytest.param(BILLING, {"settings": {"names": ("billing",)}}, ("named in the checklist",), id="it is named"),
        pytest.param(
            API, {"principals": each(READER)}, ("fits babesclub-*", MAY_USE), id="its name fits, and it may read"
        ),
        pytest.param(
            function("BabesClub-Prod-CartFunction-mPq0ZrT9uVwX", role=ROLE),
            {"principals": each(WRITER)},
            ("fits babesclub-*", MAY_USE),
            id="its name fits, whatever its case, and it may write",
        ),
        pytest.param(
            BILLING,
            {**TAGGED, "principals": each(READER)},
            ("tagged Env=prod and Project=BabesClub", MAY_USE),
            id="it has all tags, and may read",
        ),
        pytest.param(
            API,
            {"principals": each(principal("dynamodb:Query", resource=f"{ARN}/index/by-mail"))},
            ("fits babesclub-*", MAY_USE),
            id="its name fits, and it may read an index",
        ),
        pytest.param(
            API,
            {"policy": table_policy("dynamodb:GetItem")},
            ("fits babesclub-*", MAY_USE),
            id="its name fits, and the table's own policy lets it read",
        ),
        pytest.param(
            API,
            {"principals": each(principal("dynamodb:GetItem", conditions=("StringEquals aws:SourceVpc",)))},
            ("fits babesclub-*", MAY_USE),
            id="its name fits, and it may read under a condition",
        ),
        pytest.param(
            function("billing", tables=("orders", TABLE)),
            {},
            ("its environment names the table",),
            id="its environment names the table",
        ),
        pytest.param(
            BILLING, {"sources": each(source("billing"))}, ("reads the table's stream",), id="it reads the stream"
        ),
        pytest.param(
            BILLING,
            {"sources": each(source("billing:live"))},
            ("reads the table's stream",),
            id="an alias of it reads the stream",
        ),
        pytest.param(
            function("babesclub-api", tables=(TABLE,)),
            {"sources": each(source("babesclub-api")), "settings": {"names": ("babesclub-api",)}},
            (
                "named in the checklist",
                "its environment names the table",
                "reads the table's stream",
                "fits babesclub-*",
            ),
            id="all that is so is said, in order",
        ),
    ],
)
def test_it_belongs(found: Function, other: dict[str, Any], why: tuple[str, ...]) -> None:
    assert signals(found, **other) == why
    assert hints(found, **other) is None
    assert vain(found, **other) == ()


@pytest.mark.parametrize(
    ("found", "other"),
    [
        pytest.param(function("billing"), {}, id="nothing speaks for it"),
        pytest.param(function("billing"), tagged("billing", Project="BabesClub"), id="it has one tag of two"),
        pytest.param(function("billing"), tagged("billing", Project="x", Env="prod"), id="a tag has another value"),
        pytest.param(
            function("billing"), {"settings": {"tags": {}}, "tags": FunctionTags({})}, id="no tags select nothing"
        ),
        pytest.param(BILLING, {"principals": each(READER)}, id="its role may read, and nothing selects it"),
        pytest.param(function("billing", tables=(f"{TABLE}-staging",)), {}, id="its environment names another table"),
        pytest.param(
            function("billing"),
            {"sources": each(source("billing", f"{ARN}-staging/stream/2026-01-01T00:00:00.000"))},
            id="it reads the stream of a table whose name begins like it",
        ),
        pytest.param(
            function("billing"),
            {"sources": each(source("billing", "arn:aws:sqs:us-east-1:123456789012:orders"))},
            id="it reads a queue",
        ),
        pytest.param(
            function("babesclub-api", tables=(TABLE,)),
            {
                "settings": {"not_ours": ("BabesClub-*",), "names": ("babesclub-api",)},
                "sources": each(source("babesclub-api")),
            },
            id="what is not ours never belongs",
        ),
        pytest.param(
            BILLING, {"settings": {"not_ours": ("billing",)}, "principals": each(WRITER)}, id="nor is it asked about"
        ),
    ],
)
def test_it_does_not_belong_and_is_not_spoken_of(found: Function, other: dict[str, Any]) -> None:
    assert signals(found, **other) is None
    assert hints(found, **other) is None
    assert vain(found, **other) == ()


@pytest.mark.parametrize(
    ("name", "other"),
    [
        pytest.param("babesclub-LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8a", {}, id="a helper of CDK"),
        pytest.param("billing", TAGGED, id="an image resizer that has all tags"),
        pytest.param(
            "babesclub-ship-logs",
            {"principals": each(principal("dynamodb:PutItem", resource=f"{ARN}-staging"))},
            id="one that may write to another table",
        ),
        pytest.param(
            "babesclub-api",
            {"principals": each(principal("dynamodb:PutItem", trusts="Service:ec2.amazonaws.com"))},
            id="one under a role that Lambda may not assume",
        ),
        pytest.param(
            "babesclub-api",
            {"principals": each(principal("dynamodb:PutItem", boundary=()))},
            id="one under a role whose boundary forbids it",
        ),
        pytest.param("babesclub-api", {"principals": each()}, id="one under a role that does not exist"),
        pytest.param(
            "babesclub-api", {"policy": Gone("the table does not exist")}, id="one of a table that does not exist"
        ),
    ],
)
def test_what_is_selected_and_can_not_reach_the_table_is_listed_and_not_judged(
    name: str, other: dict[str, Any]
) -> None:
    helper = function(name, role=ROLE)
    assert signals(helper, **other) is None
    assert hints(helper, **other) is None
    assert vain(helper, **other) == (name,)


@pytest.mark.parametrize(
    ("role", "other"),
    [
        pytest.param(WRITER, {}, id="a role that may write"),
        pytest.param(principal("*", resource="*"), {}, id="a role that may do all"),
        pytest.param(principal("dynamodb:PartiQL*"), {}, id="a role that may write by PartiQL"),
        pytest.param(
            principal("dynamodb:PutItem", conditions=("StringEquals aws:SourceVpc",)),
            {},
            id="a role that may write under a condition",
        ),
        pytest.param(
            STRANGER, {"policy": table_policy("dynamodb:PutItem")}, id="a role that the table's own policy lets write"
        ),
    ],
)
def test_what_may_write_and_nobody_has_spoken_of_is_asked_about(role: Principal, other: dict[str, Any]) -> None:
    assert signals(BILLING, principals=each(role), **other) is None
    assert hints(BILLING, principals=each(role), **other) == (MAY_WRITE,)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"tags": DENIED_TAGS}, id="tags"),
        pytest.param({"sources": UNLISTED_SOURCES}, id="event sources"),
        pytest.param({"principals": UNLISTED_ROLES}, id="roles"),
        pytest.param({"principals": each(WRITER, unread=(ROLE,))}, id="its role"),
        pytest.param({"policy": DENIED_POLICY}, id="the table's own policy"),
    ],
)
def test_what_belongs_anyhow_belongs_whatever_was_denied(other: dict[str, Any]) -> None:
    api = function("babesclub-checkout", role=ROLE, tables=(TABLE,))
    assert signals(api, **other) == ("its environment names the table", "fits babesclub-*")
    assert list(unclassified(**asked(api, **other))) == []


def test_what_is_selected_and_may_write_by_one_policy_belongs_though_another_is_denied() -> None:
    assert signals(API, principals=each(replace(WRITER, unread=DENIED))) == ("fits babesclub-*", MAY_USE)


def test_what_is_selected_and_may_write_belongs_though_its_environment_is_locked() -> None:
    locked = function("babesclub-api", role=ROLE, unread=LOCKED)
    denied: dict[str, Any] = {"tags": DENIED_TAGS, "sources": UNLISTED_SOURCES, "policy": DENIED_POLICY}
    assert signals(locked, principals=each(WRITER), **denied) == ("fits babesclub-*", MAY_USE)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        pytest.param({"principals": UNLISTED_ROLES}, DENIED_ROLES, id="roles"),
        pytest.param({"principals": each(unread=(ROLE,))}, DENIED, id="its role"),
        pytest.param({"principals": each(replace(STRANGER, unread=DENIED))}, DENIED, id="a policy of its role"),
        pytest.param({"principals": each(replace(WRITER, unread_boundary=DENIED))}, DENIED, id="its role's boundary"),
        pytest.param({"policy": DENIED_POLICY}, DENIED_POLICY, id="the table's own policy"),
    ],
)
def test_what_is_selected_is_unknown_itself_where_its_rights_could_not_be_read(
    other: dict[str, Any], why: Unavailable
) -> None:
    found = belonging(API, **other)
    assert (dict(found.answers()), found.unlisted) == ({API.arn: why}, None)
    assert vain(API, **other) == ()


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"principals": UNLISTED_ROLES}, id="roles"),
        pytest.param({"policy": DENIED_POLICY}, id="the table's own policy"),
        pytest.param({"sources": UNLISTED_SOURCES}, id="event sources"),
    ],
)
def test_what_belonged_at_the_last_look_stays_where_its_rights_could_not_be_read(other: dict[str, Any]) -> None:
    found = belonging(API, before=("babesclub-api",), **other)
    assert [(each.signals, each.selected) for each in found] == [(("fits babesclub-*", AT_THE_LAST_LOOK), True)]
    assert belonging(API, before=("other",), **other).readable()[1]


def test_what_was_tagged_at_the_last_look_stays_where_tags_are_denied() -> None:
    assert signals(BILLING, ("billing",), tags=DENIED_TAGS, principals=each(READER)) == (AT_THE_LAST_LOOK,)


def test_what_lost_its_rights_belongs_no_longer_though_it_did_at_the_last_look() -> None:
    assert signals(API, ("babesclub-api",)) is None


def test_only_what_belongs_by_selection_and_rights_is_kept_for_the_next_look() -> None:
    named = function("babesclub-cart", role=ROLE, tables=(TABLE,))
    found = belonging(API, named, principals=each(READER))
    assert {each.name: each.selected for each in found} == {"babesclub-api": True, "babesclub-cart": False}


@pytest.mark.parametrize(
    ("other", "why"),
    [
        pytest.param({"tags": DENIED_TAGS, "principals": each(READER)}, DENIED_TAGS, id="tags"),
        pytest.param({"tags": DENIED_TAGS, "principals": UNLISTED_ROLES}, DENIED_TAGS, id="tags and roles"),
        pytest.param({"sources": UNLISTED_SOURCES}, DENIED_SOURCES, id="event sources"),
    ],
)
def test_what_was_denied_of_all_leaves_the_list_open_once(other: dict[str, Any], why: Unavailable) -> None:
    """Not once for each of the account's functions, that most likely have nothing to do with the table."""
    strangers = (function(f"stranger-{number}", role=ROLE) for number in range(100))
    found = belonging(function("sessions", tables=(TABLE,)), *strangers, **other)
    assert list(found.answers()) == [function_arn("sessions")]
    assert found.unlisted == why


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"settings": {"tags": {}}, "principals": each(READER)}, id="where they select nothing"),
        pytest.param({}, id="of a function that can not reach the table"),
    ],
)
def test_tags_are_not_missed(other: dict[str, Any]) -> None:
    found = belonging(BILLING, tags=DENIED_TAGS, **other)
    assert (dict(found.answers()), found.unlisted) == ({}, None)


@pytest.mark.parametrize("name", ["billing", "babesclub-api"])
def test_a_locked_environment_leaves_that_function_open(name: str) -> None:
    locked = function(name, unread=LOCKED)
    found = belonging(function("sessions", tables=(TABLE,)), locked)
    assert (found.answers()[locked.arn], found.unlisted) == (LOCKED, None)


def test_a_locked_environment_of_what_is_not_ours_is_no_matter() -> None:
    locked = function("billing", unread=LOCKED)
    found = belonging(locked, settings={"not_ours": ("billing",)})
    assert (dict(found.answers()), found.unlisted) == ({}, None)


def test_roles_that_were_not_listed_matter_only_to_what_is_selected() -> None:
    stranger = belonging(BILLING, principals=UNLISTED_ROLES)
    assert (dict(stranger.answers()), stranger.unlisted) == ({}, None)


def test_a_list_of_functions_that_is_not_whole_stays_so() -> None:
    found = belonging(unlisted=LOCKED)
    assert (dict(found.answers()), found.unlisted) == ({}, LOCKED)
    assert unclassified(**asked(unlisted=LOCKED)).unlisted == LOCKED


def test_what_may_belong_by_what_was_not_read_is_not_called_unclassified() -> None:
    assert unclassified(**asked(BILLING, tags=DENIED_TAGS, principals=each(WRITER))).unlisted == DENIED_TAGS
    locked = function("billing", role=ROLE, unread=LOCKED)
    assert unclassified(**asked(locked, principals=each(WRITER))).answers()[locked.arn] == LOCKED


def test_a_locked_environment_is_not_asked_about_where_nothing_hints_at_the_function() -> None:
    assert not unclassified(**asked(function("billing", unread=LOCKED), tags=DENIED_TAGS))


def test_any_function_may_have_a_role_that_writes_where_roles_were_not_listed() -> None:
    found = unclassified(**asked(function("billing"), function("images"), principals=UNLISTED_ROLES))
    assert (dict(found.answers()), found.unlisted) == ({}, DENIED_ROLES)
