"""Facts of one function that is as it should be, and of its versions; a test changes what it is about."""

from typing import Any, Protocol, TypeVar

from msgspec.structs import replace

from readiness.engine.each import Each
from readiness.facts.dynamodb.table import Table
from readiness.facts.lambda_.functions import Function
from readiness.facts.lambda_.live_versions import Configuration, EnvironmentVariables, LiveVersion
from readiness.facts.lambda_.table_functions import TableFunction, Unclassified
from readiness.model import Reason, Unavailable
from tests.aws.account import ACCOUNT, ARN, REGION, TABLE

CHECKOUT = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:checkout"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/checkout"
DENIED = Unavailable(Reason.ACCESS_DENIED, "lambda:ListFunctions", "AccessDeniedException")
THE_TABLE = Table(TABLE, ARN, ACCOUNT, REGION)


class Keyed(Protocol):
    """Whatever is known by its ARN."""

    @property
    def arn(self) -> str: ...


K = TypeVar("K", bound=Keyed)


def function_arn(name: str) -> str:
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"


def each(*elements: K, unlisted: Unavailable | None = None, unread: tuple[str, ...] = ()) -> Each[K]:
    """Those elements by their ARNs; `unread` are the ARNs of more that could not be read."""
    known: dict[str, K | Unavailable] = {element.arn: element for element in elements}
    return Each(known | dict.fromkeys(unread, DENIED), unlisted)


def function(name: str = "checkout", **other: Any) -> Function:
    """One of the account, whether it belongs to the table or not."""
    role = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    return replace(Function(name, function_arn(name), role, tables=()), **other)


def table_function(**other: Any) -> TableFunction:
    """`name` alone decides about its ARN too."""
    name = other.get("name", "checkout")
    good = TableFunction(name, function_arn(name), ROLE, ("its environment names the table",))
    return replace(good, **other)


def unclassified(**other: Any) -> Unclassified:
    name = other.get("name", "carts-report")
    return replace(Unclassified(name, function_arn(name), ("its role may write to the table",)), **other)


def live_version(**other: Any) -> LiveVersion:
    """`function` and `version` decide about the ARNs too."""
    name, version = other.get("function", "checkout"), other.get("version", "$LATEST")
    arn = function_arn(name)
    return replace(LiveVersion(name, arn, f"{arn}:{version}", version, aliases=()), **other)


def configuration(**other: Any) -> Configuration:
    """`function` decides about its log group too."""
    name = other.get("function", "checkout")
    good = Configuration(
        function=name,
        version="$LATEST",
        role=ROLE,
        update="Successful",
        timeout_seconds=30,
        dead_letters=None,
        log_group=f"/aws/lambda/{name}",
        log_format="Text",
        log_level=None,
        environment_denied=None,
        named={"COMMERCE_TABLE": TABLE},
        holders=(),
    )
    return replace(good, **other)


def variables(**other: Any) -> EnvironmentVariables:
    return replace(EnvironmentVariables({"COMMERCE_TABLE": TABLE}, holders=()), **other)
