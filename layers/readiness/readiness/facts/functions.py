"""The Lambda functions of the account and Region, and which tables they name."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from readiness.aws import Aws
from readiness.checklist import Settings
from readiness.each import Each
from readiness.fact import fact
from readiness.model import Reason, Unavailable

if TYPE_CHECKING:
    from mypy_boto3_lambda.type_defs import EnvironmentResponseTypeDef, FunctionConfigurationTypeDef

MONITORS = "READINESS_TABLE"
"""The variable by which the stack tells the monitor its table."""


@dataclass(frozen=True)
class Function:
    """What ListFunctions says of the `$LATEST` of a function. Its key is its ARN, without a qualifier.

    `tables` are the tables of the checklist that some value of its environment names; of the values nothing is kept.
    `unread` is why its environment could not be read, as when its KMS key is denied.
    """

    name: str
    arn: str
    role: str
    tables: tuple[str, ...]
    unread: Unavailable | None = None


@fact("lambda:ListFunctions")
def functions(aws: Aws, settings: Settings) -> Each[Function]:
    """All of them but the monitor's own, which names the table it watches and is no part of what it judges."""
    names = [table.name for table in settings.tables]
    pages = aws.client("lambda").get_paginator("list_functions").paginate()
    answers = [answer for page in pages for answer in page["Functions"]]
    return Each({answer["FunctionArn"]: _function(answer, names) for answer in answers if not _is_monitor(answer)})


def undecrypted(environment: "EnvironmentResponseTypeDef") -> str | None:
    """The code with which Lambda says that it may not show an environment; None where it does show it."""
    return environment["Error"].get("ErrorCode", "") if "Error" in environment else None


def denied(code: str) -> Unavailable:
    """Why an environment can't be read: Lambda decrypts it with the rights of who asks."""
    return Unavailable(Reason.ACCESS_DENIED, "kms:Decrypt", code)


def _is_monitor(answer: "FunctionConfigurationTypeDef") -> bool:
    return MONITORS in answer.get("Environment", {}).get("Variables", {})


def _function(answer: "FunctionConfigurationTypeDef", names: Iterable[str]) -> Function:
    environment = answer.get("Environment", {})
    values = environment.get("Variables", {}).values()
    code = undecrypted(environment)
    return Function(
        name=answer["FunctionName"],
        arn=answer["FunctionArn"],
        role=answer["Role"],
        tables=tuple(sorted(name for name in names if any(_names(value, name) for value in values))),
        unread=None if code is None else denied(code),
    )


def _names(value: str, table: str) -> bool:
    """Whether it is the table's name, or holds its ARN or that of something below it."""
    return value == table or re.search(rf":table/{re.escape(table)}(?![\w.-])", value, re.ASCII) is not None
