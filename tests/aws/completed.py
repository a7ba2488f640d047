"""moto's server, with members of answers that AWS always gives and moto leaves out.

Applied to moto's own classes, so they hold for whoever asks it: the tests of the built function, and the demo.
"""

import uuid
from functools import wraps
from typing import Any

from moto.dynamodb.models.table import Table
from moto.sns.responses import SNSResponse

UNASKED = frozenset({"application", "firehose", "lambda", "sms", "sqs"})
"""Protocols whose endpoint need not confirm that it wants to be subscribed: API_Subscribe."""


def complete() -> None:
    """Complete moto, once per process.

    `TableId`: "Unique identifier for the table for which the backup was created", a member of every TableDescription
    (API_TableDescription). `SubscriptionsConfirmed`: "The number of confirmed subscriptions for the topic"
    (API_GetTopicAttributes); moto always says 0.
    """
    if not hasattr(Table.describe, "__wrapped__"):
        Table.describe = _with_table_id(Table.describe)  # type: ignore[method-assign]
        SNSResponse.get_topic_attributes = _with_confirmed(SNSResponse.get_topic_attributes)  # type: ignore[method-assign]


def _with_table_id(describe: Any) -> Any:
    @wraps(describe)
    def completed(table: Any, base_key: str = "TableDescription") -> dict[str, Any]:
        described: dict[str, Any] = describe(table, base_key)
        # A table that is made anew under the same name is another table.
        described[base_key]["TableId"] = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{table.table_arn} {table.created_at}"))
        return described

    return completed


def _with_confirmed(get_topic_attributes: Any) -> Any:
    @wraps(get_topic_attributes)
    def completed(response: Any) -> Any:
        answer = get_topic_attributes(response)
        subscriptions = response.backend.subscriptions.values()
        arn = answer.result["Attributes"]["TopicArn"]
        confirmed = [each for each in subscriptions if each.topic.arn == arn and each.protocol in UNASKED]
        answer.result["Attributes"]["SubscriptionsConfirmed"] = str(len(confirmed))
        return answer

    return completed
