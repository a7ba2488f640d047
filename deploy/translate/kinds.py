"""The table of the translation: the types, arguments and attributes of Terraform for those of CloudFormation.

The names are those of the AWS provider: https://registry.terraform.io/providers/hashicorp/aws/latest/docs. A type or a
property that is not here stops the translation; add its row, and its counterpart in tests/deploy/back.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class Untranslatable(Exception):
    """The template has something that the translation does not know."""


@dataclass(frozen=True)
class Argument:
    """A property that is an argument of the same value."""

    name: str


@dataclass(frozen=True)
class Json:
    """A property whose document is an argument in JSON."""

    name: str


@dataclass(frozen=True)
class Nested:
    """A property that is a block, or a block for each of its elements."""

    name: str
    properties: "Properties"


@dataclass(frozen=True)
class Single:
    """A list of one element, which is the argument."""

    name: str


@dataclass(frozen=True)
class Named:
    """A list of objects with the members Name and Value, which is an argument that maps one to the other."""

    name: str


@dataclass(frozen=True)
class Package:
    """The code, which the module uploads from a file with the name of the resource."""


@dataclass(frozen=True)
class Left:
    """A property that the module leaves out. It must have this value."""

    value: Any


@dataclass(frozen=True)
class Part:
    """A property whose elements are resources of their own.

    `label` is the property that tells the elements apart; without one, an element is no object, and is the value of the
    argument `element`. `parent` maps arguments to attributes of the resource that has the property.
    """

    type: str
    parent: Mapping[str, str]
    properties: "Properties" = field(default_factory=dict)
    label: str = ""
    element: str = ""


Property = Argument | Json | Nested | Single | Named | Package | Left | Part
Properties = Mapping[str, Property]


@dataclass(frozen=True)
class Kind:
    """A type of resource.

    `ref` is the attribute that Ref returns, and `attributes` has those of Fn::GetAtt; `suffixes` is what CloudFormation
    has after them. `name` is the argument that takes the stack's name and the logical ID if no property does: it is
    required, or would be random. `worldwide`: the names are shared by all Regions of the account.
    """

    type: str
    properties: Properties
    ref: str = "id"
    attributes: Mapping[str, str] = field(default_factory=dict)
    suffixes: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    worldwide: bool = False


def _arguments(**names: str) -> dict[str, Property]:
    return {property_: Argument(name) for property_, name in names.items()}


DEAD_LETTERS = Nested("dead_letter_config", _arguments(Arn="arn"))
RETRIES = Nested(
    "retry_policy",
    _arguments(MaximumEventAgeInSeconds="maximum_event_age_in_seconds", MaximumRetryAttempts="maximum_retry_attempts"),
)

KINDS = {
    "AWS::CloudWatch::Alarm": Kind(
        "aws_cloudwatch_metric_alarm",
        {
            "Dimensions": Named("dimensions"),
            **_arguments(
                AlarmActions="alarm_actions",
                AlarmDescription="alarm_description",
                ComparisonOperator="comparison_operator",
                DatapointsToAlarm="datapoints_to_alarm",
                EvaluationPeriods="evaluation_periods",
                MetricName="metric_name",
                Namespace="namespace",
                OKActions="ok_actions",
                Period="period",
                Statistic="statistic",
                Threshold="threshold",
                TreatMissingData="treat_missing_data",
            ),
        },
        ref="alarm_name",
        attributes={"Arn": "arn"},
        name="alarm_name",
    ),
    "AWS::CloudWatch::Dashboard": Kind(
        "aws_cloudwatch_dashboard",
        _arguments(DashboardBody="dashboard_body", DashboardName="dashboard_name"),
        ref="dashboard_name",
    ),
    "AWS::Events::ApiDestination": Kind(
        "aws_cloudwatch_event_api_destination",
        _arguments(
            ConnectionArn="connection_arn",
            Description="description",
            HttpMethod="http_method",
            InvocationEndpoint="invocation_endpoint",
            InvocationRateLimitPerSecond="invocation_rate_limit_per_second",
        ),
        ref="name",
        attributes={"Arn": "arn"},
        name="name",
    ),
    "AWS::Events::Connection": Kind(
        "aws_cloudwatch_event_connection",
        {
            **_arguments(AuthorizationType="authorization_type", Description="description"),
            "AuthParameters": Nested(
                "auth_parameters",
                {
                    "ApiKeyAuthParameters": Nested("api_key", _arguments(ApiKeyName="key", ApiKeyValue="value")),
                    "InvocationHttpParameters": Nested(
                        "invocation_http_parameters",
                        {
                            "BodyParameters": Nested(
                                "body", _arguments(Key="key", Value="value", IsValueSecret="is_value_secret")
                            )
                        },
                    ),
                },
            ),
        },
        ref="name",
        attributes={"Arn": "arn"},
        name="name",
    ),
    "AWS::Events::EventBus": Kind(
        "aws_cloudwatch_event_bus",
        _arguments(Description="description", Name="name"),
        ref="name",
        attributes={"Arn": "arn"},
    ),
    "AWS::Events::Rule": Kind(
        "aws_cloudwatch_event_rule",
        {
            **_arguments(Description="description", EventBusName="event_bus_name", State="state"),
            "EventPattern": Json("event_pattern"),
            "Targets": Part(
                "aws_cloudwatch_event_target",
                {"rule": "name", "event_bus_name": "event_bus_name"},
                {
                    **_arguments(Id="target_id", Arn="arn", InputPath="input_path", RoleArn="role_arn"),
                    "DeadLetterConfig": DEAD_LETTERS,
                    "RetryPolicy": RETRIES,
                },
                label="Id",
            ),
        },
        ref="name",
        attributes={"Arn": "arn"},
        name="name",
    ),
    "AWS::IAM::ManagedPolicy": Kind(
        "aws_iam_policy",
        {
            "Description": Argument("description"),
            "PolicyDocument": Json("policy"),
            "Roles": Part("aws_iam_role_policy_attachment", {"policy_arn": "arn"}, element="role"),
        },
        ref="arn",
        name="name",
        worldwide=True,
    ),
    "AWS::IAM::Role": Kind(
        "aws_iam_role",
        {
            "AssumeRolePolicyDocument": Json("assume_role_policy"),
            "Policies": Part(
                "aws_iam_role_policy",
                {"role": "name"},
                {"PolicyName": Argument("name"), "PolicyDocument": Json("policy")},
                label="PolicyName",
            ),
        },
        ref="name",
        attributes={"Arn": "arn"},
        name="name",
        worldwide=True,
    ),
    "AWS::KMS::Key": Kind(
        "aws_kms_key",
        {
            **_arguments(
                Description="description",
                EnableKeyRotation="enable_key_rotation",
                PendingWindowInDays="deletion_window_in_days",
            ),
            "KeyPolicy": Json("policy"),
        },
        ref="key_id",
        attributes={"Arn": "arn"},
    ),
    "AWS::Lambda::EventInvokeConfig": Kind(
        "aws_lambda_function_event_invoke_config",
        {
            **_arguments(
                FunctionName="function_name",
                MaximumEventAgeInSeconds="maximum_event_age_in_seconds",
                MaximumRetryAttempts="maximum_retry_attempts",
                Qualifier="qualifier",
            ),
            "DestinationConfig": Nested(
                "destination_config", {"OnFailure": Nested("on_failure", _arguments(Destination="destination"))}
            ),
        },
    ),
    "AWS::Lambda::EventSourceMapping": Kind(
        "aws_lambda_event_source_mapping",
        {
            **_arguments(
                BatchSize="batch_size",
                EventSourceArn="event_source_arn",
                FunctionName="function_name",
                FunctionResponseTypes="function_response_types",
                MaximumBatchingWindowInSeconds="maximum_batching_window_in_seconds",
            ),
            "ScalingConfig": Nested("scaling_config", _arguments(MaximumConcurrency="maximum_concurrency")),
        },
    ),
    "AWS::Lambda::Function": Kind(
        "aws_lambda_function",
        {
            "Code": Package(),
            **_arguments(
                Architectures="architectures",
                Description="description",
                Handler="handler",
                Layers="layers",
                MemorySize="memory_size",
                ReservedConcurrentExecutions="reserved_concurrent_executions",
                Role="role",
                Runtime="runtime",
                Timeout="timeout",
            ),
            "Environment": Nested("environment", _arguments(Variables="variables")),
            "LoggingConfig": Nested(
                "logging_config",
                _arguments(ApplicationLogLevel="application_log_level", LogFormat="log_format", LogGroup="log_group"),
            ),
            "Tags": Left([{"Key": "lambda:createdBy", "Value": "SAM"}]),
            "TracingConfig": Nested("tracing_config", _arguments(Mode="mode")),
        },
        ref="function_name",
        attributes={"Arn": "arn"},
        name="function_name",
    ),
    "AWS::Lambda::LayerVersion": Kind(
        "aws_lambda_layer_version",
        {
            "Content": Package(),
            "LayerName": Left("ReadinessLayer"),
            **_arguments(
                CompatibleArchitectures="compatible_architectures",
                CompatibleRuntimes="compatible_runtimes",
                Description="description",
            ),
        },
        ref="arn",
        name="layer_name",
    ),
    "AWS::Logs::LogGroup": Kind(
        "aws_cloudwatch_log_group",
        _arguments(RetentionInDays="retention_in_days"),
        ref="name",
        attributes={"Arn": "arn"},
        suffixes={"Arn": ":*"},  # the provider leaves it out
        name="name",
    ),
    "AWS::SNS::Subscription": Kind(
        "aws_sns_topic_subscription",
        {
            **_arguments(Endpoint="endpoint", Protocol="protocol", TopicArn="topic_arn"),
            "FilterPolicy": Json("filter_policy"),
        },
        ref="arn",
    ),
    "AWS::SNS::Topic": Kind(
        "aws_sns_topic",
        _arguments(DisplayName="display_name", KmsMasterKeyId="kms_master_key_id"),
        ref="arn",
        attributes={"TopicName": "name"},
        name="name",
    ),
    "AWS::SNS::TopicPolicy": Kind("aws_sns_topic_policy", {"PolicyDocument": Json("policy"), "Topics": Single("arn")}),
    "AWS::SQS::Queue": Kind(
        "aws_sqs_queue",
        {
            **_arguments(
                DelaySeconds="delay_seconds",
                MessageRetentionPeriod="message_retention_seconds",
                SqsManagedSseEnabled="sqs_managed_sse_enabled",
                VisibilityTimeout="visibility_timeout_seconds",
            ),
            "RedrivePolicy": Json("redrive_policy"),
        },
        ref="url",
        attributes={"Arn": "arn", "QueueName": "name"},
        name="name",
    ),
    "AWS::SQS::QueuePolicy": Kind(
        "aws_sqs_queue_policy", {"PolicyDocument": Json("policy"), "Queues": Single("queue_url")}
    ),
    "AWS::Scheduler::Schedule": Kind(
        "aws_scheduler_schedule",
        {
            **_arguments(Description="description", ScheduleExpression="schedule_expression", State="state"),
            "FlexibleTimeWindow": Nested("flexible_time_window", _arguments(Mode="mode")),
            "Target": Nested(
                "target",
                {
                    **_arguments(Arn="arn", Input="input", RoleArn="role_arn"),
                    "DeadLetterConfig": DEAD_LETTERS,
                    "RetryPolicy": RETRIES,
                },
            ),
        },
        ref="name",
        attributes={"Arn": "arn"},
        name="name",
    ),
}
