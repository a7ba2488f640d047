"""The plans of `readiness fix` for findings: changes, policies of roles, and decisions and calls of a person."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from msgspec import Struct

from readiness.aws.arn import account_of
from readiness.aws.client import Aws
from readiness.aws.command import dashed
from readiness.cli.exits import Exit, Failed
from readiness.cli.failures import called
from readiness.cli.fix import alarms, keys, logs, policies, queues, table
from readiness.cli.fix.effects import Effect, Values, client
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

ONCE = ("Add", "Create", "UpdateTimeToLive")
"""Calls that AWS refuses where what they create exists, or what they set is set."""


Parts = Mapping[str, Sequence[AddStatement | EditAlarm]]


class Change(Struct, frozen=True):
    """A call, with the values before and after it, and what cannot be undone."""

    call: Call
    before: Values
    after: Values
    lasting: str

    @property
    def name(self) -> str:
        """The IAM action of the call, such as `dynamodb:UpdateTable`."""
        return _action(self.call)

    def outdated(self, aws: Aws) -> bool:
        """Return True if somebody has changed what the call changes, or made the call, since it was planned."""
        return _effect(aws, self.call) != (self.before, self.after)

    def make(self, aws: Aws) -> None:
        """Make the call. Failed: it was denied, or failed."""
        with called(self.name, self.name):
            getattr(client(aws, self.call), dashed(self.call.operation).replace("-", "_"))(**self.call.parameters)


class FindingPlan(Struct, frozen=True):
    """The plan for one finding.

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


def parts_of(findings: Iterable[Finding]) -> Parts:
    """Return the changes of parts that these findings need, by the policy or the alarm."""
    parts: dict[str, list[AddStatement | EditAlarm]] = {}
    for finding in findings:
        for step in _until_wait(finding.remedy.steps)[0]:
            if isinstance(step, (AddStatement, EditAlarm)):
                found = parts.setdefault(_changed_by(step), [])
                found += [] if step in found else [step]
    return parts


def planned(aws: Aws, check: Check, finding: Finding, parts: Parts, topics: alarms.Topics) -> FindingPlan:
    """Return the plan for one finding, with the changes of parts that others need. Failed: AWS cannot be read."""
    steps, rest = _until_wait(finding.remedy.steps)
    try:
        calls = [_call(aws, step, parts, topics) for step in steps]
    except alarms.Lacking as lacking:
        return FindingPlan(check, finding, lacks=str(lacking))
    documents = tuple(call for call in calls if call.operation == OF_A_ROLE)
    others = [call for call in calls if call.operation != OF_A_ROLE]
    foreign = [call for step, call in zip(steps, calls, strict=True) if _elsewhere(aws, step)]
    known = [call for call in others if call.operation in EFFECTS and call not in foreign]
    return FindingPlan(
        check,
        finding,
        changes=tuple(_changes(aws, known)),
        documents=documents,
        by_hand=tuple(call for call in others if call not in known),
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


def _elsewhere(aws: Aws, step: Step) -> bool:
    """Return True if the step changes the policy of another account, which is left to a person."""
    return isinstance(step, AddStatement) and account_of(step.resource) != aws.account


def _changed_by(step: AddStatement | EditAlarm) -> str:
    return step.resource if isinstance(step, AddStatement) else step.arn


def _call(aws: Aws, step: Step, parts: Parts, topics: alarms.Topics) -> Call:
    """Return the call of the step; AWS is read where it changes a part of something.

    A call that writes a policy or an alarm has all changes of its parts: a second one would undo the first.
    Lacking: a person first has to give or to do something.
    """
    match step:
        case Call("lambda", "PutFunctionEventInvokeConfig" | "UpdateFunctionEventInvokeConfig"):
            with _read(_action(step), "lambda:GetFunctionEventInvokeConfig"):
                return queues.of_invocations(aws, step)
        case Call():
            with _read(_action(step), alarms.PUT.permission):
                return alarms.new(aws, step, topics)
        case AddStatement(resource):
            statements = [each.statement for each in parts[resource] if isinstance(each, AddStatement)]
            with _read(resource, policies.permission(resource)):
                return policies.with_statements(aws, resource, statements)
        case EditAlarm(arn):
            edits = [each for each in parts[arn] if isinstance(each, EditAlarm)]
            with _read(arn, alarms.PUT.permission):
                return alarms.edited(aws, arn, edits, topics.any)
        case Wait(reason):
            raise AssertionError(reason)


def _changes(aws: Aws, calls: Iterable[Call]) -> Iterator[Change]:
    for call in calls:
        before, after = _effect(aws, call)
        if before != after or not call.operation.startswith(ONCE):
            effect = EFFECTS[call.operation]
            yield Change(call, before, after, effect.lasting if effect.when in repr(call.parameters) else "")


def _effect(aws: Aws, call: Call) -> tuple[Values, Values]:
    effect = EFFECTS[call.operation]
    with _read(_action(call), effect.permission):
        return effect.read(aws, call)


def _action(call: Call) -> str:
    return f"{call.service}:{call.operation}"


@contextmanager
def _read(subject: str, permission: str) -> Iterator[None]:
    """End the command if AWS cannot be read, or what is to be changed does not exist."""
    try:
        with called(subject, permission):
            yield
    except Gone as gone:
        raise Failed(Exit.CANNOT_START, f"{subject}: {gone}") from None
