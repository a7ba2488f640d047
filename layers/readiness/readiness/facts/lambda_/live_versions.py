"""Versions of a function that can be invoked: `$LATEST`, and those behind an alias or invoked by number."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec import field

from readiness.aws.answer import Answer, Partial, deferred, listed
from readiness.aws.arn import LATEST, qualifier_of
from readiness.aws.client import Aws, existing
from readiness.engine.each import Each
from readiness.engine.fact import Keeps, fact
from readiness.facts.change_events import FUNCTION, FUNCTION_POLICY, WHILE_EVENTS_ARRIVE
from readiness.facts.dynamodb.table import Table
from readiness.facts.lambda_.event_sources import SourcesByFunction
from readiness.facts.lambda_.functions import denied, undecrypted, variables_of
from readiness.facts.lambda_.policies import admitted, policy_of
from readiness.facts.lambda_.table_functions import TableFunction
from readiness.facts.recorded.checklist import Checklist
from readiness.model import Fact, Gone, Unavailable, Unreadable

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

NEWEST = 10
"""The number of versions whose policy is read."""

UPDATING = "InProgress"
"""LastUpdateStatus during an update: https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html."""

QUOTES = "\"'`"
A_TABLE = re.compile(r"[A-Za-z0-9_.-]{3,255}|arn:[\w:/.-]{3,255}", re.ASCII)
SOMETHING_ELSE = "something that is no table's name"


class PermittedVersions(Fact):
    """Published versions with a resource-based policy, which can be invoked by version number."""

    stored_as = "PermittedVersions"

    numbers: tuple[str, ...]


@fact(
    "lambda:ListVersionsByFunction",
    "lambda:GetPolicy",
    events=(*FUNCTION_POLICY, *FUNCTION),
    keeps=timedelta(days=1),
)
def permitted_versions(aws: Aws, function: TableFunction) -> PermittedVersions:
    """Read the newest versions only: each has its own policy, and a function may have hundreds of versions."""
    client = aws.client("lambda")
    with existing(f"the function {function.name}"):
        pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=function.name)
        answers = listed(pages, "Versions", "lambda:ListVersionsByFunction")
        named = (answer.need("Version", str) for answer in answers)
        published = sorted((name for name in named if name.isdecimal()), key=int, reverse=True)
    newest = published[:NEWEST]
    return PermittedVersions(tuple(each for each in newest if _is_permitted(client, function.name, each)))


def _is_permitted(client: "LambdaClient", function: str, version: str) -> bool:
    """Return True where a principal may invoke the version; False for a deleted version."""
    try:
        return bool(admitted(policy_of(client, function, version)))
    except client.exceptions.ResourceNotFoundException:
        return False


class Aliases(Fact):
    """The names of the aliases of a function, weighted ones too, by the version that they route to."""

    stored_as = "Aliases"

    of: Mapping[str, tuple[str, ...]]


@fact(
    "lambda:ListAliases",
    events=(
        "lambda:PublishVersion20150331",
        "lambda:UpdateAlias20150331",
        "lambda:CreateAlias20150331",
        "lambda:DeleteAlias20150331",
        *FUNCTION,
    ),
    keeps=WHILE_EVENTS_ARRIVE,
)
def aliases(aws: Aws, function: TableFunction) -> Aliases:
    """Read the aliases of the function."""
    of: dict[str, set[str]] = {}
    with existing(f"the function {function.name}"):
        pages = aws.client("lambda").get_paginator("list_aliases").paginate(FunctionName=function.name)
        for alias in listed(pages, "Aliases", "lambda:ListAliases"):
            for version in _routed(alias):
                of.setdefault(version, set()).add(alias.need("Name", str))
    return Aliases({version: tuple(sorted(names)) for version, names in of.items()})


def _routed(alias: Answer) -> Iterator[str]:
    """Yield one version, or two with weighted routing."""
    yield alias.need("FunctionVersion", str)
    yield from alias.part_or_empty("RoutingConfig").get("AdditionalVersionWeights", dict, {})


class LiveVersion(Fact):
    """A version that can be invoked: by its `aliases`, weighted ones too, or by number (`numbered`).

    `revision` changes with what is read of its configuration; empty where the revision of the function is not known.
    """

    function: str
    function_arn: str
    arn: str
    version: str
    aliases: tuple[str, ...]
    numbered: bool = False
    revision: str = ""


@fact()
def live_versions(  # noqa: PLR0913, PLR0917  each may lead to a version, or to another revision
    table: Table,
    checklist: Checklist,
    function: TableFunction,
    aliases: Aliases,
    permitted: PermittedVersions | Unavailable,
    sources: SourcesByFunction,
) -> Each[LiveVersion]:
    """Return `$LATEST`, with or without an alias, and every version behind an alias or a version number."""
    read = table.name, sorted(expected(table, checklist).items())
    wanted = hashlib.sha256(repr(read).encode()).hexdigest()[:16]
    own = {qualifier_of(source.function) for source in sources.of.get(function.arn, ())}
    named = own if isinstance(permitted, Unavailable) else own | {*permitted.numbers}
    numbers = {name for name in named if name.isdecimal()}
    versions = (
        LiveVersion(
            function=function.name,
            function_arn=function.arn,
            arn=f"{function.arn}:{version}",
            version=version,
            aliases=aliases.of.get(version, ()),
            numbered=version in numbers,
            revision=_revision(function, version, wanted),
        )
        for version in {LATEST} | aliases.of.keys() | numbers
    )
    unlisted = permitted if isinstance(permitted, Unavailable) else sources.unlisted
    return Each({version.arn: version for version in versions}, unlisted)


def _revision(function: TableFunction, version: str, wanted: str) -> str:
    """Return the revision of the configuration, of which the variables that are `wanted` for the table are read.

    The configuration of a published version does not change.
    """
    revision = function.revision if version == LATEST else version
    return revision and f"{revision} {wanted}"


def no_function(name: str) -> Gone:
    """Return the error for a function that was deleted after it was listed."""
    return Gone(f"the function {name} does not exist")


class Configuration(Partial):
    """GetFunctionConfiguration of a version, which is immutable once published.

    `dead_letters` is the ARN of its dead-letter target, None without one (AWS may give ""). `log_group` is the
    configured one or Lambda's default. `log_level` is ApplicationLogLevel, None: not set. `update` is LastUpdateStatus.
    `environment_denied` is why its environment could not be decrypted; `named` and `holders` are fields
    of `EnvironmentVariables`.
    """

    stored_as = "Configuration"

    function: str
    version: str
    role: str
    update: str
    timeout_seconds: int
    dead_letters: str | None
    log_group: str
    log_format: str
    log_level: str | None
    environment_denied: str | None
    named: Mapping[str, str] = field(default_factory=dict)
    holders: tuple[str, ...] = ()

    @property
    def is_passing_by(self) -> bool:
        """Return True during an update, and while the KMS key of the environment cannot be used."""
        return self.update == UPDATING or self.environment_denied is not None


@fact(
    "lambda:GetFunctionConfiguration",
    events=("lambda:UpdateFunctionConfiguration20150331v2", "lambda:UpdateFunctionCode20150331v2", *FUNCTION),
    keeps=Keeps(timedelta(days=1), revision="version.revision", passing_by=lambda answer: answer.is_passing_by),
)
def configuration(aws: Aws, version: LiveVersion, table: Table, checklist: Checklist) -> Configuration:
    """Raise Gone where the version was deleted and an alias still routes to it."""
    client = aws.client("lambda")
    try:
        answered = client.get_function_configuration(FunctionName=version.function_arn, Qualifier=version.version)
    except client.exceptions.ResourceNotFoundException:
        msg = f"version {version.version} of {version.function} does not exist{_led_to(version)}"
        raise Gone(msg) from None
    answer = Answer(answered, "lambda:GetFunctionConfiguration")
    logging = answer.part_or_empty("LoggingConfig")
    variables, wanted = variables_of(answer), expected(table, checklist)
    return Configuration(
        function=version.function,
        version=version.version,
        role=answer.need("Role", str),
        update=deferred(lambda: answer.need("LastUpdateStatus", str)),
        timeout_seconds=deferred(lambda: answer.need("Timeout", int)),
        dead_letters=answer.part_or_empty("DeadLetterConfig").get("TargetArn", str) or None,
        log_group=logging.get("LogGroup", str, f"/aws/lambda/{version.function}"),
        log_format=logging.get("LogFormat", str, "Text"),
        log_level=logging.get("ApplicationLogLevel", str),
        environment_denied=undecrypted(answer),
        named={name: _harmless(variables[name], wanted[name]) for name in wanted if name in variables},
        holders=tuple(sorted(name for name in variables.keys() - wanted if bare(variables[name]) == table.name)),
    )


def _led_to(version: LiveVersion) -> str:
    callers = [f"alias {alias}" for alias in version.aliases]
    callers += ["calls by version number"] if version.numbered else []
    routes = "routes" if len(version.aliases) == 1 and not version.numbered else "route"
    return f", but {' and '.join(callers)} {routes} to it" if callers else ""


class EnvironmentVariables(Fact):
    """The environment variables that the checklist names, and other variables with the table's name.

    `named` are those of the checklist that are set. A value that is neither the expected one nor any table name may be
    a secret: SOMETHING_ELSE replaces it. `holders` are the names of other variables whose value is the table's name.
    """

    stored_as = "Variables"

    named: Mapping[str, str]
    holders: tuple[str, ...]


@fact()
def variables(configuration: Configuration) -> EnvironmentVariables:
    """Return the variables. If Lambda could not decrypt them, only this fact is unavailable."""
    if configuration.environment_denied is not None:
        raise Unreadable({configuration.version: denied(configuration.environment_denied)})
    return EnvironmentVariables(configuration.named, configuration.holders)


def expected(table: Table, checklist: Checklist) -> dict[str, str]:
    """Return the variables that the functions of the table must have, with their values."""
    return {name: value.replace("{table}", table.name) for name, value in checklist.functions.environment.items()}


def bare(value: str) -> str:
    """Return the value without quotes and white space around it."""
    return value.strip().strip(QUOTES).strip()


def _harmless(value: str, wanted: str) -> str:
    return value if bare(value) in {"", wanted} or A_TABLE.fullmatch(bare(value)) else SOMETHING_ELSE
