"""Conditions of policy statements, evaluated for requests that are partly known.

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
"""The kept length of a digest, in characters."""

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
"""Condition keys whose value in some evaluated request is known; the values of others are not kept."""


class Condition(Struct, frozen=True):
    """One key under one operator, as written. `values` are None where they were not kept.

    Values are other people's data and are not shown. `digests` are the digests of all values, sorted: they show that
    two conditions compare with the same values. None where they were not recorded.
    """

    operator: str
    key: str = ""
    values: tuple[str, ...] | None = None
    digests: tuple[str, ...] | None = None

    def __repr__(self) -> str:
        return f"Condition({self.text!r})"

    @property
    def text(self) -> str:
        """Return the operator and key, without values."""
        return f"{self.operator} {self.key}".rstrip()


def condition(operator: str, key: str, written: object, *, variables: bool = True, whole: bool = False) -> Condition:
    """Return the condition as a document has it. `variables`: the document's version supports policy variables."""
    listed = written if isinstance(written, list) else [written]
    texts = tuple(_text(each) for each in listed)
    values = tuple(text for text in texts if text is not None)
    if len(values) < len(texts):
        return Condition(operator, key)
    literal = not variables and any("${" in text for text in values)
    kept = (whole or key.lower() in KEYS or operator.lower() == NULL) and not literal
    return Condition(operator, key, values if kept else None, digested(key, values, literal=literal))


def digested(key: str, values: Iterable[str], *, literal: bool = False) -> tuple[str, ...]:
    """Return the digest of each value. `literal`: the text of a policy variable is taken literally."""
    kind = f"{key.lower()}\0{'literal' if literal else ''}\0"
    return tuple(sorted({hashlib.sha256((kind + value).encode()).hexdigest()[:DIGEST] for value in values}))


def implies(one: Condition, other: Condition) -> bool:
    """Return True where `other` holds whenever `one` does, or where the values of either are not known."""
    if (one.operator.lower(), one.key.lower()) != (other.operator.lower(), other.key.lower()):
        return False
    if one.digests is None or other.digests is None:
        return True
    test, mine, theirs = _test(one.operator.lower()), {*one.digests}, {*other.digests}
    if test is None:
        return mine == theirs
    return theirs <= mine if test.negated else mine <= theirs


def of_text(text: str) -> Condition:
    """Return a condition of which only the text is known."""
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
    """A value that the caller can choose within a pattern; `optional`: or leave out."""

    pattern: str = ANY
    optional: bool = False


Seen = tuple[str, ...] | Chosen | None
"""The values of a key in a request, empty where it is absent; None: not known."""

ABSENT: Seen = ()
FREE = Chosen(optional=True)


class RequestContext(Struct, frozen=True):
    """The known condition keys of a request, in lower case; those with a prefix in `absent` are not in it."""

    known: Mapping[str, Seen] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    other: Seen = None

    def of(self, key: str) -> Seen:
        """Return the value of a key, in any case."""
        lower = key.lower()
        if lower in self.known:
            return self.known[lower]
        return ABSENT if lower.startswith(self.absent) else self.other


def hold(conditions: Iterable[Condition], context: RequestContext) -> Truth:
    """Return True where all conditions hold; None: not known."""
    return all_of(holds(each, context) for each in conditions)


def holds(condition: Condition, context: RequestContext) -> Truth:
    """Return True where the condition holds, or where the caller can choose a value so that it holds."""
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


def _compared(test: "_Test", values: Iterable[str], seen: tuple[str, ...] | Chosen, context: RequestContext) -> Truth:
    wanted = [_resolved(value, context, patterns=test.name in WITH_WILDCARDS) for value in values]
    if isinstance(seen, Chosen):
        return test.of_chosen(wanted, seen.pattern)
    return test.of_values(wanted, seen)


class _Test(Struct, frozen=True):
    """An operator in parts. `quantifier` is `forallvalues`, `foranyvalue` or empty."""

    name: str
    compare: Compare
    negated: bool = False
    quantifier: str = ""
    if_exists: bool = False

    @property
    def holds_of_nothing(self) -> bool:
        """Return the result for a request without the key."""
        if self.if_exists or self.quantifier == "forallvalues":
            return True
        return self.negated and not self.quantifier

    def of_values(self, wanted: list[str | None], values: tuple[str, ...]) -> Truth:
        """Return the result for the values of a request; without a quantifier it is defined for one value only."""
        each = [self._of(wanted, value) for value in values]
        match self.quantifier:
            case "forallvalues":
                return all_of(each)
            case "foranyvalue":
                return any_of(each)
            case _:
                return each[0] if len(each) == 1 else None

    def of_chosen(self, wanted: list[str | None], pattern: str) -> Truth:
        """Return True where the caller can choose a value within the pattern so that it holds."""
        fits = [None if text is None else chosen(self.name, text, pattern) for text in wanted]
        if self.negated:
            return all_of(None if fit is None else not fit.surely for fit in fits)
        return any_of(None if fit is None else fit.possibly for fit in fits)

    def _of(self, wanted: list[str | None], value: str) -> Truth:
        found = any_of(None if text is None else self.compare(text, value) for text in wanted)
        return found if found is None else found is not self.negated


def _test(operator: str) -> _Test | None:
    """Return the operator in parts; None for an undocumented operator."""
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
    """Return the result of the Null operator: `true` means that the key is absent."""
    wanted = {value.lower() for value in values or ()}
    return str(absent).lower() in wanted if wanted and wanted <= {"true", "false"} else None


def _resolved(text: str, context: RequestContext, *, patterns: bool) -> str | None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html; None: not known."""
    if "${" not in text:
        return text
    values = [_variable(name, context, patterns=patterns) for name in VARIABLE.findall(text)]
    if None in values:
        return None
    following = iter(values)
    return VARIABLE.sub(lambda _: next(following) or "", text)


def _variable(name: str, context: RequestContext, *, patterns: bool) -> str | None:
    """Return the value of a policy variable. None for a value with wildcards where patterns are compared."""
    key, _, default = (part.strip() for part in name.partition(","))
    if name in LITERAL:
        return None if patterns else name
    seen = context.of(key)
    if seen == ABSENT:
        return default.strip("'") or None
    if not isinstance(seen, tuple) or len(seen) != 1 or (patterns and WILD.search(seen[0])):
        return None
    return seen[0]
