"""Lambda functions of the account and Region, the tables that they name, and their tags."""

import re
from collections.abc import Iterable, Mapping

from readiness.aws.answer import Answer, listed
from readiness.aws.client import Aws
from readiness.checklist import Settings
from readiness.engine.each import Each, each_of
from readiness.engine.fact import ANY_RESOURCE, fact
from readiness.facts.change_events import FUNCTION
from readiness.model import Fact, Reason, Unavailable

PERMISSION = "lambda:ListFunctions"
MONITORS = "READINESS_TABLE"
"""The environment variable with the table of the monitor."""


class Function(Fact):
    """`$LATEST` of a function; `tables` are those that its environment names, `unread` is why it is not known.

    `variables` are the names of the environment variables whose value is the name of one of these tables. `revision` is
    RevisionId, which changes with the configuration.
    """

    name: str
    arn: str
    role: str
    tables: tuple[str, ...]
    unread: Unavailable | None = None
    variables: tuple[str, ...] = ()
    revision: str = ""


@fact(
    PERMISSION,
    resources={PERMISSION: ANY_RESOURCE},
    events=FUNCTION,
)
def functions(aws: Aws, settings: Settings) -> Each[Function]:
    """List all functions except the monitor, whose environment variables name the table too."""
    names = [table.name for table in settings.tables]
    pages = aws.client("lambda").get_paginator("list_functions").paginate()
    others = (answer for answer in listed(pages, "Functions", PERMISSION) if MONITORS not in variables_of(answer))
    return each_of(others, lambda answer: answer.need("FunctionArn", str), lambda answer: _function(answer, names))


def variables_of(function: Answer) -> Mapping[str, str]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_EnvironmentResponse.html: absent without variables."""
    variables = function.part_or_empty("Environment").get("Variables", dict, {})
    return {name: value for name, value in variables.items() if isinstance(value, str)}


def undecrypted(function: Answer) -> str | None:
    """Return the error code where Lambda could not decrypt the environment; None where it could."""
    error = function.part_or_empty("Environment").part_or_none("Error")
    return error.get("ErrorCode", str, "") if error else None


def denied(code: str) -> Unavailable:
    """Return why an environment is not readable: Lambda decrypts it with the caller's permissions."""
    return Unavailable(Reason.ACCESS_DENIED, "kms:Decrypt", code)


def _function(answer: Answer, names: Iterable[str]) -> Function:
    variables = variables_of(answer)
    code = undecrypted(answer)
    tables = tuple(sorted(name for name in names if any(_names(value, name) for value in variables.values())))
    return Function(
        name=answer.need("FunctionName", str),
        arn=answer.need("FunctionArn", str),
        role=answer.need("Role", str),
        tables=tables,
        unread=None if code is None else denied(code),
        variables=tuple(sorted(name for name, value in variables.items() if value in tables)),
        revision=answer.get("RevisionId", str, ""),
    )


def _names(value: str, table: str) -> bool:
    """Return True for the table's name, or a text with its ARN or the ARN of one of its resources."""
    return value == table or re.search(rf":table/{re.escape(table)}(?![\w.-])", value, re.ASCII) is not None


class FunctionTags(Fact):
    """The tags whose keys the checklist names, by the ARN of each tagged function."""

    of: Mapping[str, Mapping[str, str]]


@fact("tag:GetResources", events=("lambda:TagResource20170331v2", "lambda:UntagResource20170331v2"))
def function_tags(aws: Aws, settings: Settings) -> FunctionTags:
    """Read the tags. No call is made if the checklist does not select by tags."""
    wanted = [settings.functions, *(table.functions for table in settings.tables if table.functions)]
    keys = {key for functions in wanted for key in functions.tags}
    if not keys:
        return FunctionTags({})
    paginator = aws.client("resourcegroupstaggingapi").get_paginator("get_resources")
    pages = paginator.paginate(ResourceTypeFilters=["lambda:function"])
    of: dict[str, Mapping[str, str]] = {}
    for resource in listed(pages, "ResourceTagMappingList", "tag:GetResources"):
        named = {tag.need("Key", str): tag for tag in resource.parts_or_empty("Tags")}
        tags = {key: tag.need("Value", str) for key, tag in named.items() if key in keys}
        if tags:
            of[resource.need("ResourceARN", str)] = tags
    return FunctionTags(of)
