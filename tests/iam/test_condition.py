"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html."""

import itertools
from typing import Any

import pytest

from readiness.iam.comparing import overlap
from readiness.iam.condition import ABSENT, FREE, Chosen, Condition, RequestContext, condition, hold, holds, of_text

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/babesclub-cart"
KEY = "aws:PrincipalArn"
"""A key whose values are kept."""


def judged(operator: str, wanted: Any, *values: str, **known: tuple[str, ...]) -> bool | None:
    """What an operator says of a request that has these values of the key."""
    context = RequestContext({KEY.lower(): values, **{f"aws:{key}": of for key, of in known.items()}})
    return holds(condition(operator, KEY, wanted), context)


@pytest.mark.parametrize(
    ("operator", "wanted", "value", "answer"),
    [
        pytest.param("StringEquals", "a", "a", True, id="equal text"),
        pytest.param("StringEquals", "A", "a", False, id="text in another case"),
        pytest.param("StringEquals", "a*", "ab", False, id="no wildcard where text is compared"),
        pytest.param("StringEquals", ["b", "a"], "a", True, id="one of several"),
        pytest.param("StringNotEquals", ["b", "a"], "a", False, id="not one of several, and it is one"),
        pytest.param("StringNotEquals", ["b", "c"], "a", True, id="none of several"),
        pytest.param("StringEquals", [], "a", False, id="one of none"),
        pytest.param("StringEqualsIgnoreCase", "A", "a", True, id="case ignored"),
        pytest.param("StringNotEqualsIgnoreCase", "A", "a", False, id="case ignored, negated"),
        pytest.param("stringlike", "a*c", "abc", True, id="an operator in lower case"),
        pytest.param("StringNotLike", "a?c", "abc", False, id="a wildcard, negated"),
        pytest.param("NumericEquals", 10, "10.0", True, id="equal numbers"),
        pytest.param("NumericNotEquals", "10", "11", True, id="other numbers"),
        pytest.param("NumericLessThan", "10", "10", False, id="not less"),
        pytest.param("NumericLessThanEquals", "10", "10", True, id="less or equal"),
        pytest.param("NumericGreaterThan", "9", "10", True, id="a greater number, not a greater text"),
        pytest.param("NumericGreaterThanEquals", "11", "10", False, id="not as great"),
        pytest.param("NumericEquals", "ten", "10", None, id="what is no number"),
        pytest.param("DateLessThan", "2026-12-01T00:00:00Z", "2026-11-30T23:59:59Z", True, id="an earlier date"),
        pytest.param("DateGreaterThan", "2026-12-01", "2026-11-30T23:59:59Z", False, id="a day without a time"),
        pytest.param("DateEquals", "1764460800", "2025-11-30T00:00:00Z", True, id="seconds since 1970"),
        pytest.param("DateNotEquals", "2026", "2026-11-30", None, id="what is no date here"),
        pytest.param("Bool", "True", "true", True, id="true in capitals"),
        pytest.param("Bool", True, "true", True, id="true without quotes"),
        pytest.param("Bool", "false", "true", False, id="false"),
        pytest.param("Bool", "yes", "true", None, id="what is neither"),
        pytest.param("BinaryEquals", "QmluYXJ5", "QmluYXJ5", True, id="equal bytes"),
        pytest.param("IpAddress", "10.0.0.0/8", "10.1.2.3", True, id="an address in the range"),
        pytest.param("IpAddress", "10.0.0.1", "10.0.0.2", False, id="another address"),
        pytest.param("NotIpAddress", ["10.0.0.0/8", "2001:db8::/32"], "192.0.2.1", True, id="an address in no range"),
        pytest.param("IpAddress", "mine", "10.0.0.2", None, id="what is no range"),
        pytest.param("ArnLike", "arn:aws:iam::*:role/*", ROLE, True, id="an ARN with wildcards"),
        pytest.param("ArnEquals", "arn:aws:iam::*:role/*", ROLE, True, id="ArnEquals knows wildcards too"),
        pytest.param("ArnLike", "arn:aws:*:1:alarm:x", "arn:aws:a:b:1:alarm:x", False, id="no wildcard beyond a colon"),
        pytest.param("ArnLike", "arn:aws:iam::*", ROLE, None, id="an ARN that lacks fields"),
        pytest.param("ArnLike", "arn:aws:sqs:*", ROLE, False, id="an ARN that lacks fields, of another service"),
        pytest.param("ArnLike", "*", ROLE, True, id="any ARN"),
        pytest.param("ArnLike", "arn:aws:iam::*:role/*", "arn:aws:iam", False, id="a value that lacks fields"),
        pytest.param("ArnNotLike", "arn:aws:iam::*:role/*", ROLE, False, id="an ARN, negated"),
        pytest.param("ArnNotEquals", "arn:aws:iam::1:role/*", ROLE, True, id="another ARN, negated"),
        pytest.param("Null", "true", "a", False, id="absent, and it is there"),
        pytest.param("Null", False, "a", True, id="not absent"),
        pytest.param("Null", "maybe", "a", None, id="neither absent nor there"),
        pytest.param("StringSounds", "a", "a", None, id="an operator that AWS does not document"),
        pytest.param("NumericNotLessThan", "1", "2", None, id="a negation that AWS does not document"),
        pytest.param("ForSomeValues:StringEquals", "a", "a", None, id="a quantifier that AWS does not document"),
    ],
)
def test_one_value(operator: str, wanted: Any, value: str, answer: bool | None) -> None:  # noqa: FBT001
    assert judged(operator, wanted, value) is answer


@pytest.mark.parametrize(
    ("operator", "answer"),
    [
        pytest.param("StringEquals", False, id="a key that is lacking does not match"),
        pytest.param("StringNotEquals", True, id="so what must not match holds"),
        pytest.param("ArnNotLike", True, id="of ARNs too"),
        pytest.param("NotIpAddress", True, id="and of addresses"),
        pytest.param("NumericLessThan", False, id="nothing is not less"),
        pytest.param("Bool", False, id="nothing is not false"),
        pytest.param("StringEqualsIfExists", True, id="IfExists"),
        pytest.param("StringNotEqualsIfExists", True, id="IfExists of a negation"),
        pytest.param("ForAllValues:StringEquals", True, id="all of no values"),
        pytest.param("ForAllValues:StringNotEquals", True, id="all of no values, negated"),
        pytest.param("ForAnyValue:StringEquals", False, id="any of no values"),
        pytest.param("ForAnyValue:StringNotEquals", False, id="any of no values, negated"),
        pytest.param("ForAnyValue:StringEqualsIfExists", True, id="any, if there are any"),
    ],
)
def test_a_request_without_the_key(operator: str, answer: bool) -> None:  # noqa: FBT001
    assert judged(operator, "a") is answer
    assert judged("Null", "true") is True
    assert judged("Null", "false") is False


@pytest.mark.parametrize(
    ("operator", "values", "answer"),
    [
        pytest.param("ForAllValues:StringEquals", "ab", True, id="all are among them"),
        pytest.param("ForAllValues:StringEquals", "ax", False, id="one is not among them"),
        pytest.param("ForAnyValue:StringEquals", "ax", True, id="one is among them"),
        pytest.param("ForAnyValue:StringEquals", "xy", False, id="none is among them"),
        pytest.param("ForAllValues:StringNotEquals", "xy", True, id="none is among them, as it must be"),
        pytest.param("ForAllValues:StringNotEquals", "ax", False, id="one is among them, and must not"),
        pytest.param("ForAnyValue:StringNotEquals", "ax", True, id="one is not among them, which is enough"),
        pytest.param("ForAnyValue:StringNotEquals", "ab", False, id="all are among them"),
        pytest.param("StringEquals", "ax", None, id="several without a quantifier"),
    ],
)
def test_several_values(operator: str, values: str, answer: bool | None) -> None:  # noqa: FBT001
    assert judged(operator, ["a", "b"], *values) is answer


@pytest.mark.parametrize(
    ("operator", "wanted", "answer"),
    [
        pytest.param("StringEquals", "${aws:PrincipalAccount}", True, id="a variable that is known"),
        pytest.param("StringEquals", "${AWS:principalaccount}", True, id="in whatever case"),
        pytest.param("StringLike", "${aws:PrincipalAccount}*", True, id="before a wildcard"),
        pytest.param("StringEquals", "x-${aws:PrincipalAccount}", False, id="within another text"),
        pytest.param("StringEquals", "${aws:username}", None, id="one that can't be known"),
        pytest.param("StringNotEquals", "${aws:username}", None, id="one that can't be known, negated"),
        pytest.param("StringEquals", ["${aws:username}", ACCOUNT], True, id="beside what matches"),
        pytest.param("StringEquals", "${aws:gone}", None, id="one that the request lacks"),
        pytest.param("StringEquals", f"${{aws:gone, '{ACCOUNT}'}}", True, id="with a default"),
        pytest.param("StringEquals", "${aws:PrincipalAccount, 'x'}", True, id="with a default that is not needed"),
        pytest.param("StringLike", "${aws:wild}", None, id="with a wildcard in what it stands for"),
        pytest.param("StringEquals", "${aws:wild}", False, id="with a wildcard, where text is compared"),
        pytest.param("StringLike", "${*}", None, id="a literal wildcard among wildcards"),
        pytest.param("StringEquals", "${*}", False, id="a literal wildcard"),
    ],
)
def test_policy_variables(operator: str, wanted: Any, answer: bool | None) -> None:  # noqa: FBT001
    assert judged(operator, wanted, ACCOUNT, principalaccount=(ACCOUNT,), gone=(), wild=("*",)) is answer


def test_a_document_of_the_older_version_knows_no_variables() -> None:
    old = condition("StringEquals", KEY, "${aws:PrincipalAccount}", variables=False)
    assert holds(old, RequestContext({KEY.lower(): (ACCOUNT,), "aws:principalaccount": (ACCOUNT,)})) is None


@pytest.mark.parametrize(
    ("operator", "wanted", "answer"),
    [
        pytest.param("ArnLike", "arn:aws:iam::999988887777:role/*", True, id="an ARN that can be chosen"),
        pytest.param("ArnLike", f"arn:aws:iam::{ACCOUNT}:role/*", False, id="an ARN of another account"),
        pytest.param("ArnNotLike", f"arn:aws:iam::{ACCOUNT}:*", True, id="any but those of another account"),
        pytest.param("ArnNotLike", "arn:aws:iam::999988887777:*", False, id="any but its own"),
        pytest.param("ArnNotLike", "arn:aws:iam::999988887777:role/a", True, id="any but one of its own"),
        pytest.param("ArnNotLike", "arn:aws:iam::999988887777:?", True, id="any but those of one character"),
        pytest.param("StringNotLike", "arn:aws:iam::999988887777:?", True, id="any but texts with one more character"),
        pytest.param("StringEquals", "arn:aws:iam::999988887777:role/a", True, id="one text"),
        pytest.param("StringNotEquals", "arn:aws:iam::999988887777:role/a", True, id="any but one text"),
        pytest.param("Null", "true", False, id="it can't be left out"),
        pytest.param("NumericLessThan", "1", True, id="some number"),
    ],
)
def test_what_the_requester_can_choose(operator: str, wanted: str, answer: bool) -> None:  # noqa: FBT001
    context = RequestContext({KEY.lower(): Chosen("arn:aws:iam::999988887777:*")})
    assert holds(condition(operator, KEY, wanted), context) is answer


def test_what_is_known_of_a_key() -> None:
    context = RequestContext({"a:b": ("1",), "a:c": None}, absent=("a:",), other=FREE)
    assert [context.of(key) for key in ("A:B", "a:c", "a:d", "b")] == [("1",), None, ABSENT, FREE]
    assert RequestContext().of("a:b") is None


def test_all_conditions_have_to_hold() -> None:
    true, false = condition("Null", "a:b", "true"), condition("Null", "a:b", "false")
    unknown = Condition("StringEquals")
    context = RequestContext(absent=("a:",))
    assert [hold(each, context) for each in ([], [true], [true, unknown], [unknown, false])] == [
        True,
        True,
        None,
        False,
    ]


def test_values_are_kept_of_keys_that_are_judged_and_never_shown() -> None:
    kept, dropped = condition("StringEquals", KEY, "s3cret"), condition("StringEquals", "sts:ExternalId", "s3cret")
    assert (kept.values, dropped.values) == (("s3cret",), None)
    assert "s3cret" not in repr((kept, dropped))
    assert kept.text == "StringEquals aws:PrincipalArn"
    assert of_text("Bool aws:SecureTransport") == Condition("Bool", "aws:SecureTransport")


@pytest.mark.parametrize("written", [{"Ref": "x"}, [None], [["a"]]])
def test_what_is_no_value_can_not_be_known(written: object) -> None:
    assert judged("StringEquals", written, "a") is None


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("", "", True),
        ("*", "", True),
        ("a*", "*b", True),
        ("a*c", "a?c", True),
        ("a?", "a", False),
        ("*a", "*b", False),
        ("a*b*c", "axxbyyc", True),
        ("a*b*c", "axxc", False),
        ("*" * 30 + "a", "*" * 30 + "b", False),
        ("a:\0:c", "a:b:*", True),
        ("a:\0:c", "a:*:b:c", False),
        ("\0", "", True),
    ],
)
def test_patterns_that_overlap(one: str, other: str, both: bool) -> None:  # noqa: FBT001
    assert overlap(one, other) is both
    assert overlap(other, one) is both


def test_patterns_overlap_where_a_text_fits_both() -> None:
    """Against every short text."""
    texts = ["".join(each) for length in range(5) for each in itertools.product("a:", repeat=length)]
    patterns = ["".join(each) for length in range(4) for each in itertools.product("a:*?\0", repeat=length)]
    fitting = {pattern: {text for text in texts if _fits(pattern, text)} for pattern in patterns}
    for one, other in itertools.combinations_with_replacement(patterns, 2):
        if len(one) + len(other) <= len("a*?:"):  # a text of four characters is enough to tell
            assert overlap(one, other) is bool(fitting[one] & fitting[other]), (one, other)


def _fits(pattern: str, text: str) -> bool:
    """By the definition: what stands first, then the rest."""
    if not pattern:
        return not text
    first, rest = pattern[0], pattern[1:]
    if first in {"*", "\0"}:
        taken = itertools.takewhile(lambda at: first == "*" or ":" not in text[:at], range(len(text) + 1))
        return any(_fits(rest, text[at:]) for at in taken)
    return bool(text) and first in {"?", text[0]} and _fits(rest, text[1:])
