"""What is printed as the remedy of a function that does not know the table lets it know."""

import pytest
from msgspec import structs

from readiness.checklist import FunctionSettings
from tests.aws import shop
from tests.aws.account import ARN, TABLE
from tests.aws.functions import alias, published
from tests.cli import repositories
from tests.remedies.patient import Patient

FUNCTION = "babesclub-cart"
WRONG = {"COMMERCE_TABLE": "another", "SECRET": "a 'secret' $(touch ran)"}


@pytest.fixture
def employed(patient: Patient) -> Patient:
    """A function belongs to the table by its name and what its role may."""
    role = shop.role(patient.client, "cart-role", shop.allow(["dynamodb:PutItem"], ARN))
    shop.function(patient.client, FUNCTION, role)
    return patient


def configure(patient: Patient, **functions: tuple[str, ...]) -> None:
    patient.world.settings = structs.replace(patient.world.settings, functions=FunctionSettings(**functions))  # type: ignore[arg-type]


def test_functions_that_nobody_knew_are_listed_for_whoever_names_them(patient: Patient) -> None:
    shop.function(patient.client, "orders", shop.role(patient.client, "orders"), Environment={"Variables": {}})
    [found] = patient.bad("env-vars-set/functions")
    assert "orders" in patient.shell.type(found.remedy.command)
    configure(patient, names=("orders",))
    patient.content("env-vars-set/functions")


def test_a_function_that_may_write_is_shown_to_whoever_says_whether_it_belongs(employed: Patient) -> None:
    role = shop.role(employed.client, "reports-role", shop.allow(["dynamodb:PutItem"], ARN))
    shop.function(employed.client, "reports", role, Environment={"Variables": {}})
    [found] = employed.bad("env-vars-set/unclassified")
    assert "reports-role" in employed.shell.type(found.remedy.command)
    configure(employed, not_ours=("reports",))
    employed.content("env-vars-set/unclassified")


def test_a_variable_is_set_and_all_others_stay(employed: Patient) -> None:
    employed.client("lambda").update_function_configuration(FunctionName=FUNCTION, Environment={"Variables": WRONG})
    employed.heal("env-vars-set/variables")
    after = employed.client("lambda").get_function_configuration(FunctionName=FUNCTION)["Environment"]["Variables"]
    assert after == {**WRONG, "COMMERCE_TABLE": TABLE}
    assert not (employed.shell.folder / "ran").exists()


def test_what_an_alias_serves_is_right_once_a_person_has_published_it(employed: Patient) -> None:
    old = published(employed.world.account, FUNCTION, WRONG)
    alias(employed.world.account, FUNCTION, "live", old)
    for remedy in {each.remedy.command for each in employed.bad("env-vars-set/variables")}:
        assert "publish a version" in employed.shell.type(remedy)
    new = employed.client("lambda").publish_version(FunctionName=FUNCTION)["Version"]
    employed.client("lambda").update_alias(FunctionName=FUNCTION, Name="live", FunctionVersion=new)
    employed.content("env-vars-set/variables")


def test_what_the_repository_says_of_the_environment_is_written_and_recorded(patient: Patient) -> None:
    folder = repositories.checkout(patient.shell.folder)
    patient.heal("env-vars-set/env-file", answer="y\n")
    for name in (".env", "README_ENV.md"):
        (folder / name).write_text("")
    patient.shell.type(f"readiness manifest . --table {TABLE} --record --yes")
    patient.edit("echo 'COMMERCE_TABLE=babesclub-commerce' >> \"$1\"")
    patient.heal("env-vars-set/env-file", answer="y\n")
    patient.edit("echo '- `COMMERCE_TABLE`: `babesclub-commerce`, and `ELSE`' >> \"$1\"")
    patient.heal("env-vars-set/readme", answer="y\n")
    patient.edit("echo '- `COMMERCE_TABLE`: `babesclub-commerce`' > \"$1\"")
    patient.heal("env-vars-set/agreed", answer="y\n")
