"""The items of a report as the terminal shows them: in which order, and with which of their findings. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum

from msgspec import Struct

from readiness.aws.arn import is_table, short
from readiness.model import Omission, Severity, Status
from readiness.printable import line, printable
from readiness.report.content import WAIVABLE, FindingLine, RuleLine

NAMES = 3
"""The names of resources that a line has; the number of all precedes them."""

NOT_CONFIGURED = "not configured"


class Kind(IntEnum):
    """The kinds of lines of items and findings, the most important first."""

    FAIL = 0
    UNKNOWN = 1
    NOT_RECORDED = 2
    WAIVED = 3
    WARN = 4
    PASS = 5
    NOT_CONFIGURED = 6
    NOT_APPLICABLE = 7

    @property
    def quiet(self) -> bool:
        """True if nobody has to do anything about it now."""
        return self in {Kind.PASS, Kind.NOT_CONFIGURED, Kind.NOT_APPLICABLE}


class FindingGroup(Struct, frozen=True):
    """Findings that one line shows, because they are of the same check or have the same message."""

    kind: Kind
    findings: tuple[FindingLine, ...]

    @property
    def first(self) -> FindingLine:
        """The finding whose message is shown."""
        return self.findings[0]

    @property
    def severity(self) -> str:
        """The severity that the line shows; empty where it says nothing."""
        return self.first.severity if self.kind in {Kind.FAIL, Kind.WARN, Kind.WAIVED} else ""

    @property
    def text(self) -> str:
        """The message, with the names of the resources that it does not contain."""
        message = line(self.first.message)
        names = [printable(name) for name in _names(self.findings)]
        if len(self.findings) > 1 and len(names) > 1:
            more = ", ..." if len(names) > NAMES else ""
            return f"{message} ({len(names)}: {', '.join(names[:NAMES])}{more})"
        return message if not names or names[0] in message else f"{names[0]}: {message}"


def kind_of_item(rule: RuleLine) -> Kind:
    """Return the kind of the line of the item. Waivers cover what they accept, but nothing that is UNKNOWN."""
    status = rule.status if rule.status is Status.UNKNOWN else rule.unwaived
    if status is Status.FAIL and rule.unrecorded:
        return Kind.NOT_RECORDED
    if status not in WAIVABLE and rule.status in WAIVABLE and status is not Status.UNKNOWN:
        return Kind.WAIVED
    if status is Status.NOT_APPLICABLE and any(each.reason == Omission.NOT_CONFIGURED for each in rule.findings):
        return Kind.NOT_CONFIGURED
    return Kind.WAIVED if rule.waived and status is Status.WARN else Kind[status]


def kind_of(finding: FindingLine) -> Kind:
    """Return the kind of the line of the finding."""
    if finding.waiver and finding.status in WAIVABLE:
        return Kind.WAIVED
    match finding.reason:
        case Omission.NOT_RECORDED:
            return Kind.NOT_RECORDED
        case Omission.NOT_CONFIGURED:
            return Kind.NOT_CONFIGURED
        case _:
            return Kind[finding.status]


def severity_of(rule: RuleLine) -> Severity:
    """Return the worst severity of the failures of the item that no waiver covers; LOW if there are none."""
    failing = [Severity(each.severity) for each in rule.findings if kind_of(each) is Kind.FAIL]
    return max(failing, key=lambda severity: severity.rank, default=Severity.LOW)


def worst_first(rules: Iterable[RuleLine]) -> list[RuleLine]:
    """Return the items: failures by severity, then UNKNOWN, not recorded, waived, warnings and passes."""
    return sorted(rules, key=lambda rule: (kind_of_item(rule), -severity_of(rule).rank))


def groups(rule: RuleLine) -> list[FindingGroup]:
    """Return the findings that someone has to look at, the most important first, one group for each line."""
    alike: dict[tuple[Kind, object, object, object], list[FindingLine]] = {}
    for each in rule.findings:
        if not (kind := kind_of(each)).quiet:
            alike.setdefault((kind, each.check, each.waiver, each.acknowledgement), []).append(each)
    merged: dict[tuple[Kind, str, object, object], list[FindingLine]] = {}
    for (kind, _, waiver, ack), findings in alike.items():
        merged.setdefault((kind, findings[0].message, waiver, ack), []).extend(findings)
    found = [FindingGroup(kind, tuple(findings)) for (kind, *_), findings in merged.items()]
    return sorted(found, key=lambda group: (group.kind, -Severity(group.first.severity).rank))


def quiet_text(rule: RuleLine) -> str:
    """Return the text of an item that needs nothing: the message of its first finding of that kind."""
    kind = kind_of_item(rule)
    if kind is Kind.NOT_CONFIGURED:
        return NOT_CONFIGURED
    return next((line(each.message) for each in rule.findings if kind_of(each) is kind), "")


def unconfigured(rules: Sequence[RuleLine]) -> Iterator[str]:
    """Yield the messages about settings that are not configured, each once."""
    yield from dict.fromkeys(
        each.message for rule in rules for each in rule.findings if kind_of(each) is Kind.NOT_CONFIGURED
    )


def _names(findings: Sequence[FindingLine]) -> list[str]:
    return list(dict.fromkeys(short(each.resource) for each in findings if not is_table(each.resource)))
