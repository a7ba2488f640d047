import pytest
from msgspec.structs import replace

from readiness.alarms.insights import is_query, query
from readiness.alarms.series import Label, Query, Series, series

THROTTLES = "AWS/DynamoDB", "ThrottledRequests"
SHOP = series(*THROTTLES, TableName="shop", Operation="PutItem")
WHOLE = Query(*THROTTLES, "SUM", ("TableName", "Operation"), (Label("TableName", "shop"),))
GROUPED = replace(WHOLE, grouped=("Operation",))


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        pytest.param(
            'SELECT SUM(ThrottledRequests) FROM SCHEMA("AWS/DynamoDB", TableName, Operation)'
            " WHERE TableName = 'shop' GROUP BY Operation ORDER BY SUM() DESC LIMIT 10",
            GROUPED,
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
        pytest.param(
            "SELECT SUM(m) FROM SCHEMA(\"Shop\", Domain) WHERE tag.\"Env\" = 'prod' AND tag.Team != 'a'"
            " AND Domain = 'b' GROUP BY tag.\"Env\", Domain",
            Query(
                "Shop",
                "m",
                "SUM",
                ("Domain",),
                (Label("Domain", "b"),),
                (Label("Env", "prod"), Label("Team", "a", equal=False)),
                ("tag.Env", "Domain"),
            ),
            id="by tags of what the series are of",
        ),
        pytest.param(
            "SELECT SUM(m) FROM Shop WHERE AWS.AccountId = '123456789012'", Query("Shop", "m", "SUM"), id="this account"
        ),
        pytest.param(
            "SELECT SUM(m) FROM Shop WHERE AWS.AccountId = '999988887777'",
            Query("Shop", "m", "SUM", None, (Label("AWS.AccountId", "999988887777"),)),
            id="another account, which no series here is of",
        ),
        pytest.param("SELECT MAX(m) FROM Shop LIMIT 1", Query("Shop", "m", "MAX"), id="one series, limited to one"),
        pytest.param(
            "SELECT MAX(m) FROM Shop GROUP BY Domain LIMIT 10", None, id="some of the groups, the lowest first"
        ),
        pytest.param(
            "SELECT MAX(m) FROM Shop GROUP BY Domain ORDER BY MAX() ASC LIMIT 10", None, id="the lowest of the groups"
        ),
        pytest.param("SELECT MAX(m) FROM Shop GROUP Domain", None, id="GROUP without BY"),
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
    assert query(expression, "123456789012") == found


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
            Query(*THROTTLES, "SUM", None, (), (Label("Env", "prod"),)), SHOP, True, id="whatever its resource's tags"
        ),
    ],
)
def test_what_a_query_covers(taken: Query, one: Series, covered: bool) -> None:  # noqa: FBT001  a column of the table
    assert taken.covers(one) is covered
