"""The SNS topic that carries a message."""

import json
import logging
from typing import TYPE_CHECKING

from readiness.aws.answer import Answer
from readiness.aws.failure import failure
from readiness.model import Message, Unreadable

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sns.type_defs import MessageAttributeValueTypeDef

logger = logging.getLogger(__name__)

# The codes of Publish that speak of the message itself: sent again as it is, it would be refused again.
INVALID = frozenset({"InvalidParameter", "InvalidParameterValue", "ParameterValueInvalid", "ValidationException"})


class Refused(Exception):
    """SNS did not take a message. `invalid`: because of the message; otherwise for what may be over next time.

    `answered`: SNS said so; otherwise the message may still be under way.
    """

    def __init__(self, reason: str, *, invalid: bool, answered: bool = True) -> None:
        """`reason` is AWS's error code, or the name of botocore's error."""
        super().__init__(reason)
        self.invalid = invalid
        self.answered = answered


class Topic:
    """One topic, through a botocore client of SNS."""

    def __init__(self, client: "SNSClient", arn: str) -> None:
        """The client is that of the topic's Region."""
        self._client = client
        self._arn = arn

    def publish(self, message: Message) -> None:
        """Hand it to SNS; Refused if SNS does not take it."""
        from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

        try:
            self._client.publish(
                TopicArn=self._arn,
                Subject=message.subject,
                MessageStructure="json",
                Message=json.dumps(dict(message.bodies), ensure_ascii=False),
                MessageAttributes={name: _attribute(value) for name, value in message.attributes.items()},
            )
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            raise Refused(code, invalid=code in INVALID) from error
        except BotoCoreError as error:
            invalid = isinstance(error, ParamValidationError)
            raise Refused(type(error).__name__, invalid=invalid, answered=invalid) from error

    def has_subscribers(self) -> bool:
        """Whether anybody listens: a subscription is confirmed. What can't be read counts as one."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = Answer(self._client.get_topic_attributes(TopicArn=self._arn), "sns:GetTopicAttributes")
            return answer.part("Attributes").number("SubscriptionsConfirmed") > 0
        except (BotoCoreError, ClientError, Unreadable) as error:
            logger.warning(
                "the subscriptions of the topic could not be read, which counts as one", extra=failure(error)
            )
            return True


def _attribute(value: str | tuple[str, ...]) -> "MessageAttributeValueTypeDef":
    if isinstance(value, str):
        return {"DataType": "String", "StringValue": value}
    return {"DataType": "String.Array", "StringValue": json.dumps(list(value))}
