"""What only a shop can say of its table has a default for none but our own."""

from pathlib import Path

import pytest

from readiness.checklist import ChecklistError, Settings, TableSettings, defaults
from readiness.checklist.defaults import FITS_ANY, NOTHING, OURS
from readiness.checklist.file import load


def settings(folder: Path, text: str, table: str = "") -> Settings:
    file = folder / "checklist.toml"
    file.write_text(text)
    return load(file, table=table)


def said(table: TableSettings) -> dict[str, object]:
    """Of every such setting what is wanted of the table."""
    values = {}
    for setting in NOTHING:
        value: object = table
        for part in setting.split("."):
            value = getattr(value, part)
        values[setting] = value
    return {setting: value for setting, value in values.items() if value}


def test_without_a_file_our_own_table_has_all_of_them_and_any_other_none() -> None:
    assert said(Settings().wanted(OURS)).keys() == NOTHING.keys()
    assert defaults(OURS).wanted(OURS) == Settings().wanted(OURS)
    assert said(defaults("orders").wanted("orders")).keys() == FITS_ANY


@pytest.mark.parametrize("text", ["", '[[tables]]\nsort_key = "at"', '[[tables]]\nname = "orders"'])
def test_what_a_file_does_not_say_of_another_table_nobody_has_said(tmp_path: Path, text: str) -> None:
    name = "orders"
    assert said(settings(tmp_path, text, name).only(name).wanted(name)).keys() == FITS_ANY


def test_a_file_that_names_our_table_has_the_defaults(tmp_path: Path) -> None:
    found = settings(tmp_path, f'[[tables]]\nname = "{OURS}"\n[[tables]]\nname = "orders"')
    assert said(found.wanted(OURS)).keys() == NOTHING.keys()
    assert said(found.wanted("orders")).keys() == FITS_ANY


def test_of_a_file_with_several_tables_none_is_ours_unless_it_says_so(tmp_path: Path) -> None:
    found = settings(tmp_path, '[[tables]]\nname = "orders"\n[[tables]]\nname = "carts"', OURS)
    assert [said(found.wanted(name)).keys() for name in ("orders", "carts")] == [FITS_ANY, FITS_ANY]


def test_the_file_has_its_own_way(tmp_path: Path) -> None:
    text = """
    [[tables]]
    name = "orders"
    tags = { Project = "BabesClub" }
    drills = { staging_table = "{table}-test" }
    [tables.documentation]
    plan = "PLAN.md"
    [functions]
    name_patterns = ["shop-*"]
    """
    assert said(settings(tmp_path, text).wanted("orders")) == {
        "tags": {"Project": "BabesClub"},
        "drills.staging_table": "{table}-test",
        "documentation.plan": "PLAN.md",
        "functions.name_patterns": ("shop-*",),
        "documentation.env": (".env", ".env.example"),
    }


def test_what_it_says_of_the_functions_of_a_table_is_all_that_it_says_of_them(tmp_path: Path) -> None:
    text = '[[tables]]\nname = "orders"\nfunctions = { names = ["a"] }\n[functions]\nname_patterns = ["shop-*"]'
    assert said(settings(tmp_path, text).wanted("orders")).keys() == FITS_ANY


@pytest.mark.parametrize(
    ("text", "unused"),
    [
        pytest.param("tags = {}", ("tags",), id="empty"),
        pytest.param('not_used = ["tags"]', ("tags",), id="listed"),
        pytest.param("functions = { environment = {} }", ("functions.environment",), id="empty in a part"),
        pytest.param('not_used = ["documentation"]', ("documentation",), id="a whole part"),
    ],
)
@pytest.mark.parametrize("name", [OURS, "orders"])
def test_of_what_is_not_used_there_is_no_default(tmp_path: Path, name: str, text: str, unused: tuple[str, ...]) -> None:
    wanted = settings(tmp_path, f'[[tables]]\nname = "{name}"\n{text}').wanted(name)
    assert wanted.not_used == unused
    assert not [setting for setting in said(wanted) if setting.startswith(unused)]


def test_an_empty_part_for_all_tables_is_not_used_by_any(tmp_path: Path) -> None:
    text = "[functions]\ndead_letters_required = []"
    assert settings(tmp_path, text).tables[0].not_used == ("functions.dead_letters_required",)


@pytest.mark.parametrize("unused", ["functions.environment", "functions"])
def test_a_table_may_have_no_use_for_what_all_others_have(tmp_path: Path, unused: str) -> None:
    general = '[functions]\nname_patterns = ["shop-*"]\nenvironment = { TABLE = "{table}" }'
    text = f'[[tables]]\nname = "orders"\n[[tables]]\nname = "stock"\nnot_used = ["{unused}"]\n{general}'
    found = settings(tmp_path, text)
    assert said(found.wanted("orders"))["functions.environment"] == {"TABLE": "{table}"}
    assert "functions.environment" not in said(found.wanted("stock"))
    assert ("functions.name_patterns" in said(found.wanted("stock"))) is (unused != "functions")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param('not_used = ["tags"]\ntags = { Env = "prod" }', "'tags', and a value of tags", id="one"),
        pytest.param(
            'not_used = ["documentation"]\ndocumentation = { plan = "PLAN.md" }',
            "'documentation', and a value of documentation.plan",
            id="of a whole part",
        ),
    ],
)
@pytest.mark.parametrize("name", [OURS, "orders"])
def test_what_is_not_used_and_set_all_the_same_is_a_mistake(tmp_path: Path, name: str, text: str, told: str) -> None:
    with pytest.raises(ChecklistError) as mistake:
        settings(tmp_path, f'[[tables]]\nname = "{name}"\n{text}')
    assert str(mistake.value).endswith(f"tables[0].not_used[0]: found {told}, expected one of the two")


def test_the_nearest_name_is_told_of_what_is_no_setting(tmp_path: Path) -> None:
    with pytest.raises(ChecklistError) as told:
        settings(tmp_path, '[[tables]]\nnot_used = ["tags", "functions.enviroment"]')
    assert str(told.value).endswith(
        "tables[0].not_used[1]: unknown setting 'functions.enviroment', did you mean functions.environment?"
    )


@pytest.mark.parametrize(
    "text",
    [
        "tables = 1",
        "tables = [1]",
        "functions = 1",
        "[[tables]]\nfunctions = 1",
        "[[tables]]\nnot_used = 1\ntags = {}",
        "[[tables]]\nname = 1",
    ],
)
def test_what_is_no_checklist_is_explained(tmp_path: Path, text: str) -> None:
    with pytest.raises(ChecklistError):
        settings(tmp_path, text)
