"""Conditions of a policy's statements, by value, and whether they hold for a request as far as it is known.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

import hashlib
import operator as operators
import re
from collections.abc import Iterable, Mapping

from msgspec import Struct, field

from readiness.iam.comparing import EXACT, NEGATABLE, WITH_WILDCARDS, Compare, Truth, all_of, any_of, chosen
from readiness.iam.match import ANY, WILD

VARIABLE = re.compile(r"\$\{([^}]*)\}")
LITERAL = frozenset({"*", "?", "$"})
NULL = "null"
DIGEST = 16
"""How much of a digest is kept."""

IF_EXISTS = "ifexists"

KEYS = frozenset(
    {
        "aws:calledvia",
        "aws:calledviafirst",
        "aws:calledvialast",
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalisawsservice",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:principalservicename",
        "aws:principalservicenameslist",
        "aws:principaltype",
        "aws:requestedregion",
        "aws:resourceaccount",
        "aws:resourceorgid",
        "aws:securetransport",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourceowner",
        "aws:viaawsservice",
        "dynamodb:leadingkeys",
        "iam:passedtoservice",
        "kms:calleraccount",
        "kms:encryptioncontext:aws:dynamodb:subscriberid",
        "kms:encryptioncontext:aws:dynamodb:tablename",
        "kms:encryptioncontextkeys",
        "kms:grantisforawsresource",
        "kms:viaservice",
        "lambda:functionurlauthtype",
    }
)
"""Those of which any request that is judged is known to have a value or none: what others compare with is not kept."""


class Condition(Struct, frozen=True):
    """One key under one operator, both as they are written. `values` are None where they were not kept.

    They are other people's data, and so are not part of what is shown of it. `digests` are those of all values, kept or
    not, sorted: they tell whether two conditions compare with the same. None where nobody took them.
    """

    operator: str
    key: str = ""
    values: tuple[str, ...] | None = None
    digests: tuple[str, ...] | None = None

    def __repr__(self) -> str:
        return f"Condition({self.text!r})"

    @property
    def text(self) -> str:
        """What it compares, without what it compares it with."""
        return f"{self.operator} {self.key}".rstrip()


def condition(operator: str, key: str, written: object, *, variables: bool = True, whole: bool = False) -> Condition:
    """One as a document has it. `variables`: the document is of the version that knows policy variables.

    `whole`: what it compares with is kept, whatever its key.
    """
    listed = written if isinstance(written, list) else [written]
    texts = tuple(_text(each) for each in listed)
    values = tuple(text for text in texts if text is not None)
    if len(values) < len(texts):
        return Condition(operator, key)
    literal = not variables and any("${" in text for text in values)
    kept = (whole or key.lower() in KEYS or operator.lower() == NULL) and not literal
    return Condition(operator, key, values if kept else None, digested(key, values, literal=literal))


def digested(key: str, values: Iterable[str], *, literal: bool = False) -> tuple[str, ...]:
    """Of each value, from which it can't be told. `literal`: what looks like a policy variable is none."""
    kind = f"{key.lower()}\0{'literal' if literal else ''}\0"
    return tuple(sorted({hashlib.sha256((kind + value).encode()).hexdigest()[:DIGEST] for value in values}))


def implies(one: Condition, other: Condition) -> bool:
    """Whether the other holds wherever the one does: it compares likewise, and with no less or no more values.

    Where the values of either are not known at all, that is taken for granted.
    """
    if (one.operator.lower(), one.key.lower()) != (other.operator.lower(), other.key.lower()):
        return False
    if one.digests is None or other.digests is None:
        return True
    test, mine, theirs = _test(one.operator.lower()), {*one.digests}, {*other.digests}
    if test is None:
        return mine == theirs
    return theirs <= mine if test.negated else mine <= theirs


def of_text(text: str) -> Condition:
    """One of which nothing but its text is known."""
    operator, _, key = text.partition(" ")
    return Condition(operator, key)


def _text(value: object) -> str | None:
    match value:
        case bool():
            return str(value).lower()
        case str() | int() | float():
            return str(value)
        case _:
            return None


class Chosen(Struct, frozen=True):
    """A value that whoever makes the request can choose within a pattern; `optional`: or leave out."""

    pattern: str = ANY
    optional: bool = False


Seen = tuple[str, ...] | Chosen | None
"""What a request has of a key: the values, of which there are none where it lacks the key; None: can't be known."""

ABSENT: Seen = ()
FREE = Chosen(optional=True)


class Context(Struct, frozen=True):
    """What is known of a request, by keys in lower case.

    Keys that begin as one of `absent`, and that are not among the `known`, are not in the request; `other` is what is
    known of all the rest.
    """

    known: Mapping[str, Seen] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    other: Seen = None

    def of(self, key: str) -> Seen:
        """What it has of a key, in whatever case that is written."""
        lower = key.lower()
        if lower in self.known:
            return self.known[lower]
        return ABSENT if lower.startswith(self.absent) else self.other


def hold(conditions: Iterable[Condition], context: Context) -> Truth:
    """Whether all of them hold for the request; None: that can't be known."""
    return all_of(holds(each, context) for each in conditions)


def holds(condition: Condition, context: Context) -> Truth:
    """Whether one does. Of what the requester can choose, whether it can be chosen so."""
    test = _test(condition.operator.lower())
    seen = context.of(condition.key)
    if test is None or not condition.key or seen is None:
        return None
    if seen == FREE:
        return True
    if test.name == NULL:
        return _null(condition.values, absent=seen == ABSENT)
    if seen == ABSENT:
        return test.holds_of_nothing
    return None if condition.values is None else _compared(test, condition.values, seen, context)


def _compared(test: "_Test", values: Iterable[str], seen: tuple[str, ...] | Chosen, context: Context) -> Truth:
    wanted = [_resolved(value, context, patterns=test.name in WITH_WILDCARDS) for value in values]
    if isinstance(seen, Chosen):
        return test.of_chosen(wanted, seen.pattern)
    return test.of_values(wanted, seen)


class _Test(Struct, frozen=True):
    """An operator taken apart. `quantifier` is `forallvalues`, `foranyvalue` or nothing."""

    name: str
    compare: Compare
    negated: bool = False
    quantifier: str = ""
    if_exists: bool = False

    @property
    def holds_of_nothing(self) -> bool:
        """Of a request without the key."""
        if self.if_exists or self.quantifier == "forallvalues":
            return True
        return self.negated and not self.quantifier

    def of_values(self, wanted: list[str | None], values: tuple[str, ...]) -> Truth:
        """Of the values of a request. A comparison of one with what has several is nowhere defined."""
        each = [self._of(wanted, value) for value in values]
        match self.quantifier:
            case "forallvalues":
                return all_of(each)
            case "foranyvalue":
                return any_of(each)
            case _:
                return each[0] if len(each) == 1 else None

    def of_chosen(self, wanted: list[str | None], pattern: str) -> Truth:
        """Whether a value within the pattern can be chosen so that it holds."""
        fits = [None if text is None else chosen(self.name, text, pattern) for text in wanted]
        if self.negated:
            return all_of(None if fit is None else not fit.surely for fit in fits)
        return any_of(None if fit is None else fit.possibly for fit in fits)

    def _of(self, wanted: list[str | None], value: str) -> Truth:
        found = any_of(None if text is None else self.compare(text, value) for text in wanted)
        return found if found is None else found is not self.negated


def _test(operator: str) -> _Test | None:
    """None: no such operator is documented."""
    quantifier, _, rest = operator.rpartition(":")
    plain = rest.removesuffix(IF_EXISTS)
    if operator == NULL:
        return _Test(NULL, operators.eq)
    positive = plain.replace("not", "", 1)
    name = positive if positive in NEGATABLE else plain
    if name not in EXACT or quantifier not in {"", "forallvalues", "foranyvalue"}:
        return None
    return _Test(name, EXACT[name], name != plain, quantifier, rest != plain)


def _null(values: tuple[str, ...] | None, *, absent: bool) -> Truth:
    """`true`: the request lacks the key."""
    wanted = {value.lower() for value in values or ()}
    return str(absent).lower() in wanted if wanted and wanted <= {"true", "false"} else None


def _resolved(text: str, context: Context, *, patterns: bool) -> str | None:
    """With its policy variables filled in; None where that can't be known, or AWS does not say what it does then.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    """
    if "${" not in text:
        return text
    values = [_variable(name, context, patterns=patterns) for name in VARIABLE.findall(text)]
    if None in values:
        return None
    following = iter(values)
    return VARIABLE.sub(lambda _: next(following) or "", text)


def _variable(name: str, context: Context, *, patterns: bool) -> str | None:
    """A `*` in what a variable stands for is no wildcard, which can't be written where wildcards are meant."""
    key, _, default = (part.strip() for part in name.partition(","))
    if name in LITERAL:
        return None if patterns else name
    seen = context.of(key)
    if seen == ABSENT:
        return default.strip("'") or None
    if not isinstance(seen, tuple) or len(seen) != 1 or (patterns and WILD.search(seen[0])):
        return None
    return seen[0]
