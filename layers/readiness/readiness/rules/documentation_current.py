"""Who mends the table at night reads what is written: a page that lacks half of the keys, or is a year old, misleads.

The monitor sees no repository. `readiness manifest PATH --record` tells it what is written there: which prefixes of
keys the plan and the runbooks name, which the code makes, and when each was changed. Run it where the application is
deployed. It holds for one table: of one that was deleted and made anew, or restored, nothing that was recorded before
is believed.

With `[tables.sample]` some items are looked at once a day, and of their keys what stands before the first `#`. A rare
prefix is missed: one that was not observed may be there all the same.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from readiness.checklist.defaults import is_unused
from readiness.engine.rule import Rule, Severity, Verdict, failed, not_applicable, not_recorded, passed, warned
from readiness.facts.cloudtrail.change_rules import ChangeRoute
from readiness.facts.dynamodb.sample import OURS, Sample, Sampling
from readiness.facts.dynamodb.table import Table, TableDescription
from readiness.facts.recorded.checklist import Checklist
from readiness.facts.recorded.now import Now
from readiness.facts.recorded.recorded_manifest import ApplicationManifest, RecordedManifest
from readiness.model import Carry, Remedy
from readiness.rules.shared.configured import undocumented
from readiness.rules.shared.unrecorded import RECORD, no_manifest
from readiness.state.table_id import another

rule = Rule(
    "5.3",
    "Documentation",
    Severity.MEDIUM,
    "https://docs.aws.amazon.com/wellarchitected/latest/framework/rel_tracking_change_management_planned_changemgmt.html",
    change_events_of=(),
)

REMEMBERED = timedelta(days=30)
"""How long a prefix counts as observed: no sample sees all of them."""

SHOWN = 10

EDIT = (
    'mkdir -p "$(dirname {File})" && "${{EDITOR:-vi}}" {File} && git add {File}'
    f' && git commit --message "Document the table" && {RECORD}'
)
# Never without the stack's name: that of samconfig.toml may be another, and a second monitor of the table. What the
# command does not override keeps the value that it was deployed with.
DEPLOY = (
    "echo 'set enabled = true under [tables.sample] of the checklist'"
    ' && "${{{{EDITOR:-vi}}}}" functions/monitor/checklist.toml'
    " && sam build && sam deploy --stack-name {stack} --region {{region}} --parameter-overrides SampleItems=true"
)
SAMPLE = DEPLOY.format(stack='"${{STACK:?must be the name of the stack that this monitor runs in}}"')
SAMPLE_HERE = DEPLOY.format(stack="{Stack}")


class Observed(Carry):
    """When each prefix was last observed."""

    stored_as = "Observed"

    prefixes: dict[str, datetime]


@rule.check(version=2, fix=RECORD)
def recorded(
    description: TableDescription, manifest: RecordedManifest | None, checklist: Checklist, now: Now
) -> Verdict:
    """It is known of this very table what the application's repository says."""
    if manifest is None:
        return undocumented(checklist) or no_manifest()
    evidence = {"TableId": manifest.table_id, "RecordedBy": manifest.by, "RecordedAt": _day(manifest.at)}
    if another(manifest.table_id, description.table_id):
        message = f"what {manifest.by} recorded on {_day(manifest.at)} is about a table of that name that is gone"
        return not_recorded(message, evidence=evidence)
    commit = manifest.content.get("commit")
    if not commit:
        message = (
            f"what was recorded on {_day(manifest.at)} comes from no checkout of git: the dates are those of files"
        )
        return warned(message, evidence=evidence)
    evidence["Commit"] = commit
    if now.at - manifest.at > _longest(checklist):
        return warned(f"the repository was last looked at on {_day(manifest.at)}", evidence=evidence)
    return passed(f"the repository was looked at on {_day(manifest.at)}, at {commit[:12]}", evidence=evidence)


@rule.check(fix=EDIT)
def present(manifest: ApplicationManifest, checklist: Checklist) -> Verdict:
    """There are a plan, with the headings that the checklist wants, and a runbook."""
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
        return passed(f"there is a plan, and runbooks: {len(manifest.says.runbooks)}", **seen)
    said = [f"there is no {each}" for each in missing]
    said += [f"{wanted.plan} has no heading {each!r}" for each in lacking]
    evidence = {"File": _one((missing or [wanted.plan])[0]), "Missing": missing, "Headings": lacking}
    return failed("; ".join(said), evidence=evidence, **seen)


@rule.check(version=2, fix=EDIT)
def documented(manifest: ApplicationManifest, checklist: Checklist) -> Verdict:
    """Every prefix of keys that the code makes is in one of them, and the monitor's own."""
    if unsaid := undocumented(checklist):
        return unsaid
    made = {prefix.name: prefix.path for prefix in manifest.says.code}
    lacking = sorted({*made, OURS} - manifest.says.documented)
    unresolved = list(manifest.says.unresolved)
    seen: dict[str, Any] = {
        "evidence": {"File": checklist.documentation.plan, "Undocumented": lacking, "Unresolved": unresolved},
        "watched": {"Undocumented": lacking},
    }
    more = f"; what keys begin with can't be resolved at {_few(unresolved)}" if unresolved else ""
    if lacking:
        where = [f"{name}# ({made[name]})" if name in made else f"{name}#" for name in lacking]
        return failed(f"no document names {_few(where)}{more}", **seen)
    judge = warned if unresolved else passed
    return judge(f"all {len(made)} prefixes of the code are documented{more}", **seen)


@rule.check(fix=EDIT)
def current(manifest: ApplicationManifest, checklist: Checklist, now: Now) -> Iterator[Verdict]:
    """They were looked at since the code's last new prefix, and not too long ago."""
    plan = manifest.says.plan
    added = [(prefix.added, prefix.name) for prefix in manifest.says.code if prefix.added]
    newest = max(added, default=None)
    if not manifest.says.documents:
        yield not_applicable("there are no documents")
    for document in manifest.says.documents:
        path, changed = document.file.path, document.file.changed
        message = f"{path} was last changed on {_day(changed)}"
        evidence = {"File": path, "Changed": _day(changed)}
        if document is plan and newest and changed < newest[0]:
            message += f", and {newest[1]}# was added to the code on {_day(newest[0])}"
            yield failed(message, evidence=evidence, resource=path)
        else:
            judge = warned if now.at - changed > _longest(checklist) else passed
            yield judge(message, evidence=evidence, resource=path)


@rule.check(on=Table, severity=Severity.LOW, required=False, fix=SAMPLE)
def sampled(sampling: Sampling | None, route: ChangeRoute | None = None) -> Verdict:
    """Items are looked at, so that what is written is compared with what is there."""
    if sampling is None:
        here = {"evidence": {"Stack": route.stack}, "remedy": Remedy(SAMPLE_HERE)} if route and route.stack else {}
        return warned("no items are looked at: the manifest alone is compared", watched={"Sample": False}, **here)
    return passed(f"{sampling.items} items are looked at once a day", watched={"Sample": True})


@rule.check(fix=EDIT)
def observed(manifest: ApplicationManifest, sample: Sample, checklist: Checklist, before: Observed | None) -> Verdict:
    """Every prefix that items have is in one of the documents, and every one that is documented was observed."""
    if unsaid := undocumented(checklist):
        return unsaid
    known = {**(before.prefixes if before else {}), **dict.fromkeys(sample.prefixes, sample.at)}
    recent = {name: at for name, at in sorted(known.items()) if sample.at - at < REMEMBERED}
    documented = manifest.says.documented | {OURS}
    unwritten, unseen = sorted(recent.keys() - documented), sorted(documented - recent.keys() - {OURS})
    evidence = {
        "File": checklist.documentation.plan,
        "ScannedCount": sample.items,
        "AsOf": f"{sample.at:%Y-%m-%d %H:%M} UTC",
        "Undocumented": unwritten,
        "Unobserved": unseen,
    }
    seen = {"evidence": evidence, "watched": {"Undocumented": unwritten}, "carry": Observed(recent)}
    if unwritten:
        return failed(f"no document names {_few([f'{name}#' for name in unwritten])}, which items have", **seen)
    if unseen:
        message = (
            f"of {_few([f'{name}#' for name in unseen])} no item was observed, which need not mean that there is none"
        )
        return warned(message, **seen)
    return passed("all prefixes that were observed are documented, and all documented were observed", **seen)


def _one(pattern: str) -> str:
    """A path that fits the pattern: no editor writes a file of the pattern's name."""
    return pattern.replace("**/", "").replace("*", "")


def _longest(checklist: Checklist) -> timedelta:
    return timedelta(days=checklist.documentation.max_age_days)


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
