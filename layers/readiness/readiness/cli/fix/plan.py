"""What `readiness fix` makes of findings: changes, policies of roles, and what a person has to decide or do."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from msgspec import Struct

from readiness.aws.client import Aws
from readiness.aws.command import dashed
from readiness.cli.exits import Exit, Failed
from readiness.cli.failures import called
from readiness.cli.fix import alarms, keys, logs, policies, queues, table
from readiness.cli.fix.effects import Effect, Values
from readiness.engine.rule import Check
from readiness.model import AddStatement, Call, EditAlarm, Finding, Gone, Step, Wait

EFFECTS: Mapping[str, Effect] = {
    **table.EFFECTS,
    **logs.EFFECTS,
    **keys.EFFECTS,
    **queues.EFFECTS,
    **alarms.EFFECTS,
    **policies.EFFECTS,
}
"""By operation. A call of any other operation is left to a person."""

OF_A_ROLE = "PutRolePolicy"

ONCE = ("Add", "Create")
"""Calls that AWS refuses where what they create exists."""


class Change(Struct, frozen=True):
    """A call, with the values before and after it, and what cannot be undone."""

    call: Call
    before: Values
    after: Values
    lasting: str

    @property
    def name(self) -> str:
        """The IAM action of the call, such as `dynamodb:UpdateTable`."""
        return f"{self.call.service}:{self.call.operation}"

    def make(self, aws: Aws) -> None:
        """Make the call. Failed: it was denied, or failed."""
        account: Any = aws
        with called(self.name, self.name):
            made = account.client(self.call.service, self.call.region or None)
            getattr(made, dashed(self.call.operation).replace("-", "_"))(**self.call.parameters)


class FindingPlan(Struct, frozen=True):
    """What is to be done about a finding.

    `changes` are made with `--apply`. `documents` are policies of roles, which a person puts; `by_hand` are other calls
    that a person makes. `rest` is what follows later, and why. `lacks` is what has to be given before a change.
    `decide`: nothing of it can be made by Readiness.
    """

    check: Check
    finding: Finding
    changes: tuple[Change, ...] = ()
    documents: tuple[Call, ...] = ()
    by_hand: tuple[Call, ...] = ()
    rest: str = ""
    lacks: str = ""
    decide: bool = False


def planned(aws: Aws, check: Check, finding: Finding, topic: str) -> FindingPlan:
    """Return the plan for one finding. Failed: AWS cannot be read."""
    steps, rest = _until_wait(finding.remedy.steps)
    try:
        calls = [_call(aws, step, topic) for step in steps]
    except alarms.NoTopic as lacking:
        return FindingPlan(check, finding, lacks=str(lacking))
    documents = tuple(call for call in calls if call.operation == OF_A_ROLE)
    others = [call for call in calls if call.operation != OF_A_ROLE]
    known = [call for call in others if call.operation in EFFECTS]
    return FindingPlan(
        check,
        finding,
        changes=tuple(_changes(aws, known)),
        documents=documents,
        by_hand=tuple(call for call in others if call.operation not in EFFECTS),
        rest=rest,
        decide=not calls,
    )


def distinct(plans: Iterable[FindingPlan]) -> list[Change]:
    """Return the changes of all plans, each once: one change may fix several findings."""
    return list({repr(change.call): change for plan in plans for change in plan.changes}.values())


def _until_wait(steps: Iterable[Step]) -> tuple[list[Step], str]:
    """Return the steps before a wait, and its reason."""
    before: list[Step] = []
    for step in steps:
        if isinstance(step, Wait):
            return before, step.reason
        before.append(step)
    return before, ""


def _call(aws: Aws, step: Step, topic: str) -> Call:
    """Return the call of the step; AWS is read where it changes a part of something. NoTopic: it needs a topic."""
    match step:
        case Call():
            return alarms.with_topic(step, topic)
        case AddStatement(resource):
            with _read(resource, policies.permission(resource)):
                return policies.with_statement(aws, step)
        case EditAlarm(arn):
            with _read(arn, alarms.PUT.permission):
                return alarms.edited(aws, step, topic)
        case Wait(reason):
            raise AssertionError(reason)


def _changes(aws: Aws, calls: Iterable[Call]) -> Iterator[Change]:
    for call in calls:
        effect = EFFECTS[call.operation]
        with _read(f"{call.service}:{call.operation}", effect.permission):
            before, after = effect.read(aws, call)
        if before != after or not call.operation.startswith(ONCE):
            yield Change(call, before, after, effect.lasting if effect.when in repr(call.parameters) else "")


@contextmanager
def _read(subject: str, permission: str) -> Iterator[None]:
    """End the command if AWS cannot be read, or what is to be changed does not exist."""
    try:
        with called(subject, permission):
            yield
    except Gone as gone:
        raise Failed(Exit.CANNOT_START, f"{subject}: {gone}") from None
