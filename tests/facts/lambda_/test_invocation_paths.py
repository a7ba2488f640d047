import pytest

from readiness.engine.each import Each
from readiness.facts.lambda_.invocation_paths import (
    InvocationPath,
    InvocationPaths,
    InvokeConfig,
    InvokeConfigs,
    Invokers,
    Qualifier,
    Urls,
    invocation_path,
    invocation_paths,
)
from readiness.facts.lambda_.live_versions import Configuration
from readiness.model import Unreadable
from tests.rules.dead_letters import DEAD, TOPIC, qualifier
from tests.rules.dead_letters import way as a_way
from tests.rules.functions import CHECKOUT, DENIED, configuration

LIVE = qualifier("live", "7", "8")


def configured(**dead_letters: str | None) -> Each[Configuration]:
    """`$LATEST` without dead letters, and versions with these: `v7=...`."""
    numbers = {"$LATEST": None} | {key.removeprefix("v"): arn for key, arn in dead_letters.items()}
    return Each({f"{CHECKOUT}:{each}": configuration(version=each, dead_letters=arn) for each, arn in numbers.items()})


def found(
    by: Qualifier = LIVE,
    principals: tuple[str, ...] = (),
    configs: dict[str, InvokeConfig] | None = None,
    configurations: Each[Configuration] | None = None,
    addresses: tuple[str, ...] | None = (),
) -> InvocationPath:
    behind = configurations or configured(v7=DEAD, v8=DEAD)
    urls = DENIED if addresses is None else Urls(addresses)
    return invocation_path(by, Invokers(principals), urls, InvokeConfigs(configs or {}), behind)


@pytest.mark.parametrize(
    ("principal", "kind"),
    [
        ("apigateway.amazonaws.com", "synchronous"),
        ("elasticloadbalancing.amazonaws.com", "synchronous"),
        ("cognito-idp.amazonaws.com", "synchronous"),
        ("sns.amazonaws.com", "asynchronous"),
        ("logs.eu-west-1.amazonaws.com", "asynchronous"),
        ("codecommit.amazonaws.com", "asynchronous"),
        ("lex.amazonaws.com", "others"),
        ("AWS accounts", "others"),
    ],
)
def test_who_waits_for_the_answer(principal: str, kind: str) -> None:
    seen = found(principals=(principal,))
    said = {"synchronous": seen.synchronous, "asynchronous": seen.asynchronous, "others": seen.others}
    assert said == {"synchronous": (), "asynchronous": (), "others": ()} | {kind: (principal,)}


def test_who_calls_an_address_waits() -> None:
    assert found(addresses=("live",)).synchronous == ("a function URL",)
    assert found(addresses=("$LATEST",)).synchronous == ()


def test_addresses_that_could_not_be_read_hide_nobody_who_was_seen() -> None:
    denied = found(principals=("events.amazonaws.com",), addresses=None)
    assert (denied.asynchronous, denied.unread) == (("events.amazonaws.com",), DENIED)


def test_dead_letters_belong_to_the_version_behind_an_alias() -> None:
    assert (found().keepers, found().unkept) == ((DEAD,), ())
    partly = found(configurations=configured(v7=DEAD, v8=None))
    assert (partly.keepers, partly.unkept) == ((DEAD,), ("8",))


def test_a_destination_belongs_to_the_qualifier() -> None:
    to_topic = {"live": InvokeConfig(TOPIC, 1, None)}
    kept = found(configs=to_topic, configurations=configured(v7=None, v8=None))
    assert (kept.keepers, kept.unkept) == ((TOPIC,), ())


def test_a_destination_of_latest_keeps_nothing_of_an_alias() -> None:
    kept = found(configs={"$LATEST": InvokeConfig(TOPIC, 1, None)}, configurations=configured(v7=None, v8=None))
    assert (kept.keepers, kept.unkept) == ((), ("7", "8"))


def test_only_the_versions_behind_it_have_to_be_read() -> None:
    behind = {**configured(v7=DEAD, v8=DEAD).answers(), f"{CHECKOUT}:9": DENIED}
    assert found(configurations=Each(behind)).keepers == (DEAD,)
    with pytest.raises(Unreadable):
        found(qualifier("next", "9"), configurations=Each(behind))


def test_what_the_qualifiers_tell_of_each_other() -> None:
    unseen = a_way(asynchronous=())
    assert invocation_paths(Each({"a": unseen})) == InvocationPaths((), aliased=False, unread=None)
    both: Each[InvocationPath] = Each({"a": unseen, "b": a_way(name="live"), "c": DENIED})
    assert invocation_paths(both) == InvocationPaths(("live",), aliased=True, unread=DENIED)


def test_a_way_of_which_something_is_unread_may_be_the_one_that_is_used() -> None:
    unsure = a_way(asynchronous=(), unread=DENIED)
    assert invocation_paths(Each({"a": unsure})).unread == DENIED
