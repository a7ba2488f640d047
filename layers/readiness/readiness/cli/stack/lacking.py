"""The missing resources of a table that a template can create, from its findings."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from readiness.alarms.series import Series, series
from readiness.aws.arn import short
from readiness.checklist import BackupDecision
from readiness.model import Finding, Status
from readiness.report.foot import ALARMS, lacks_alarm

THROTTLING = "alarms-wired/throttling"
INDEX_THROTTLING = "alarms-wired/index-throttling"
USER_ERRORS = "alarms-wired/user-errors"
READS = "alarms-wired/read-spikes"
WRITES = "alarms-wired/write-spikes"
WRITE_FAILURES = "write-failures-audited/alarmed"
BUDGET = "cost-monitored/alerted"
BACKUPS = "backups-scheduled/selected"

EVERY_TABLE = (THROTTLING, USER_ERRORS, READS, WRITES, BUDGET, BACKUPS)
"""The checks of every table whose failures a template can fix."""

WANTED = (*EVERY_TABLE, INDEX_THROTTLING, WRITE_FAILURES)
"""These, and the checks of indexes and of metrics of the application, which a table may not have."""

WITHOUT_BUDGETS = ":aws-us-gov:"
"""AWS Budgets has no endpoint in AWS GovCloud (US): its costs are on the bill of the associated standard account."""


@dataclass(frozen=True)
class MissingResources:
    """The missing resources of one table. `throttling` is of the table itself, `indexes` are the names of its indexes.

    `reads` and `writes` are alarms on consumed capacity, `write_failures` the metrics of failed writes. `backup` is the
    backup decision. `left_out` are lines about what the template leaves out.
    """

    table_name: str
    table_arn: str
    throttling: bool = False
    indexes: tuple[str, ...] = ()
    user_errors: bool = False
    reads: bool = False
    writes: bool = False
    write_failures: tuple[Series, ...] = ()
    budget: bool = False
    backup: BackupDecision | None = None
    left_out: tuple[str, ...] = ()

    @property
    def alarms(self) -> bool:
        """True if an alarm is missing."""
        of_table = self.throttling or bool(self.indexes) or self.user_errors or self.reads or self.writes
        return of_table or bool(self.write_failures)

    @property
    def anything(self) -> bool:
        """True if anything is missing."""
        return self.alarms or self.budget or self.backup is not None


def missing(name: str, arn: str, findings: Iterable[Finding], decision: BackupDecision | None) -> MissingResources:
    """Return the missing resources by the findings of one table."""
    wanted = [finding for finding in findings if _id(finding) in WANTED]
    failures = [finding for finding in wanted if finding.status is Status.FAIL]
    failing = {(_id(finding), finding.resource) for finding in failures if not _broken(finding)}
    checks = {check for check, _ in failing}
    plan = decision if decision and decision.mode == "aws_backup" and BACKUPS in checks else None
    budget = BUDGET in checks and WITHOUT_BUDGETS not in arn
    left_out = list(_unseen(wanted))
    # Existing alarms that reach nobody: a second alarm would reach nobody either.
    left_out += [f"{_id(each)}: {each.message}: {each.remediation}" for each in failures if _broken(each)]
    if BACKUPS in checks and plan is None:
        left_out.append(f"{BACKUPS}: the checklist has no backup_decision for AWS Backup: no plan written")
    if BUDGET in checks and not budget:
        left_out.append(f"{BUDGET}: AWS GovCloud (US) has no budgets: create one in the paying account")
    return MissingResources(
        table_name=name,
        table_arn=arn,
        throttling=THROTTLING in checks,
        indexes=tuple(
            sorted(each.removeprefix(f"{arn}/index/") for check, each in failing if check == INDEX_THROTTLING)
        ),
        user_errors=USER_ERRORS in checks,
        reads=READS in checks,
        writes=WRITES in checks,
        write_failures=tuple(_series(each) for each in failures if _id(each) == WRITE_FAILURES and not _broken(each)),
        budget=budget,
        backup=plan,
        left_out=tuple(f"{name}: {line}" for line in left_out),
    )


def _broken(finding: Finding) -> bool:
    """Return True if an alarm exists but does not reach on-call."""
    return _id(finding) in ALARMS and not lacks_alarm(_id(finding), finding.evidence)


def _series(finding: Finding) -> Series:
    """Return the metric of failed writes that no alarm watches."""
    said = finding.evidence
    return series(said["Namespace"], said["MetricName"], **{said["Dimension"]: said["Domain"]})


def _unseen(wanted: list[Finding]) -> Iterator[str]:
    """Yield the checks that were not evaluated or are UNKNOWN."""
    evaluated = {_id(finding) for finding in wanted}
    yield from (f"{check}: not evaluated" for check in EVERY_TABLE if check not in evaluated)
    for finding in wanted:
        if finding.status is Status.UNKNOWN:
            yield f"{_id(finding)}: {short(finding.resource)}: {finding.message}"


def _id(finding: Finding) -> str:
    return f"{finding.rule}/{finding.check}"
