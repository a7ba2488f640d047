import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from readiness.aws.answer import Lacking
from readiness.checklist import FunctionSettings
from readiness.engine.each import Each
from readiness.engine.rule import Check
from readiness.facts.lambda_.functions import Function
from readiness.facts.lambda_.live_versions import SOMETHING_ELSE, EnvironmentVariables, LiveVersion
from readiness.facts.lambda_.live_versions import variables as variables_in
from readiness.facts.lambda_.table_functions import Selected, SelectedBefore, TableFunction, Unclassified
from readiness.facts.recorded.manifest import Variables as Named
from readiness.model import Omission, Reason, Remedy, Status, Unavailable, Unreadable, Verdict
from readiness.rules import env_vars_set
from readiness.rules.env_vars_set import (
    FunctionUpdate,
    agreed,
    env_file,
    functions,
    readme,
    unclassified,
    updated,
    variables,
)
from tests.aws.account import ARN, TABLE
from tests.aws.functions import SECRETS
from tests.rules.facts import AT, NOW, ago, checklist
from tests.rules.functions import (
    DENIED,
    THE_TABLE,
    configuration,
    each,
    function,
    function_arn,
    live_version,
    table_function,
)
from tests.rules.functions import (
    unclassified as unclassified_function,
)
from tests.rules.functions import (
    variables as variables_of,
)
from tests.rules.manifests import manifest
from tests.rules.manifests import variables as named
from tests.rules.remedied import remedied

LIVE = live_version(version="7", aliases=("live",))


def belonging(
    *found: TableFunction,
    names: tuple[str, ...] = (),
    known: Each[Function] | None = None,
    members: Each[TableFunction] | None = None,
    vain: tuple[str, ...] = (),
) -> list[Verdict]:
    wanted = checklist(functions=FunctionSettings(names=names))
    return list(functions(THE_TABLE, members or each(*found), known or each(function()), wanted, Selected(vain)))


def judged(found: EnvironmentVariables | Unavailable, version: LiveVersion | None = None, **settings: Any) -> Verdict:
    return variables(THE_TABLE, version or live_version(), found, checklist(functions=FunctionSettings(**settings)))


def holding(value: str) -> EnvironmentVariables:
    return variables_of(named={"COMMERCE_TABLE": value})


def test_the_functions_that_use_the_table_are_watched_each_with_its_reasons() -> None:
    [verdict] = belonging(table_function(), table_function(name="cart", signals=("fits babesclub-*",)))
    assert verdict.status is Status.PASS
    assert verdict.evidence["Functions"] == {
        "cart": ["fits babesclub-*"],
        "checkout": ["its environment names the table"],
    }
    assert verdict.watched == {"cart": "belongs", "checkout": "belongs"}


def test_why_a_function_belongs_is_not_watched() -> None:
    """A function that is also named from now on is no drift, for nothing changed in the account."""
    [before] = belonging(table_function())
    [after] = belonging(table_function(signals=("named in the checklist",)))
    assert before.watched == after.watched


def test_what_is_selected_and_can_not_reach_the_table_is_listed_once_and_not_watched() -> None:
    helpers = ("babesclub-LogRetention", "babesclub-images")
    [verdict] = belonging(table_function(), vain=helpers)
    assert verdict.message == (
        "functions of the table: 1; selected without access to the table: babesclub-LogRetention and babesclub-images"
    )
    assert (verdict.status, verdict.evidence["SelectedWithoutAccess"]) == (Status.PASS, list(helpers))
    assert verdict.watched == {"checkout": "belongs"}


def test_what_belongs_by_selection_and_rights_is_handed_to_the_next_look() -> None:
    [verdict] = belonging(table_function(), table_function(name="cart", selected=True))
    assert verdict.carry == SelectedBefore(("cart",))


def test_no_function_at_all_is_a_failure() -> None:
    [verdict] = belonging()
    assert (verdict.status, verdict.message) == (Status.FAIL, "no functions of the table")


def test_a_function_that_is_named_and_does_not_exist_fails_beside_the_others() -> None:
    missing, table = belonging(table_function(), names=("checkout", "chekout"))
    assert (missing.status, missing.resource) == (Status.FAIL, function_arn("chekout"))
    assert missing.message == "function chekout does not exist, expected by functions.names of the checklist"
    assert table.status is Status.PASS


def test_a_list_that_could_not_be_read_is_neither_empty_nor_does_it_lack_a_name() -> None:
    with pytest.raises(Unreadable):
        belonging(names=("chekout",), known=each(unlisted=DENIED), members=each(unlisted=DENIED))
    with pytest.raises(Unreadable):
        belonging(members=each(unlisted=DENIED))


def test_a_named_function_that_is_missing_is_told_though_others_are_undecided() -> None:
    undecided = each(table_function(), unread=(function_arn("cart"),))
    wanted = checklist(functions=FunctionSettings(names=("chekout",)))
    assert next(functions(THE_TABLE, undecided, each(function()), wanted, Selected(()))).status is Status.FAIL


def test_a_function_that_nobody_has_spoken_of_is_asked_about() -> None:
    found = unclassified_function(name="carts-report")
    [verdict] = unclassified(each(found))
    assert (verdict.status, verdict.resource) == (Status.WARN, found.arn)
    assert "its role may write to the table, expected in functions.names" in verdict.message
    assert verdict.evidence["FunctionName"] == "carts-report"


def test_of_a_function_that_is_being_created_only_the_last_update_is_unknown() -> None:
    why = Unavailable(Reason.INCOMPLETE_ANSWER, "lambda:GetFunctionConfiguration", "LastUpdateStatus")
    pending = configuration(update=Lacking(why))
    assert variables_in(pending).named == {"COMMERCE_TABLE": TABLE}
    with pytest.raises(Unreadable):
        updated(live_version(), pending, NOW, None)


def test_nothing_is_left_to_ask_about() -> None:
    nothing: Each[Unclassified] = Each({})
    [verdict] = unclassified(nothing)
    assert (verdict.status, verdict.resource) == (Status.PASS, None)


def test_nothing_found_in_what_was_not_all_is_no_pass() -> None:
    nothing: Each[Unclassified] = Each({}, DENIED)
    with pytest.raises(Unreadable):
        list(unclassified(nothing))


def test_a_version_that_is_invoked_by_its_number_and_names_another_table_fails() -> None:
    verdict = judged(holding(f"{TABLE}-staging"), live_version(version="1", numbered=True))
    assert verdict.status is Status.FAIL
    assert verdict.message == (
        f"checkout:1 (invoked by version number): COMMERCE_TABLE is {TABLE}-staging, expected {TABLE}"
    )


@pytest.mark.parametrize("version", [live_version(), LIVE], ids=["the latest", "a version that an alias serves"])
def test_the_variables_are_as_they_should_be(version: LiveVersion) -> None:
    verdict = judged(variables_of(), version)
    assert (verdict.status, verdict.watched) == (Status.PASS, {})


@pytest.mark.parametrize(
    ("found", "message"),
    [
        pytest.param(
            EnvironmentVariables({}, ()), "COMMERCE_TABLE is missing, expected babesclub-commerce", id="there is none"
        ),
        pytest.param(
            EnvironmentVariables({}, ("DYNAMO", "TABLE_NAME")),
            "COMMERCE_TABLE is missing, expected babesclub-commerce (DYNAMO and TABLE_NAME have that value)",
            id="others hold the name",
        ),
        pytest.param(
            EnvironmentVariables({}, ("TABLE_NAME",)),
            "COMMERCE_TABLE is missing, expected babesclub-commerce (TABLE_NAME has that value)",
            id="another holds the name",
        ),
        pytest.param(holding(""), "COMMERCE_TABLE is empty, expected babesclub-commerce", id="it is empty"),
        pytest.param(
            holding(" \n"), "COMMERCE_TABLE is empty, expected babesclub-commerce", id="it is nothing but white space"
        ),
        pytest.param(
            holding(f"{TABLE}\n"),
            "COMMERCE_TABLE has white space around its value, expected babesclub-commerce",
            id="a line break follows",
        ),
        pytest.param(
            holding(f" {TABLE}"),
            "COMMERCE_TABLE has white space around its value, expected babesclub-commerce",
            id="a space comes first",
        ),
        pytest.param(
            holding(f'"{TABLE}"'),
            "COMMERCE_TABLE has quotes around its value, expected babesclub-commerce",
            id="it is in quotes",
        ),
        pytest.param(
            holding(f"{TABLE}-staging"),
            "COMMERCE_TABLE is babesclub-commerce-staging, expected babesclub-commerce",
            id="another table",
        ),
        pytest.param(holding(ARN), f"COMMERCE_TABLE is {ARN}, expected babesclub-commerce", id="the ARN, not the name"),
        pytest.param(
            holding("BabesClub-Commerce"),
            "COMMERCE_TABLE is BabesClub-Commerce, expected babesclub-commerce",
            id="upper and lower case are two tables",
        ),
        pytest.param(
            holding("other\n"),
            "COMMERCE_TABLE is 'other\\n', expected babesclub-commerce",
            id="a line break is made visible",
        ),
        pytest.param(
            holding(SOMETHING_ELSE),
            "COMMERCE_TABLE is not a table name (the value is not shown), expected babesclub-commerce",
            id="what may be a secret is not shown",
        ),
        pytest.param(
            holding("x" * 200),
            f"COMMERCE_TABLE is {'x' * 80}..., expected babesclub-commerce",
            id="a long value is cut",
        ),
    ],
)
def test_what_is_wrong_with_a_variable(found: EnvironmentVariables, message: str) -> None:
    verdict = judged(found)
    assert (verdict.status, verdict.message) == (Status.FAIL, f"checkout:$LATEST: {message}")


@pytest.mark.parametrize(
    ("version", "message"),
    [
        pytest.param(LIVE, "checkout:7 (alias live): ", id="an alias"),
        pytest.param(
            live_version(version="7", aliases=("canary", "live")),
            "checkout:7 (aliases canary, live): ",
            id="several aliases, one of them weighted",
        ),
        pytest.param(
            live_version(aliases=("next",)),
            "checkout:$LATEST (alias next): ",
            id="an alias of the latest",
        ),
        pytest.param(live_version(), "checkout:$LATEST: ", id="the latest, which nothing routes to"),
    ],
)
def test_a_wrong_version_fails_whoever_serves_it(version: LiveVersion, message: str) -> None:
    verdict = judged(EnvironmentVariables({}, ()), version)
    assert verdict.status is Status.FAIL
    assert verdict.message == f"{message}COMMERCE_TABLE is missing, expected babesclub-commerce"


def test_what_is_wrong_is_watched_and_nothing_else() -> None:
    both = {"COMMERCE_TABLE": "{table}", "STAGE": "prod", "REGION": "us-east-1"}
    found = EnvironmentVariables({"COMMERCE_TABLE": f"{TABLE}-staging", "STAGE": "prod"}, ())
    verdict = judged(found, environment=both)
    assert verdict.message == (
        "checkout:$LATEST: COMMERCE_TABLE is babesclub-commerce-staging, expected babesclub-commerce;"
        " REGION is missing, expected us-east-1"
    )
    assert verdict.watched == {"COMMERCE_TABLE": "babesclub-commerce-staging", "REGION": None}


def test_a_function_that_reads_the_stream_alone_needs_none() -> None:
    for found in (EnvironmentVariables({}, ()), DENIED):
        assert judged(found, stream_consumers=("check*",)).status is Status.NOT_APPLICABLE


def test_variables_that_could_not_be_read_are_not_missing() -> None:
    with pytest.raises(Unreadable):
        judged(DENIED)


@pytest.mark.parametrize(
    ("update", "before", "status", "message"),
    [
        pytest.param("Successful", None, Status.PASS, "last update is Successful", id="it has ended well"),
        pytest.param(
            "Failed",
            None,
            Status.FAIL,
            "checkout:$LATEST: last update is Failed, expected Successful",
            id="it has failed",
        ),
        pytest.param(
            "InProgress",
            None,
            Status.WARN,
            "last update is InProgress since 2026-11-24 03:00 UTC, expected Successful",
            id="it has begun",
        ),
        pytest.param(
            "InProgress",
            FunctionUpdate("InProgress", ago(minutes=15)),
            Status.WARN,
            "last update is InProgress since 2026-11-24 02:45 UTC, expected Successful",
            id="it takes 15 minutes",
        ),
        pytest.param(
            "InProgress",
            FunctionUpdate("InProgress", ago(minutes=16)),
            Status.FAIL,
            "last update is InProgress since 2026-11-24 02:44 UTC, expected Successful",
            id="it takes longer than AWS ever does",
        ),
    ],
)
def test_updated(update: str, before: FunctionUpdate | None, status: Status, message: str) -> None:
    verdict = updated(live_version(), configuration(update=update), NOW, before)
    assert (verdict.status, verdict.message) == (status, message)
    assert not verdict.watched, "it moves by itself"


def test_the_beginning_of_an_update_is_remembered() -> None:
    assert updated(live_version(), configuration(update="InProgress"), NOW, None).carry == FunctionUpdate(
        "InProgress", AT
    )


def test_a_failed_update_of_a_version_says_who_serves_it() -> None:
    verdict = updated(LIVE, configuration(version="7", update="Failed"), NOW, None)
    assert verdict.message == "checkout:7 (alias live): last update is Failed, expected Successful"


AWS = """#!/bin/sh
case "$*" in
*get-function-configuration*) cat environment.json ;;
*) for word; do case "$word" in file://*) cp "${word#file://}" sent.json ;; esac; done
   echo "$*" >> said.txt; echo InProgress ;;
esac
"""
"""An `aws` that knows one environment, and keeps what it was sent."""


def pasted(folder: Path, environment: object) -> subprocess.CompletedProcess[str]:
    """What happens when somebody pastes the remedy for a function with that environment."""
    (folder / "environment.json").write_text(json.dumps(environment) if environment != "denied" else "")
    (folder / "aws").write_text(AWS)
    (folder / "aws").chmod(0o755)
    path = {"PATH": f"{folder}:{os.environ['PATH']}", "TMPDIR": str(folder)}
    command = remedy(judged(EnvironmentVariables({}, ())))
    return subprocess.run(["sh", "-c", command], cwd=folder, env=path, capture_output=True, text=True, check=False)  # noqa: S607  our own command, as it is pasted


def remedy(verdict: Verdict) -> str:
    check: Check = next(check for check in env_vars_set.rule.checks if check.name == "variables")
    return remedied(check, verdict)


needs_jq = pytest.mark.skipif(shutil.which("jq") is None, reason="the remedy needs jq")


@needs_jq
def test_the_remedy_keeps_all_other_variables_and_prints_none(tmp_path: Path) -> None:
    done = pasted(tmp_path, {"Variables": {**SECRETS, "COMMERCE_TABLE": "x"}})
    sent = json.loads((tmp_path / "sent.json").read_text())
    assert sent == {"Variables": {**SECRETS, "COMMERCE_TABLE": TABLE}}
    assert not [secret for secret in SECRETS.values() if secret in done.stdout + done.stderr]
    assert not list(tmp_path.glob("tmp.*")), "the file with the secrets is gone"


@needs_jq
def test_the_remedy_gives_variables_to_a_function_without_any(tmp_path: Path) -> None:
    pasted(tmp_path, None)
    assert json.loads((tmp_path / "sent.json").read_text()) == {"Variables": {"COMMERCE_TABLE": TABLE}}


@needs_jq
@pytest.mark.parametrize("environment", [{"Error": {"ErrorCode": "AccessDeniedException"}}, "denied"])
def test_the_remedy_changes_nothing_where_it_could_not_read_all(tmp_path: Path, environment: object) -> None:
    """Or it would take away all other variables."""
    pasted(tmp_path, environment)
    assert not (tmp_path / "said.txt").exists()


@pytest.mark.parametrize(
    ("env", "status", "message"),
    [
        pytest.param(named(), Status.PASS, ".env sets COMMERCE_TABLE", id="an .env that names the table passes"),
        pytest.param(None, Status.FAIL, ".env does not exist", id="without one it fails"),
        pytest.param(named(as_wanted=()), Status.FAIL, "does not set COMMERCE_TABLE", id="another value fails"),
        pytest.param(named(".env.example"), Status.WARN, "only an example", id="an example alone is a warning"),
        pytest.param(named(".env.example", as_wanted=()), Status.FAIL, "", id="a wrong example fails"),
    ],
)
def test_env_file(env: Named | None, status: Status, message: str) -> None:
    verdict = env_file(THE_TABLE, manifest(env=env), checklist())
    assert verdict.status is status
    assert message in verdict.message


@pytest.mark.parametrize(
    ("written", "status"),
    [
        pytest.param(named("README_ENV.md"), Status.PASS, id="one that says the table's name passes"),
        pytest.param(None, Status.FAIL, id="without one it fails"),
        pytest.param(named("README_ENV.md", as_wanted=()), Status.FAIL, id="one that does not say it fails"),
    ],
)
def test_readme(written: Named | None, status: Status) -> None:
    assert readme(THE_TABLE, manifest(env_readme=written), checklist()).status is status


@pytest.mark.parametrize("check", [env_file, readme])
def test_without_a_manifest_it_is_not_recorded(check: Any) -> None:
    verdict = check(THE_TABLE, None, checklist())
    assert (verdict.status, verdict.omission) == (Status.FAIL, Omission.NOT_RECORDED)
    assert verdict.remedy == Remedy("readiness manifest . --table {table} --record")


@pytest.mark.parametrize("check", [env_file, readme])
def test_what_was_compared_with_another_checklist_has_to_be_recorded_anew(check: Any) -> None:
    wanted = checklist(functions=FunctionSettings(environment={"TABLE": "{table}"}))
    with pytest.raises(Unreadable) as unread:
        check(THE_TABLE, manifest(), wanted)
    assert unread.value.first.reason is Reason.STALE


@pytest.mark.parametrize(
    ("env", "written", "status", "message"),
    [
        pytest.param(("A", "B"), ("A", "B"), Status.PASS, "", id="the same names pass"),
        pytest.param(("A", "B"), ("A",), Status.WARN, "README_ENV.md does not document B", id="one is not documented"),
        pytest.param(("A",), ("A", "B"), Status.WARN, ".env does not set B", id="one is not set"),
        pytest.param(("A",), ("B",), Status.WARN, "document A; .env does not set B", id="both"),
    ],
)
def test_agreed(env: tuple[str, ...], written: tuple[str, ...], status: Status, message: str) -> None:
    verdict = agreed(manifest(env=named(names=env), env_readme=named("README_ENV.md", names=written)), checklist())
    assert verdict.status is status
    assert message in verdict.message


def test_where_one_is_missing_they_can_not_disagree() -> None:
    assert agreed(manifest(env=None), checklist()).status is Status.NOT_APPLICABLE
    assert agreed(manifest(env_readme=None), checklist()).status is Status.NOT_APPLICABLE
