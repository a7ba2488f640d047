"""`readiness alarms --write FILE`: a CloudFormation template of missing alarms, budget and backup plans."""

import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from readiness.aws.client import Aws
from readiness.checklist import Settings
from readiness.cli.exits import Defective, Exit, Failed, Usage
from readiness.cli.scanning import scan_tables
from readiness.cli.stack.lacking import WANTED, Gaps, MissingResources, gaps
from readiness.cli.stack.template import Json, Taken, template
from readiness.cli.terminal import agreed, say
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
    looks = _looks(aws, settings)
    found = [_gaps(look, settings) for look in looks]
    for line in (line for each in found for line in each.left_out):
        say(f"readiness: {line}", sys.stderr)
    lacking = [each.lacking for each in found if each.lacking.anything]
    if lacking:
        document = template(lacking, _topic(looks, settings), _taken(looks))
        _write(aws, lacking, document, at, path, yes=yes, dry_run=dry_run)
    else:
        names = ", ".join(table.name for table in settings.tables)
        say(f"{names}: no missing alarms, budgets or backup plans found; nothing written")
    return Exit.UNKNOWN if any(each.left_out for each in found) else Exit.OK


def _looks(aws: Aws, settings: Settings) -> list[Scan]:
    """Scan each table with the rules whose failures a template can fix."""
    wanted = {check.partition("/")[0] for check in WANTED}
    rules = [rule for rule in RULES if rule.id in wanted]
    defects = Defects()
    looks = [each.scan for each in scan_tables(rules, aws, settings, defects)]
    if defects.names:
        failed = f"{', '.join(defects.names)} failed; nothing written"
        raise Defective(failed)
    for look in looks:
        if look.missing:
            raise Failed(Exit.CANNOT_START, f"{look.table.name}: the table does not exist in this account and Region")
    return looks


def _gaps(look: Scan, settings: Settings) -> Gaps:
    findings = (finding for asked in look.evaluation.asked for finding in asked.findings)
    return gaps(look.table.name, look.table.arn, findings, settings.wanted(look.table.name).backup_decision)


def _topic(looks: Sequence[Scan], settings: Settings) -> str:
    """Return the topic of the checklist, else that of alarms that reach on-call, else an empty string."""
    routes = (look.snapshot.answers.get(Routes, {}).get(ROOT) for look in looks)
    return settings.on_call.topic_arn or next((each.topic for each in routes if isinstance(each, Routes)), "")


def _taken(looks: Sequence[Scan]) -> Taken:
    """Return the names of existing alarms and budgets."""
    kinds = {"AWS::Budgets::Budget": Budget, "AWS::CloudWatch::Alarm": Alarm}
    seen = {name: [look.snapshot.answers.get(kind, {}).get(ROOT) for look in looks] for name, kind in kinds.items()}
    return {
        name: {each.name for found in listed if isinstance(found, Each) for each in found.readable()[0]}
        for name, listed in seen.items()
    }


def _write(
    aws: Aws, lacking: Sequence[MissingResources], document: Json, at: datetime, path: Path, *, yes: bool, dry_run: bool
) -> None:
    from readiness.cli.stack.text import Occasion, header, rendered

    names = ", ".join(each.table_name for each in lacking)
    count = len(document["Resources"])
    counted = "1 resource" if count == 1 else f"{count} resources"
    what = f"missing resources of {names} in account {aws.account}, {aws.region}: {counted}"
    there = path.exists()
    verb = f"overwrite {path} with" if there else f"write to {path}"
    if not agreed(f"{verb} {what}", yes=yes or not there, dry_run=dry_run, kept=f"{path} is unchanged"):
        return
    occasion = Occasion(path, aws.account, aws.region, aws.partition, at)
    try:
        path.write_text(rendered(document, list(header(lacking, document, occasion))), encoding="utf-8")
    except OSError as error:
        raise Usage(f"--write {path}: cannot be written: {error.strerror}") from None
    say("\n".join([f"{path}: {what}; to deploy them, see its first lines", *_listed(document["Resources"])]))


def _listed(resources: dict[str, dict[str, str]]) -> Iterator[str]:
    width = max(map(len, resources))
    return (f"  {name:{width}}  {resource['Type']}" for name, resource in resources.items())
