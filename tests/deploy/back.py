"""The Terraform module in the terms of CloudFormation, by a table of its own and no code of the translation.

`BACK` has the types and arguments of Terraform, and what each is in CloudFormation.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Tree = Any
"""A value of either template: texts, lists, objects, and tuples for what is known at deployment."""


@dataclass(frozen=True)
class Document:
    """An argument in JSON, which is an object in CloudFormation."""

    property: str


@dataclass(frozen=True)
class Only:
    """An argument that is a list of one element in CloudFormation."""

    property: str


@dataclass(frozen=True)
class Pairs:
    """An object that is a list of names and values in CloudFormation."""

    property: str


@dataclass(frozen=True)
class Fixed:
    """An argument that CloudFormation does not have: the name of the resource, or the file of its package."""

    form: str


@dataclass(frozen=True)
class Parent:
    """An argument that names the resource of which this one is a part."""

    attribute: str


@dataclass(frozen=True)
class Inner:
    """A block, which is an object in CloudFormation."""

    property: str
    arguments: "Arguments"


@dataclass(frozen=True)
class Inners:
    """Blocks, which are a list of objects in CloudFormation."""

    property: str
    arguments: "Arguments"


Arguments = Mapping[str, str | Document | Only | Pairs | Fixed | Parent | Inner | Inners]

DEAD_LETTER = Inner("DeadLetterConfig", {"arn": "Arn"})
RETRIES = Inner(
    "RetryPolicy",
    {
        "maximum_retry_attempts": "MaximumRetryAttempts",
        "maximum_event_age_in_seconds": "MaximumEventAgeInSeconds",
    },
)
CODE: Arguments = {"filename": Fixed("package"), "source_code_hash": Fixed("digest")}

BACK: Mapping[str, tuple[str, Arguments]] = {
    "aws_cloudwatch_dashboard": (
        "AWS::CloudWatch::Dashboard",
        {"dashboard_body": "DashboardBody", "dashboard_name": "DashboardName"},
    ),
    "aws_cloudwatch_event_api_destination": (
        "AWS::Events::ApiDestination",
        {
            "name": Fixed("name"),
            "description": "Description",
            "connection_arn": "ConnectionArn",
            "invocation_endpoint": "InvocationEndpoint",
            "http_method": "HttpMethod",
            "invocation_rate_limit_per_second": "InvocationRateLimitPerSecond",
        },
    ),
    "aws_cloudwatch_event_bus": ("AWS::Events::EventBus", {"name": "Name", "description": "Description"}),
    "aws_cloudwatch_event_connection": (
        "AWS::Events::Connection",
        {
            "name": Fixed("name"),
            "description": "Description",
            "authorization_type": "AuthorizationType",
            "auth_parameters": Inner(
                "AuthParameters",
                {
                    "api_key": Inner("ApiKeyAuthParameters", {"key": "ApiKeyName", "value": "ApiKeyValue"}),
                    "invocation_http_parameters": Inner(
                        "InvocationHttpParameters",
                        {
                            "body": Inners(
                                "BodyParameters", {"key": "Key", "value": "Value", "is_value_secret": "IsValueSecret"}
                            )
                        },
                    ),
                },
            ),
        },
    ),
    "aws_cloudwatch_event_rule": (
        "AWS::Events::Rule",
        {
            "name": Fixed("name"),
            "event_bus_name": "EventBusName",
            "description": "Description",
            "state": "State",
            "event_pattern": Document("EventPattern"),
        },
    ),
    "aws_cloudwatch_log_group": (
        "AWS::Logs::LogGroup",
        {"name": Fixed("name"), "retention_in_days": "RetentionInDays"},
    ),
    "aws_cloudwatch_metric_alarm": (
        "AWS::CloudWatch::Alarm",
        {
            "alarm_name": Fixed("name"),
            "alarm_description": "AlarmDescription",
            "namespace": "Namespace",
            "metric_name": "MetricName",
            "dimensions": Pairs("Dimensions"),
            "statistic": "Statistic",
            "period": "Period",
            "evaluation_periods": "EvaluationPeriods",
            "datapoints_to_alarm": "DatapointsToAlarm",
            "threshold": "Threshold",
            "comparison_operator": "ComparisonOperator",
            "treat_missing_data": "TreatMissingData",
            "alarm_actions": "AlarmActions",
            "ok_actions": "OKActions",
        },
    ),
    "aws_iam_policy": (
        "AWS::IAM::ManagedPolicy",
        {"name": Fixed("worldwide"), "description": "Description", "policy": Document("PolicyDocument")},
    ),
    "aws_iam_role": (
        "AWS::IAM::Role",
        {"name": Fixed("worldwide"), "assume_role_policy": Document("AssumeRolePolicyDocument")},
    ),
    "aws_kms_key": (
        "AWS::KMS::Key",
        {
            "description": "Description",
            "enable_key_rotation": "EnableKeyRotation",
            "deletion_window_in_days": "PendingWindowInDays",
            "policy": Document("KeyPolicy"),
        },
    ),
    "aws_lambda_event_source_mapping": (
        "AWS::Lambda::EventSourceMapping",
        {
            "event_source_arn": "EventSourceArn",
            "function_name": "FunctionName",
            "batch_size": "BatchSize",
            "maximum_batching_window_in_seconds": "MaximumBatchingWindowInSeconds",
            "scaling_config": Inner("ScalingConfig", {"maximum_concurrency": "MaximumConcurrency"}),
            "function_response_types": "FunctionResponseTypes",
        },
    ),
    "aws_lambda_function": (
        "AWS::Lambda::Function",
        {
            **CODE,
            "function_name": Fixed("name"),
            "description": "Description",
            "handler": "Handler",
            "runtime": "Runtime",
            "architectures": "Architectures",
            "memory_size": "MemorySize",
            "timeout": "Timeout",
            "layers": "Layers",
            "role": "Role",
            "reserved_concurrent_executions": "ReservedConcurrentExecutions",
            "tracing_config": Inner("TracingConfig", {"mode": "Mode"}),
            "logging_config": Inner(
                "LoggingConfig",
                {"log_group": "LogGroup", "log_format": "LogFormat", "application_log_level": "ApplicationLogLevel"},
            ),
            "environment": Inner("Environment", {"variables": "Variables"}),
        },
    ),
    "aws_lambda_function_event_invoke_config": (
        "AWS::Lambda::EventInvokeConfig",
        {
            "function_name": "FunctionName",
            "qualifier": "Qualifier",
            "maximum_retry_attempts": "MaximumRetryAttempts",
            "maximum_event_age_in_seconds": "MaximumEventAgeInSeconds",
            "destination_config": Inner(
                "DestinationConfig", {"on_failure": Inner("OnFailure", {"destination": "Destination"})}
            ),
        },
    ),
    "aws_lambda_layer_version": (
        "AWS::Lambda::LayerVersion",
        {
            **CODE,
            "layer_name": Fixed("name"),
            "description": "Description",
            "compatible_architectures": "CompatibleArchitectures",
            "compatible_runtimes": "CompatibleRuntimes",
        },
    ),
    "aws_scheduler_schedule": (
        "AWS::Scheduler::Schedule",
        {
            "name": Fixed("name"),
            "description": "Description",
            "state": "State",
            "schedule_expression": "ScheduleExpression",
            "flexible_time_window": Inner("FlexibleTimeWindow", {"mode": "Mode"}),
            "target": Inner(
                "Target",
                {
                    "arn": "Arn",
                    "role_arn": "RoleArn",
                    "input": "Input",
                    "dead_letter_config": DEAD_LETTER,
                    "retry_policy": RETRIES,
                },
            ),
        },
    ),
    "aws_sns_topic": (
        "AWS::SNS::Topic",
        {"name": Fixed("name"), "display_name": "DisplayName", "kms_master_key_id": "KmsMasterKeyId"},
    ),
    "aws_sns_topic_policy": ("AWS::SNS::TopicPolicy", {"arn": Only("Topics"), "policy": Document("PolicyDocument")}),
    "aws_sns_topic_subscription": (
        "AWS::SNS::Subscription",
        {
            "topic_arn": "TopicArn",
            "protocol": "Protocol",
            "endpoint": "Endpoint",
            "filter_policy": Document("FilterPolicy"),
        },
    ),
    "aws_sqs_queue": (
        "AWS::SQS::Queue",
        {
            "name": Fixed("name"),
            "delay_seconds": "DelaySeconds",
            "visibility_timeout_seconds": "VisibilityTimeout",
            "message_retention_seconds": "MessageRetentionPeriod",
            "sqs_managed_sse_enabled": "SqsManagedSseEnabled",
            "redrive_policy": Document("RedrivePolicy"),
        },
    ),
    "aws_sqs_queue_policy": (
        "AWS::SQS::QueuePolicy",
        {"queue_url": Only("Queues"), "policy": Document("PolicyDocument")},
    ),
}

PARTS: Mapping[str, tuple[str, str, Arguments]] = {
    "aws_cloudwatch_event_target": (
        "rule",
        "Targets",
        {
            "rule": Parent("name"),
            "event_bus_name": Parent("event_bus_name"),
            "target_id": "Id",
            "arn": "Arn",
            "role_arn": "RoleArn",
            "input_path": "InputPath",
            "dead_letter_config": DEAD_LETTER,
            "retry_policy": RETRIES,
        },
    ),
    "aws_iam_role_policy": (
        "role",
        "Policies",
        {"role": Parent("name"), "name": "PolicyName", "policy": Document("PolicyDocument")},
    ),
    "aws_iam_role_policy_attachment": ("policy_arn", "Roles", {"policy_arn": Parent("arn"), "role": ""}),
}
"""Resources that CloudFormation has as elements of a property: the argument that names the parent, and the property."""

RETURNED = {
    ("aws_cloudwatch_dashboard", "dashboard_name"): "Ref",
    ("aws_cloudwatch_event_api_destination", "arn"): "Arn",
    ("aws_cloudwatch_event_bus", "arn"): "Arn",
    ("aws_cloudwatch_event_bus", "name"): "Ref",
    ("aws_cloudwatch_event_connection", "arn"): "Arn",
    ("aws_cloudwatch_event_rule", "name"): "Ref",
    ("aws_cloudwatch_event_rule", "arn"): "Arn",
    ("aws_cloudwatch_log_group", "name"): "Ref",
    ("aws_cloudwatch_log_group", "arn"): "Arn without :*",
    ("aws_cloudwatch_metric_alarm", "alarm_name"): "Ref",
    ("aws_cloudwatch_metric_alarm", "arn"): "Arn",
    ("aws_iam_role", "name"): "Ref",
    ("aws_iam_role", "arn"): "Arn",
    ("aws_kms_key", "key_id"): "Ref",
    ("aws_kms_key", "arn"): "Arn",
    ("aws_lambda_function", "function_name"): "Ref",
    ("aws_lambda_function", "arn"): "Arn",
    ("aws_lambda_layer_version", "arn"): "Ref",
    ("aws_scheduler_schedule", "arn"): "Arn",
    ("aws_sns_topic", "arn"): "Ref",
    ("aws_sqs_queue", "url"): "Ref",
    ("aws_sqs_queue", "arn"): "Arn",
    ("aws_sqs_queue", "name"): "QueueName",
}
"""What CloudFormation calls the attributes, as the pages of its resource types have it under "Return values"."""

PSEUDO = {
    ("data", "aws_caller_identity", "current", "account_id"): "AWS::AccountId",
    ("data", "aws_partition", "current", "dns_suffix"): "AWS::URLSuffix",
    ("data", "aws_partition", "current", "partition"): "AWS::Partition",
    ("data", "aws_region", "current", "id"): "AWS::Region",
    ("var", "stack_name"): "AWS::StackName",
}


def spelled(name: str) -> str:
    """A name of CloudFormation as Terraform spells it."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def joined(parts: list[Tree]) -> Tree:
    """The parts as one value: neighbours that are texts are one text, and a part that is joined is taken apart."""
    found: list[Tree] = []
    for part in parts:
        for each in part[1:] if isinstance(part, tuple) and part[0] == "Join" else (part,):
            if isinstance(each, str) and found and isinstance(found[-1], str):
                found[-1] += each
            elif isinstance(each, str) and each.startswith(":*") and found and found[-1][-1] == "Arn without :*":
                found[-1:] = [(*found[-1][:-1], "Arn"), *filter(None, [each[2:]])]
            elif each != "":
                found.append(each)
    return found[0] if len(found) == 1 else ("Join", *found)


class Module:
    """The blocks of a module in the terms of a template, whose names are given."""

    def __init__(self, blocks: Mapping[str, list[Any]], names: list[str]) -> None:
        self.names = {spelled(name): name for name in names}
        self.blocks = blocks
        self.resources = {
            (type_, label): body
            for block in blocks["resource"]
            for type_, labelled in block.items()
            for label, body in labelled.items()
            if type_ != "terraform_data"  # the rules
        }

    def template(self) -> dict[str, Tree]:
        """The resources by logical ID: the type, the condition and the properties of each."""
        found: dict[str, Tree] = {
            self.names[label]: {**self.conditional(body), "Type": BACK[type_][0], "Properties": self.properties(*each)}
            for each, body in self.resources.items()
            if (label := each[1]) and (type_ := each[0]) in BACK
        }
        for (type_, label), body in self.resources.items():
            if type_ in BACK:
                continue
            argument, property_, arguments = PARTS[type_]
            kind, parent = self.parent_of(body[argument])
            part = self.body(arguments, body, label)
            assert self.conditional(body) == self.conditional(self.resources[kind, parent])
            elements = found[self.names[parent]]["Properties"].setdefault(property_, [])
            elements.append(part.get("", part))
        return found

    def conditional(self, body: Mapping[str, Any]) -> dict[str, str]:
        match body.get("count"):
            case None:
                return {}
            case ("if", ("ref", "local", condition), 1, 0):
                return {"Condition": self.names[condition]}
            case _:
                raise AssertionError(body["count"])

    def parent_of(self, reference: Any) -> tuple[str, str]:
        _, type_, label, *_ = reference
        return type_, label

    def properties(self, type_: str, label: str) -> dict[str, Tree]:
        return self.body(BACK[type_][1], self.resources[type_, label], label)

    def body(self, arguments: Arguments, body: Mapping[str, Any], label: str) -> dict[str, Tree]:
        """The properties that the arguments and the blocks of a block are."""
        found: dict[str, Tree] = {}
        assert {name for name, each in arguments.items() if isinstance(each, Fixed | Parent)} <= body.keys(), label
        for name, value in body.items():
            if name in {"count", "depends_on"}:
                continue
            match arguments[name]:
                case Document(property_):
                    assert value[:2] == ("call", "jsonencode"), (label, name)
                    found[property_] = self.tree(value[2])
                case Only(property_):
                    found[property_] = [self.tree(value)]
                case Pairs(property_):
                    found[property_] = [{"Name": each, "Value": self.tree(value[each])} for each in value]
                case Inner(property_, inner):
                    (block,) = value
                    found[property_] = self.body(inner, block, label)
                case Inners(property_, inner):
                    found[property_] = [self.body(inner, block, label) for block in value]
                case Fixed(form):
                    assert value == self.fixed(form, label), (label, name)
                case Parent(attribute):
                    parent = self.parent_of(value)
                    index = (0,) if "count" in self.resources[parent] else ()
                    assert value == ("ref", *parent, *index, attribute), (label, name)
                case property_:
                    found[property_] = self.tree(value)
        return found

    def fixed(self, form: str, label: str) -> Tree:
        logical = self.names[label]
        stack, region = ("ref", "var", "stack_name"), ("ref", "data", "aws_region", "current", "id")
        package = ("join", "", ("ref", "var", "packages"), f"/{logical}.zip")
        return {
            "name": ("join", "", stack, f"-{logical}"),
            "worldwide": ("join", "", stack, "-", region, f"-{logical}"),
            "package": package,
            "digest": ("call", "filebase64sha256", package),
        }[form]

    def tree(self, value: Any) -> Tree:  # noqa: PLR0911  one for each form
        """The value in the terms of CloudFormation."""
        match value:
            case ("ref", *path):
                return self.referred(tuple(path))
            case ("if", ("ref", "local", condition), then, other):
                return ("If", self.names[condition], self.tree(then), self.tree(other))
            case ("index", ("call", "split", separator, text), number):
                return ("Select", number, ("Split", separator, self.tree(text)))
            case ("join", *parts):
                return joined([self.tree(each) for each in parts])
            case ("present", *elements):
                return [self.tree(each) for each in elements]
            case list():
                elements = [self.tree(each) for each in value]
                assert not any(isinstance(each, tuple) and None in each for each in elements), "null in a list"
                return elements
            case dict():
                return {key: self.tree(each) for key, each in value.items()}
            case bool() | int() | float():
                return str(value).lower()
            case None | str():
                return value
            case _:
                raise AssertionError(value)

    def referred(self, path: tuple[Any, ...]) -> Tree:
        match path:
            case _ if path in PSEUDO:
                return ("Ref", PSEUDO[path])
            case ("var", name):
                return ("Ref", self.names[name])
            case ("data", "aws_secretsmanager_secret_version", name, 0, "secret_string"):
                return ("Secret", self.names[name])
            case ("local", mapping, key, column):
                return ("FindInMap", self.names[mapping], self.tree(key), column)
            case (type_, label, attribute):
                indexed = False
            case (type_, label, 0, attribute):
                indexed = True
            case _:
                raise AssertionError(path)
        assert indexed == ("count" in self.resources[type_, label]), path
        return (
            (RETURNED[type_, attribute], self.names[label])
            if RETURNED[type_, attribute] == "Ref"
            else (
                "GetAtt",
                self.names[label],
                RETURNED[type_, attribute],
            )
        )

    def condition(self, value: Any) -> Tree:
        """A condition in the terms of CloudFormation."""
        match value:
            case ("ref", "local", name):
                return ("Condition", self.names[name])
            case ("op", "==", left, right):
                return ("Equals", self.tree(left), self.tree(right))
            case ("op", "!=", left, right):
                return ("Not", ("Equals", self.tree(left), self.tree(right)))
            case ("op", "!", operand):
                return ("Not", self.condition(operand))
            case ("op", ("&&" | "||") as operator, *operands):
                return ({"&&": "And", "||": "Or"}[operator], *map(self.condition, operands))
            case _:
                raise AssertionError(value)
