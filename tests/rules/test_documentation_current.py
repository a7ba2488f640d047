from collections.abc import Mapping
from typing import Any

import pytest

from readiness.checklist import DocumentationSettings
from readiness.engine.rule import Verdict
from readiness.facts.cloudtrail.change_rules import ChangeRoute
from readiness.facts.dynamodb.sample import OTHER, Expiry, Sample
from readiness.facts.recorded.manifest import ApplicationManifest, Prefix, RecordedManifest
from readiness.model import Omission, Status
from readiness.rules.documentation_current import (
    Observed,
    current,
    documented,
    observed,
    present,
    recorded,
    rule,
    sampled,
)
from tests.rules.facts import NOW, ago, checklist, description
from tests.rules.manifests import PLAN, RUNBOOK, document, file, manifest, prefix, repository
from tests.rules.manifests import recorded as record
from tests.rules.samples import SAMPLING, sample


def wanting(**other: Any) -> Any:
    return checklist(documentation=DocumentationSettings(**other))


@pytest.mark.parametrize(
    ("found", "status", "message"),
    [
        pytest.param(record(), Status.PASS, "commit 0123456789ab", id="one of this table, of a commit, passes"),
        pytest.param(record(at=ago(days=180)), Status.PASS, "", id="one that is as old as may be passes"),
        pytest.param(record(at=ago(days=181)), Status.WARN, "2026-05-27", id="one that is older is a warning"),
        pytest.param(
            record(repository(commit=None)),
            Status.WARN,
            "not from a git checkout",
            id="one of a plain folder is a warning",
        ),
    ],
)
def test_recorded(found: RecordedManifest, status: Status, message: str) -> None:
    verdict = recorded(description(), found, checklist(), NOW)
    assert verdict.status is status
    assert message in verdict.message


@pytest.mark.parametrize(
    ("found", "message"),
    [
        pytest.param(None, "is not recorded", id="nothing was recorded"),
        pytest.param(record(table_id="another"), "is for a deleted table of the same name", id="of another"),
    ],
)
def test_what_nobody_recorded_of_this_very_table_fails_and_is_no_blindness(
    found: RecordedManifest | None, message: str
) -> None:
    verdict = recorded(description(), found, checklist(), NOW)
    assert (verdict.status, verdict.omission) == (Status.FAIL, Omission.NOT_RECORDED)
    assert message in verdict.message


@pytest.mark.parametrize(
    ("found", "wanted", "status", "message"),
    [
        pytest.param(manifest(), {}, Status.PASS, "", id="a plan and a runbook pass"),
        pytest.param(manifest(plan=None), {}, Status.FAIL, f"no {PLAN}", id="without a plan it fails"),
        pytest.param(manifest(runbooks=()), {}, Status.FAIL, "runbook", id="without a runbook it fails"),
        pytest.param(
            manifest(runbooks=()),
            {"runbooks": ()},
            Status.FAIL,
            "no runbook",
            id="without a place for runbooks it fails",
        ),
        pytest.param(
            manifest(), {"required_headings": ("keys",)}, Status.PASS, "", id="a heading may be spelled in capitals"
        ),
        pytest.param(
            manifest(),
            {"required_headings": ("Keys", "Rollback")},
            Status.FAIL,
            f"{PLAN} has no heading 'Rollback'",
            id="a plan without a required heading fails",
        ),
        pytest.param(
            manifest(plan=None),
            {"required_headings": ("Keys",)},
            Status.FAIL,
            f"no {PLAN}",
            id="of a plan that is not there no heading is missed",
        ),
    ],
)
def test_present(found: ApplicationManifest, wanted: Mapping[str, Any], status: Status, message: str) -> None:
    verdict = present(found, wanting(**wanted))
    assert verdict.status is status
    assert message in verdict.message


@pytest.mark.parametrize(
    ("found", "status", "message"),
    [
        pytest.param(manifest(), Status.PASS, "all 3 key prefixes", id="a plan that names all passes"),
        pytest.param(
            manifest(plan=document(prefixes=("COUPON", "QUOTE", "READINESS"))),
            Status.PASS,
            "",
            id="one that a runbook alone names is documented",
        ),
        pytest.param(
            manifest(code=(prefix("CART"), prefix("HOLD"))),
            Status.FAIL,
            "no document names: HOLD# (src/cart.py)",
            id="a prefix of the code that nothing names fails",
        ),
        pytest.param(
            manifest(unresolved=("src/key.ts:2",)),
            Status.WARN,
            "key prefixes cannot be resolved at src/key.ts:2",
            id="what can't be resolved is a warning",
        ),
        pytest.param(
            manifest(code=(prefix("HOLD"),), unresolved=("src/key.ts:2",)),
            Status.FAIL,
            "no document names: HOLD# (src/cart.py); key prefixes cannot be resolved at src/key.ts:2",
            id="beside it what is certain fails",
        ),
        pytest.param(
            manifest(plan=document(prefixes=("CART", "COUPON", "QUOTE"))),
            Status.FAIL,
            "no document names: READINESS#",
            id="the monitor's own has to be named too",
        ),
        pytest.param(
            manifest(plan=None), Status.FAIL, "COUPON# (src/cart.py), QUOTE#", id="without a plan most are not"
        ),
        pytest.param(manifest(code=()), Status.PASS, "", id="code that makes no keys passes"),
    ],
)
def test_documented(found: ApplicationManifest, status: Status, message: str) -> None:
    verdict = documented(found, checklist())
    assert verdict.status is status
    assert message in verdict.message


def said(found: ApplicationManifest, **wanted: Any) -> dict[str | None, Verdict]:
    return {verdict.resource: verdict for verdict in current(found, wanting(**wanted), NOW)}


def plan(**span: float) -> Any:
    return document(file=file(PLAN, ago(**span)))


@pytest.mark.parametrize(
    ("found", "status"),
    [
        pytest.param(manifest(), Status.PASS, id="a plan that was changed after the last prefix passes"),
        pytest.param(
            manifest(plan=plan(days=90)), Status.PASS, id="a plan that was changed with the last prefix passes"
        ),
        pytest.param(
            manifest(plan=plan(days=90, seconds=1)), Status.FAIL, id="a plan that was changed before it fails"
        ),
        pytest.param(manifest(plan=plan(days=180), code=()), Status.PASS, id="a plan that is as old as may be passes"),
        pytest.param(manifest(plan=plan(days=181), code=()), Status.WARN, id="a plan that is older is a warning"),
        pytest.param(
            manifest(plan=plan(days=181), code=(prefix("CART", ago(days=200)),)),
            Status.WARN,
            id="nothing was added, but it is old",
        ),
        pytest.param(
            manifest(plan=plan(days=20), code=(*repository().code, prefix("HOLD", ago(days=3)))),
            Status.FAIL,
            id="one new prefix among old ones fails",
        ),
    ],
)
def test_the_plan_is_current(found: ApplicationManifest, status: Status) -> None:
    assert said(found)[PLAN].status is status


def test_a_plan_outside_of_git_is_judged_by_its_age_alone() -> None:
    undated = tuple(Prefix(name=name, path="src/cart.py") for name in ("CART", "QUOTE"))
    assert said(manifest(code=undated))[PLAN].status is Status.PASS


def test_a_runbook_need_not_change_with_the_keys() -> None:
    old = document(RUNBOOK, file=file(RUNBOOK, ago(days=100)))
    found = said(manifest(runbooks=(old,)), max_age_days=100)
    assert found[RUNBOOK].status is Status.PASS
    assert said(manifest(runbooks=(old,)), max_age_days=99)[RUNBOOK].status is Status.WARN


def test_the_verdict_names_the_prefix_that_came_later() -> None:
    found = said(manifest(code=(prefix("HOLD", ago(days=3)), prefix("CART"))))
    assert (
        found[PLAN].message
        == f"{PLAN} was last changed on 2026-11-04, before HOLD# was added to the code on 2026-11-21"
    )


def test_of_no_documents_nothing_is_said() -> None:
    assert [each.status for each in said(manifest(plan=None, runbooks=())).values()] == [Status.NOT_APPLICABLE]


def test_items_are_looked_at_or_the_manifest_alone_is_compared() -> None:
    assert sampled(SAMPLING).status is Status.PASS
    off = sampled(None)
    assert off.status is Status.WARN
    assert "only the manifest" in off.message


@pytest.mark.parametrize("route", [None, ChangeRoute(), ChangeRoute(stack="readiness-prod")])
def test_no_second_stack_is_deployed_to_look_at_items(route: ChangeRoute | None) -> None:
    """One of another name would be a second monitor of the same table."""
    (check,) = [check for check in rule.checks if check.name == "sampled"]
    verdict = sampled(None, route)
    remedy = (verdict.remedy.command if verdict.remedy else check.fix).format(region="us-east-1", **verdict.evidence)
    stack = route.stack if route else ""
    assert f"sam deploy --stack-name {stack or DOLLAR} --region us-east-1 --parameter-overrides" in remedy


DOLLAR = '"${STACK:?set it to the name of the stack that this monitor runs in}"'


def of(*prefixes: str) -> Sample:
    return sample(None, **{prefix: {Expiry.ABSENT: 10} for prefix in prefixes})


ALL = of("CART", "COUPON", "QUOTE")


@pytest.mark.parametrize(
    ("seen", "before", "status", "message"),
    [
        pytest.param(ALL, None, Status.PASS, "", id="all that are documented, and no others, pass"),
        pytest.param(of("CART", "COUPON", "QUOTE", "READINESS"), None, Status.PASS, "", id="the monitor's own pass"),
        pytest.param(of("CART", "COUPON", "QUOTE", OTHER), None, Status.PASS, "", id="keys without a prefix pass"),
        pytest.param(
            of("CART", "HOLD"), None, Status.FAIL, "no document names: HOLD#", id="one that nothing documents fails"
        ),
        pytest.param(
            of("CART", "COUPON"),
            None,
            Status.WARN,
            "without a sampled item: QUOTE#",
            id="one that is documented and never observed",
        ),
        pytest.param(
            of("CART", "COUPON"),
            Observed({"QUOTE": ago(days=29)}),
            Status.PASS,
            "",
            id="one that was observed on another day is there",
        ),
        pytest.param(
            of("CART", "COUPON"),
            Observed({"QUOTE": ago(days=31)}),
            Status.WARN,
            "without a sampled item: QUOTE#",
            id="one that was not observed for a month is not",
        ),
        pytest.param(
            ALL,
            Observed({"HOLD": ago(days=1)}),
            Status.FAIL,
            "HOLD#",
            id="an undocumented one that this sample missed still fails",
        ),
    ],
)
def test_observed(seen: Sample, before: Observed | None, status: Status, message: str) -> None:
    verdict = observed(manifest(), seen, checklist(), before)
    assert verdict.status is status
    assert message in verdict.message
    assert verdict.evidence["ScannedCount"] == seen.items


def test_what_was_observed_is_handed_over_until_it_is_a_month_old() -> None:
    before = Observed({"HOLD": ago(days=31), "QUOTE": ago(days=3), "CART": ago(days=3)})
    verdict = observed(manifest(), of("CART"), checklist(), before)
    assert verdict.carry == Observed({"CART": ago(hours=2), "QUOTE": ago(days=3)})


def test_what_is_watched_does_not_move_with_the_sample() -> None:
    assert observed(manifest(), ALL, checklist(), None).watched == observed(manifest(), of(), checklist(), None).watched
