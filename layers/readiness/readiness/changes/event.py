"""Change events as EventBridge delivers them, validated by pydantic: anybody may put an event on a bus.

Only a run that such an event asked for imports this: pydantic takes 60 ms of a cold start. Powertools' parser would
take 200 ms more, for it imports the models of all event sources.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
"""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, Strict

Text = Annotated[str, Strict(), Field(min_length=1)]


def _is_text(value: object) -> object:
    """A number is a time for pydantic, and none for CloudTrail. ValueError: it is no text."""
    if not isinstance(value, str):
        msg = "expected a text"
        raise ValueError(msg)  # noqa: TRY004  pydantic reports a ValueError with the place
    return value


Time = Annotated[AwareDatetime, BeforeValidator(_is_text)]
TextIfAny = Annotated[str, BeforeValidator(lambda value: value if isinstance(value, str) else "")]
ObjectIfAny = Annotated[dict[str, Any], BeforeValidator(lambda value: value if isinstance(value, dict) else {})]


class Model(BaseModel):
    """Base of these. What they say of a mistake never repeats the event: it may hold what nobody may read."""

    model_config = ConfigDict(hide_input_in_errors=True)


class Record(Model):
    """The members of a CloudTrail record that tell the call. A call that was refused has an error code."""

    event_id: Text = Field(alias="eventID")
    event_source: Text = Field(alias="eventSource")
    event_name: Text = Field(alias="eventName")
    event_time: Time = Field(alias="eventTime")
    error_code: TextIfAny = Field("", alias="errorCode")
    parameters: ObjectIfAny = Field(default={}, alias="requestParameters")


class AlarmDetail(Model):
    """The detail of a changed alarm. An operation other than `delete` put it."""

    name: TextIfAny = Field("", alias="alarmName")
    operation: Any = None


class OfCloudTrail(Model):
    """A management event. `detail` stays as it came: who made the call is read from it too."""

    kind: Literal["AWS API Call via CloudTrail"] = Field(alias="detail-type")
    detail: dict[str, Any]


class OfAlarm(Model):
    """A changed alarm, as CloudWatch tells it itself."""

    kind: Literal["CloudWatch Alarm Configuration Change"] = Field(alias="detail-type")
    id: Text
    time: Time
    detail: AlarmDetail


class ChangeEvent(Model):
    """Any of the events that the rules of the stack let through."""

    event: OfCloudTrail | OfAlarm = Field(discriminator="kind")
