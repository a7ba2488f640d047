"""What can be wrong with an answer: a member is left out, a list is empty, a value is not known yet, an object is gone.

What people wrote themselves, the policies and the other JSON texts in an answer, is whole whatever it says: there a
missing member is no incomplete answer, but another text. So are the maps whose keys people choose, such as the
variables of a function: without an *entry* it is another function.
"""

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from botocore.model import ListShape, MapShape, OperationModel, Shape, StringShape, StructureShape

from readiness.aws.client import MISSING

Json = dict[str, Any]
Step = str | int
Kind = Literal["left out", "entry", "empty", "new value", "text", "gone"]

TOKENS = frozenset(
    {
        "HasMoreResults",
        "IsTruncated",
        "LastEvaluatedBackupArn",
        "LastEvaluatedKey",
        "LastEvaluatedTableName",
        "Marker",
        "NextMarker",
        "NextPageToken",
        "NextToken",
        "PaginationToken",
        "Truncated",
        "nextToken",
    }
)
"""Members whose absence says that a page is the last."""

OWN = frozenset({"AdditionalVersionWeights", "Dimensions", "EnvironmentVariables"})
"""The maps of botocore's models whose keys people choose."""

NEW = "A_VALUE_OF_NEXT_YEAR"

OTHERS: tuple[Any, ...] = (None, 7, [], {})
"""What may stand in a text where something else is expected."""


@dataclass(frozen=True)
class Alteration:
    """One answer, altered at a place. `member` is the name of what is altered there."""

    kind: Kind
    where: str
    member: str
    answer: Json
    status: int = 200


def alterations(model: OperationModel, answer: Json) -> Iterator[Alteration]:
    """All of them, of an answer as botocore parsed it."""
    content = {name: value for name, value in answer.items() if name != "ResponseMetadata"}
    for path, value, of, kind in _members(content, model.output_shape):
        where = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")
        name = next(step for step in reversed(path) if isinstance(step, str))
        if isinstance(path[-1], str) and path[-1] not in TOKENS:
            yield Alteration(kind, where, name, _with(answer, path))
        if isinstance(value, list) and value:
            yield Alteration("empty", where, name, _with(answer, path, []))
        if isinstance(of, StringShape) and of.enum and isinstance(value, str):
            yield Alteration("new value", where, name, _with(answer, path, NEW))
        if isinstance(of, StringShape):
            yield from (Alteration("text", where, name, _with(answer, path, text)) for text in _texts(value))
    code = missing_code(model)
    if code:
        error = {"Error": {"Code": code, "Message": "it does not exist"}, "ResponseMetadata": {"HTTPStatusCode": 400}}
        yield Alteration("gone", "", code, error, 400)


def _members(value: Any, shape: Shape | None) -> Iterator[tuple[tuple[Step, ...], Any, Shape | None, Kind]]:
    """Every member and every element at every depth, with its shape, and of which kind the answer is without it."""
    kind: Kind = "entry" if isinstance(shape, MapShape) and shape.name in OWN else "left out"
    if isinstance(shape, StringShape):
        return
    if isinstance(value, dict):
        for name, each in value.items():
            of = _of(shape, name)
            yield (name,), each, of, kind
            yield from (((name, *path), *deeper) for path, *deeper in _members(each, of))
    elif isinstance(value, list):
        of = shape.member if isinstance(shape, ListShape) else None
        for at, each in enumerate(value):
            yield from (((at, *path), *deeper) for path, *deeper in _members(each, of))


def _of(shape: Shape | None, name: str) -> Shape | None:
    if isinstance(shape, StructureShape):
        return shape.members.get(name)
    return shape.value if isinstance(shape, MapShape) else None


def _texts(value: Any) -> Iterator[Any]:
    """Other texts in place of a JSON text, or of a policy that botocore has decoded already."""
    document = _decoded(value) if isinstance(value, str) else value
    if not isinstance(document, dict):
        return
    back = json.dumps if isinstance(value, str) else _itself
    yield from ("{", "[]", '"text"', "7") if isinstance(value, str) else ([], "text", {})
    for path, inner, *_ in _members(document, None):
        if isinstance(path[-1], str):
            yield back(_with(document, path))
        yield from (back(_with(document, path, other)) for other in OTHERS if other != inner)


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _itself(value: Any) -> Any:
    return value


def _with(answer: Any, path: tuple[Step, ...], *value: Any) -> Any:
    """The answer with that value there, or without it where there is none. It shares what is not on the path."""
    step, rest = path[0], path[1:]
    altered = copy.copy(answer)
    if rest:
        altered[step] = _with(answer[step], rest, *value)
    elif value:
        altered[step] = value[0]
    else:
        del altered[step]
    return altered


def missing_code(model: OperationModel) -> str:
    """The error with which the operation says that there is no such object; empty where it has none."""
    codes = [shape.metadata.get("error", {}).get("code", shape.name) for shape in model.error_shapes]
    named = [code for shape, code in zip(model.error_shapes, codes, strict=True) if {shape.name, code} & MISSING]
    return named[0] if named else ""
