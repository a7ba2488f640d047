"""When the table itself, or our memory in it, is not what it was. PROTOCOL.md section 5."""

import logging
from dataclasses import dataclass, field

from msgspec.structs import replace

from readiness.alerts import News, Refused, Topic, Trouble, What, Whereabouts, compose
from readiness.aws.answer import Answer
from readiness.aws.client import Aws
from readiness.changes.actor import Actor
from readiness.checklist import Settings
from readiness.engine.evaluate import explained
from readiness.model import Gone, Reason, Status, Unreadable
from readiness.run.look import Look
from readiness.state.store import Remembered, StoreUnavailable, TableIdParameter
from readiness.state.table_id import another, is_known, known

logger = logging.getLogger(__name__)

REFUSED = frozenset({Reason.ACCESS_DENIED, Reason.MALFORMED})
"""DynamoDB refuses a call in several ways where it may not use the table's key."""

UNUSABLE = frozenset({"pitr-enabled/kept", "encryption-kms/accessible", "encryption-kms/key"})
"""The checks of which each says by itself why nobody can read or write the table."""

_said: set[tuple[str, str]] = set()
"""What this execution environment has said already, by table and cause: the alarm's state is the real memory."""

_kept: set[tuple[str, str]] = set()
"""What this execution environment knows to be kept outside of the table: which table it is."""


@dataclass(frozen=True)
class Deployment:
    """What the stack says besides the checklist.

    `writer` is this very invocation, `release` orders releases. Where `topic` is None nothing is delivered. `interval`
    is how often the schedule runs, in minutes; None where it is not the stack that runs.
    """

    trigger: str
    writer: str
    release: str
    topic: Topic | None = None
    persist_alarm: str = ""
    dashboard: str = ""
    interval: int | None = None


@dataclass(frozen=True)
class Identity:
    """Which table it was that bore the name before: remembered outside of it, for when the table can't say."""

    aws: Aws
    table: str
    _former: list[str | None] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def parameter(self) -> TableIdParameter:
        """Where it is kept."""
        return TableIdParameter(self.aws.client("ssm"), self.aws.region, self.table)

    @property
    def former(self) -> str | None:
        """The TableId that was kept last, asked once; None where there was none, or it can't be read."""
        if not self._former:
            try:
                self._former.append(self.parameter.read())
            except StoreUnavailable as error:
                logger.warning("the former TableId could not be read: %s", error)
                self._former.append(None)
        return self._former[0]

    def of(self, before: Remembered | None, look: Look) -> str:
        """Which table a run takes this for: as it read it, else as is remembered of it, in it or outside of it."""
        here = known(look.table_id, before.table_id if before else None)
        return here if is_known(here) else known(self.former)

    def circumstances(self, before: Remembered, look: Look) -> tuple[bool, Trouble | None]:
        """Whether this is the first run that reads what the table is; else what became of the table or of our memory.

        A run that could not read that leaves both to the next that can.
        """
        sure = is_known(before.table_id) and before.table_id == look.table_id
        if not look.described or (before.seen and (sure or look.table_id is None)):
            return False, None
        former = known(self.former, before.table_id)
        if another(former, look.table_id):
            return False, Trouble(What.REPLACED, before=former)
        if before.seen:
            return False, None
        return (False, Trouble(What.FORGOTTEN)) if is_known(former) else (True, None)

    def remember(self, before: Remembered, look: Look) -> None:
        """Keep the TableId: when what was committed is told under it for the first time, and once where we start."""
        if look.table_id is None or (before.table_id == look.table_id and (self.table, look.table_id) in _kept):
            return
        try:
            if self.parameter.read() != look.table_id:
                self.parameter.write(look.table_id)
        except StoreUnavailable as error:
            logger.warning("the TableId could not be kept: %s", error)
        else:
            _kept.add((self.table, look.table_id))


def say_unrecorded(  # noqa: PLR0913  each says one thing about the trouble
    aws: Aws,
    settings: Settings,
    deployment: Deployment,
    look: Look,
    error: StoreUnavailable,
    *,
    deleter: Actor | None = None,
) -> None:
    """Publish directly what can't be recorded: once per cause, and not while the alarm on it says so already.

    Throttling is left to the alarm. `deleter` is who deleted the table, if that is what happened.
    """
    trouble = replace(_trouble(aws, look, error), actor=deleter)
    cause = (look.table.name, f"{trouble.what} {trouble.detail}")
    throttled = not isinstance(error.why, Gone) and error.why.reason is Reason.THROTTLED
    if deployment.topic is None or throttled or cause in _said or _is_in_alarm(aws, deployment.persist_alarm):
        return
    message = compose(
        News(
            place=place_of(look, settings, deployment.dashboard, known(trouble.before or None, look.table_id)),
            version=0,
            at=look.at,
            rules=tuple(rule.id for rule in look.judgement.rules),
            trouble=trouble,
        )
    )
    if message is None:
        return
    try:
        deployment.topic.publish(message)
    except Refused as refused:
        logger.error("the message could not be published: %s", refused)  # noqa: TRY400  what SNS said is all there is
    else:
        _said.add(cause)


def place_of(look: Look, settings: Settings, dashboard: str, table_id: str) -> Whereabouts:
    """Where a message is about, and where its reader may look further."""
    return Whereabouts(
        table=look.table.name,
        table_id=table_id,
        account=look.table.account,
        region=look.table.region,
        partition=look.table.arn.split(":")[1],
        time_zone=settings.on_call.time_zone,
        runbook=settings.on_call.runbook,
        dashboard=dashboard,
        chat=settings.on_call.chats,
    )


def _trouble(aws: Aws, look: Look, error: StoreUnavailable) -> Trouble:
    if not isinstance(error.why, Gone) and error.why.reason in REFUSED and (cause := _cause(look)):
        return Trouble(What.UNUSABLE, detail=f"{cause}; our memory in it {explained(error.why)}")
    if not isinstance(error.why, Gone):
        return Trouble(What.UNRECORDED, detail=explained(error.why))
    former = Identity(aws, look.table.name).former
    if former is None:
        return Trouble(What.UNRECORDED, detail=f"no table {look.table.name} was ever seen here: is the name right?")
    return Trouble(What.DELETED, before=former)


def _cause(look: Look) -> str:
    """What this look has found of the table that lets nobody read or write it; nothing where that is no reason."""
    failing = (
        finding.message
        for asked in look.judgement.asked
        if asked.check.id in UNUSABLE
        for finding in asked.findings
        if finding.status is Status.FAIL
    )
    return next(failing, "")


def _is_in_alarm(aws: Aws, alarm: str) -> bool:
    """Unreadable is no: who can't be sure that it was said says it."""
    if not alarm:
        return False
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        answer = Answer(aws.client("cloudwatch").describe_alarms(AlarmNames=[alarm]), "cloudwatch:DescribeAlarms")
        return any(each.need("StateValue", str) == "ALARM" for each in answer.parts("MetricAlarms"))
    except (BotoCoreError, ClientError, Unreadable):
        return False
