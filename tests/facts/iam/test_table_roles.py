import pytest

from readiness.engine.each import Each
from readiness.facts.iam.principals import Principal
from readiness.facts.iam.table_roles import RolePolicies, TableRole, role_policies, table_roles
from readiness.facts.lambda_.live_versions import Configuration
from readiness.iam.evaluate import Identity
from readiness.model import Gone, Unavailable, Unreadable
from tests.aws.account import ACCOUNT
from tests.rules.functions import CHECKOUT, DENIED, ROLE, configuration, each, function_arn, table_function

OTHER = f"arn:aws:iam::{ACCOUNT}:role/service-role/other"
THE_ROLE = TableRole("checkout", ROLE, ("checkout",), ("/aws/lambda/checkout",))


def principal(arn: str) -> Principal:
    return Principal(arn, arn.rpartition("/")[2], Identity(arn, "role", ()), managed=(), trust=(), digest="")


def test_a_role_that_functions_share_is_one() -> None:
    functions = each(table_function(), table_function(name="cart"))
    configurations = Each(
        {
            "checkout:$LATEST": configuration(),
            "checkout:7": configuration(version="7", log_group="/shop/checkout"),
            "cart:$LATEST": configuration(function="cart"),
        }
    )
    [role] = table_roles(functions, configurations)
    groups = ("/aws/lambda/cart", "/aws/lambda/checkout", "/shop/checkout")
    assert role == TableRole("checkout", ROLE, ("cart", "checkout"), groups)


def test_a_published_version_may_have_a_role_of_its_own() -> None:
    configurations = Each({"$LATEST": configuration(), "7": configuration(version="7", role=OTHER)})
    found = table_roles(each(table_function()), configurations)
    assert found[OTHER] == TableRole("other", OTHER, ("checkout",), ("/aws/lambda/checkout",))
    assert len(found) == 2


def test_a_version_that_could_not_be_read_may_have_any_role() -> None:
    found = table_roles(each(table_function()), Each({"$LATEST": configuration(), "7": DENIED}))
    assert list(found.answers()) == [ROLE]
    assert found.unlisted == DENIED


UNREAD: tuple[Each[Configuration], ...] = (
    Each({}, DENIED),
    Each({f"{CHECKOUT}:$LATEST": DENIED}),
    Each({f"{CHECKOUT}:$LATEST": configuration(), f"{CHECKOUT}:7": DENIED}),
)


@pytest.mark.parametrize("unread", UNREAD, ids=["its aliases", "its only version", "one of two versions"])
def test_where_a_role_logs_is_not_known_while_its_functions_could_not_be_read(unread: Each[Configuration]) -> None:
    known, _ = table_roles(each(table_function()), unread).readable()
    assert [role.unread for role in known] == [DENIED]
    with pytest.raises(Unreadable):
        known[0].known()


def test_a_role_of_other_functions_is_known_all_the_same() -> None:
    functions = each(table_function(), table_function(name="cart", role=OTHER))
    configurations: Each[Configuration] = Each(
        {f"{CHECKOUT}:$LATEST": configuration(), f"{CHECKOUT[:-8]}cart:$LATEST": DENIED}
    )
    known, _ = table_roles(functions, configurations).readable()
    assert {role.arn: role.unread for role in known} == {ROLE: None, OTHER: DENIED}


@pytest.mark.parametrize(
    "functions",
    [each(unlisted=DENIED), each(unread=(function_arn("checkout"),))],
    ids=["functions unlisted", "a function undecided"],
)
def test_so_may_a_function_that_is_not_known(functions: Each[object]) -> None:
    assert table_roles(functions, Each({})).unlisted == DENIED  # type: ignore[arg-type]  # there is none


def test_a_version_that_is_gone_has_none() -> None:
    found = table_roles(each(table_function()), Each({"$LATEST": configuration(), "7": Gone("7")}))
    assert (list(found.answers()), found.unlisted) == ([ROLE], None)


def test_what_iam_holds_of_the_role() -> None:
    assert role_policies(THE_ROLE, each(principal(OTHER), principal(ROLE))) == RolePolicies(principal(ROLE))


def test_a_role_that_iam_does_not_know_is_gone() -> None:
    with pytest.raises(Gone, match="the role checkout does not exist"):
        role_policies(THE_ROLE, each(principal(OTHER)))


@pytest.mark.parametrize("unread", [Each({ROLE: DENIED}), Each({}, unlisted=DENIED)])
def test_a_role_that_could_not_be_read_is_not_gone(unread: Each[Principal]) -> None:
    with pytest.raises(Unreadable) as why:
        role_policies(THE_ROLE, unread)
    assert isinstance(why.value.first, Unavailable)
