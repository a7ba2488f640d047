"""Who may invoke a function, and what becomes of the events that it fails: by qualifier, for AWS keeps both so."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from readiness.aws import Aws
from readiness.fact import fact
from readiness.facts.live_versions import LATEST
from readiness.facts.qualifiers import KeptFunction, Qualifier, qualifier_of
from readiness.iam.statement import Statement, statements_in

if TYPE_CHECKING:
    from mypy_boto3_lambda.type_defs import FunctionEventInvokeConfigTypeDef

INVOKE = "lambda:InvokeFunction"
SERVICE = "Service:"
BY_URL = ("lambda:FunctionUrlAuthType", "lambda:InvokedViaFunctionUrl")
ACCOUNTS = "AWS accounts"
NO_FUNCTION = ("Function not found", "Cannot find alias")


@dataclass(frozen=True)
class Invokers:
    """Which services the function's own policy lets invoke it by that qualifier, such as `events.amazonaws.com`.

    Roles, users and accounts are all called `AWS accounts`.
    """

    principals: tuple[str, ...]


@fact("lambda:GetPolicy")
def invokers(aws: Aws, qualifier: Qualifier) -> Invokers:
    """Nobody where there is no policy. AWS has one code for that and for a missing function: only the words differ."""
    client = aws.client("lambda")
    try:
        if qualifier.name == LATEST:
            answer = client.get_policy(FunctionName=qualifier.function)
        else:
            answer = client.get_policy(FunctionName=qualifier.function, Qualifier=qualifier.name)
    except client.exceptions.ResourceNotFoundException as error:
        if any(words in str(error) for words in NO_FUNCTION):
            raise
        return Invokers(())
    return Invokers(tuple(sorted(set(_admitted(statements_in(answer["Policy"]))))))


@dataclass(frozen=True)
class Urls:
    """The qualifiers that have a function URL."""

    qualifiers: tuple[str, ...]


@fact("lambda:ListFunctionUrlConfigs")
def urls(aws: Aws, function: KeptFunction) -> Urls:
    """Most have none."""
    pages = aws.client("lambda").get_paginator("list_function_url_configs").paginate(FunctionName=function.name)
    found = {qualifier_of(url["FunctionArn"]) for page in pages for url in page["FunctionUrlConfigs"]}
    return Urls(tuple(sorted(found)))


@dataclass(frozen=True)
class InvokeConfig:
    """What Lambda does with an event that fails: the ARN of where it puts it, how often and how long it tries before.

    None is AWS's default: nowhere, twice, six hours.
    """

    on_failure: str | None
    retries: int | None
    max_age_seconds: int | None


@dataclass(frozen=True)
class InvokeConfigs:
    """By qualifier. That of one qualifier says nothing about another."""

    of: Mapping[str, InvokeConfig]


@fact("lambda:ListFunctionEventInvokeConfigs")
def invoke_configs(aws: Aws, function: KeptFunction) -> InvokeConfigs:
    """All of the function."""
    paginator = aws.client("lambda").get_paginator("list_function_event_invoke_configs")
    configs = [
        config
        for page in paginator.paginate(FunctionName=function.name)
        for config in page["FunctionEventInvokeConfigs"]
    ]
    return InvokeConfigs({qualifier_of(config["FunctionArn"]): _config(config) for config in configs})


def _config(config: "FunctionEventInvokeConfigTypeDef") -> InvokeConfig:
    return InvokeConfig(
        on_failure=config.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination") or None,
        retries=config.get("MaximumRetryAttempts"),
        max_age_seconds=config.get("MaximumEventAgeInSeconds"),
    )


def _admitted(statements: Iterable[Statement]) -> Iterator[str]:
    """What a statement says of function URLs is left out: which there are, AWS lists."""
    for statement in statements:
        if statement.allow and statement.speaks_of(INVOKE) and not _by_url(statement):
            for principal in statement.principals:
                kind, service, name = principal.partition(SERVICE)
                yield name if service and not kind else ACCOUNTS


def _by_url(statement: Statement) -> bool:
    return any(condition.partition(" ")[2] in BY_URL for condition in statement.conditions)
