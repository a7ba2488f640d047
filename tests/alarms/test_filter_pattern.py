import pytest

from readiness.alarms.filter_pattern import matched

QUOTE = {"$.event": "write_failure", "$.domain": "quote"}


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        '{ $.event = "write_failure" }',
        '{ $.event = "write_failure" && $.domain = "quote" }',
        "{ $.domain = quote }",
        '{$.domain="q*"}',
        '{ $.domain != "session" }',
        "{ $.domain EXISTS }",
        '{ $.domain = "session" || $.domain = "quote" }',
        '{ ($.event = "write_failure") && (($.domain = "session") || ($.domain = "quote")) }',
        '{ $.level = "ERROR" || $.domain = "quote" }',
        '{ $.latency > 3 || $.domain = "quote" }',
        '{ $.domain = "session" && $.level = "ERROR" || $.domain = "quote" }',
    ],
)
def test_it_matches_such_a_line(pattern: str) -> None:
    assert matched(pattern, QUOTE) is True


@pytest.mark.parametrize(
    "pattern",
    [
        '{ $.event = "write_failure" && $.domain = "session" }',
        '{ $.domain != "quote" }',
        '{ $.domain != "q*" }',
        "{ $.domain NOT EXISTS }",
        "{ $.domain IS NULL }",
        "{ $.domain IS TRUE }",
        "{ $.domain = 5 }",
        '{ $.level = "ERROR" && $.domain = "session" }',
        '{ $.domain = "quote" && ($.domain = "session" || $.domain = "coupon") }',
    ],
)
def test_it_never_matches_such_a_line(pattern: str) -> None:
    assert matched(pattern, QUOTE) is False


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param('{ $.level = "ERROR" }', id="a member of which nothing is known"),
        pytest.param('{ $.level = "ERROR" && $.domain = "quote" }', id="such a member beside one that fits"),
        pytest.param("{ $.level EXISTS }", id="whether there is such a member"),
        pytest.param("{ $.domain > 3 }", id="a number is compared"),
        pytest.param("{ $.domain = %quot.% }", id="a regular expression"),
        pytest.param("{ $.domain = quote? }", id="a sign whose meaning is not documented"),
        pytest.param("ERROR", id="a term of a text"),
        pytest.param("[level, domain=quote]", id="columns"),
        pytest.param("{ $.domain }", id="no comparison"),
        pytest.param("{ $.domain = }", id="nothing to compare with"),
        pytest.param("{ $.domain = $.event }", id="another member to compare with"),
        pytest.param("{ $.domain IS EMPTY }", id="a word that is not known"),
        pytest.param("{ $.domain LIKE x }", id="an operator that is not known"),
        pytest.param('{ ($.domain = "quote" }', id="a bracket that is not closed"),
        pytest.param('{ $.domain = "quote" ) }', id="a bracket that was not opened"),
        pytest.param('{ $.domain = "quote }', id="a quote that is not closed"),
        pytest.param('{ domain = "quote" }', id="no selector"),
        pytest.param("{ }", id="nothing at all"),
        pytest.param("{", id="half a pattern"),
        pytest.param("{" + "(" * 100_000 + "}", id="more brackets than anybody writes"),
    ],
)
def test_what_is_not_decided_is_neither(pattern: str) -> None:
    assert matched(pattern, QUOTE) is None
