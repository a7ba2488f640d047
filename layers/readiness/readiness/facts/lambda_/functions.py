"""The Lambda functions of the account and Region, and which tables they name."""

import re
from collections.abc import Iterable, Mapping

from readiness.aws.answer import Answer, listed
from readiness.aws.client import Aws
from readiness.checklist import Settings
from readiness.engine.each import Each, each_of
from readiness.engine.fact import fact
from readiness.model import Fact, Reason, Unavailable

PERMISSION = "lambda:ListFunctions"
MONITORS = "READINESS_TABLE"
"""The variable by which the stack tells the monitor its table."""


class Function(Fact):
    """What ListFunctions says of the `$LATEST` of a function. Its key is its ARN, without a qualifier.

    `tables` are the tables of the checklist that some value of its environment names; of the values nothing is kept.
    `unread` is why its environment could not be read, as when its KMS key is denied.
    """

    name: str
    arn: str
    role: str
    tables: tuple[str, ...]
    unread: Unavailable | None = None


@fact(PERMISSION)
def functions(aws: Aws, settings: Settings) -> Each[Function]:
    """All of them but the monitor's own, which names the table it watches and is no part of what it judges."""
    names = [table.name for table in settings.tables]
    pages = aws.client("lambda").get_paginator("list_functions").paginate()
    others = (answer for answer in listed(pages, "Functions", PERMISSION) if MONITORS not in variables_of(answer))
    return each_of(others, lambda answer: answer.need("FunctionArn", str), lambda answer: _function(answer, names))


def variables_of(function: Answer) -> Mapping[str, str]:
    """A function without variables has no Environment.

    https://docs.aws.amazon.com/lambda/latest/api/API_EnvironmentResponse.html
    """
    environment = function.part_or_none("Environment")
    variables = environment.get("Variables", dict, {}) if environment else {}
    return {name: value for name, value in variables.items() if isinstance(value, str)}


def undecrypted(function: Answer) -> str | None:
    """The code with which Lambda says that it may not show the environment; None where it does show it."""
    environment = function.part_or_none("Environment")
    error = environment.part_or_none("Error") if environment else None
    return error.get("ErrorCode", str, "") if error else None


def denied(code: str) -> Unavailable:
    """Why an environment can't be read: Lambda decrypts it with the rights of who asks."""
    return Unavailable(Reason.ACCESS_DENIED, "kms:Decrypt", code)


def _function(answer: Answer, names: Iterable[str]) -> Function:
    values = variables_of(answer).values()
    code = undecrypted(answer)
    return Function(
        name=answer.need("FunctionName", str),
        arn=answer.need("FunctionArn", str),
        role=answer.need("Role", str),
        tables=tuple(sorted(name for name in names if any(_names(value, name) for value in values))),
        unread=None if code is None else denied(code),
    )


def _names(value: str, table: str) -> bool:
    """Whether it is the table's name, or holds its ARN or that of something below it."""
    return value == table or re.search(rf":table/{re.escape(table)}(?![\w.-])", value, re.ASCII) is not None
