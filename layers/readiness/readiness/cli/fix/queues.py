"""Dead-letter queues, and the settings by which functions and queues send failed events to them."""

from typing import Any

from msgspec.structs import replace

from readiness.aws.client import Aws, existing
from readiness.cli.fix.effects import ABSENT, Effect, Values, client, client_in, policies_compared, same_names, settings
from readiness.model import Call, Gone

PUT_INVOCATIONS = "PutFunctionEventInvokeConfig"
LIMITS = ("MaximumEventAgeInSeconds", "MaximumRetryAttempts")
OF_FUNCTION = ("FunctionName", "Qualifier")


def queue_url(aws: Aws, region: str, account: str, name: str) -> str:
    """Return the URL of the queue. Gone: it does not exist."""
    with existing(f"SQS queue {name}"):
        named = {"QueueName": name, "QueueOwnerAWSAccountId": account}
        url: str = client_in(aws, "sqs", region).get_queue_url(**named)["QueueUrl"]
    return url


def _created(aws: Aws, call: Call) -> tuple[Values, Values]:
    wanted = {"QueueName": call.parameters["QueueName"], **call.parameters.get("Attributes", {})}
    try:
        queue_url(aws, call.region, aws.account, call.parameters["QueueName"])
    except Gone:
        return {"QueueName": ABSENT}, wanted
    return wanted, wanted


def _attributes(aws: Aws, call: Call) -> tuple[Values, Values]:
    wanted = call.parameters["Attributes"]
    answer = client(aws, call).get_queue_attributes(QueueUrl=call.parameters["QueueUrl"], AttributeNames=sorted(wanted))
    now = answer.get("Attributes", {})
    if "Policy" in wanted:
        return policies_compared(now.get("Policy", ""), wanted["Policy"])
    return same_names(now, wanted)


def of_invocations(aws: Aws, call: Call) -> Call:
    """Return the call with the settings that AWS would reset: the other destination, and the limits of retries."""
    if "DestinationConfig" not in call.parameters:
        return call
    now = _invoke_config(aws, call)
    wanted = dict(call.parameters)
    if call.operation == PUT_INVOCATIONS:
        wanted |= {name: now[name] for name in LIMITS if name in now}
    others = {how: to for how, to in now.get("DestinationConfig", {}).items() if to}
    wanted["DestinationConfig"] = {**others, **call.parameters["DestinationConfig"]}
    return replace(call, parameters=wanted)


def _invocations(aws: Aws, call: Call) -> tuple[Values, Values]:
    return same_names(_invoke_config(aws, call), settings(call, *OF_FUNCTION))


def _invoke_config(aws: Aws, call: Call) -> dict[str, Any]:
    """Return the settings of asynchronous invocations; an empty dict if there are none."""
    asked = client(aws, call)
    try:
        with existing("the configuration"):
            now: dict[str, Any] = asked.get_function_event_invoke_config(
                **{name: call.parameters[name] for name in OF_FUNCTION}
            )
    except Gone:
        return {}
    return now


def _mapping(aws: Aws, call: Call) -> tuple[Values, Values]:
    now = client(aws, call).get_event_source_mapping(UUID=call.parameters["UUID"])
    enabled = {"Enabled": now.get("State") in {"Creating", "Enabled", "Enabling", "Updating"}}
    return same_names({**now, **enabled}, settings(call, "UUID"))


def _function(aws: Aws, call: Call) -> tuple[Values, Values]:
    now = client(aws, call).get_function_configuration(FunctionName=call.parameters["FunctionName"])
    return same_names(now, settings(call, "FunctionName"))


def _subscription(aws: Aws, call: Call) -> tuple[Values, Values]:
    name, arn = call.parameters["AttributeName"], call.parameters["SubscriptionArn"]
    answer = client(aws, call).get_subscription_attributes(SubscriptionArn=arn)
    return same_names(answer["Attributes"], {name: call.parameters["AttributeValue"]})


PUBLISHED = "Published versions keep their configuration: publish a version and update the alias afterwards."

EFFECTS = {
    "CreateQueue": Effect(_created, "sqs:GetQueueUrl"),
    "SetQueueAttributes": Effect(
        _attributes,
        "sqs:GetQueueAttributes",
        "If the retention period becomes shorter, SQS deletes messages that are older.",
        when="MessageRetentionPeriod",
    ),
    PUT_INVOCATIONS: Effect(_invocations, "lambda:GetFunctionEventInvokeConfig"),
    "UpdateFunctionEventInvokeConfig": Effect(_invocations, "lambda:GetFunctionEventInvokeConfig"),
    "UpdateEventSourceMapping": Effect(
        _mapping,
        "lambda:GetEventSourceMapping",
        "Records that were discarded, or sent to the former destination, stay there.",
    ),
    "UpdateFunctionConfiguration": Effect(_function, "lambda:GetFunctionConfiguration", PUBLISHED),
    "SetSubscriptionAttributes": Effect(_subscription, "sns:GetSubscriptionAttributes"),
}
