"""Run every check of every rule on one snapshot. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from inspect import isgeneratorfunction
from itertools import chain
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from readiness.aws.command import command, filled, pasted
from readiness.engine.fact import axes_of, witness_of
from readiness.engine.rule import Check, Rule
from readiness.engine.snapshot import InputUnavailable, ListingFailed, Place, Snapshot, project, resource_of
from readiness.model import (
    Call,
    Finding,
    Gone,
    Incident,
    OutOfTime,
    Reason,
    Remedy,
    Status,
    Step,
    Unavailable,
    Unreadable,
    Verdict,
    worst,
)
from readiness.printable import LONGEST, line, printable, quoted

Defect = Callable[[str, Exception], None]
"""Called with the id of a fact or check and the unexpected exception that it raised."""


class CheckFindings(Struct, frozen=True):
    """The findings of a check on one table. `complete`: every resource of the check is among the findings.

    `awaited`: there may be others below a resource that is PENDING; a later run lists them. `late`: of what is missing,
    all is for want of time, and was listed before.
    """

    check: Check
    findings: tuple[Finding, ...]
    complete: bool
    awaited: bool = False
    late: bool = False


class TableEvaluation(Struct, frozen=True):
    """The findings of all checks on one table, in the order of the checklist. `home` is the place of the table."""

    home: Place
    asked: tuple[CheckFindings, ...]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules whose checks were run."""
        return tuple({asked.check.rule.id: asked.check.rule for asked in self.asked}.values())

    def of(self, rule: Rule) -> tuple[CheckFindings, ...]:
        """Return the findings of the checks of one rule."""
        return tuple(asked for asked in self.asked if asked.check.rule is rule)

    def status(self, rule: Rule) -> Status:
        """Return the status of the rule. An UNKNOWN of an advisory check does not make it UNKNOWN."""
        return roll_up((asked.check, asked.findings) for asked in self.of(rule))


def roll_up(asked: Iterable[tuple[Check, Iterable[Finding]]]) -> Status:
    """Return the worst status of the findings, without UNKNOWN findings of advisory checks.

    If no finding is left, the status is UNKNOWN if an advisory check is UNKNOWN, and NOT_APPLICABLE if there are no
    resources to check.
    """
    found = [(finding.status, check.required) for check, findings in asked for finding in findings]
    counted = [status for status, required in found if required or status is not Status.UNKNOWN]
    return worst(counted or [status for status, _ in found] or [Status.NOT_APPLICABLE])


def evaluate(
    rules: Iterable[Rule],
    snapshot: Snapshot,
    home: type,
    names: Callable[[Any], Mapping[str, object]],
    defect: Defect,
) -> Iterator[TableEvaluation]:
    """Evaluate every element of the `home` axis. `names` returns the values of an element for remediation commands."""
    checks = list(chain.from_iterable(rule.checks for rule in rules))
    for place in snapshot.places(axes_of(home)):
        if isinstance(place, ListingFailed):
            continue
        offered = names(snapshot.answer(home, place))
        asking = CheckRunner(snapshot, place, offered, defect)
        yield TableEvaluation(place, tuple(asking.ask(check) for check in checks))


class CheckRunner(Struct, frozen=True):
    """Runs checks on one table."""

    snapshot: Snapshot
    home: Place
    names: Mapping[str, object]
    defect: Defect

    def ask(self, check: Check) -> CheckFindings:
        """Run the check once per place on its axes. If the table itself is gone, there is one finding about that."""
        home = project(check.axes, self.home)
        if gone := self._vanished(home):
            return CheckFindings(check, (self._blocked(check, home, gone),), complete=True)
        findings: list[Finding] = []
        lacks: list[Unavailable] = []
        for place in self.snapshot.places(check.axes, self.home):
            found, lack = self._at(check, place)
            findings.extend(self._dated(check, place, found))
            lacks += [lack] if lack else []
        about: dict[str, list[Finding]] = {}
        for finding in findings:
            about.setdefault(finding.resource, []).append(finding)
        one_each = tuple(self._one(check, found) for found in about.values())
        pending = [lack.reason is Reason.PENDING for lack in lacks]
        late = bool(lacks) and all(isinstance(lack, OutOfTime) for lack in lacks)
        return CheckFindings(check, one_each, all(pending), any(pending), late)

    def _at(self, check: Check, place: Place | ListingFailed) -> tuple[list[Finding], Unavailable | None]:
        """Return the findings at a place, and why there may be more; of a failed listing None if its parent is gone."""
        if isinstance(place, ListingFailed):
            return [self._blocked(check, place.parent, place.why)], _unless_gone(place.why)
        gone = self._vanished(place)
        shown = InputUnavailable(gone) if gone else self.snapshot.shown(check.needs, place)
        if isinstance(shown, InputUnavailable):
            return [self._blocked(check, place, shown.why, shown.absent)], None
        return self._judged(check, place, shown)

    def _dated(self, check: Check, place: Place | ListingFailed, findings: list[Finding]) -> list[Finding]:
        """Return the findings with the time when the oldest answer of an earlier run was read that they rest on."""
        at = None if isinstance(place, ListingFailed) else self.snapshot.read_at(check.needs, place)
        return [replace(each, as_of=at) for each in findings] if at else findings

    def _vanished(self, place: Place) -> Gone | None:
        """Return the Gone answer of a witness: the element does not exist, so every check at the place fails."""
        for axis, _ in place:
            witness = witness_of(axis)
            answer = self.snapshot.answer(witness.identity, place) if witness else None
            if isinstance(answer, Gone):
                return answer
        return None

    def _judged(self, check: Check, place: Place, shown: Mapping[str, Any]) -> tuple[list[Finding], Unavailable | None]:
        """Run the check. Verdicts from before an exception are kept."""
        findings: list[Finding] = []
        several = isgeneratorfunction(check.function)
        try:
            said = check.function(**shown)
            for verdict in [said] if isinstance(said, Verdict) else said:
                findings.append(self._finding(check, place, verdict))  # noqa: PERF401  kept if an exception follows
        except Unreadable as unread:
            reasons = unread.elements if several else {}
            resources = reasons or {resource_of(place, self.home): unread.first}
            lack = unread.first if several else None
            return findings + [self._unread(check, *pair) for pair in resources.items()], lack
        except Gone as gone:
            return [*findings, self._blocked(check, place, gone)], None
        except Exception as error:  # noqa: BLE001  a defect in one check must not prevent the others
            lack = Unavailable(Reason.DEFECT) if several else None
            return [*findings, self._defective(check, resource_of(place, self.home), error)], lack
        return findings, None

    def _one(self, check: Check, found: list[Finding]) -> Finding:
        """Return the finding with the worst status of one resource. Two verdicts on it are a defect of the check."""
        if sum(finding.unavailable is None for finding in found) > 1:
            error = ValueError(f"two verdicts about {found[0].resource}")
            return self._defective(check, found[0].resource, error)
        return max(found, key=lambda finding: finding.status.rank)

    def _defective(self, check: Check, resource: str, error: Exception) -> Finding:
        self.defect(check.id, error)
        why = Unavailable(Reason.DEFECT, detail=f"the check failed with {type(error).__name__}")
        return self._unread(check, resource, why)

    def _finding(self, check: Check, place: Place, verdict: Verdict) -> Finding:
        bad = verdict.status in {Status.FAIL, Status.WARN}
        remedy = whole(check, verdict, self.names) if bad else Remedy()
        return Finding(
            rule=check.rule.id,
            check=check.name,
            resource=verdict.resource or resource_of(place, self.home),
            status=verdict.status,
            message=_sentence(verdict.message, verdict),
            severity=check.severity,
            evidence=verdict.evidence,
            watched=verdict.watched,
            remediation=shown(check, remedy, self.names) if bad else "",
            carry=verdict.carry,
            incident=_incident(verdict.incident),
            omission=verdict.omission,
            subject=_sentence(verdict.subject, verdict),
            impact=tuple(_sentence(each, verdict) for each in verdict.impact),
            was=_sentence(verdict.was, verdict),
            after=command(verdict.after, {**self.names, **verdict.evidence}) if verdict.after else "",
            remedy=remedy,
        )

    def _blocked(self, check: Check, place: Place, why: Unavailable | Gone | None, absent: str = "") -> Finding:
        resource = resource_of(place, self.home)
        if isinstance(why, Unavailable):
            return self._unread(check, resource, why)
        status = Status.FAIL if why else Status.NOT_APPLICABLE
        message = line(str(why) if why else absent or "not applicable")
        return Finding(check.rule.id, check.name, resource, status, message, check.severity)

    def _unread(self, check: Check, resource: str, why: Unavailable) -> Finding:
        return Finding(
            rule=check.rule.id,
            check=check.name,
            resource=resource,
            status=Status.UNKNOWN,
            message=explained(why),
            severity=check.severity,
            unavailable=why,
        )


def _unless_gone(why: Unavailable | Gone) -> Unavailable | None:
    return None if isinstance(why, Gone) else why


def whole(check: Check, verdict: Verdict, names: Mapping[str, object]) -> Remedy:
    """Return the remedy of the verdict, or that of its check, with the values filled in."""
    remedy = verdict.remedy or check.remedy
    values = {**names, **verdict.evidence, **remedy.values}
    return Remedy(command(remedy, values), steps=tuple(filled(step, values) for step in remedy.steps))


def shown(check: Check, remedy: Remedy, names: Mapping[str, object]) -> str:
    """Return the command; if it is long, the command of Readiness that shows and makes the change.

    The policies of one role have one cause, so that a rule about roles has one remedy.
    """
    if pasted(remedy.command, remedy.steps):
        return remedy.command
    of_roles = _of_role(remedy.steps) and all(_of_role(each.remedy.steps) for each in check.rule.checks)
    about = check.rule.id if remedy.steps and of_roles else check.id
    return f"readiness fix {about} --table {quoted(str(names['table']))}"


def _of_role(steps: Iterable[Step]) -> bool:
    return all(isinstance(step, Call) and step.service == "iam" for step in steps)


def _sentence(text: str, verdict: Verdict) -> str:
    """Return the text of a verdict on one line, with its evidence cut where a value of it is too long to print."""
    for value in _texts(verdict.evidence) if len(text) > LONGEST else ():
        if len(value) > LONGEST:
            text = text.replace(value, printable(value))
    return line(text)


def _texts(value: object) -> Iterator[str]:
    """Yield each text of an evidence, those of lists and maps too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from (*_texts(key), *_texts(each))
    elif isinstance(value, list | tuple | set | frozenset):
        yield from chain.from_iterable(map(_texts, value))


def _incident(incident: Incident | None) -> Incident | None:
    return incident and Incident(incident.key, line(incident.before), line(incident.after))


SAID = {
    Reason.ACCESS_DENIED: "access was denied",
    Reason.THROTTLED: "AWS throttled the call",
    Reason.TIMEOUT: "the call timed out",
    Reason.SERVER_ERROR: "AWS returned a server error",
    Reason.NO_ENDPOINT: "the endpoint could not be reached",
    Reason.SDK_TOO_OLD: "this version of the AWS SDK does not know the response",
    Reason.NOT_HERE: "it is known elsewhere",
    Reason.STALE: "the last response is too old",
    Reason.MALFORMED: "the response is not in the documented format",
    Reason.INCOMPLETE_ANSWER: "the response lacks a documented field",
    Reason.PENDING: "has not been read yet",
    Reason.DEFECT: "a defect of Readiness",
}


def explained(why: Unavailable) -> str:
    """Return one line: the reason why a fact is UNKNOWN, with the IAM permission that the call requires."""
    if why.reason is Reason.NOT_HERE and why.detail:
        return line(f"is not known: {why.detail}")
    if why.reason is Reason.PENDING:
        return line(f"{SAID[why.reason]}: {why.detail}" if why.detail else SAID[why.reason])
    call = f" ({why.permission})" if why.permission else ""
    detail = f": {printable(why.detail)}" if why.detail else ""
    return f"could not be read: {SAID[why.reason]}{call}{detail}"
