"""One scan: collect the facts that the checks need once, and evaluate each table of the checklist from them."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import msgspec
from msgspec.structs import replace

from readiness.aws.answer import lacking
from readiness.aws.client import Aws, CannotStart
from readiness.checklist import Settings
from readiness.engine.collect import Past, Progress, collect
from readiness.engine.evaluate import TableEvaluation, evaluate
from readiness.engine.fact import source_of
from readiness.engine.rule import Check, Rule
from readiness.engine.snapshot import ROOT, Place, Snapshot, failures
from readiness.facts.cloudtrail.change_rules import ChangeRoute
from readiness.facts.dynamodb.table import Table, TableDescription
from readiness.facts.recorded.now import Now
from readiness.model import Given, Gone, Reason, Unavailable

logger = logging.getLogger(__name__)

LOGGED = frozenset(Reason) - {Reason.DEFECT, Reason.NOT_HERE, Reason.PENDING, Reason.STALE}
"""The reasons that are failures of calls. A defect is logged with its traceback."""


class Defects(msgspec.Struct):
    """The facts and checks that raised an exception. Each is logged with its traceback."""

    names: list[str] = msgspec.field(default_factory=list)

    @property
    def count(self) -> int:
        """Number of exceptions."""
        return len(self.names)

    def __call__(self, who: str, error: Exception) -> None:
        """Record the exception of the fact or check `who`."""
        self.names.append(who)
        logger.error("%s failed", who, exc_info=error)


class Scan(msgspec.Struct, frozen=True):
    """The facts about one table at one instant, and the findings of all checks on them.

    `table_id` is None where DescribeTable did not return it. The snapshot is shared by all tables of a run.
    """

    table: Table
    at: datetime
    evaluation: TableEvaluation
    snapshot: Snapshot
    table_id: str | None

    @property
    def missing(self) -> bool:
        """True where AWS answers that the table does not exist."""
        return isinstance(self.snapshot.answer(TableDescription, self.evaluation.home), Gone)

    @property
    def described(self) -> bool:
        """True where AWS described the table, even if without its TableId."""
        return isinstance(self.snapshot.answer(TableDescription, self.evaluation.home), TableDescription)

    @property
    def answered(self) -> bool:
        """True where AWS answered at least one call."""
        return any(
            answer is not None and not isinstance(answer, Unavailable)
            for identity, answers in self.snapshot.answers.items()
            if not issubclass(identity, Given) and source_of(identity).actions
            for answer in answers.values()
        )


def assert_expected(aws: Aws, settings: Settings) -> None:
    """Raise CannotStart if the account or the Region is not that of the checklist. Makes no call."""
    for what, found, expected in (
        ("account", aws.account, settings.account),
        ("Region", aws.region, settings.region),
    ):
        if expected and found != expected:
            msg = f"wrong {what}: this is {found}, the checklist is for {expected}; nothing was checked"
            raise CannotStart(msg)


def checks_of(rules: Iterable[Rule]) -> list[Check]:
    """Return the checks of the rules, in the order of the checklist."""
    return [check for rule in rules for check in rule.checks]


def scan(  # noqa: PLR0913  the inputs of collection and evaluation
    rules: Sequence[Rule],
    aws: Aws,
    settings: Settings,
    past: Past,
    at: datetime,
    *,
    defects: Defects,
    deadline: float = float("inf"),
    progress: Callable[[Progress], None] = lambda _progress: None,
) -> list[Scan]:
    """Collect the facts once, and return one scan for each table of the checklist.

    `deadline` is in seconds of `time.monotonic`; calls that are not answered by then are UNKNOWN. `progress` is called
    before each wait for a call.
    """
    given: dict[type, Mapping[Place, Any]] = {
        Aws: {ROOT: aws},
        Settings: {ROOT: settings},
        Now: {ROOT: Now(at)},
        ChangeRoute: {ROOT: ChangeRoute()},
        **past.given,
    }
    snapshot = collect(checks_of(rules), replace(past, given=given), deadline, defects, progress)
    log_failures(snapshot, defects)
    return list(evaluated(rules, settings, snapshot, at, defects))


def log_failures(snapshot: Snapshot, defects: Defects) -> None:
    """Log the calls that failed, as one warning for each reason and IAM action."""
    failed: dict[tuple[str, str | None], list[Unavailable]] = {}
    for identity, answers in snapshot.answers.items():
        if issubclass(identity, Given) or not (source := source_of(identity)).actions or source.name in defects.names:
            continue
        for why in (why for answer in answers.values() for why in failures(answer)):
            failed.setdefault((why.reason, why.permission), []).append(why)
    for (reason, permission), found in failed.items():
        if reason in LOGGED:
            extra = {"error": reason, "operation": permission, "detail": found[0].detail, "facts": len(found)}
            logger.warning("facts could not be read", extra=extra)


def evaluated(
    rules: Sequence[Rule], settings: Settings, snapshot: Snapshot, at: datetime, defects: Defects
) -> Iterator[Scan]:
    """Yield the evaluation of each table from collected facts. Makes no call."""
    for evaluation in evaluate(rules, snapshot, Table, partial(remedy_values, settings), defects):
        table = snapshot.answer(Table, evaluation.home)
        described = snapshot.answer(TableDescription, evaluation.home)
        identified = isinstance(described, TableDescription) and "table_id" not in lacking(described)
        yield Scan(table, at, evaluation, snapshot, described.table_id if identified else None)


def remedy_values(settings: Settings, table: Table) -> Mapping[str, Any]:
    """Return the values that every remediation command can name, besides the evidence of its finding."""
    wanted = settings.only(table.name).tables[0]
    return {
        "table": table.name,
        "arn": table.arn,
        "account": table.account,
        "region": table.region,
        "ttl_attribute": wanted.ttl_attribute,
        "window_days": wanted.pitr.window_days,
    }
