"""The remedies for dead-letter queues and destinations."""

from collections.abc import Iterable

from msgspec import structs

from readiness.alarms.remedies import FOURTEEN_DAYS
from readiness.facts.sqs.queues import is_fifo
from readiness.model import Call, Json, Remedy, Step, Verdict

NEW_QUEUE = "arn:aws:sqs:{region}:{account}:{FunctionName}-dead-letters"
KEPT = {"MessageRetentionPeriod": FOURTEEN_DAYS}


def let(role: str, policy: str, actions: object, resources: object) -> Call:
    """Return the call that allows a role these actions."""
    statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
    document = Json({"Version": "2012-10-17", "Statement": [statement]})
    return Call("iam", "PutRolePolicy", {"RoleName": role, "PolicyName": policy, "PolicyDocument": document}, "")


def queue(name: str, region: str, *, fifo: bool = False) -> Call:
    """Return the call that creates a dead-letter queue of the type."""
    return Call("sqs", "CreateQueue", {"QueueName": name, "Attributes": attributes(fifo=fifo)}, region)


def attributes(*, fifo: bool) -> dict[str, str]:
    """Return the attributes with which a dead-letter queue of the type is created."""
    return KEPT | ({"FifoQueue": "true"} if fifo else {})


def _set(attributes: object) -> Call:
    return Call("sqs", "SetQueueAttributes", {"QueueUrl": "{QueueUrl}", "Attributes": attributes}, "{Region}")


def _to_queue(arn: str) -> Json:
    return Json({"deadLetterTargetArn": arn, "maxReceiveCount": "5"})


def _mapping(**parameters: object) -> Call:
    return Call("lambda", "UpdateEventSourceMapping", {"UUID": "{UUID}", **parameters})


def _invocations(operation: str, **parameters: object) -> Call:
    return Call("lambda", operation, {"FunctionName": "{FunctionName}", "Qualifier": "{Qualifier}", **parameters})


NEW = (
    let("{RoleName}", "send-to-{FunctionName}-dead-letters", "sqs:SendMessage", NEW_QUEUE),
    queue("{FunctionName}-dead-letters", "{region}"),
)
TO_NEW = {"OnFailure": {"Destination": NEW_QUEUE}}

PUT_DESTINATION = (
    *NEW,
    _invocations("PutFunctionEventInvokeConfig", MaximumRetryAttempts=2, DestinationConfig=TO_NEW),
)
SHOW_CALLERS = (
    "aws lambda get-policy --function-name {QualifiedName} --region {region}"
    " --query Policy --output text;"
    " echo 'if all callers retry, with idempotency, remove the function from dead_letters_required in the checklist'"
)
TRY_AGAIN = _invocations("UpdateFunctionEventInvokeConfig", MaximumRetryAttempts=2)
PUT_SOURCE_DESTINATION = (*NEW, _mapping(DestinationConfig=TO_NEW))
OF_QUALIFIER = (*NEW, _invocations("UpdateFunctionEventInvokeConfig", DestinationConfig=TO_NEW))
# A published version keeps its configuration: a person publishes a version and updates the alias.
OF_FUNCTION = (
    *NEW,
    Call(
        "lambda",
        "UpdateFunctionConfiguration",
        {"FunctionName": "{FunctionName}", "DeadLetterConfig": {"TargetArn": NEW_QUEUE}},
    ),
)

MAKE_AGAIN, MAKE_AGAIN_FIFO = (queue("{QueueName}", "{Region}", fifo=fifo) for fifo in (False, True))
KEEP_LONGER = _set(KEPT)
SUBSCRIBE = (
    "aws sns create-topic --name {TopicName} --region {Region} && aws sns subscribe --topic-arn {TopicArn}"
    ' --protocol email --notification-endpoint "${{EMAIL:?set it to the address of on-call}}" --region {Region}'
)
LET_SEND = let("{RoleName}", "{PolicyName}", "{Actions!j}", ["{Arn}", "{Arn}/*"])
LET_ENCRYPT = let("{RoleName}", "{PolicyName}", ["kms:GenerateDataKey", "kms:Decrypt"], "{KeyArn}")
REVIVE_KEY = (
    "aws kms cancel-key-deletion --key-id {KeyArn} --region {Region};"
    " aws kms enable-key --key-id {KeyArn} --region {Region}"
)

REDRIVE, REDRIVE_FIFO = (
    (queue("{NewQueueName}", "{Region}", fifo=fifo), _set({"RedrivePolicy": _to_queue("{NewQueueArn}")}))
    for fifo in (False, True)
)
SET_QUEUE = _set("{Attributes!j}")
TRY_OFTEN = _set(
    {"VisibilityTimeout": "{EnoughVisibilityTimeout!s}", "RedrivePolicy": _to_queue("{deadLetterTargetArn}")}
)
GIVE_UP = _mapping(BisectBatchOnFunctionError=True, MaximumRetryAttempts=5, MaximumRecordAgeInSeconds=3600)
SHOW_SOURCE = (
    "aws lambda get-event-source-mapping --uuid {UUID} --region {region};"
    " echo 'the function has to catch failures and send the event to a queue itself'"
)
ENABLE = _mapping(Enabled=True)
LIST = "aws lambda list-functions --region {region} --query 'Functions[].FunctionName' --output text"
SHOW = (
    "aws lambda list-function-event-invoke-configs --function-name {FunctionName} --region {region};"
    " aws lambda get-function-configuration --function-name {FunctionName} --region {region}"
    " --query '[Role,DeadLetterConfig]'"
)


def replacing(*, of_source: bool, of_qualifier: bool) -> Remedy:
    """Return the steps that send failed events to a new queue.

    The target belongs to an event source, to a qualifier, or to the function itself as its dead-letter queue.
    """
    if of_source:
        return Remedy(steps=PUT_SOURCE_DESTINATION)
    return Remedy(steps=OF_QUALIFIER if of_qualifier else OF_FUNCTION)


def of_type(arn: str, standard: Iterable[Step], fifo: Iterable[Step]) -> Remedy:
    """Return the steps for a queue of the type of this one."""
    return Remedy(steps=tuple(fifo if is_fifo(arn) else standard))


def for_each_role(verdict: Verdict, step: Call) -> Verdict:
    """Return the verdict with the step for each of its roles, if it has any."""
    names = verdict.evidence.get("RoleNames", "").split()
    steps = tuple(Call(step.service, step.operation, {**step.parameters, "RoleName": name}, "") for name in names)
    return structs.replace(verdict, remedy=Remedy(steps=steps)) if steps else verdict
