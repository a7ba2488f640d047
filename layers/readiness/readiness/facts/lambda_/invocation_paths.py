"""Invocation paths of a function by qualifier: its callers, and its destinations for failed events."""

from collections.abc import Mapping

from msgspec import Struct

from readiness.aws.answer import Answer, listed
from readiness.aws.arn import LATEST, qualifier_of
from readiness.aws.client import Aws
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.change_events import FUNCTION_POLICY
from readiness.facts.lambda_.event_sources import on_failure
from readiness.facts.lambda_.live_versions import Configuration
from readiness.facts.lambda_.policies import admitted, policy_of
from readiness.facts.lambda_.qualifiers import DlqFunction, Qualifier
from readiness.model import Fact, Unavailable


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


SYNCHRONOUS = frozenset({"apigateway", "cognito-idp", "elasticloadbalancing"})
ASYNCHRONOUS = frozenset({"codecommit", "config", "events", "iot", "logs", "s3", "ses", "sns"})
"""https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html"""

NOTHING_SAID = InvokeConfig(None, None, None)


class InvocationPath(Fact):
    """The invocation of a qualifier: services that its policy allows, by invocation type.

    `keepers` are the ARNs of dead-letter queues and on-failure destinations, `unkept` the versions without either.
    `role` is the role of the first version. `unread` is why there may be more callers.
    """

    stored_as = "Way"

    name: str
    synchronous: tuple[str, ...]
    asynchronous: tuple[str, ...]
    others: tuple[str, ...]
    keepers: tuple[str, ...]
    unkept: tuple[str, ...]
    role: str = ""
    unread: Unavailable | None = None

    @property
    def seen(self) -> bool:
        """Return True where a principal is allowed to invoke the qualifier."""
        return bool(self.synchronous or self.asynchronous or self.others)


@fact()
def invocation_path(
    qualifier: Qualifier,
    invokers: Invokers,
    urls: Urls | Unavailable,
    configs: InvokeConfigs,
    configurations: Each[Configuration],
) -> InvocationPath:
    """Return the path. A destination belongs to the qualifier, a dead-letter queue to the version behind it."""
    behind = [configurations[version] for version in qualifier.versions]
    config = configs.of.get(qualifier.name, NOTHING_SAID)
    dead_letters = {each.dead_letters for each in behind if each.dead_letters}
    unread = urls if isinstance(urls, Unavailable) else None
    url = [] if isinstance(urls, Unavailable) or qualifier.name not in urls.qualifiers else ["a function URL"]
    others = [each for each in invokers.principals if _service(each) not in SYNCHRONOUS | ASYNCHRONOUS]
    return InvocationPath(
        name=qualifier.name,
        synchronous=(*(each for each in invokers.principals if _service(each) in SYNCHRONOUS), *url),
        asynchronous=tuple(each for each in invokers.principals if _service(each) in ASYNCHRONOUS),
        others=tuple(others),
        keepers=tuple(sorted(dead_letters | ({config.on_failure} if config.on_failure else set()))),
        unkept=() if config.on_failure else tuple(each.version for each in behind if not each.dead_letters),
        role=behind[0].role,
        unread=unread,
    )


class InvocationPaths(Fact):
    """The qualifiers of a function with a known caller. `aliased`: the function has aliases."""

    stored_as = "Ways"

    seen: tuple[str, ...]
    aliased: bool
    unread: Unavailable | None


@fact(on=DlqFunction)
def invocation_paths(
    invocation_paths: Each[InvocationPath],
) -> InvocationPaths:
    """Return the paths. A qualifier that could not be read may be the one that is used."""
    found, unread = invocation_paths.readable()
    return InvocationPaths(
        seen=tuple(sorted(way.name for way in found if way.seen)),
        aliased=any(way.name != LATEST for way in found),
        unread=unread or next((way.unread for way in found if way.unread), None),
    )


def _service(principal: str) -> str:
    """Return the service of a principal such as `logs.eu-west-1.amazonaws.com`."""
    return principal.partition(".")[0]
