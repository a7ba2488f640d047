"""Every signal alone and with others, and what is undecided when one of them could not be read."""

from typing import Any

import pytest

from readiness.checklist import FunctionSettings
from readiness.each import Each
from readiness.facts.event_sources import EventSource
from readiness.facts.function_tags import FunctionTags
from readiness.facts.functions import Function
from readiness.facts.principals import Principal
from readiness.facts.table_functions import TableFunction, Unclassified, table_functions, unclassified
from readiness.iam.evaluate import Identity
from readiness.iam.statement import Statement
from readiness.model import Reason, Unavailable
from tests.aws.account import ARN, TABLE
from tests.rules.facts import checklist
from tests.rules.functions import ROLE, THE_TABLE, each, function, function_arn

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
        reports_items=False,
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


def asked(*functions: Function, unlisted: Unavailable | None = None, **other: Any) -> dict[str, Any]:
    settings = {"names": (), **SELECTING, **other.pop("settings", {})}
    return {
        "table": THE_TABLE,
        "checklist": checklist(functions=FunctionSettings(**settings)),
        "functions": each(*functions, unlisted=unlisted),
        "sources": Each({}),
        "tags": FunctionTags({}),
        "principals": each(READER),
    } | other


def signals(function: Function, **other: Any) -> tuple[str, ...] | None:
    """Why it belongs; None where it does not."""
    found: Each[TableFunction] = table_functions(**asked(function, **other))
    return found[function.arn].signals if function.arn in found else None


def hints(function: Function, **other: Any) -> tuple[str, ...] | None:
    found: Each[Unclassified] = unclassified(**asked(function, **other))
    return found[function.arn].signals if function.arn in found else None


def tagged(name: str, **tags: str) -> dict[str, Any]:
    return {"tags": FunctionTags({function_arn(name): tags})}


@pytest.mark.parametrize(
    ("found", "other", "why"),
    [
        pytest.param(
            function("billing"), {"settings": {"names": ("billing",)}}, ("named in the checklist",), id="it is named"
        ),
        pytest.param(function("babesclub-api"), {}, ("fits babesclub-*",), id="its name fits a pattern"),
        pytest.param(
            function("billing"),
            tagged("billing", Project="BabesClub", Env="prod"),
            ("tagged Env=prod and Project=BabesClub",),
            id="it has all tags",
        ),
        pytest.param(
            function("billing", tables=("orders", TABLE)),
            {},
            ("its environment names the table",),
            id="its environment names the table",
        ),
        pytest.param(
            function("billing"),
            {"sources": each(source("billing"))},
            ("reads the table's stream",),
            id="it reads the stream",
        ),
        pytest.param(
            function("billing"),
            {"sources": each(source("billing:live"))},
            ("reads the table's stream",),
            id="an alias of it reads the stream",
        ),
        pytest.param(
            function("checkout"),
            {"principals": each(WRITER)},
            ("its role may write to the table and its name fits *checkout*",),
            id="it may write and looks like it",
        ),
        pytest.param(
            function("babesclub-api", tables=(TABLE,)),
            {"sources": each(source("babesclub-api")), "settings": {"names": ("babesclub-api",)}},
            (
                "named in the checklist",
                "fits babesclub-*",
                "its environment names the table",
                "reads the table's stream",
            ),
            id="all that is so is said, in order",
        ),
        pytest.param(
            function("babesclub-api"),
            {"settings": {"names": ("babesclub-api",), "not_ours": ("babesclub-*",)}},
            ("named in the checklist", "fits babesclub-*"),
            id="what is named belongs, whatever is not ours",
        ),
    ],
)
def test_it_belongs(found: Function, other: dict[str, Any], why: tuple[str, ...]) -> None:
    assert signals(found, **other) == why
    assert hints(found, **other) is None


@pytest.mark.parametrize(
    ("found", "other"),
    [
        pytest.param(function("billing"), {}, id="nothing speaks for it"),
        pytest.param(function("billing"), tagged("billing", Project="BabesClub"), id="it has one tag of two"),
        pytest.param(function("billing"), tagged("billing", Project="x", Env="prod"), id="a tag has another value"),
        pytest.param(
            function("billing"), {"settings": {"tags": {}}, "tags": FunctionTags({})}, id="no tags select nothing"
        ),
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
            {"settings": {"not_ours": ("babesclub-*",)}, "sources": each(source("babesclub-api"))},
            id="what is not ours never belongs",
        ),
        pytest.param(
            function("checkout"),
            {"settings": {"not_ours": ("checkout",)}, "principals": each(WRITER)},
            id="what is not ours is not asked about",
        ),
    ],
)
def test_it_does_not_belong_and_nothing_hints_at_it(found: Function, other: dict[str, Any]) -> None:
    assert signals(found, **other) is None
    assert hints(found, **other) is None


BILLING = function("billing", role=ROLE)
CANDIDATE = "its name fits *checkout*"
MAY_WRITE = "its role may write to the table"


@pytest.mark.parametrize(
    ("found", "role", "hint"),
    [
        pytest.param(function("checkout"), READER, CANDIDATE, id="a name that fits, and a role that only reads"),
        pytest.param(BILLING, WRITER, MAY_WRITE, id="a role that may write, and another name"),
        pytest.param(BILLING, principal("*", resource="*"), MAY_WRITE, id="a role that may do all"),
        pytest.param(BILLING, principal("dynamodb:PartiQL*"), MAY_WRITE, id="a role that may write by PartiQL"),
        pytest.param(
            BILLING,
            principal("dynamodb:PutItem", conditions=("StringEquals aws:SourceVpc",)),
            MAY_WRITE,
            id="a role that may write under a condition",
        ),
        pytest.param(
            function("checkout"),
            principal("dynamodb:PutItem", resource=f"{ARN}-staging"),
            CANDIDATE,
            id="a role that may write to another table",
        ),
        pytest.param(
            function("checkout"),
            principal("dynamodb:PutItem", trusts="Service:ec2.amazonaws.com"),
            CANDIDATE,
            id="a role that Lambda may not assume",
        ),
        pytest.param(
            function("checkout"),
            principal("dynamodb:PutItem", boundary=()),
            CANDIDATE,
            id="a role whose boundary forbids it",
        ),
        pytest.param(
            function("checkout", role="arn:aws:iam::123456789012:role/deleted"),
            WRITER,
            CANDIDATE,
            id="a role that does not exist",
        ),
    ],
)
def test_one_hint_alone_is_not_enough(found: Function, role: Principal, hint: str) -> None:
    assert signals(found, principals=each(role)) is None
    assert hints(found, principals=each(role)) == (hint,)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"tags": DENIED_TAGS}, id="tags"),
        pytest.param({"sources": UNLISTED_SOURCES}, id="event sources"),
        pytest.param({"principals": UNLISTED_ROLES}, id="roles"),
        pytest.param({"principals": each(WRITER, unread=(ROLE,))}, id="its role"),
    ],
)
def test_what_belongs_anyhow_belongs_whatever_was_denied(other: dict[str, Any]) -> None:
    api = function("babesclub-checkout", role=ROLE, unread=LOCKED)
    found = table_functions(**asked(api, **other))
    assert [each.signals for each in found] == [("fits babesclub-*",)]
    assert list(unclassified(**asked(api, **other))) == []


def test_what_may_write_and_looks_like_it_belongs_though_its_environment_is_locked() -> None:
    found = table_functions(**asked(function("checkout", unread=LOCKED), principals=each(WRITER), tags=DENIED_TAGS))
    assert len(found) == 1


@pytest.mark.parametrize(
    ("other", "why"),
    [
        pytest.param({"tags": DENIED_TAGS}, DENIED_TAGS, id="tags"),
        pytest.param({"sources": UNLISTED_SOURCES}, DENIED_SOURCES, id="event sources"),
    ],
)
def test_what_was_denied_of_all_leaves_the_list_open_once(other: dict[str, Any], why: Unavailable) -> None:
    """Not once for each of the account's functions, that most likely have nothing to do with the table."""
    strangers = (function(f"stranger-{number}") for number in range(1000))
    found = table_functions(**asked(function("babesclub-api"), *strangers, **other))
    assert list(found.answers()) == [function_arn("babesclub-api")]
    assert found.unlisted == why


def test_tags_that_select_nothing_are_not_missed() -> None:
    found = table_functions(**asked(function("billing"), tags=DENIED_TAGS, settings={"tags": {}}))
    assert (dict(found.answers()), found.unlisted) == ({}, None)


def test_a_locked_environment_leaves_that_function_open() -> None:
    locked = function("billing", unread=LOCKED)
    found = table_functions(**asked(function("babesclub-api"), locked))
    assert (found.answers()[locked.arn], found.unlisted) == (LOCKED, None)


def test_a_locked_environment_of_what_is_not_ours_is_no_matter() -> None:
    locked = function("billing", unread=LOCKED)
    found = table_functions(**asked(locked, settings={"not_ours": ("billing",)}))
    assert (dict(found.answers()), found.unlisted) == ({}, None)


def test_roles_that_were_not_listed_matter_only_to_what_looks_like_it() -> None:
    stranger = table_functions(**asked(function("billing"), principals=UNLISTED_ROLES))
    assert (dict(stranger.answers()), stranger.unlisted) == ({}, None)
    candidate = table_functions(**asked(function("checkout"), principals=UNLISTED_ROLES))
    assert (dict(candidate.answers()), candidate.unlisted) == ({}, DENIED_ROLES)


def test_a_role_that_could_not_be_read_leaves_its_function_open() -> None:
    found = table_functions(**asked(function("checkout"), principals=each(unread=(ROLE,))))
    assert isinstance(found.answers()[function_arn("checkout")], Unavailable)
    assert found.unlisted is None


def test_a_list_of_functions_that_is_not_whole_stays_so() -> None:
    found = table_functions(**asked(unlisted=LOCKED))
    assert (dict(found.answers()), found.unlisted) == ({}, LOCKED)
    assert unclassified(**asked(unlisted=LOCKED)).unlisted == LOCKED


def test_what_may_belong_by_what_was_not_read_is_not_called_unclassified() -> None:
    assert unclassified(**asked(function("checkout"), tags=DENIED_TAGS)).unlisted == DENIED_TAGS
    locked = function("checkout", unread=LOCKED)
    assert unclassified(**asked(locked)).answers()[locked.arn] == LOCKED


def test_a_locked_environment_is_not_asked_about_where_nothing_hints_at_the_function() -> None:
    assert not unclassified(**asked(function("billing", unread=LOCKED), tags=DENIED_TAGS))


def test_any_function_may_have_a_role_that_writes_where_roles_were_not_listed() -> None:
    found = unclassified(**asked(function("billing"), function("images"), principals=UNLISTED_ROLES))
    assert (dict(found.answers()), found.unlisted) == ({}, DENIED_ROLES)
