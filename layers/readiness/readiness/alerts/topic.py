"""Publish a message to an SNS topic."""

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

# The error codes of Publish that are about the message itself: SNS would reject the same message again.
INVALID = frozenset({"InvalidParameter", "InvalidParameterValue", "ParameterValueInvalid", "ValidationException"})


class Refused(Exception):
    """SNS did not accept a message.

    `invalid`: the message itself is rejected; otherwise a retry may succeed. `answered`: SNS returned the error;
    otherwise the message may have been published nevertheless.
    """

    def __init__(self, reason: str, *, invalid: bool, answered: bool = True) -> None:
        """`reason` is the error code of AWS, or the name of botocore's exception."""
        super().__init__(reason)
        self.invalid = invalid
        self.answered = answered


class AlertTopic:
    """An SNS topic."""

    def __init__(self, client: "SNSClient", arn: str) -> None:
        """`client` must be of the topic's Region."""
        self._client = client
        self.arn = arn
        self._unread = False

    def publish(self, message: Message) -> None:
        """Publish the message. Refused: SNS did not accept it."""
        from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

        try:
            self._client.publish(
                TopicArn=self.arn,
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
        """Return True if the topic has a confirmed subscription, or if its attributes cannot be read."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = Answer(self._client.get_topic_attributes(TopicArn=self.arn), "sns:GetTopicAttributes")
            return answer.part("Attributes").number("SubscriptionsConfirmed") > 0
        except (BotoCoreError, ClientError, Unreadable) as error:
            if not self._unread:  # a run asks several times
                said = "cannot read the subscriptions of the topic, assuming a confirmed one"
                logger.warning(said, extra=failure(error))
            self._unread = True
            return True


def _attribute(value: str | tuple[str, ...]) -> "MessageAttributeValueTypeDef":
    if isinstance(value, str):
        return {"DataType": "String", "StringValue": value}
    return {"DataType": "String.Array", "StringValue": json.dumps(list(value))}
