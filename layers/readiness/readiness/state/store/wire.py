"""DynamoDB's attribute values.

boto3's own serializer takes 20 ms to import, and decodes numbers as `Decimal`.
"""

import json
import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from readiness.aws.time import iso

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

Item = Mapping[str, "AttributeValueTypeDef"]

LONGEST_STRING = 2048


def encode(value: Any) -> "AttributeValueTypeDef":  # noqa: PLR0911  one line per type of DynamoDB
    """Return a value as an attribute. A float is written in its shortest decimal form, which decodes to the same float.

    TypeError: the type can't be stored. ValueError: not a finite number.
    """
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case int() | float():
            return {"N": _number(value)}
        case str():
            return {"S": str(value)}
        case datetime():
            return {"S": iso(value)}
        case date():
            return {"S": value.isoformat()}
        case Mapping():
            return {"M": {str(key): encode(each) for key, each in value.items()}}
        case AbstractSet():
            return {"L": [encode(each) for each in sorted(value)]}
        case Sequence() if not isinstance(value, bytes | bytearray):
            return {"L": [encode(each) for each in value]}
        case _:
            return {"B": _bytes(value)}


def _bytes(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    msg = f"can't be stored: {type(value).__name__}"
    raise TypeError(msg)


def decode(attribute: Mapping[str, Any]) -> Any:
    """Return the value of an attribute. A number is an int if it is whole, otherwise a float.

    Sets are not decoded: the monitor writes none.
    """
    ((kind, value),) = attribute.items()
    match kind:
        case "NULL":
            return None
        case "N":
            return _read(value)
        case "M":
            return decode_item(value)
        case "L":
            return [decode(each) for each in value]
        case _:
            return value


def encode_item(values: Mapping[str, Any]) -> dict[str, "AttributeValueTypeDef"]:
    """Return the values as an item, without those that are None."""
    return {name: encode(value) for name, value in values.items() if value is not None}


def decode_item(item: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the values of an item."""
    return {name: decode(attribute) for name, attribute in item.items()}


def size(value: Any) -> int:
    """Return an upper bound for the bytes of an encoded value: its JSON is longer than DynamoDB's item size."""
    return len(json.dumps(value, ensure_ascii=False, default=lambda binary: " " * len(binary)).encode())


def depth(attribute: Mapping[str, Any]) -> int:
    """Return the levels of nesting of an attribute: 0 if it is neither a map nor a list."""
    deepest, level = 0, [attribute]
    while level := [each for outer in level for each in _inner(outer)]:
        deepest += 1
    return deepest


def _inner(attribute: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    ((kind, value),) = attribute.items()
    return list(value.values()) if kind == "M" else value if kind == "L" else []


def compact(value: Any, limit: int) -> Any:
    """Return the value with every string cut to 2 KB.

    If it still exceeds `limit` bytes, return only its size, as `tooLargeToKeep`.
    """
    shorter = _cut(value)
    taken = size(encode(shorter))
    return shorter if taken <= limit else {"tooLargeToKeep": taken}


def _cut(value: Any) -> Any:
    match value:
        case str():
            return _cut_text(value)
        case Mapping():
            return {_cut(key): _cut(each) for key, each in value.items()}
        case list() | tuple():
            return [_cut(each) for each in value]
        case _:
            return value


def _cut_text(text: str) -> str:
    whole = text.encode()
    return text if len(whole) <= LONGEST_STRING else whole[: LONGEST_STRING - 3].decode(errors="ignore") + "..."


def _number(value: float) -> str:
    if not math.isfinite(value):
        msg = f"can't be stored: {value}"
        raise ValueError(msg)
    return repr(value)


def _read(number: str) -> int | float:
    whole = number.lstrip("-").isdecimal()
    return int(number) if whole else float(number)
