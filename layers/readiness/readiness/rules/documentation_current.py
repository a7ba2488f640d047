"""Current documentation of the key schema shortens repairs: an incomplete or outdated runbook misleads.

The monitor does not read repositories. `readiness manifest PATH --record` records the key prefixes that the plan and
the runbooks name, those that the code creates, and the date of each change. Run it where the application is deployed.
A manifest is valid for one table (TableId): it does not count for a table that was recreated or restored.

With `[tables.sample]` some items are read once a day, and of their keys the part before the first `#`. A sample misses
rare prefixes: one that was not observed may exist.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from readiness.aws.time import minute
from readiness.checklist.defaults import is_unused
from readiness.engine.rule import Rule, Severity, Verdict, failed, not_applicable, not_recorded, passed, warned
from readiness.facts.cloudtrail.change_rules import ChangeRoute
from readiness.facts.dynamodb.sample import OURS, Sample, Sampling
from readiness.facts.dynamodb.table import Table, TableDescription
from readiness.facts.recorded.checklist import Checklist
from readiness.facts.recorded.manifest import ApplicationManifest, RecordedManifest
from readiness.facts.recorded.now import Now
from readiness.model import Carry, Remedy
from readiness.rules.shared.configured import RECORD, no_manifest, undocumented
from readiness.rules.shared.few import few
from readiness.state.table_id import another

rule = Rule(
    "5.3",
    "Documentation",
    Severity.MEDIUM,
    "https://docs.aws.amazon.com/wellarchitected/latest/framework/rel_tracking_change_management_planned_changemgmt.html",
    change_events_of=(),
)

REMEMBERED = timedelta(days=30)
"""A prefix counts as observed for 30 days, because no sample sees all of them."""

SHOWN = 10

EDIT = (
    'mkdir -p "$(dirname {File})" && "${{EDITOR:-vi}}" {File} && git add {File}'
    f' && git commit --message "Document the table" && {RECORD}'
)
# Always with the stack's name: the one in samconfig.toml may differ, and would deploy a second monitor of the table.
# Parameters that the command does not override keep their deployed values.
DEPLOY = (
    "echo 'set enabled = true under [tables.sample]' && \"${{{{EDITOR:-vi}}}}\" functions/monitor/checklist.toml"
    " && sam build && sam deploy --stack-name {stack} --region {{region}} --parameter-overrides SampleItems=true"
)
SAMPLE = DEPLOY.format(stack='"${{STACK:?set it to the name of the stack that this monitor runs in}}"')
SAMPLE_HERE = DEPLOY.format(stack="{Stack}")


class Observed(Carry):
    """The time of the last observation of each prefix."""

    stored_as = "Observed"

    prefixes: dict[str, datetime]


@rule.check(decide="Run the command in the folder of the application's repository.", version=2, fix=RECORD)
def recorded(
    description: TableDescription, manifest: RecordedManifest | None, checklist: Checklist, now: Now
) -> Verdict:
    """Is a manifest of the application's repository recorded for this table?"""
    if manifest is None:
        return undocumented(checklist) or no_manifest()
    evidence = {"TableId": manifest.table_id, "RecordedBy": manifest.by, "RecordedAt": _day(manifest.at)}
    if another(manifest.table_id, description.table_id):
        message = f"manifest recorded by {manifest.by} on {_day(manifest.at)} is for a deleted table of the same name"
        return not_recorded(message, subject="the recorded manifest is for a deleted table", evidence=evidence)
    commit = manifest.content.get("commit")
    if not commit:
        message = f"manifest of {_day(manifest.at)} is not from a git checkout: its dates are those of files"
        return warned(message, evidence=evidence)
    evidence["Commit"] = commit
    if now.at - manifest.at > _longest(checklist):
        days = f"expected within {checklist.documentation.max_age_days} days"
        return warned(f"manifest was recorded on {_day(manifest.at)}, {days}", evidence=evidence)
    return passed(f"manifest of commit {commit[:12]} was recorded on {_day(manifest.at)}", evidence=evidence)


@rule.check(decide="Write the document: only its authors know what belongs there.", fix=EDIT)
def present(manifest: ApplicationManifest, checklist: Checklist) -> Verdict:
    """Do a plan with the required headings and a runbook exist?"""
    if unsaid := undocumented(checklist):
        return unsaid
    wanted, plan = checklist.documentation, manifest.says.plan
    headings = {heading.casefold() for heading in plan.headings} if plan else set()
    lacking = [each for each in wanted.required_headings if plan and each.casefold() not in headings]
    missing = [] if plan or is_unused("documentation.plan", checklist.not_used) else [wanted.plan or "plan"]
    if not (manifest.says.runbooks or is_unused("documentation.runbooks", checklist.not_used)):
        missing += list(wanted.runbooks) or ["a runbook"]
    seen = {"watched": {"Documents": sorted(each.file.path for each in manifest.says.documents)}}
    if not missing and not lacking:
        return passed(f"plan exists, runbooks: {len(manifest.says.runbooks)}", **seen)
    said = [f"no file {each}" if each in wanted.runbooks else f"no {each.removeprefix('a ')}" for each in missing]
    said += [f"{wanted.plan} has no heading {each!r}" for each in lacking]
    path = (missing or [wanted.plan])[0].replace("**/", "").replace("*", "")  # one that the pattern matches
    evidence = {"File": path, "Missing": missing, "Headings": lacking}
    return failed("; ".join(said), evidence=evidence, **seen)


@rule.check(decide="Write down what the key prefixes are for: only the authors of the code know.", version=2, fix=EDIT)
def documented(manifest: ApplicationManifest, checklist: Checklist) -> Verdict:
    """Do the documents name every key prefix of the code, and the monitor's own?"""
    if unsaid := undocumented(checklist):
        return unsaid
    made = {prefix.name: prefix.path for prefix in manifest.says.code}
    lacking = sorted({*made, OURS} - manifest.says.documented)
    unresolved = list(manifest.says.unresolved)
    seen: dict[str, Any] = {
        "evidence": {"File": checklist.documentation.plan, "Undocumented": lacking, "Unresolved": unresolved},
        "watched": {"Undocumented": lacking},
    }
    more = f"; key prefixes cannot be resolved at {few(unresolved, SHOWN)}" if unresolved else ""
    if lacking:
        where = [f"{name}# ({made[name]})" if name in made else f"{name}#" for name in lacking]
        return failed(f"key prefixes that no document names: {few(where, SHOWN)}{more}", **seen)
    judge = warned if unresolved else passed
    return judge(f"all {len(made)} key prefixes of the code are documented{more}", **seen)


@rule.check(decide="Read the document again, correct it, and commit it.", fix=EDIT)
def current(manifest: ApplicationManifest, checklist: Checklist, now: Now) -> Iterator[Verdict]:
    """Is each document newer than the newest key prefix of the code, and not too old?"""
    plan = manifest.says.plan
    added = [(prefix.added, prefix.name) for prefix in manifest.says.code if prefix.added]
    newest = max(added, default=None)
    if not manifest.says.documents:
        yield not_applicable("no document")
    for document in manifest.says.documents:
        path, changed = document.file.path, document.file.changed
        message = f"{path} was last changed on {_day(changed)}"
        evidence = {"File": path, "Changed": _day(changed)}
        if document is plan and newest and changed < newest[0]:
            message += f", before {newest[1]}# was added to the code on {_day(newest[0])}"
            yield failed(message, evidence=evidence, resource=path)
        elif now.at - changed > _longest(checklist):
            message += f", expected within {checklist.documentation.max_age_days} days"
            yield warned(message, evidence=evidence, resource=path)
        else:
            yield passed(message, evidence=evidence, resource=path)


@rule.check(
    decide=(
        "Decide if the monitor may read items of the table: once a day, some keys, no values. First set "
        "enabled = true under [tables.sample] of the checklist."
    ),
    on=Table,
    severity=Severity.LOW,
    required=False,
    fix=SAMPLE,
)
def sampled(sampling: Sampling | None, route: ChangeRoute | None = None) -> Verdict:
    """Is the sampling of items enabled, which compares the documents with the table?"""
    if sampling is None:
        here = {"evidence": {"Stack": route.stack}, "remedy": Remedy(SAMPLE_HERE)} if route and route.stack else {}
        message = "item sampling is disabled: only the manifest is compared with the documents"
        return warned(message, watched={"Sample": False}, **here)
    return passed(f"{sampling.items} items are sampled once a day", watched={"Sample": True})


@rule.check(decide="Decide for each key prefix if the document or the data is wrong.", fix=EDIT)
def observed(manifest: ApplicationManifest, sample: Sample, checklist: Checklist, before: Observed | None) -> Verdict:
    """Do the documents name every key prefix in the sampled items, and no others?"""
    if unsaid := undocumented(checklist):
        return unsaid
    known = {**(before.prefixes if before else {}), **dict.fromkeys(sample.prefixes, sample.at)}
    recent = {name: at for name, at in sorted(known.items()) if sample.at - at < REMEMBERED}
    documented = manifest.says.documented | {OURS}
    unwritten, unseen = sorted(recent.keys() - documented), sorted(documented - recent.keys() - {OURS})
    evidence = {
        "File": checklist.documentation.plan,
        "ScannedCount": sample.items,
        "AsOf": minute(sample.at),
        "Undocumented": unwritten,
        "Unobserved": unseen,
    }
    seen = {"evidence": evidence, "watched": {"Undocumented": unwritten}, "carry": Observed(recent)}
    if unwritten:
        message = f"key prefixes of items that no document names: {few([f'{name}#' for name in unwritten], SHOWN)}"
        return failed(message, **seen)
    if unseen:
        message = f"documented key prefixes without a sampled item: {few([f'{name}#' for name in unseen], SHOWN)}"
        return warned(f"{message} (a sample misses rare ones)", **seen)
    return passed("all sampled key prefixes are documented, and all documented ones were sampled", **seen)


def _longest(checklist: Checklist) -> timedelta:
    return timedelta(days=checklist.documentation.max_age_days)


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"
