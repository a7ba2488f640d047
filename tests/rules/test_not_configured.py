"""What only the shop can say and nobody has said: nothing fails by it, and nothing is complete without it."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from readiness.checklist import DocumentationSettings, DrillSettings, FailureSettings, FunctionSettings
from readiness.engine.each import Each
from readiness.facts.lambda_.table_functions import Selected
from readiness.facts.recorded.checklist import Checklist
from readiness.model import Omission, Status, Verdict
from readiness.rules import (
    cost_monitored,
    dead_letters_kept,
    documentation_current,
    env_vars_set,
    iam_least_privilege,
    load_tested,
    write_failures_audited,
)
from readiness.rules.shared.configured import unselected
from tests.golden.verdicts import GOOD, said
from tests.rules.drills import attestations
from tests.rules.facts import NOW, checklist, description
from tests.rules.functions import THE_TABLE
from tests.rules.manifests import manifest

UNSAID = checklist(
    tags={},
    functions=FunctionSettings(
        name_patterns=(), tags={}, environment={}, dead_letters_required=(), candidates=(), stream_consumers=()
    ),
    write_failures=FailureSettings(namespace="", domains=()),
    drills=DrillSettings(staging_table=""),
    documentation=DocumentationSettings(plan="", runbooks=(), env=(), env_readme="", iam=""),
)


def of(check: Any) -> Callable[[Checklist], Verdict]:
    """What the check says of the good table under that checklist."""

    def judged(wanted: Checklist) -> Verdict:
        (whole,) = [each for each in check.__globals__["rule"].checks if each.function is check]
        verdict: Verdict = said(whole, {**GOOD, Checklist: wanted})[0]
        return verdict

    return judged


NOTHING: Any = Each({})

JUDGED: dict[str, tuple[str, Callable[[Checklist], Verdict]]] = {
    "tags are not wanted": ("tags", of(cost_monitored.tagged)),
    "tags are not activated": ("tags", of(cost_monitored.activated)),
    "no variable is wanted": ("functions.environment", of(env_vars_set.variables)),
    "no variable is wanted in the file": ("functions.environment", of(env_vars_set.env_file)),
    "no variable is wanted in the README": ("functions.environment", of(env_vars_set.readme)),
    "no dead letters are wanted": ("functions.dead_letters_required", of(dead_letters_kept.functions)),
    "no failed writes are counted": ("write_failures.namespace", of(write_failures_audited.functions)),
    "no policy is reviewed": ("documentation.iam", of(iam_least_privilege.reviewed)),
    "no document is named": ("documentation.plan", of(documentation_current.present)),
    "no document names prefixes": ("documentation.plan", of(documentation_current.documented)),
    "no document names what is there": ("documentation.plan", of(documentation_current.observed)),
    "nothing to be recorded": (
        "documentation.plan",
        lambda wanted: documentation_current.recorded(description(), None, wanted, NOW),
    ),
    "no staging table": (
        "drills.staging_table",
        lambda wanted: load_tested.recorded(THE_TABLE, attestations(), None, wanted, NOW),
    ),
    "no functions are selected": (
        "functions.name_patterns",
        lambda wanted: next(env_vars_set.functions(THE_TABLE, NOTHING, NOTHING, wanted, Selected(()))),
    ),
    "no functions to have roles": (
        "functions.name_patterns",
        lambda wanted: iam_least_privilege.functions(NOTHING, wanted),
    ),
}


@pytest.mark.parametrize("name", JUDGED)
def test_what_nobody_configured_is_not_applicable_and_says_which_setting(name: str) -> None:
    setting, judged = JUDGED[name]
    verdict = judged(UNSAID)
    assert (verdict.status, verdict.omission) == (Status.NOT_APPLICABLE, Omission.NOT_CONFIGURED)
    assert setting in verdict.message
    assert verdict.message.endswith(("is not configured in the checklist", "are not configured in the checklist"))


@pytest.mark.parametrize("name", JUDGED)
def test_what_is_listed_as_not_used_is_only_not_applicable(name: str) -> None:
    unused = ("tags", "functions", "write_failures", "documentation", "drills.staging_table")
    verdict = JUDGED[name][1](checklist_of(UNSAID, not_used=unused))
    assert (verdict.status, verdict.omission) == (Status.NOT_APPLICABLE, None)
    assert verdict.message.endswith("listed in not_used of the checklist")


@pytest.mark.parametrize("name", JUDGED)
def test_what_is_configured_is_judged(name: str) -> None:
    assert JUDGED[name][1](checklist()).omission is not Omission.NOT_CONFIGURED


def test_what_is_used_in_part_is_not_configured_in_the_rest() -> None:
    verdict = env_vars_set.env_file(THE_TABLE, None, checklist_of(UNSAID, not_used=("functions.environment",)))
    assert (verdict.omission, verdict.message) == (
        Omission.NOT_CONFIGURED,
        "documentation.env is not configured in the checklist",
    )


@pytest.mark.parametrize(
    "selection", [{"names": ("cart-checkout",)}, {"name_patterns": ("cart-*",)}, {"tags": {"app": "shop"}}]
)
def test_one_way_to_select_the_functions_is_enough_to_be_configured(selection: dict[str, Any]) -> None:
    selected = replace(UNSAID.functions, **selection)
    without = unselected(UNSAID)
    assert without
    assert without.omission is Omission.NOT_CONFIGURED
    assert unselected(checklist_of(UNSAID, functions=selected)) is None


def test_one_document_is_enough_to_be_configured() -> None:
    wanted = checklist(documentation=DocumentationSettings(plan="", runbooks=("*.md",)))
    assert of(documentation_current.present)(wanted).omission is None


def test_a_document_that_is_not_used_is_not_missed() -> None:
    without = manifest(plan=None, runbooks=())
    for setting, missed in (("documentation.plan", "runbook"), ("documentation.runbooks", "cart-checkout-plan")):
        verdict = documentation_current.present(without, checklist(not_used=(setting,)))
        assert verdict.message.startswith("no ")
        assert missed in verdict.message
        assert "; " not in verdict.message
    unnamed = checklist(documentation=DocumentationSettings(plan="", runbooks=("*.md",)))
    assert documentation_current.present(without, unnamed).message == "no plan; no file *.md"


def checklist_of(wanted: Checklist, **other: Any) -> Checklist:
    return replace(wanted, **other)
