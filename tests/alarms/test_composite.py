import pytest

from readiness.alarms.composite import stirred_by


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param('ALARM("x")', id="alone"),
        pytest.param("ALARM(x)", id="without quotes"),
        pytest.param('((ALARM("x")))', id="in parentheses"),
        pytest.param('alarm("x")', id="in lower case"),
        pytest.param('ALARM("x") OR ALARM("y")', id="under OR"),
        pytest.param('ALARM("y") OR ALARM("x")', id="under OR, last"),
        pytest.param('ALARM("x") OR (ALARM("y") AND ALARM("z"))', id="under OR, beside an AND"),
        pytest.param('ALARM("y") AND ALARM("z") OR ALARM("x")', id="AND binds closer than OR"),
        pytest.param('ALARM("x") AND TRUE', id="with what always holds"),
        pytest.param('ALARM("x") AND NOT FALSE', id="with what never fails to"),
        pytest.param('ALARM("x") OR INSUFFICIENT_DATA("x")', id="or without data"),
        pytest.param('NOT OK("x")', id="as soon as it is not OK"),
        pytest.param('AT_LEAST(1, ALARM, ("x", "y", "z"))', id="one of three"),
        pytest.param("AT_LEAST(33%, ALARM, (x, y, z))", id="a third of three"),
        pytest.param("AT_LEAST(1, NOT OK, (x, y))", id="one of two that is not OK"),
    ],
)
def test_it_is_sure_to_go_off_with_the_alarm(rule: str) -> None:
    assert stirred_by(rule)["x"] is True


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param('ALARM("x") AND ALARM("y")', id="under AND"),
        pytest.param('ALARM("x") AND NOT ALARM("deploying")', id="but for a deployment"),
        pytest.param('(ALARM("x") OR ALARM("y")) AND OK("z")', id="under OR, under AND"),
        pytest.param('NOT ALARM("x")', id="under NOT"),
        pytest.param('OK("x")', id="when it is OK"),
        pytest.param('ALARM("x") OR TRUE', id="it is always in ALARM, and so never goes there"),
        pytest.param('ALARM("x") OR OK("y")', id="it is in ALARM while all is well"),
        pytest.param('ALARM("x") OR NOT ALARM("y")', id="it is in ALARM unless another one is"),
        pytest.param('ALARM("x") OR AT_LEAST(1, OK, (x, y))', id="it is in ALARM while one is OK"),
        pytest.param('ALARM("x") AND FALSE', id="it never is"),
        pytest.param("AT_LEAST(2, ALARM, (x, y, z))", id="two of three"),
        pytest.param("AT_LEAST(34%, ALARM, (x, y, z))", id="more than a third of three"),
        pytest.param("AT_LEAST(1, OK, (x, y, z))", id="one that is OK"),
        pytest.param('ALARM("x") XOR ALARM("y")', id="an operator that nobody knows"),
        pytest.param('PERHAPS("x")', id="a function that nobody knows"),
        pytest.param('ALARM("x" "y")', id="two names for one"),
        pytest.param('ALARM("x") OR', id="cut off"),
        pytest.param('ALARM("x") OR "', id="an open quote"),
        pytest.param("(" * 5000 + "ALARM(x)" + ")" * 5000, id="deeper than anybody reads"),
    ],
)
def test_it_may_stay_quiet(rule: str) -> None:
    assert stirred_by(rule)["x"] is False


def test_names_and_arns_are_as_they_are_written() -> None:
    arn = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:carts"
    rule = rf'ALARM("{arn}") OR ALARM({arn}-2) OR ALARM("a \"b\" (c), OR d")'
    assert stirred_by(rule) == {arn: True, f"{arn}-2": True, 'a "b" (c), OR d': True}
