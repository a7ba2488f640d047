"""The child alarms for which a composite alarm enters ALARM.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-combining.html
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct

from readiness.alarms.words import Parser, plain

Known = Mapping[str, str]
"""The known states of alarms, by the name or ARN in the rule."""

STATES = frozenset({"ALARM", "OK", "INSUFFICIENT_DATA"})
QUORUM = "AT_LEAST"

WORD = re.compile(r'\s*("(?:\\.|[^"\\])*"|[(),]|[^\s(),"]+)')


class Is(Struct, frozen=True):
    """A condition: an alarm is in a state."""

    state: str
    alarm: str


class Constant(Struct, frozen=True):
    """TRUE or FALSE."""

    value: bool


class Not(Struct, frozen=True):
    """The negation of a rule."""

    part: "Rule"


class AtLeast(Struct, frozen=True):
    """A condition: at least `count` of its parts hold; all of them for AND, one for OR."""

    count: int
    parts: tuple["Rule", ...]


Rule = Is | Constant | Not | AtLeast


def _holds(rule: Rule, known: Known) -> bool | None:
    """Return True where the rule holds; None where states that are not known decide."""
    match rule:
        case Is(state, alarm):
            return known[alarm] == state if alarm in known else None
        case Constant(value):
            return value
        case Not(part):
            held = _holds(part, known)
            return None if held is None else not held
        case AtLeast(count, parts):
            each = [_holds(part, known) for part in parts]
            possible = len(each) - each.count(False)
            return True if each.count(True) >= count else False if possible < count else None


def stirred_by(rule: str) -> Mapping[str, bool]:
    """Return the alarms in a rule, by name or ARN as written; True if the rule holds when that alarm alone is in ALARM.

    True: the rule holds as soon as that alarm is in ALARM, whatever the states of the others, and does not hold while
    all are OK. A rule that cannot be parsed gives False for all.
    """
    try:
        parsed = AlarmRuleParser(rule, WORD).parsed()
    except (RecursionError, ValueError):
        return dict.fromkeys((plain(word) for word in WORD.findall(rule)), False)
    referred = list(_alarms(parsed))
    always = _holds(parsed, dict.fromkeys(referred, "OK"))
    return {alarm: not always and _holds(parsed, {alarm: "ALARM"}) is True for alarm in referred}


class AlarmRuleParser(Parser):
    """A parser of an AlarmRule: NOT binds closest, then AND, then OR."""

    def parsed(self) -> Rule:
        """Return the parsed rule. Raises ValueError for any other text."""
        rule = self._either()
        self.expect_end()
        return rule

    def _either(self) -> Rule:
        return self._joined("OR", self._both, lambda _parts: 1)

    def _both(self) -> Rule:
        return self._joined("AND", self._one, len)

    def _joined(self, word: str, part: Callable[[], Rule], count: Callable[[list[Rule]], int]) -> Rule:
        parts = [part()]
        while self.peek() == word:
            self.take()
            parts.append(part())
        return parts[0] if len(parts) == 1 else AtLeast(count(parts), tuple(parts))

    def _one(self) -> Rule:
        match self.take().upper():
            case "NOT":
                return Not(self._one())
            case "TRUE" | "FALSE" as word:
                return Constant(word == "TRUE")
            case "(":
                rule = self._either()
                self.expect(")")
                return rule
            case word:
                return self._called(word)

    def _called(self, function: str) -> Rule:
        """Parse a state or a quorum with its arguments."""
        if function not in STATES | {QUORUM}:
            raise ValueError(function)
        self.expect("(")
        rule = self._quorum() if function == QUORUM else Is(function, plain(self.take()))
        self.expect(")")
        return rule

    def _quorum(self) -> Rule:
        """Parse `AT_LEAST(2, ALARM, (a, b, c))` or `AT_LEAST(60%, NOT OK, (a, b, c))`."""
        threshold = self.take()
        self.expect(",")
        negated = self.peek() == "NOT" and bool(self.take())
        state = self.take().upper()
        self.expect(",")
        self.expect("(")
        alarms = [plain(self.take())]
        while self.peek() == ",":
            self.take()
            alarms.append(plain(self.take()))
        self.expect(")")
        parts: list[Rule] = [Is(state, alarm) for alarm in alarms]
        count = int(threshold.rstrip("%"))
        if threshold.endswith("%"):
            count = math.ceil(count * len(parts) / 100)
        return AtLeast(count, tuple(Not(part) for part in parts) if negated else tuple(parts))


def _alarms(rule: Rule) -> Iterator[str]:
    match rule:
        case Is(_, alarm):
            yield alarm
        case Not(part):
            yield from _alarms(part)
        case AtLeast(_, parts):
            for part in parts:
                yield from _alarms(part)
        case _:
            pass
