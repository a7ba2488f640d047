"""The checklist file: a correct one says what is wanted, and of a wrong one all that is wrong is told at once."""

import re
import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import pytest

from readiness.checklist import (
    LATER,
    AlarmSettings,
    AllowedToggler,
    BackupDecision,
    BillingException,
    ChecklistError,
    CostSettings,
    DocumentationSettings,
    DrillSettings,
    FailureSettings,
    FunctionSettings,
    OnCall,
    Pitr,
    Settings,
    TableSettings,
    fits,
    fits_name,
)
from readiness.checklist.file import load

DEPLOYED = Path(__file__).parents[1] / "functions/monitor/checklist.toml"
RULES = ("billing-on-demand", "ttl-enabled", "pitr-enabled")

WHOLE = """
account = "123456789012"
region = "eu-west-1"

[[tables]]
name = "orders"
partition_key = "id"
sort_key = "at"
ttl_attribute = "ttl"
deletion_protection = "fail"
pitr = { window_days = 7, days_before_cutover = 3 }
trusted_accounts = ["210987654321"]
trusted_organization = "o-a1b2c3d4e5"
billing_exception = { reason = "steady load", approved_by = "jane@example.com", until = 2027-01-31 }

[[tables]]
name = "carts"
write_failures = { domains = ["cart"] }
tags = { Shop = "carts" }
alarms = { operations = ["Scan"], vouched = { "carts throttled" = "throttling" } }

[tables.backup_decision]
mode = "on_demand"
decided_by = "jane@example.com"
decided_on = 2026-11-01
reason = "carts are worth a week"
retention_days = 7

[[tables.pitr.allowed_togglers]]
principal = "arn:aws:iam::123456789012:role/breakglass"
owner = "data@example.com"
reviewed_on = 2026-11-01

[tables.functions]
names = ["cart"]

[functions]
name_patterns = ["shop-*"]
environment = { TABLE = "{table}" }
actions = { "*-report" = ["dynamodb:Scan"], "*" = ["dynamodb:Query"] }

[on_call]
topic_arn = "arn:aws:sns:eu-west-1:123456789012:on-call"
runbook = "https://example.com/runbook"
time_zone = "Europe/Berlin"
endpoints = ["https:events.pagerduty.com"]
event_bridge = true

[cost]
payer_role_arn = "arn:aws:iam::210987654321:role/costs"

[owners]
default = "commerce@example.com"
"pitr-enabled" = "data@example.com"
"""


UNSAID_DRILLS = DrillSettings(staging_table="")
UNSAID_DOCUMENTS = DocumentationSettings(plan="", runbooks=(), env_readme="", iam="")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "checklist.toml"


def settings(path: Path, text: str) -> Settings:
    path.write_text(text, encoding="utf-8")
    return load(path, RULES)


def problems(path: Path, text: str) -> list[str]:
    """What is told, a line each, without the path that every line begins with."""
    with pytest.raises(ChecklistError) as told:
        settings(path, text)
    lines = str(told.value).splitlines()
    assert all(re.match(re.escape(str(path)) + r"(:\d+)?: ", line) for line in lines)
    return [re.sub(r"^(:\d+)?: ", "", line.removeprefix(str(path))) for line in lines]


def test_a_whole_file_is_read(path: Path) -> None:
    assert settings(path, WHOLE) == Settings(
        account="123456789012",
        region="eu-west-1",
        tables=(
            TableSettings(
                name="orders",
                partition_key="id",
                sort_key="at",
                ttl_attribute="ttl",
                deletion_protection="fail",
                pitr=Pitr(window_days=7, days_before_cutover=3),
                billing_exception=BillingException("steady load", "jane@example.com", date(2027, 1, 31)),
                trusted_accounts=("210987654321",),
                trusted_organization="o-a1b2c3d4e5",
                functions=FunctionSettings(
                    name_patterns=("shop-*",),
                    tags={},
                    environment={"TABLE": "{table}"},
                    dead_letters_required=(),
                    actions={"*-report": ("dynamodb:Scan",), "*": ("dynamodb:Query",)},
                ),
                write_failures=FailureSettings(namespace="", domains=()),
                tags={},
                drills=UNSAID_DRILLS,
                documentation=UNSAID_DOCUMENTS,
            ),
            TableSettings(
                name="carts",
                pitr=Pitr(
                    allowed_togglers=(
                        AllowedToggler(
                            "arn:aws:iam::123456789012:role/breakglass", "data@example.com", date(2026, 11, 1)
                        ),
                    )
                ),
                functions=FunctionSettings(
                    names=("cart",), name_patterns=(), tags={}, environment={}, dead_letters_required=()
                ),
                write_failures=FailureSettings(namespace="", domains=("cart",)),
                drills=UNSAID_DRILLS,
                documentation=UNSAID_DOCUMENTS,
                tags={"Shop": "carts"},
                alarms=AlarmSettings(("Scan",), {"carts throttled": "throttling"}),
                backup_decision=BackupDecision(
                    "on_demand", "jane@example.com", date(2026, 11, 1), "carts are worth a week", retention_days=7
                ),
            ),
        ),
        functions=FunctionSettings(
            name_patterns=("shop-*",),
            environment={"TABLE": "{table}"},
            actions={"*-report": ("dynamodb:Scan",), "*": ("dynamodb:Query",)},
        ),
        on_call=OnCall(
            "arn:aws:sns:eu-west-1:123456789012:on-call",
            "https://example.com/runbook",
            "Europe/Berlin",
            endpoints=("https:events.pagerduty.com",),
            event_bridge=True,
        ),
        cost=CostSettings("arn:aws:iam::210987654321:role/costs"),
        owners={"default": "commerce@example.com", "pitr-enabled": "data@example.com"},
    )


def test_an_empty_file_has_the_defaults(path: Path) -> None:
    assert settings(path, "") == Settings()


def test_the_file_that_is_deployed_says_what_the_defaults_are() -> None:
    deployed = load(DEPLOYED, RULES)
    assert (deployed.tables, deployed.functions) == (Settings().tables, Settings().functions)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("acount = '1'", "acount: unknown key, did you mean account?", id="a misspelt key"),
        pytest.param(
            "[[tables]]\nttl_atribute = 'x'",
            "tables[0].ttl_atribute: unknown key, did you mean ttl_attribute?",
            id="a misspelt key of a table",
        ),
        pytest.param(
            "[[tables]]\n[[tables]]\nname = 'orders'\npitr = { window = 3 }",
            "tables[1].pitr.window: unknown key, did you mean window_days?",
            id="a misspelt key inside a table",
        ),
        pytest.param(
            "[functions]\nname_pattern = ['x']",
            "functions.name_pattern: unknown key, did you mean name_patterns?",
            id="a misspelt key of the functions",
        ),
        pytest.param(
            "[[tables]]\n[tables.functions]\nlog_retention_days = 0",
            "tables[0].functions.log_retention_days: found 0, expected a whole number of at least 1",
            id="a retention of no day, in the functions of a table",
        ),
        pytest.param(
            "[[tables]]\n[[tables.pitr.allowed_togglers]]\nprincipal = 'x'\nreviewed_on = 2026-01-01",
            "tables[0].pitr.allowed_togglers[0].owner: is missing",
            id="somebody who may, and nobody who answers for it",
        ),
        pytest.param(
            "[[tables]]\ntrusted_organization = 'ours'",
            "tables[0].trusted_organization: found 'ours', expected the id of an organization such as 'o-a1b2c3d4e5'",
            id="an organization that is none",
        ),
        pytest.param(
            "[[tables]]\ntrusted_accounts = ['me']",
            "tables[0].trusted_accounts[0]: found 'me', expected the 12 digits of an AWS account",
            id="a trusted account that is none",
        ),
        pytest.param(
            "[on_call]\nzzz = 1",
            "on_call.zzz: unknown key; known are chat, endpoints, event_bridge, pager, runbook, time_zone, topic_arn",
            id="a key that is near to none",
        ),
        pytest.param(
            "[[tables]]\npitr = { window_days = 36 }",
            "tables[0].pitr.window_days: found 36, expected a whole number from 1 to 35",
            id="a number beyond its bound",
        ),
        pytest.param(
            "[[tables]]\npitr = { window_days = '10' }",
            "tables[0].pitr.window_days: found '10', expected a whole number from 1 to 35",
            id="a text for a number",
        ),
        pytest.param(
            "[[tables]]\nbilling_exception = { reason = 'r', approved_by = 'me', until = 20270131 }",
            "tables[0].billing_exception.until: found 20270131, expected a date such as 2027-01-31",
            id="a number for a date",
        ),
        pytest.param("region = 2027-01-31", "region: found 2027-01-31, expected a text", id="a date for a text"),
        pytest.param(
            "[[tables]]\ndeletion_protection = 'maybe'",
            "tables[0].deletion_protection: found 'maybe', expected 'warn' or 'fail'",
            id="a word that is none of those allowed",
        ),
        pytest.param(
            "[[tables]]\nbilling_exception = { reason = 'r', approved_by = 'me' }",
            "tables[0].billing_exception.until: is missing",
            id="a missing key",
        ),
        pytest.param("region = 1", "region: found 1, expected a text", id="a number for a text"),
        pytest.param(
            "account = '1234'", "account: found '1234', expected the 12 digits of an AWS account", id="account"
        ),
        pytest.param(
            "account = '12345678901x'",
            "account: found '12345678901x', expected the 12 digits of an AWS account",
            id="letters",
        ),
        pytest.param(
            "[[tables]]\nname = 'orders'\n[[tables]]\nname = 'orders'",
            "tables: found the table 'orders' twice, expected each once",
            id="one table twice",
        ),
        pytest.param(
            "[owners]\npitr-enable = 'me'",
            "owners.pitr-enable: unknown rule, did you mean pitr-enabled?",
            id="the owner of a misspelt rule",
        ),
        pytest.param(
            "[owners]\nzzz = 'me'",
            "owners.zzz: unknown rule; known are billing-on-demand, default, pitr-enabled, ttl-enabled",
            id="the owner of no rule",
        ),
        pytest.param(
            "[on_call]\ntime_zone = 'Middle/Earth'",
            "on_call.time_zone: found 'Middle/Earth', expected a name such as 'Europe/Berlin'",
            id="an unknown time zone",
        ),
        pytest.param(
            "[on_call]\ntime_zone = '../UTC'",
            "on_call.time_zone: found '../UTC', expected a name such as 'Europe/Berlin'",
            id="a path for a time zone",
        ),
        pytest.param(
            "[on_call]\nendpoints = ['sms:*', 'pagerduty']",
            "on_call.endpoints[1]: found 'pagerduty', expected protocol:endpoint such as 'sms:*'",
            id="an endpoint without a protocol",
        ),
        pytest.param(
            "[cost]\npayer_role_arn = 'costs'",
            "cost.payer_role_arn: found 'costs',"
            " expected the ARN of a role such as 'arn:aws:iam::123456789012:role/costs'",
            id="the name of a role for its ARN",
        ),
        pytest.param(
            "[[tables]]\n[tables.alarms]\nvouched = { throttles = 'everything' }",
            "tables[0].alarms.vouched.throttles: found 'everything',"
            " expected 'throttling', 'reads', 'writes', 'user-errors', "
            "'write-failures', 'dead-letters' or 'other'",
            id="an alarm that is said to watch everything",
        ),
        pytest.param(
            "[[tables]]\n[tables.backup_decision]\nmode = 'pitr_only'\ndecided_by = 'jane'\nreason = 'enough'",
            "tables[0].backup_decision.decided_on: is missing",
            id="a decision of which nobody knows when it was taken",
        ),
        pytest.param(
            "[on_call]\nchat = 'slack'",
            "on_call.chat: found 'slack', expected 'none' or 'amazon-q'",
            id="a chat that we do not speak to",
        ),
        pytest.param(
            "item_metrics = 'never'",
            "item_metrics: found 'never', expected 'every_run' or 'changes'",
            id="no metrics of items",
        ),
    ],
)
def test_a_mistake_names_its_key_what_was_found_and_what_is_expected(path: Path, text: str, told: str) -> None:
    assert problems(path, text) == [told]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        pytest.param("tables = []", "tables", id="no table"),
        pytest.param("[[tables]]\nname = ''", "tables[0].name", id="a table without a name"),
        pytest.param("on_call = 3", "on_call", id="a number for a section"),
        pytest.param("[tables]\nname = 'a'", "tables", id="one table where a list belongs"),
    ],
)
def test_a_value_that_can_not_be_is_told_with_its_key(path: Path, text: str, key: str) -> None:
    [told] = problems(path, text)
    assert re.fullmatch(re.escape(key) + ": found .+, expected .+", told)


def test_several_mistakes_are_told_at_once(path: Path) -> None:
    wrong = "regoin = ''\n[[tables]]\ndeletion_protection = 'no'\npitr = { window_days = '10', day = 1 }"
    assert {line.partition(":")[0] for line in problems(path, wrong)} == {
        "regoin",
        "tables[0].deletion_protection",
        "tables[0].pitr.window_days",
        "tables[0].pitr.day",
    }


MISTAKEN = """# orders
regoin = ''

[[tables]]
name = "orders"
pitr = { window_days = 40 }
tags = { Env = 3 }
trusted_accounts = [
  "me",
]

[[tables]]
name = ""

[tables.functions]
log_retention_days = 0
[tables.backup_decision]
mode = "none"
"""


def test_a_mistake_names_its_line_or_that_of_the_section_that_lacks_a_key(path: Path) -> None:
    path.write_text(MISTAKEN, encoding="utf-8")
    with pytest.raises(ChecklistError) as told:
        load(path, RULES)
    lines = [line.removeprefix(f"{path}:") for line in str(told.value).splitlines()]
    assert [line.split(": ")[:2] for line in lines] == [
        ["2", "regoin"],
        ["6", "tables[0].pitr.window_days"],
        ["7", "tables[0].tags.Env"],
        ["8", "tables[0].trusted_accounts[0]"],
        ["13", "tables[1].name"],
        ["16", "tables[1].functions.log_retention_days"],
        ["17", "tables[1].backup_decision.decided_by"],
        ["17", "tables[1].backup_decision.decided_on"],
        ["17", "tables[1].backup_decision.reason"],
        ["18", "tables[1].backup_decision.mode"],
    ]


def test_without_tomlkit_as_in_the_lambda_mistakes_are_told_without_lines(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tomlkit", None)
    path.write_text("regoin = ''", encoding="utf-8")
    with pytest.raises(ChecklistError, match=rf"^{re.escape(str(path))}: regoin: unknown key, did you mean region"):
        load(path, RULES)


def test_mistakes_of_meaning_are_told_at_once(path: Path) -> None:
    wrong = "account = '1'\nregoin = ''\n[on_call]\ntime_zone = 'x'\n[owners]\nx = 'me'"
    assert [line.partition(":")[0] for line in problems(path, wrong)] == [
        "account",
        "regoin",
        "on_call.time_zone",
        "owners.x",
    ]


@pytest.mark.parametrize("where", ["functions", "tables.functions"])
def test_a_function_that_is_both_named_and_excluded_is_a_mistake(path: Path, where: str) -> None:
    both = f"[[tables]]\n[{where}]\nnames = ['checkout', 'cart-api']\nnot_ours = ['Cart-*']"
    [told] = problems(path, both)
    key = where.replace("tables", "tables[0]")
    assert told == f"{key}.names[1]: found 'cart-api', which not_ours excludes, expected it in one of the two"


def test_a_backup_every_hour_may_be_decided(path: Path) -> None:
    decided = "mode = 'on_demand'\ndecided_by = 'j'\ndecided_on = 2026-11-01\nreason = 'r'\ncadence_hours = 1"
    [table] = settings(path, f"[[tables]]\n[tables.backup_decision]\n{decided}").tables
    assert table.backup_decision
    assert table.backup_decision.cadence_hours == 1


def test_patterns_of_names_ignore_case() -> None:
    assert fits_name("babesclub-prod-CartFunction-mPq0ZrT9uVwX", ("*cart*",))
    assert fits_name("BabesclubCommerce-CheckoutHandler0D4E5F6A-Ij5Kl6Mn7Op8", ("x", "*Checkout*"))
    assert not fits_name("session", ("*cart*",))
    assert FunctionSettings(actions={"*CART*": ("dynamodb:Query",)}).allowed("shop-Cart") == ("dynamodb:Query",)


def test_what_is_not_toml_is_told_with_its_place(path: Path) -> None:
    [told] = problems(path, "account = \nregion = ''")
    assert told == "is not TOML: Invalid value (at line 1, column 11)"


def test_what_is_not_text_is_told(path: Path) -> None:
    path.write_bytes(b"region = '\xff'")
    with pytest.raises(ChecklistError, match="is not TOML: "):
        load(path, RULES)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(
            f"account = {'[' * 3000}{']' * 3000}", "cannot be read: values are nested", id="nested too deeply"
        ),
        pytest.param(f"[[tables]]\npitr = {{ window_days = {'9' * 5000} }}", "is not TOML: ", id="too many digits"),
        pytest.param("a = 3\nb = 99999999999999999999999", "b: unknown key", id="more than 64 bits"),
    ],
)
def test_what_the_parser_rejects_with_another_error_is_told(path: Path, text: str, told: str) -> None:
    assert told in problems(path, text)[-1]


def test_a_key_is_told_as_toml_writes_it(path: Path) -> None:
    """A control character in the file never reaches the terminal, and a mistake stays on its line."""
    told = problems(path, '"\\u001b[31m\\n" = 1\n[owners]\n"pitr.enabled" = "me"\n"größe" = 1')
    assert [line.partition(": ")[0] for line in told] == [
        '"\\u001b[31m\\n"',
        'owners."pitr.enabled"',
        'owners."größe"',
    ]


def test_two_tables_with_wrong_names_are_not_the_same_table(path: Path) -> None:
    told = problems(path, "[[tables]]\nname = 3\n[[tables]]\nname = 4")
    assert [line.partition(":")[0] for line in told] == ["tables[0].name", "tables[1].name"]


@pytest.mark.timeout(60)
def test_of_very_many_mistakes_the_first_are_told_and_the_others_counted(path: Path) -> None:
    told = problems(path, "[owners]\n" + "".join(f"x{number:05} = 'me'\n" for number in range(3000)))
    assert len(told) == 101
    assert told[0].startswith("owners.x00000: unknown rule")
    assert told[-1] == "and 2900 more"


def test_a_file_that_is_not_there_is_told(path: Path) -> None:
    with pytest.raises(ChecklistError, match=rf"^{re.escape(str(path))}: cannot be read: No such file"):
        load(path, RULES)


def test_an_item_belongs_to_its_owner_else_to_the_default(path: Path) -> None:
    whole = settings(path, WHOLE)
    assert whole.owner("pitr-enabled") == "data@example.com"
    assert whole.owner("ttl-enabled") == "commerce@example.com"
    assert Settings(owners={"default": ""}).owner("ttl-enabled") is None
    assert Settings().owner("ttl-enabled") is None


def test_only_one_table_is_the_one_of_that_name(path: Path) -> None:
    whole = settings(path, WHOLE)
    assert [table.name for table in whole.only("carts").tables] == ["carts"]
    assert whole.only("carts").on_call == whole.on_call


def test_the_only_table_serves_under_another_name() -> None:
    one = Settings(tables=(TableSettings(name="a", sort_key="at"),))
    assert one.only("b").tables == (TableSettings(name="b", sort_key="at"),)


def test_of_several_tables_one_must_have_the_name(path: Path) -> None:
    whole = settings(path, WHOLE)
    with pytest.raises(ChecklistError, match="nothing of the table 'baskets': it names orders, carts"):
        whole.only("baskets")


def test_a_digest_changes_with_what_is_wanted_and_with_nothing_else(path: Path) -> None:
    whole = settings(path, WHOLE)
    other_people = settings(path, WHOLE.replace("jane@", "joe@").replace("data@example.com", "us@example.com"))
    reached_otherwise = settings(path, WHOLE.replace("Europe/Berlin", "UTC").replace("data@", "us@"))
    longer = settings(path, WHOLE.replace("window_days = 7", "window_days = 8"))
    assert reached_otherwise.tables[0].digest == whole.tables[0].digest
    assert len({each.tables[0].digest for each in (whole, longer, other_people)}) == 3
    assert len({each.digest for each in (whole, longer, other_people, reached_otherwise)}) == 4


def test_what_a_table_says_of_its_functions_replaces_what_the_file_says(path: Path) -> None:
    whole = settings(path, WHOLE)
    of_orders, of_carts = whole.wanted("orders").functions, whole.wanted("carts").functions
    assert of_orders
    assert of_carts
    assert (of_orders.names, of_orders.name_patterns) == ((), ("shop-*",))
    assert (of_carts.names, of_carts.name_patterns) == (("cart",), ())


def test_other_functions_of_all_tables_are_another_wish_for_each(path: Path) -> None:
    whole, other = settings(path, WHOLE), settings(path, WHOLE.replace("shop-*", "store-*"))
    assert whole.wanted("orders").digest != other.wanted("orders").digest
    assert whole.wanted("carts").digest == other.wanted("carts").digest


def test_of_the_patterns_of_names_the_first_that_fits_says_what_a_function_needs(path: Path) -> None:
    functions = settings(path, WHOLE).functions
    assert functions.allowed("sales-report") == ("dynamodb:Scan",)
    assert functions.allowed("Sales-Report") == ("dynamodb:Scan",)
    assert functions.allowed("sales") == ("dynamodb:Query",)
    assert FunctionSettings(actions={"a*": ("dynamodb:Query",)}).allowed("b") == ()
    assert fits("cart", ("c?rt",))
    assert not fits("cart", ())


class WithMore(TableSettings, frozen=True):
    """The settings of a table in a release that added one."""

    more: Annotated[int, LATER] = 7


def test_a_setting_that_a_later_release_adds_is_no_part_of_a_digest_until_somebody_sets_it() -> None:
    assert WithMore().digest == TableSettings().digest
    assert WithMore(more=8).digest != TableSettings().digest


def test_a_pager_evaluates_nothing_again() -> None:
    assert OnCall(pager="events-v2").digest == OnCall().digest
