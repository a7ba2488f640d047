"""Change events as EventBridge delivers them, validated by pydantic: any principal can put an event on a bus.

Only a run that such an event started imports this module: pydantic takes 60 ms of a cold start. Powertools' parser
would take 200 ms more, because it imports the models of all event sources.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
"""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, Strict

Text = Annotated[str, Strict(), Field(min_length=1)]


def _is_text(value: object) -> object:
    """Return a text unchanged. ValueError: any other value, such as a number, which pydantic takes as a time."""
    if not isinstance(value, str):
        msg = "expected a text"
        raise ValueError(msg)  # noqa: TRY004  pydantic reports a ValueError with the place
    return value


Time = Annotated[AwareDatetime, BeforeValidator(_is_text)]
TextIfAny = Annotated[str, BeforeValidator(lambda value: value if isinstance(value, str) else "")]
ObjectIfAny = Annotated[dict[str, Any], BeforeValidator(lambda value: value if isinstance(value, dict) else {})]


class Model(BaseModel):
    """Base of these models. Validation errors do not contain the input, because it can be confidential."""

    model_config = ConfigDict(hide_input_in_errors=True)


class Record(Model):
    """The members of a CloudTrail record that describe the call. A refused call has an error code."""

    event_id: Text = Field(alias="eventID")
    event_source: Text = Field(alias="eventSource")
    event_name: Text = Field(alias="eventName")
    event_time: Time = Field(alias="eventTime")
    error_code: TextIfAny = Field("", alias="errorCode")
    parameters: ObjectIfAny = Field(default={}, alias="requestParameters")


class AlarmDetail(Model):
    """The detail of a changed alarm. Any operation other than `delete` is a put."""

    name: TextIfAny = Field("", alias="alarmName")
    operation: Any = None


class OfCloudTrail(Model):
    """A management event. `detail` stays unparsed: the actor is read from it too."""

    kind: Literal["AWS API Call via CloudTrail"] = Field(alias="detail-type")
    detail: dict[str, Any]


class OfAlarm(Model):
    """A changed alarm, as CloudWatch itself reports it."""

    kind: Literal["CloudWatch Alarm Configuration Change"] = Field(alias="detail-type")
    id: Text
    time: Time
    detail: AlarmDetail


class ChangeEvent(Model):
    """Any of the events that the EventBridge rules of the stack match."""

    event: OfCloudTrail | OfAlarm = Field(discriminator="kind")
