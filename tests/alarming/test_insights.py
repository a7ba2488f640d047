import pytest

from readiness.alarming.insights import is_query, query
from readiness.alarming.series import Label, Query, Series, series

THROTTLES = "AWS/DynamoDB", "ThrottledRequests"
SHOP = series(*THROTTLES, TableName="shop", Operation="PutItem")
WHOLE = Query(*THROTTLES, "SUM", ("TableName", "Operation"), (Label("TableName", "shop"),))


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        pytest.param(
            'SELECT SUM(ThrottledRequests) FROM SCHEMA("AWS/DynamoDB", TableName, Operation)'
            " WHERE TableName = 'shop' GROUP BY Operation ORDER BY SUM() DESC LIMIT 10",
            WHOLE,
            id="with all clauses",
        ),
        pytest.param(
            "select sum(ThrottledRequests)\nfrom schema(\"AWS/DynamoDB\",TableName,Operation) where TableName='shop'",
            WHOLE,
            id="keywords in lower case, no blanks",
        ),
        pytest.param(
            'SELECT MAX("a metric") FROM Shop', Query("Shop", "a metric", "MAX"), id="of any dimensions, quoted"
        ),
        pytest.param(
            'SELECT MAX(m) FROM SCHEMA("Shop")', Query("Shop", "m", "MAX", ()), id="of series without dimensions"
        ),
        pytest.param(
            "SELECT MAX(m) FROM Shop WHERE Domain != 'a GROUP BY b' AND \"Order Type\" = 'it\\'s'",
            Query(
                "Shop", "m", "MAX", None, (Label("Domain", "a GROUP BY b", equal=False), Label("Order Type", "it's"))
            ),
            id="two demands, with words of the language in quotes",
        ),
        pytest.param("SELECT MAX(m) FROM Shop WHERE Domain LIKE 'a'", None, id="an operator that nobody knows"),
        pytest.param("SELECT MAX(m) FROM Shop WHERE Domain = 'a' OR Domain = 'b'", None, id="OR"),
        pytest.param("SELECT MAX(m) FROM Shop WHERE Domain = 'a' AND", None, id="cut off"),
        pytest.param("SELECT p99(m) FROM Shop", None, id="a function that nobody knows"),
        pytest.param("SELECT MAX(m)", None, id="of nothing"),
        pytest.param('SELECT MAX(m) FROM "Shop', None, id="an open quote"),
    ],
)
def test_query(expression: str, found: Query | None) -> None:
    assert is_query(expression)
    assert query(expression) == found


@pytest.mark.parametrize("expression", ["m1 + m2", "FILL(selected, 0)", "SELECTED"])
def test_metric_math_is_no_query(expression: str) -> None:
    assert not is_query(expression)


@pytest.mark.parametrize(
    ("taken", "one", "covered"),
    [
        pytest.param(WHOLE, SHOP, True, id="all that it demands"),
        pytest.param(WHOLE, series(*THROTTLES, "Sum", TableName="shop", Operation="Scan"), True, id="each operation"),
        pytest.param(WHOLE, series(*THROTTLES, TableName="other", Operation="PutItem"), False, id="another table"),
        pytest.param(WHOLE, series(*THROTTLES, TableName="shop"), False, id="a dimension too few"),
        pytest.param(
            WHOLE, series(*THROTTLES, TableName="shop", Operation="PutItem", More="1"), False, id="a dimension too many"
        ),
        pytest.param(
            WHOLE, series("AWS/DynamoDB", "UserErrors", TableName="shop", Operation="PutItem"), False, id="metric"
        ),
        pytest.param(Query(*THROTTLES, "SUM"), SHOP, True, id="any dimensions"),
        pytest.param(Query(*THROTTLES, "SUM", ()), SHOP, False, id="no dimensions at all"),
        pytest.param(Query(*THROTTLES, "SUM", ()), series(*THROTTLES), True, id="none asked, none there"),
        pytest.param(
            Query(*THROTTLES, "SUM", None, (Label("TableName", "other", equal=False),)),
            SHOP,
            True,
            id="all but another",
        ),
        pytest.param(
            Query(*THROTTLES, "SUM", None, (Label("Cause", "keys", equal=False),)),
            SHOP,
            False,
            id="another value of a dimension that it has not",
        ),
        pytest.param(
            Query(*THROTTLES, "SUM", None, (Label("tag.Env", "prod"),)), SHOP, False, id="tags can't be seen here"
        ),
    ],
)
def test_what_a_query_covers(taken: Query, one: Series, covered: bool) -> None:  # noqa: FBT001  a column of the table
    assert taken.covers(one) is covered
