"""Qualifiers by which functions are invoked: their callers, and their destinations for failed events."""

from collections import defaultdict
from collections.abc import Mapping

from msgspec import Struct

from readiness.aws.answer import Answer, listed
from readiness.aws.arn import LATEST, qualifier_of
from readiness.aws.client import Aws, existing
from readiness.checklist import fits_name
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.change_events import FUNCTION, FUNCTION_POLICY, WHILE_EVENTS_ARRIVE
from readiness.facts.lambda_.event_sources import on_failure
from readiness.facts.lambda_.live_versions import Configuration, LiveVersion, no_function
from readiness.facts.lambda_.policies import admitted, policy_of
from readiness.facts.lambda_.table_functions import TableFunction
from readiness.facts.recorded.checklist import Checklist
from readiness.model import Fact, Unavailable


class DlqFunction(Fact):
    """A function of the table that requires a dead-letter queue. Its key is its ARN, without a qualifier."""

    stored_as = "KeptFunction"

    name: str
    arn: str


@fact()
def dlq_functions(function: TableFunction, checklist: Checklist) -> Each[DlqFunction]:
    """Return the function itself if `dead_letters_required` of the checklist matches its name; else none."""
    if not fits_name(function.name, checklist.functions.dead_letters_required):
        return Each({})
    return Each({function.arn: DlqFunction(function.name, function.arn)})


class Qualifier(Fact):
    """An alias, a version number, or `$LATEST`, and the ARNs of the `versions` that it routes to."""

    function: str
    arn: str
    name: str
    versions: tuple[str, ...]


@fact()
def qualifiers(function: DlqFunction, versions: Each[LiveVersion]) -> Each[Qualifier]:
    """Return `$LATEST`, every alias, and each version that is invoked by number. Raise Gone where there are none."""
    found, unlisted = versions.readable()
    if not found and unlisted is None:
        raise no_function(function.name)
    behind: defaultdict[str, list[str]] = defaultdict(list, {LATEST: [f"{function.arn}:{LATEST}"]})
    for version in found:
        for name in (*version.aliases, *((version.version,) if version.numbered else ())):
            behind[name].append(version.arn)
    elements = {
        f"{function.arn}:{name}": Qualifier(function.name, f"{function.arn}:{name}", name, tuple(sorted(routed)))
        for name, routed in behind.items()
    }
    return Each(elements, unlisted)


class Invokers(Fact):
    """The services that the policy allows to invoke the qualifier; all roles, users, accounts: `AWS accounts`."""

    stored_as = "Invokers"

    principals: tuple[str, ...]


@fact("lambda:GetPolicy", events=(*FUNCTION_POLICY, *FUNCTION), keeps=WHILE_EVENTS_ARRIVE)
def invokers(aws: Aws, qualifier: Qualifier) -> Invokers:
    """Return the invokers; none without a policy."""
    return Invokers(admitted(policy_of(aws.client("lambda"), qualifier.function, qualifier.name)))


class Urls(Fact):
    """The qualifiers that have a function URL."""

    stored_as = "Urls"

    qualifiers: tuple[str, ...]


@fact(
    "lambda:ListFunctionUrlConfigs",
    events=("lambda:CreateFunctionUrlConfig", "lambda:DeleteFunctionUrlConfig", *FUNCTION),
    keeps=WHILE_EVENTS_ARRIVE,
)
def urls(aws: Aws, function: DlqFunction) -> Urls:
    """List the qualifiers with a function URL; most functions have none."""
    pages = aws.client("lambda").get_paginator("list_function_url_configs").paginate(FunctionName=function.name)
    with existing(f"the function {function.name}"):
        answers = list(listed(pages, "FunctionUrlConfigs", "lambda:ListFunctionUrlConfigs"))
    return Urls(tuple(sorted({qualifier_of(url.need("FunctionArn", str)) for url in answers})))


class InvokeConfig(Struct, frozen=True):
    """Asynchronous invocations. None is Lambda's default: no destination, 2 retries, 6 hours."""

    on_failure: str | None
    retries: int | None
    max_age_seconds: int | None


class InvokeConfigs(Fact):
    """The configurations by qualifier, each independent of the others."""

    stored_as = "InvokeConfigs"

    of: Mapping[str, InvokeConfig]


@fact(
    "lambda:ListFunctionEventInvokeConfigs",
    events=(
        "lambda:PutFunctionEventInvokeConfig",
        "lambda:UpdateFunctionEventInvokeConfig",
        "lambda:DeleteFunctionEventInvokeConfig",
        *FUNCTION,
    ),
    keeps=WHILE_EVENTS_ARRIVE,
)
def invoke_configs(aws: Aws, function: DlqFunction) -> InvokeConfigs:
    """List all configurations of the function."""
    client = aws.client("lambda")
    pages = client.get_paginator("list_function_event_invoke_configs").paginate(FunctionName=function.name)
    with existing(f"the function {function.name}"):
        answers = list(listed(pages, "FunctionEventInvokeConfigs", "lambda:ListFunctionEventInvokeConfigs"))
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
    url = [] if isinstance(urls, Unavailable) or qualifier.name not in urls.qualifiers else ["a function URL"]
    return InvocationPath(
        name=qualifier.name,
        synchronous=(*(each for each in invokers.principals if _service(each) in SYNCHRONOUS), *url),
        asynchronous=tuple(each for each in invokers.principals if _service(each) in ASYNCHRONOUS),
        others=tuple(each for each in invokers.principals if _service(each) not in SYNCHRONOUS | ASYNCHRONOUS),
        keepers=tuple(sorted(dead_letters | ({config.on_failure} if config.on_failure else set()))),
        unkept=() if config.on_failure else tuple(each.version for each in behind if not each.dead_letters),
        role=behind[0].role,
        unread=urls if isinstance(urls, Unavailable) else None,
    )


class InvocationPaths(Fact):
    """The qualifiers of a function with a known caller. `aliased`: the function has aliases."""

    stored_as = "Ways"

    seen: tuple[str, ...]
    aliased: bool
    unread: Unavailable | None


@fact(on=DlqFunction)
def invocation_paths(invocation_paths: Each[InvocationPath]) -> InvocationPaths:
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
