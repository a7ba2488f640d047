"""What a table lacks that a template can bring, from what a look at it found."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from readiness.aws.arn import short
from readiness.checklist import BackupDecision
from readiness.model import Finding, Status

THROTTLING = "alarms-wired/throttling"
INDEX_THROTTLING = "alarms-wired/index-throttling"
USER_ERRORS = "alarms-wired/user-errors"
READS = "alarms-wired/read-spikes"
WRITES = "alarms-wired/write-spikes"
BUDGET = "cost-monitored/alerted"
BACKUPS = "backups-scheduled/selected"

EVERY_TABLE = (THROTTLING, USER_ERRORS, READS, WRITES, BUDGET, BACKUPS)
"""The checks whose failures a template mends, as far as they are about any table."""

WANTED = (*EVERY_TABLE, INDEX_THROTTLING)
"""These, and that of each index: a table may have none."""

ALARMS = (THROTTLING, INDEX_THROTTLING, USER_ERRORS, READS, WRITES)
"""Those that an alarm mends."""

WITHOUT_BUDGETS = ":aws-us-gov:"
"""AWS Budgets has no endpoint in GovCloud: what is spent there is on the bill of an account outside."""


@dataclass(frozen=True)
class Lacking:
    """What is lacking for one table. `throttling` is about the table itself, `indexes` names those of its indexes.

    Who reads and writes more than ever is what `reads` and `writes` are about. `backup` is what was decided.
    """

    table_name: str
    table_arn: str
    throttling: bool = False
    indexes: tuple[str, ...] = ()
    user_errors: bool = False
    reads: bool = False
    writes: bool = False
    budget: bool = False
    backup: BackupDecision | None = None

    @property
    def alarms(self) -> bool:
        """Whether an alarm is among it."""
        return self.throttling or bool(self.indexes) or self.user_errors or self.reads or self.writes

    @property
    def anything(self) -> bool:
        """Whether there is something to write."""
        return self.alarms or self.budget or self.backup is not None


@dataclass(frozen=True)
class Gaps:
    """What a table lacks, and what it may lack besides, in lines for people: of that nothing is written."""

    lacking: Lacking
    left_out: tuple[str, ...]


def gaps(name: str, arn: str, findings: Iterable[Finding], decision: BackupDecision | None) -> Gaps:
    """What the findings of one table say, however many checks they are of."""
    wanted = [finding for finding in findings if _id(finding) in WANTED]
    failures = [finding for finding in wanted if finding.status is Status.FAIL]
    failing = {(_id(finding), finding.resource) for finding in failures if not _broken(finding)}
    checks = {check for check, _ in failing}
    index = f"{arn}/index/"
    throttled = {resource for check, resource in failing if check == INDEX_THROTTLING}
    plan = decision if decision and decision.mode == "aws_backup" and BACKUPS in checks else None
    budget = BUDGET in checks and WITHOUT_BUDGETS not in arn
    lacking = Lacking(
        table_name=name,
        table_arn=arn,
        throttling=THROTTLING in checks,
        indexes=tuple(sorted(each.removeprefix(index) for each in throttled)),
        user_errors=USER_ERRORS in checks,
        reads=READS in checks,
        writes=WRITES in checks,
        budget=budget,
        backup=plan,
    )
    left_out = [*_unseen(name, wanted), *_links(name, failures)]
    if BACKUPS in checks and plan is None:
        left_out.append(f"{name}: {BACKUPS}: the checklist has no backup_decision for AWS Backup, so there is no plan")
    if BUDGET in checks and not budget:
        left_out.append(f"{name}: {BUDGET}: there are no budgets in GovCloud: make one in the account that pays")
    return Gaps(lacking, tuple(left_out))


def _broken(finding: Finding) -> bool:
    """Whether there is an alarm, and a link of it is broken: the evidence then has no metrics for another one."""
    return _id(finding) in ALARMS and bool(finding.evidence) and "Metrics" not in finding.evidence


def _links(name: str, failures: list[Finding]) -> Iterator[str]:
    """A second alarm beside one that nobody hears would be heard as little."""
    for finding in filter(_broken, failures):
        yield f"{name}: {_id(finding)}: {finding.message}: {finding.remediation}"


def _unseen(name: str, wanted: list[Finding]) -> Iterator[str]:
    """A check without any finding was not asked."""
    asked = {_id(finding) for finding in wanted}
    for check in EVERY_TABLE:
        if check not in asked:
            yield f"{name}: {check}: is not judged"
    for finding in wanted:
        if finding.status is Status.UNKNOWN:
            yield f"{name}: {_id(finding)}: {short(finding.resource)}: {finding.message}"


def _id(finding: Finding) -> str:
    return f"{finding.rule}/{finding.check}"
