import pytest

from readiness.facts.lambda_.invocation_paths import dlq_functions, qualifiers
from readiness.model import Gone
from tests.rules.dead_letters import KEPT, qualifier
from tests.rules.facts import checklist
from tests.rules.functions import DENIED, each, live_version, table_function


def test_only_functions_that_the_checklist_names_are_looked_at() -> None:
    assert list(dlq_functions(table_function(), checklist())) == [KEPT]
    assert list(dlq_functions(table_function(name="quotes"), checklist())) == []


def test_a_function_is_invoked_by_its_aliases_and_without() -> None:
    versions = each(
        live_version(),
        live_version(version="7", aliases=("live",)),
        live_version(version="8", aliases=("live", "next")),
    )
    assert list(qualifiers(KEPT, versions)) == [
        qualifier(),
        qualifier("live", "7", "8"),
        qualifier("next", "8"),
    ]


def test_aliases_that_could_not_be_listed_may_be_more() -> None:
    assert qualifiers(KEPT, each(unlisted=DENIED)).readable() == ([qualifier()], DENIED)


def test_a_version_that_is_invoked_by_its_number_is_another_way() -> None:
    versions = each(live_version(), live_version(version="7", aliases=("live",), numbered=True))
    assert list(qualifiers(KEPT, versions)) == [qualifier(), qualifier("7"), qualifier("live", "7")]


def test_functions_are_named_whatever_their_case() -> None:
    name = "BabesclubCommerce-CheckoutHandler0D4E5F6A-Ij5Kl6Mn7Op8"
    assert [each.name for each in dlq_functions(table_function(name=name), checklist())] == [name]
    invoked = "babesclub-prod-CartEvents-aB3dE5fG7hJ9"
    assert [each.name for each in dlq_functions(table_function(name=invoked), checklist())] == [invoked]


def test_a_function_without_any_version_went_after_it_was_listed() -> None:
    with pytest.raises(Gone, match="the function checkout does not exist"):
        qualifiers(KEPT, each())
