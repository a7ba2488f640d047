"""`readiness alarms --write FILE`: a CloudFormation template of missing alarms, budget and backup plans."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from readiness.alerts.words import counted
from readiness.aws.client import Aws
from readiness.checklist import Settings
from readiness.cli.exits import Defective, Exit, Failed
from readiness.cli.scanning import scan_tables
from readiness.cli.stack.lacking import WANTED, MissingResources, missing
from readiness.cli.stack.naming import Json
from readiness.cli.stack.template import ExistingNames, template
from readiness.cli.terminal import agreed, say, writing
from readiness.engine.each import Each
from readiness.engine.snapshot import ROOT
from readiness.facts.billing.budgets import Budget
from readiness.facts.cloudwatch.alarms import Alarm
from readiness.facts.sns.paging import Routes
from readiness.rules import RULES
from readiness.scan import Defects, Scan


def run(aws: Aws, settings: Settings, path: Path, *, yes: bool, dry_run: bool) -> Exit:
    """Write the template, and print what could not be read or written. Exit 3: something could not."""
    at = datetime.now(UTC)
    scans = _scans(aws, settings)
    found = [_missing(each, settings) for each in scans]
    left_out = [line for each in found for line in each.left_out]
    for line in left_out:
        say(f"readiness: {line}", sys.stderr)
    lacking = [each for each in found if each.anything]
    if lacking:
        document = template(lacking, _topic(scans, settings), _existing(scans))
        _write(aws, lacking, document, at, path, yes=yes, dry_run=dry_run)
    else:
        names = ", ".join(table.name for table in settings.tables)
        say(f"{names}: no missing alarms, budgets or backup plans found; nothing written")
    return Exit.UNKNOWN if left_out else Exit.OK


def _scans(aws: Aws, settings: Settings) -> list[Scan]:
    """Scan each table with the rules whose failures a template can fix."""
    wanted = {check.partition("/")[0] for check in WANTED}
    defects = Defects()
    scanned = scan_tables([rule for rule in RULES if rule.id in wanted], aws, settings, defects)
    if defects.names:
        raise Defective(f"{', '.join(defects.names)} failed; nothing written")
    for each in scanned:
        if each.scan.missing:
            name = each.scan.table.name
            raise Failed(Exit.CANNOT_START, f"{name}: the table does not exist in this account and Region")
    return [each.scan for each in scanned]


def _missing(scan: Scan, settings: Settings) -> MissingResources:
    findings = (finding for check in scan.evaluation.asked for finding in check.findings)
    return missing(scan.table.name, scan.table.arn, findings, settings.wanted(scan.table.name).backup_decision)


def _topic(scans: Sequence[Scan], settings: Settings) -> str:
    """Return the topic of the checklist, else that of alarms that reach on-call, else an empty string."""
    routes = (scan.snapshot.answers.get(Routes, {}).get(ROOT) for scan in scans)
    return settings.on_call.topic_arn or next((each.topic for each in routes if isinstance(each, Routes)), "")


def _existing(scans: Sequence[Scan]) -> ExistingNames:
    """Return the names of existing alarms and budgets."""
    kinds = {"AWS::Budgets::Budget": Budget, "AWS::CloudWatch::Alarm": Alarm}
    answers = {name: [scan.snapshot.answers.get(kind, {}).get(ROOT) for scan in scans] for name, kind in kinds.items()}
    return {
        name: {each.name for listed in found if isinstance(listed, Each) for each in listed.readable()[0]}
        for name, found in answers.items()
    }


def _write(
    aws: Aws, lacking: Sequence[MissingResources], document: Json, at: datetime, path: Path, *, yes: bool, dry_run: bool
) -> None:
    from readiness.cli.stack.text import header, rendered

    resources = document["Resources"]
    names = ", ".join(each.table_name for each in lacking)
    what = f"missing resources of {names} in account {aws.account}, {aws.region}: {counted(len(resources), 'resource')}"
    there = path.exists()
    verb = f"overwrite {path} with" if there else f"write to {path}"
    if not agreed(f"{verb} {what}", yes=yes or not there, dry_run=dry_run, kept=f"{path} is unchanged"):
        return
    with writing("--write", path):
        text = rendered(document, list(header(lacking, document, aws, path, at)))
        path.write_text(text, encoding="utf-8")
    width = max(map(len, resources))
    listed = (f"  {name:{width}}  {resource['Type']}" for name, resource in resources.items())
    say("\n".join([f"{path}: {what}; to deploy them, see its first lines", *listed]))
