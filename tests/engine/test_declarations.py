"""The annotation is the declaration: what it may say, and what is refused on import.

A fact and its type stand in one module, and the module of a check is its rule.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from readiness.engine.each import Each
from readiness.engine.fact import Need, axes_of, fact, needs_of, source_of, witness_of
from readiness.engine.rule import Rule, passed
from readiness.facts.recorded.now import Now
from readiness.model import Carry, Fact, Gone, Severity, Unavailable, Verdict


class Street(Carry):
    name: str


class House(Fact):
    number: int


@fact("houses:List")
def houses() -> Each[House]:
    return Each({"1": House(1)})


class Owner(Fact):
    name: str


@fact("houses:DescribeOwner", "people:Describe", witnesses=House)
def owner(house: House) -> Owner | None:
    return Owner(str(house.number))


@dataclass(frozen=True)
class Nowhere:
    """No fact returns it."""


@pytest.mark.parametrize(
    ("annotation", "need"),
    [
        pytest.param(House, Need(House), id="one"),
        pytest.param(Each[House], Need(House, each=True), id="all"),
        pytest.param(Owner | None, Need(Owner, told=frozenset({type(None)})), id="one or none"),
        pytest.param(Owner | Unavailable, Need(Owner, told=frozenset({Unavailable})), id="one or why not"),
        pytest.param(Owner | Gone, Need(Owner, told=frozenset({Gone})), id="one or gone"),
        pytest.param(
            Owner | None | Unavailable | Gone,
            Need(Owner, told=frozenset({type(None), Unavailable, Gone})),
            id="told of everything",
        ),
        pytest.param(Street | None, Need(Street, told=frozenset({type(None)})), id="what was carried over"),
        pytest.param(Each[Street], Need(Street, each=True), id="all that was carried over"),
    ],
)
def test_an_annotation_says_what_is_asked_for(annotation: Any, need: Need) -> None:
    def asker(x): ...  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202  annotated by the row

    asker.__annotations__ = {"x": annotation}
    assert needs_of(asker) == {"x": need}


@pytest.mark.parametrize(
    ("annotation", "told"),
    [
        pytest.param(House | Owner, "must ask for", id="two types"),
        pytest.param(Each[House] | None, "must ask for", id="all or none"),
        pytest.param(Each[House] | Unavailable, "must ask for", id="all or why not"),
        pytest.param(None, "must ask for", id="nothing"),
        pytest.param(list[House], "must ask for", id="a list"),
        pytest.param(Street, "none on a first run", id="carried over, without None"),
    ],
)
def test_an_annotation_that_asks_for_no_fact_is_refused(annotation: Any, told: str) -> None:
    def asker(x): ...  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202  annotated by the row

    asker.__annotations__ = {"x": annotation}
    with pytest.raises(TypeError, match=rf"asker: x .*{told}"):
        needs_of(asker)


def test_a_parameter_without_an_annotation_is_refused() -> None:
    def asker(house: House, garden): ...  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202  what is tested

    with pytest.raises(TypeError, match="garden has no annotation"):
        needs_of(asker)


def test_any_number_of_arguments_names_no_fact() -> None:
    def asker(*houses: House) -> None: ...
    def keyed(**houses: House) -> None: ...

    for function in (asker, keyed):
        with pytest.raises(TypeError, match="any number of arguments"):
            needs_of(function)


def test_a_check_is_refused_like_a_fact() -> None:
    def check(house: Each[House] | None) -> Verdict:
        return passed(f"{house}")

    with pytest.raises(TypeError, match="house must ask for"):
        Rule("0.1", "Houses stand", Severity.LOW, "").check()(check)


def test_a_rule_is_its_module_and_a_check_its_function() -> None:
    def stands_still(_house: House) -> Verdict:
        """The house stands where it stood."""
        return passed("it does")

    rule = Rule("0.1", "Houses stand", Severity.LOW, "")
    rule.check(formerly=("houses/stand",))(stands_still)
    [check] = rule.checks
    assert (rule.id, check.id) == ("test-declarations", "test-declarations/stands-still")
    assert check.question == "The house stands where it stood."
    assert check.severity is Severity.LOW, "the rule's, where it has none of its own"
    assert check.axes == {House}
    assert rule.page == (__doc__ or "").strip()
    assert rule.why == "The annotation is the declaration: what it may say, and what is refused on import."


def test_a_second_source_of_one_type_is_refused() -> None:
    def other() -> Owner:
        return Owner("someone else")

    with pytest.raises(TypeError, match="Owner has a source already"):
        fact()(other)


def test_an_identity_is_a_class_of_its_facts_own_module() -> None:
    def rule() -> Rule:
        return Rule("1.4", "No fact", Severity.LOW, "https://example.com")

    with pytest.raises(TypeError, match="Rule is not a class of the fact's own module"):
        fact()(rule)


def both() -> House | Owner: ...  # type: ignore[empty-body]
def nothing() -> None: ...
def listed() -> list[Nowhere]: ...  # type: ignore[empty-body]
def reason() -> Nowhere | Unavailable: ...  # type: ignore[empty-body]
def street() -> Street: ...  # type: ignore[empty-body]
def silent(): ...  # type: ignore[no-untyped-def]  # noqa: ANN201  what is tested


@pytest.mark.parametrize("function", [both, nothing, listed, reason, street, silent], ids=lambda f: f.__name__)
def test_what_no_fact_can_be_known_by_is_refused(function: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match=rf"\.{function.__name__}: "):
        fact()(function)


def test_a_source_is_found_in_the_module_of_its_type() -> None:
    source = source_of(Owner)
    assert source.function is owner
    assert source.needs == {"house": Need(House)}
    assert (source.actions, source.service) == (("houses:DescribeOwner", "people:Describe"), "houses")
    assert witness_of(House) is source
    assert witness_of(Owner) is None


def test_an_event_is_named_by_its_source_and_its_name() -> None:
    with pytest.raises(TypeError, match=r"found the event 'UpdateTable', expected one such as 'dynamodb:UpdateTable'"):
        fact("dynamodb:DescribeTable", events=("UpdateTable",))(owner)


def test_a_type_without_a_source_is_named() -> None:
    with pytest.raises(TypeError, match=r"test_declarations\.Nowhere: no fact of its module returns it"):
        source_of(Nowhere)


def test_there_is_one_fact_for_each_element_of_the_axes_it_stands_on() -> None:
    assert axes_of(House) == {House}
    assert axes_of(Owner) == {House}
    assert axes_of(Now) == frozenset()
