"""Permissions of a service in the policy of a topic, a queue, a KMS key or a function. Other statements stay."""

import json
from collections.abc import Callable, Iterable, Mapping

from readiness.aws.arn import account_of, name_of, region_of, service_of
from readiness.aws.client import Aws, existing
from readiness.cli.fix.effects import Effect, Values, client, client_in, policies_compared, statements_of
from readiness.cli.fix.queues import queue_url
from readiness.model import Call, Gone

EMPTY = {"Version": "2012-10-17", "Statement": []}


def _of_topic(aws: Aws, arn: str) -> str:
    answer = client_in(aws, "sns", region_of(arn)).get_topic_attributes(TopicArn=arn)
    return str(answer["Attributes"].get("Policy", ""))


def _of_queue(aws: Aws, arn: str) -> str:
    url = queue_url(aws, region_of(arn), account_of(arn), name_of(arn))
    answer = client_in(aws, "sqs", region_of(arn)).get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
    return str(answer.get("Attributes", {}).get("Policy", ""))


def _of_key(aws: Aws, arn: str) -> str:
    policy: str = client_in(aws, "kms", region_of(arn)).get_key_policy(KeyId=arn, PolicyName="default")["Policy"]
    return policy


READS: Mapping[str, tuple[Callable[[Aws, str], str], str]] = {
    "sns": (_of_topic, "sns:GetTopicAttributes"),
    "sqs": (_of_queue, "sqs:GetQueueAttributes"),
    "kms": (_of_key, "kms:GetKeyPolicy"),
}
"""The read of a policy by the service of the resource, and its IAM action."""


def permission(resource: str) -> str:
    """Return the IAM action that reads the policy of a resource."""
    return READS[service_of(resource)][1]


def with_statements(aws: Aws, resource: str, statements: Iterable[str]) -> Call:
    """Return the call that writes the policy of the resource with these statements, as JSON, added."""
    service, region = service_of(resource), region_of(resource)
    policy = json.loads(READS[service][0](aws, resource) or json.dumps(EMPTY))
    there = statements_of(policy)
    more = [each for each in map(json.loads, statements) if each not in there]
    text = json.dumps({**policy, "Statement": [*there, *more]}, separators=(",", ":"))
    match service:
        case "sns":
            named = {"TopicArn": resource, "AttributeName": "Policy", "AttributeValue": text}
            return Call("sns", "SetTopicAttributes", named, region)
        case "sqs":
            url = queue_url(aws, region, account_of(resource), name_of(resource))
            return Call("sqs", "SetQueueAttributes", {"QueueUrl": url, "Attributes": {"Policy": text}}, region)
        case _:
            return Call("kms", "PutKeyPolicy", {"KeyId": resource, "PolicyName": "default", "Policy": text}, region)


def _topic(aws: Aws, call: Call) -> tuple[Values, Values]:
    return policies_compared(_of_topic(aws, call.parameters["TopicArn"]), call.parameters["AttributeValue"])


def _key(aws: Aws, call: Call) -> tuple[Values, Values]:
    return policies_compared(_of_key(aws, call.parameters["KeyId"]), call.parameters["Policy"])


def _permission(aws: Aws, call: Call) -> tuple[Values, Values]:
    where = {name: call.parameters[name] for name in ("FunctionName", "Qualifier") if name in call.parameters}
    try:
        with existing("the policy"):
            policy = json.loads(client(aws, call).get_policy(**where)["Policy"])
    except Gone:
        policy = EMPTY
    ids = [each.get("Sid") for each in policy["Statement"]]
    allowed = f"{call.parameters['Principal']} for {call.parameters['SourceArn']}"
    after = {"invocation is allowed to": allowed}
    return (after if call.parameters["StatementId"] in ids else {"statements": len(ids)}), after


EFFECTS = {
    "SetTopicAttributes": Effect(_topic, "sns:GetTopicAttributes"),
    "PutKeyPolicy": Effect(_key, "kms:GetKeyPolicy"),
    "AddPermission": Effect(_permission, "lambda:GetPolicy"),
}
