"""`readiness fix`: show how a finding can be fixed; with `--apply` make the changes, and read again."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from readiness.alerts.words import counted
from readiness.aws.client import Aws
from readiness.checklist import Settings
from readiness.cli.exits import Exit, Failed, Usage, first
from readiness.cli.fix import restore, roles, text
from readiness.cli.fix.alarms import Topics
from readiness.cli.fix.plan import Change, FindingPlan, distinct, parts_of, planned
from readiness.cli.names import chosen, named
from readiness.cli.scanning import ScannedTable, raise_defects, scan_tables
from readiness.cli.start import account_for, settings_for
from readiness.cli.terminal import agreed, say
from readiness.engine.rule import Check, Rule
from readiness.engine.snapshot import ROOT
from readiness.facts.sns.paging import Routes
from readiness.model import Finding, Status, worst
from readiness.printable import line, printable, quoted
from readiness.report.foot import selection
from readiness.scan import Defects, Scan

BAD = frozenset({Status.FAIL, Status.WARN})
KEPT = "pitr-enabled/kept"

EXITS = {Status.FAIL: Exit.FAILS, Status.UNKNOWN: Exit.UNKNOWN}


class Request(Struct, frozen=True):
    """The arguments of the command.

    `about` is the id of the item or the check, `rules` are its rules, `typed` is the command without `--apply`.
    """

    about: str
    rules: Sequence[Rule]
    topic: str
    apply: bool
    yes: bool
    typed: str


def run(about: str, topic: str, table: str, config: Path | None, *, apply: bool, yes: bool) -> Exit:
    """Show the plan for each table of the checklist; with `apply`, make the changes and show the new status."""
    named_topic = f"--topic {quoted(topic)}" if topic else ""
    typed = " ".join(filter(None, ["readiness fix", quoted(about), selection(table, str(config or "")), named_topic]))
    request = Request(named(about).id, chosen([about]), topic, apply, yes, typed)
    settings = settings_for(table, config)
    aws = account_for(settings, complete=True)
    return first([_fixed(request, aws, settings, scanned) for scanned in _scanned(request, aws, settings)])


def _scanned(request: Request, aws: Aws, settings: Settings) -> list[ScannedTable]:
    defects = Defects()
    scanned = scan_tables(request.rules, aws, settings, defects, fresh=True)
    raise_defects(defects)
    return scanned


def _fixed(request: Request, aws: Aws, settings: Settings, scanned: ScannedTable) -> Exit:
    """Show the plan for one table, and make its changes if they are wanted."""
    scan = scanned.scan
    place = f"{scan.table.name}   {aws.account}   {aws.region}"
    if scan.missing:
        return _missing(aws, scan, place, scanned.report.existing_tables)
    plans = list(_plans(request, aws, settings, scan))
    say("\n".join([place, "", *_page(aws, scan, plans, request.about)]).rstrip())
    changes = distinct(plans)
    lacking = next((plan.lacks for plan in plans if plan.lacks), "")
    if request.apply and lacking:
        raise Usage(f"{scan.table.name}: nothing changed: {lacking}")
    if not changes:
        return _exit(scan) if request.apply or not plans else Exit.OK
    made = counted(len(changes), "change")
    if not request.apply:
        once = ", when nothing is needed any more" if lacking else ""
        say(f"\nNothing was changed. To make {made}{once}: {request.typed} --apply")
        return Exit.OK
    action = f"make {made} to {scan.table.name} in account {aws.account}, {aws.region}"
    if not agreed(action, yes=request.yes, dry_run=False, done="changed"):
        return Exit.OK
    _make(aws, changes)
    (again,) = _scanned(request, aws, settings.only(scan.table.name))
    return _reported(again.scan, {plan.check.id for plan in plans})


def _plans(request: Request, aws: Aws, settings: Settings, scan: Scan) -> Iterator[FindingPlan]:
    topics = Topics(request.topic, settings.on_call.topic_arn or _topic(scan))
    bad = [(check, finding) for check, finding in _findings(scan) if finding.status in BAD]
    parts = parts_of(finding for _, finding in bad)
    for check, finding in bad:
        yield planned(aws, check, finding, parts, topics)


def _topic(scan: Scan) -> str:
    """Return the topic of alarms that reach on-call; empty if it was not read, or there is none."""
    routes = scan.snapshot.answers.get(Routes, {}).get(ROOT)
    return routes.topic if isinstance(routes, Routes) else ""


def _page(aws: Aws, scan: Scan, plans: Sequence[FindingPlan], about: str) -> Iterator[str]:
    numbers = {repr(change.call): number for number, change in enumerate(distinct(plans), 1)}
    shown: set[str] = set()
    for plan in plans:
        yield from text.head(plan.check, plan.finding)
        for change in plan.changes:
            call = repr(change.call)
            if call in shown:
                yield f"{numbers[call]}. (shown above)"
            else:
                yield from text.of_change(numbers[call], change)
            shown.add(call)
        if plan.check.id == KEPT:
            yield from restore.steps(aws, scan.table.name)
        elif plan.decide:
            yield from text.decision(plan)
        files = dict.fromkeys(str(roles.file_of(call)) for call in plan.documents)
        yield from text.labelled("policy", f"{', '.join(files)}, below" if files else "")
        yield from text.by_hand(plan.by_hand)
        if plan.lacks:
            yield from text.labelled("needs", plan.lacks)
        if plan.rest:
            yield from text.labelled("later", plan.rest)
        yield ""
    for policy in roles.merged(aws, (document for plan in plans for document in plan.documents)):
        policy.write()
        yield from (*text.of_policy(policy), "")
    unread = list(_unread(scan))
    yield from unread
    if not plans and not unread:
        yield f"{about}: nothing to fix"


def _unread(scan: Scan) -> Iterator[str]:
    for check, finding in _findings(scan):
        if finding.status is Status.UNKNOWN:
            yield from (*text.head(check, finding), "")


def _missing(aws: Aws, scan: Scan, place: str, existing: Iterable[str]) -> Exit:
    gone = f"{scan.table.name} does not exist in account {aws.account}, {aws.region}"
    near = ", ".join(map(printable, existing))
    there = [f"Tables there, the nearest first: {near}"] if near else []
    say("\n".join([place, "", gone, *there, "", *restore.steps(aws, scan.table.name)]))
    return Exit.FAILS


def _make(aws: Aws, changes: Sequence[Change]) -> None:
    """Make the changes in order. Failed: one was denied or failed, and those before it were made.

    Nothing is made if somebody has changed something since the plan, as during its confirmation: a call that writes a
    whole policy or alarm would undo that.
    """
    for number, change in enumerate(changes, 1):
        if change.outdated(aws):
            text = f"change {number} of {len(changes)}: {change.name}: its values differ now from those shown before"
            raise Failed(Exit.CANNOT_START, f"nothing changed: {text}; run the command again")
    for number, change in enumerate(changes, 1):
        try:
            change.make(aws)
        except Failed as failed:
            made = f"; {counted(number - 1, 'change')} before it made, {len(changes) - number} after it not tried"
            raise Failed(failed.code, f"change {number} of {len(changes)}: {failed}{made}") from None
        say(f"{number}. {change.name}: done")


def _reported(scan: Scan, wanted: Collection[str]) -> Exit:
    """Print the status of the checks as it is now."""
    say("\nRead again:")
    for asked in scan.evaluation.asked:
        shown = max(asked.findings, key=lambda finding: finding.status.rank, default=None)
        if shown is not None and (asked.check.id in wanted or shown.status in EXITS):
            say(f"{shown.status:4}  {asked.check.id}: {line(shown.message)}")
    return _exit(scan)


def _exit(scan: Scan) -> Exit:
    found = (finding.status for _, finding in _findings(scan))
    return EXITS.get(worst([Status.NOT_APPLICABLE, *found]), Exit.OK)


def _findings(scan: Scan) -> Iterator[tuple[Check, Finding]]:
    return ((asked.check, finding) for asked in scan.evaluation.asked for finding in asked.findings)
