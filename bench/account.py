"""The account of most rows: a table whose items pass, with functions, alarms, budgets and drills."""

from datetime import UTC, datetime, timedelta

from tests.aws import costs, drills, shop
from tests.aws.account import Account, good_table


def furnish(functions: int) -> str:
    """Furnish moto, which has to be active, and return the topic of its alarms."""
    account = Account()
    client = account.client
    good_table(account)
    topic: str = client("sns").create_topic(Name="on-call")["TopicArn"]
    client("sns").subscribe(TopicArn=topic, Protocol="sms", Endpoint="+15550100")
    shop.furnish(client, topic)
    shop.workers(client, functions)
    costs.furnish(client, topic)
    drills.furnish(client, datetime.now(UTC) - timedelta(hours=1))
    return topic
