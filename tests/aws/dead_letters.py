"""moto's Lambda, with what AWS keeps apart for each alias and version of a function and moto does not.

Applied to moto's own classes, so it holds for whoever asks it.
"""

import json
from collections.abc import Mapping
from functools import wraps
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from moto.awslambda.exceptions import GenericResourcNotFound
from moto.awslambda.models import EventInvokeConfig, LambdaBackend
from moto.awslambda.responses import LambdaResponse
from moto.core.responses import ActionResult

from tests.aws.account import Account


def by_qualifier() -> None:
    """Complete moto, once per process.

    API_GetPolicy: "Specify a version or alias to get the policy for that resource"; moto returns that of the whole
    function. API_ListFunctionEventInvokeConfigs: one for each version or alias, whose FunctionArn ends in it; moto
    knows only the first, without a qualifier.
    """
    if not hasattr(LambdaBackend.get_policy, "__wrapped__"):
        LambdaBackend.get_policy = _of_qualifier(LambdaBackend.get_policy)  # type: ignore[method-assign]
        LambdaBackend.list_function_event_invoke_configs = _all_configs  # type: ignore[assignment,method-assign]
        LambdaResponse.put_function_event_invoke_config = _put_config  # type: ignore[assignment,method-assign]


def open_to(account: Account, permission: Mapping[str, object]) -> None:
    """Say of every queue for whose dead letters it is there.

    Moto takes RedriveAllowPolicy and does not give it back. API_GetQueueAttributes: "RedriveAllowPolicy - The string
    that includes the parameters for the permissions for the dead-letter queue redrive permission".
    """
    text = json.dumps(permission)
    account.alter("sqs", "GetQueueAttributes", lambda answer: answer["Attributes"].update(RedriveAllowPolicy=text))


def close(account: Account, queue: str) -> None:
    """Refuse to say anything of the queue of that name."""
    refusal = {"ResponseMetadata": {"HTTPStatusCode": 403}, "Error": {"Code": "AccessDenied", "Message": "refused"}}

    def before(params: Mapping[str, Any], **_event: object) -> tuple[AWSResponse, Mapping[str, object]] | None:
        asked = json.loads(params["body"])["QueueName"]
        return (AWSResponse("", 403, HTTPHeaders(), None), refusal) if asked == queue else None

    account.client("sqs").meta.events.register("before-call.sqs.GetQueueUrl", before)


def _of_qualifier(get_policy: Any) -> Any:
    @wraps(get_policy)
    def filtered(backend: Any, function_name: str, qualifier: str | None = None) -> str:
        answer = json.loads(get_policy(backend, function_name, qualifier))
        policy = json.loads(answer["Policy"])
        arn = backend.get_function(function_name).function_arn
        resource = f"{arn}:{qualifier}" if qualifier else arn
        policy["Statement"] = [each for each in policy["Statement"] if each["Resource"] == resource]
        if not policy["Statement"]:
            raise GenericResourcNotFound
        return json.dumps({**answer, "Policy": json.dumps(policy)})

    return filtered


def _put_config(response: Any) -> ActionResult:
    function = response.backend.get_function(response.path.rsplit("/", 2)[1])
    arn = f"{function.function_arn}:{response.querystring.get('Qualifier', ['$LATEST'])[0]}"
    config = EventInvokeConfig(arn, function.last_modified, response.json_body)
    others = [each for each in function.event_invoke_config if each.arn != arn]
    function.event_invoke_config = [*others, config]
    return ActionResult(config.response())


def _all_configs(backend: Any, function_name: str) -> dict[str, Any]:
    configs = backend.get_function(function_name).event_invoke_config
    return {"FunctionEventInvokeConfigs": [config.response() for config in configs]}
