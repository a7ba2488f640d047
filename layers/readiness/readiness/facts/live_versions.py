"""What really runs of a function: `$LATEST`, and every version that an alias routes to; and how each is configured."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from readiness.aws import Aws
from readiness.each import Each
from readiness.fact import fact
from readiness.facts.checklist import Checklist
from readiness.facts.functions import denied, undecrypted
from readiness.facts.table import Table
from readiness.facts.table_functions import TableFunction
from readiness.model import Gone, Unreadable

if TYPE_CHECKING:
    from mypy_boto3_lambda.type_defs import AliasConfigurationTypeDef

LATEST = "$LATEST"
QUOTES = "\"'`"
A_TABLE = re.compile(r"[A-Za-z0-9_.-]{3,255}|arn:[\w:/.-]{3,255}", re.ASCII)
SOMETHING_ELSE = "something that is no table's name"


@dataclass(frozen=True)
class LiveVersion:
    """A version of a function of a table that can be invoked by name or alias. Its key is its qualified ARN.

    `version` is `$LATEST` or a number. `aliases` are the names of those that route to it, weighted ones too.
    """

    function: str
    function_arn: str
    arn: str
    version: str
    aliases: tuple[str, ...]


@fact("lambda:ListAliases")
def live_versions(aws: Aws, function: TableFunction) -> Each[LiveVersion]:
    """`$LATEST` is among them, whether an alias routes to it or not."""
    client = aws.client("lambda")
    routes: dict[str, set[str]] = {LATEST: set()}
    try:
        for page in client.get_paginator("list_aliases").paginate(FunctionName=function.name):
            for alias in page["Aliases"]:
                for version in _routed(alias):
                    routes.setdefault(version, set()).add(alias["Name"])
    except client.exceptions.ResourceNotFoundException:
        msg = f"the function {function.name} does not exist any more"
        raise Gone(msg) from None
    versions = (
        LiveVersion(function.name, function.arn, f"{function.arn}:{version}", version, tuple(sorted(aliases)))
        for version, aliases in routes.items()
    )
    return Each({version.arn: version for version in versions})


def _routed(alias: "AliasConfigurationTypeDef") -> Iterator[str]:
    """One version, or two between which the calls are divided."""
    yield alias["FunctionVersion"]
    yield from (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights", {})


@dataclass(frozen=True)
class Configuration:
    """How a version is configured, by GetFunctionConfiguration: frozen for a published one.

    `dead_letters` is the ARN of its dead-letter target, None for none (AWS may say ""). `log_group` is the configured
    one or Lambda's default. `log_level` is ApplicationLogLevel, None where it is not set. `update` is
    LastUpdateStatus. `timeout_seconds` is as configured. `environment_denied` is why its environment could not be
    decrypted; `named` and `holders` are what `Variables` makes known of it.
    """

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


@fact("lambda:GetFunctionConfiguration")
def configuration(aws: Aws, version: LiveVersion, table: Table, checklist: Checklist) -> Configuration:
    """Gone where the version was deleted and the alias still routes to it."""
    client = aws.client("lambda")
    try:
        answer = client.get_function_configuration(FunctionName=version.function_arn, Qualifier=version.version)
    except client.exceptions.ResourceNotFoundException:
        routed = f", though calls of {' and '.join(version.aliases)} go there" if version.aliases else ""
        msg = f"version {version.version} of {version.function} does not exist{routed}"
        raise Gone(msg) from None
    environment = answer.get("Environment", {})
    variables = environment.get("Variables", {})
    logging = answer.get("LoggingConfig", {})
    wanted = expected(table, checklist)
    return Configuration(
        function=version.function,
        version=version.version,
        role=answer["Role"],
        update=answer["LastUpdateStatus"],
        timeout_seconds=answer["Timeout"],
        dead_letters=answer.get("DeadLetterConfig", {}).get("TargetArn") or None,
        log_group=logging.get("LogGroup", f"/aws/lambda/{version.function}"),
        log_format=logging.get("LogFormat", "Text"),
        log_level=logging.get("ApplicationLogLevel"),
        environment_denied=undecrypted(environment),
        named={name: _harmless(variables[name], wanted[name]) for name in wanted if name in variables},
        holders=tuple(sorted(name for name in variables.keys() - wanted if bare(variables[name]) == table.name)),
    )


@dataclass(frozen=True)
class Variables:
    """The variables of a version that the checklist names, and which others hold exactly the table's name.

    `named` are those of the checklist's that are set. A value that resembles neither what is wanted nor any table's
    name may be a secret that was put there by mistake: it is not kept, and SOMETHING_ELSE stands for it. `holders` are
    the names, never the values, of other variables whose value is the name of the table.
    """

    named: Mapping[str, str]
    holders: tuple[str, ...]


@fact()
def variables(configuration: Configuration) -> Variables:
    """What Lambda could not decrypt makes these unreadable, and nothing else of the configuration."""
    if configuration.environment_denied is not None:
        raise Unreadable({configuration.version: denied(configuration.environment_denied)})
    return Variables(configuration.named, configuration.holders)


def expected(table: Table, checklist: Checklist) -> dict[str, str]:
    """The variables that the functions of the table must have, and their values."""
    return {name: value.replace("{table}", table.name) for name, value in checklist.functions.environment.items()}


def bare(value: str) -> str:
    """Without the quotes and the white space around it, which got there by mistake."""
    return value.strip().strip(QUOTES).strip()


def _harmless(value: str, wanted: str) -> str:
    return value if bare(value) in {"", wanted} or A_TABLE.fullmatch(bare(value)) else SOMETHING_ELSE
