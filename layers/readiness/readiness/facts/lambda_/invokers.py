"""Principals that may invoke a function, and its handling of failed events, by qualifier."""

from collections.abc import Mapping

from msgspec import Struct

from readiness.aws.answer import Answer, listed
from readiness.aws.arn import qualifier_of
from readiness.aws.client import Aws
from readiness.engine.fact import fact
from readiness.facts.change_events import FUNCTION_POLICY
from readiness.facts.lambda_.event_sources import on_failure
from readiness.facts.lambda_.policies import admitted, policy_of
from readiness.facts.lambda_.qualifiers import DlqFunction, Qualifier
from readiness.model import Fact


class Invokers(Fact):
    """The services that the policy allows to invoke the qualifier; all roles, users, accounts: `AWS accounts`."""

    principals: tuple[str, ...]


@fact("lambda:GetPolicy", events=FUNCTION_POLICY)
def invokers(aws: Aws, qualifier: Qualifier) -> Invokers:
    """Return the invokers; none without a policy."""
    return Invokers(admitted(policy_of(aws.client("lambda"), qualifier.function, qualifier.name)))


class Urls(Fact):
    """The qualifiers that have a function URL."""

    qualifiers: tuple[str, ...]


@fact("lambda:ListFunctionUrlConfigs")
def urls(aws: Aws, function: DlqFunction) -> Urls:
    """List the qualifiers with a function URL; most functions have none."""
    pages = aws.client("lambda").get_paginator("list_function_url_configs").paginate(FunctionName=function.name)
    answers = listed(pages, "FunctionUrlConfigs", "lambda:ListFunctionUrlConfigs")
    return Urls(tuple(sorted({qualifier_of(url.need("FunctionArn", str)) for url in answers})))


class InvokeConfig(Struct, frozen=True):
    """Asynchronous invocations. None is Lambda's default: no destination, 2 retries, 6 hours."""

    on_failure: str | None
    retries: int | None
    max_age_seconds: int | None


class InvokeConfigs(Fact):
    """The configurations by qualifier, each independent of the others."""

    of: Mapping[str, InvokeConfig]


@fact(
    "lambda:ListFunctionEventInvokeConfigs",
    events=(
        "lambda:PutFunctionEventInvokeConfig",
        "lambda:UpdateFunctionEventInvokeConfig",
        "lambda:DeleteFunctionEventInvokeConfig",
    ),
)
def invoke_configs(aws: Aws, function: DlqFunction) -> InvokeConfigs:
    """List all configurations of the function."""
    client = aws.client("lambda")
    pages = client.get_paginator("list_function_event_invoke_configs").paginate(FunctionName=function.name)
    answers = listed(pages, "FunctionEventInvokeConfigs", "lambda:ListFunctionEventInvokeConfigs")
    return InvokeConfigs({qualifier_of(config.need("FunctionArn", str)): _config(config) for config in answers})


def _config(config: Answer) -> InvokeConfig:
    return InvokeConfig(
        on_failure=on_failure(config),
        retries=config.get("MaximumRetryAttempts", int),
        max_age_seconds=config.get("MaximumEventAgeInSeconds", int),
    )
