from readiness.facts.qualifiers import kept_functions, qualifiers
from tests.rules.dead_letters import KEPT, qualifier
from tests.rules.facts import checklist
from tests.rules.functions import DENIED, each, live_version, table_function


def test_only_functions_that_the_checklist_names_are_looked_at() -> None:
    assert list(kept_functions(table_function(), checklist())) == [KEPT]
    assert list(kept_functions(table_function(name="quotes"), checklist())) == []


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
