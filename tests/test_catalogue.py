"""The catalogue as a whole: what holds for every rule and every check, so that docs and names can't rot."""

import json
import re
import string
from collections.abc import Mapping
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_type_hints

import pytest

from readiness.aws.command import template
from readiness.engine.collect import needed
from readiness.engine.fact import Need, absence_of, source_of
from readiness.engine.rule import Check, Rule
from readiness.model import Carry, Given, Remedy, Severity, stored_name
from readiness.report.rules_page import NOT_CHECKED, rule_page, rules_page
from readiness.rules import ASKED, RULES
from tests import fixed_rules
from tests.golden.verdicts import FILE, TABLES, said, unversioned, verdicts

ROOT_FOLDER = Path(__file__).parent.parent
RULES_FOLDER = ROOT_FOLDER / "layers/readiness/readiness/rules"
CHECKS = [check for rule in ASKED for check in rule.checks]

OFFERED = {"table", "arn", "account", "region", "ttl_attribute", "window_days"}
NOTHING_TO_DO_BUT_WAIT = {"pitr-enabled/filled"}

NEVER_BAD_THERE = {"billing-on-demand/autoscaling", "dead-letters-kept/other-source", "ttl-enabled/canary"}
"""Of these no fixed table has a verdict that is not good."""

BY_VERSION = {"TableFunction", "LiveVersion"}
BY_QUALIFIER = {"TableFunction", "DlqFunction", "Qualifier"}
BY_SOURCE = {"TableFunction", "DlqFunction", "FunctionSource"}
AXES: dict[str, set[str]] = {
    "encryption-kms/grants": {"TableRole"},
    "pitr-enabled/replica-recovery": {"Replica"},
    "pitr-enabled/replica-protection": {"Replica"},
    "env-vars-set/variables": BY_VERSION,
    "env-vars-set/updated": BY_VERSION,
    "iam-least-privilege/exists": {"TableRole"},
    "iam-least-privilege/scope": {"TableRole"},
    "iam-least-privilege/administration": {"TableRole"},
    "iam-least-privilege/managed-policies": {"TableRole"},
    "iam-least-privilege/actions": {"TableRole"},
    "iam-least-privilege/escalation": {"TableRole"},
    "iam-least-privilege/logging": {"TableRole"},
    "iam-least-privilege/log-groups": {"TableRole"},
    "iam-least-privilege/trust": {"TableRole"},
    "iam-least-privilege/own-rows": {"TableRole"},
    "iam-least-privilege/shared": {"TableRole"},
    "iam-least-privilege/reviewed": {"TableRole"},
    "iam-least-privilege/as-reviewed": {"TableRole"},
    "write-failures-audited/group": {"FunctionLogGroup"},
    "write-failures-audited/group-class": {"FunctionLogGroup"},
    "write-failures-audited/retention": {"FunctionLogGroup"},
    "write-failures-audited/structured": BY_VERSION,
    "write-failures-audited/level": BY_VERSION,
    "write-failures-audited/counted": {"FailureSeries"},
    "write-failures-audited/alarmed": {"FailureSeries"},
    "alarms-wired/index-throttling": {"TableIndex"},
    "alarms-wired/index-spikes": {"TableIndex"},
    "dead-letters-kept/asynchronous": BY_QUALIFIER,
    "dead-letters-kept/used": BY_QUALIFIER,
    "dead-letters-kept/tried": BY_QUALIFIER,
    "dead-letters-kept/standard": {"FailureTarget"},
    "dead-letters-kept/destination": {"FailureTarget"},
    "dead-letters-kept/exists": {"DeadLetterQueue"},
    "dead-letters-kept/retained": {"FailureTarget"},
    "dead-letters-kept/subscribed": {"FailureTarget"},
    "dead-letters-kept/sending": {"FailureTarget"},
    "dead-letters-kept/key": {"FailureTarget"},
    "dead-letters-kept/encrypting": {"FailureTarget"},
    "dead-letters-kept/queue-source": BY_SOURCE,
    "dead-letters-kept/redrive": BY_SOURCE,
    "dead-letters-kept/retried": BY_SOURCE,
    "dead-letters-kept/stream-source": BY_SOURCE,
    "dead-letters-kept/given-up": BY_SOURCE,
    "dead-letters-kept/other-source": BY_SOURCE,
    "dead-letters-kept/filtered": BY_SOURCE,
    "dead-letters-kept/sources-running": BY_SOURCE,
    "dead-letters-kept/watched": {"DeadLetterQueue"},
    "dead-letters-kept/delivered": {"TableFunction", "DlqFunction"},
    "change-events-arrive/enabled": {"ChangeRule"},
    "change-events-arrive/queued": {"ChangeRule"},
    "change-events-arrive/polled": {"ChangeQueue"},
    "backups-scheduled/role": {"SelectingPlan"},
    "backups-scheduled/vault": {"SelectingPlan"},
    "backups-scheduled/ran": {"SelectingPlan"},
}
"""Where a check stands besides the table; all others stand on the table alone."""

every_rule = pytest.mark.parametrize("rule", ASKED, ids=lambda rule: rule.id)
every_rule_about_functions = pytest.mark.parametrize(
    "rule", [rule for rule in RULES if rule.item in {"2.1", "2.2", "2.3", "3.2"}], ids=lambda rule: rule.id
)
every_check = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)


def test_the_rules_stand_in_the_order_of_the_checklist() -> None:
    """Those that a release has had keep their items and ids; others come where their items say."""
    kept = [
        ("1.1", "billing-on-demand"),
        ("1.2", "encryption-kms"),
        ("1.3", "ttl-enabled"),
        ("1.4", "pitr-enabled"),
        ("2.1", "env-vars-set"),
        ("2.2", "iam-least-privilege"),
        ("2.3", "write-failures-audited"),
        ("3.1", "alarms-wired"),
        ("3.2", "dead-letters-kept"),
        ("3.3", "cost-monitored"),
        ("3.4", "backups-scheduled"),
        ("5.1", "restore-drilled"),
        ("5.2", "load-tested"),
        ("5.3", "documentation-current"),
    ]
    assert [each for each in ((rule.item, rule.id) for rule in RULES) if each in kept] == kept
    assert [rule.number for rule in RULES] == sorted({rule.number for rule in RULES})


def test_what_is_asked_of_the_monitor_itself_is_no_item() -> None:
    assert [(rule.item, rule.id) for rule in ASKED if rule.own] == [("MON", "change-events-arrive")]
    assert not any(rule.own for rule in RULES)


@every_rule
def test_a_rule_is_a_file_with_a_page_a_reference_and_tests(rule: Rule) -> None:
    file = rule.id.replace("-", "_")
    folder = RULES_FOLDER / file
    assert (RULES_FOLDER / f"{file}.py").is_file() or (folder / "__init__.py").is_file()
    helpers = {path.stem for path in folder.glob("*.py")}
    assert not helpers & {check.function.__name__ for check in rule.checks}, "one hides the other"
    tests = ROOT_FOLDER / "tests" / "rules"
    assert (tests / f"test_{file}.py").is_file() or any((tests / file).glob("test_*.py"))
    assert rule.why.endswith(".")
    assert rule.page != rule.why
    assert rule.reference.startswith("https://docs.aws.amazon.com/")


@every_rule
def test_a_rule_has_a_required_check_that_can_not_be_absent(rule: Rule) -> None:
    """It stands on the table, for where there are no functions nothing below them is ever asked."""
    on_the_table = [check for check in rule.checks if _axes(check) == {"Table"}]
    assert any(check.required and not _can_be_absent(check) for check in on_the_table)


@every_rule_about_functions
def test_a_rule_about_functions_asks_first_whether_there_are_any(rule: Rule) -> None:
    check = rule.checks[0]
    assert (check.name, check.required, _axes(check)) == ("functions", True, {"Table"})
    assert {verdict.status for verdict in said(check, TABLES["deserted"])} == {"FAIL"}


@every_check
def test_a_check_is_a_question_in_one_sentence_and_stays_unique(check: Check) -> None:
    assert re.fullmatch(r"[A-Z][^.?]*[.?]", check.question)
    assert [each.id for each in CHECKS].count(check.id) == 1


@every_check
def test_a_check_that_wakes_people_says_what_its_failure_means(check: Check) -> None:
    loud = check.severity.rank >= Severity.HIGH.rank and not check.rule.own
    assert check.impact or not loud
    assert not check.impact or (check.impact[0].isupper() and check.impact.endswith("."))
    assert len(check.impact) <= 120


@every_check
def test_a_check_says_how_to_mend_what_it_finds(check: Check) -> None:
    assert (check.remedy != Remedy()) is (check.id not in NOTHING_TO_DO_BUT_WAIT)


def test_what_readiness_does_not_fix_is_for_a_person_to_decide() -> None:
    """A new rule may say it later."""
    checks = [check for rule in fixed_rules.ASKED for check in rule.checks]
    by_verdict = {"alarms-wired/steady", "alarms-wired/redriven"}  # each verdict of these has steps
    assert {check.id for check in checks if not check.remedy.steps and not check.decide} == by_verdict


@every_check
def test_what_stands_in_a_remedy_is_offered(check: Check) -> None:
    """By the table and the checklist, or by the evidence of each verdict that is not good."""
    for facts in TABLES.values():
        for verdict in said(check, facts):
            if verdict.status in {"FAIL", "WARN"}:
                remedy = verdict.remedy or check.remedy
                named = {field for _, field, _, _ in string.Formatter().parse(template(remedy)) if field}
                assert named <= OFFERED | verdict.evidence.keys() | remedy.values.keys()


@every_check
def test_a_check_is_asked_once_per_place_on_its_axes(check: Check) -> None:
    """A signature decides how often a check runs: one that names another axis runs once per element of that."""
    assert _axes(check) == {"Table", *AXES.get(check.id, ())}


def test_every_check_whose_axes_are_named_is_one() -> None:
    assert AXES.keys() <= {check.id for check in CHECKS}


@every_check
def test_whatever_a_check_needs_has_one_source(check: Check) -> None:
    for identity in needed([check]):
        assert issubclass(identity, Given) or source_of(identity).identity is identity


@every_check
def test_whatever_may_be_absent_says_what_is_absent(check: Check) -> None:
    """A check that does not ask to be told is not applicable then, and people read why."""
    for need in check.needs.values():
        if not need.each and not issubclass(need.kind, Given) and NoneType not in need.told:
            returned = get_type_hints(source_of(need.kind).function)["return"]
            assert NoneType not in get_args(returned) or absence_of(need.kind)


def test_what_is_carried_belongs_to_one_check() -> None:
    """It is handed over by the stored name of its type and the resource alone."""
    carried = [stored_name(need.kind) for check in CHECKS for need in _carried(check.needs)]
    assert sorted(carried) == sorted(set(carried))


def test_what_is_stored_under_the_name_of_a_class_says_its_name() -> None:
    """A class may be renamed: what a former release stored is found by the name that it had."""
    facts = needed(CHECKS)
    sources = [source_of(kind) for kind in facts if not issubclass(kind, Given)]
    asking = [*(check.needs for check in CHECKS), *(source.needs for source in sources)]
    kinds = {need.kind for needs in asking for need in _carried(needs)}
    kinds |= {source.identity for source in sources if source.keeps}
    assert len(kinds) >= 25
    assert {kind for kind in kinds if "stored_as" not in vars(kind)} == set()
    names = [stored_name(kind) for kind in kinds | facts.keys()]
    assert sorted(names) == sorted(set(names)), "a snapshot names each fact by it"


def _carried(needs: Mapping[str, Need]) -> list[Need]:
    return [need for need in needs.values() if issubclass(need.kind, Carry)]


def test_the_page_of_rules_is_fresh() -> None:
    docs = ROOT_FOLDER / "docs"
    written = {path.stem: path.read_text(encoding="utf-8") for path in (docs / "rules").glob("*.md")}
    assert (docs / "rules.md").read_text(encoding="utf-8") == rules_page(ASKED), "run `make docs`"
    assert written == {rule.id: rule_page(rule) for rule in ASKED}, "run `make docs`"
    assert NOT_CHECKED.keys() <= written.keys()


def test_verdicts_change_only_with_the_version_of_their_check() -> None:
    written = json.loads(FILE.read_text(encoding="utf-8"))
    now = json.loads(json.dumps(verdicts()))
    assert unversioned(written, now) == [], "raise the version of these checks"
    assert written == now, "run `python -m tests.golden.verdicts`"


@every_check
def test_every_check_has_a_bad_verdict_in_the_golden_file_and_its_remedy_is_looked_at(check: Check) -> None:
    spoken = {verdict.status for facts in TABLES.values() for verdict in said(check, facts)}
    assert spoken
    assert bool(spoken & {"FAIL", "WARN"}) is (check.id not in NEVER_BAD_THERE)


@pytest.mark.parametrize(
    ("now", "stale"),
    [
        pytest.param({"a": {"version": 1, "verdicts": {}}}, [], id="nothing changed"),
        pytest.param({"a": {"version": 1, "verdicts": {"good": "FAIL"}}}, ["a"], id="changed under the same version"),
        pytest.param({"a": {"version": 2, "verdicts": {"good": "FAIL"}}}, [], id="changed under a new version"),
        pytest.param({"b": {"version": 1, "verdicts": {"good": "FAIL"}}}, [], id="a new check"),
    ],
)
def test_the_golden_file_is_not_rewritten_behind_a_version(now: dict[str, Any], stale: list[str]) -> None:
    assert unversioned({"a": {"version": 1, "verdicts": {}}}, now) == stale


def _axes(check: Check) -> set[str]:
    return {axis.__name__ for axis in check.axes}


def _can_be_absent(check: Check) -> bool:
    """Whether its source may answer None to something that the check asks for without being told of absence."""
    asked = [need for need in check.needs.values() if not issubclass(need.kind, Given) and NoneType not in need.told]
    returned = [get_type_hints(source_of(need.kind).function)["return"] for need in asked]
    return any(NoneType in get_args(hint) for hint in returned)
