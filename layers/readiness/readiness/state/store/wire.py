"""Values as DynamoDB writes them. boto3's own serializer costs 20 ms to import, and turns numbers into `Decimal`."""

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
    """A value of ours as an attribute. A float is written in its shortest decimal form, which reads back as itself.

    TypeError: a type that DynamoDB or we have no form for. ValueError: not a number.
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
            msg = f"can't be stored: {type(value).__name__}"
            raise TypeError(msg)


def decode(attribute: Mapping[str, Any]) -> Any:
    """The value of an attribute: int where the number is whole, else float. Sets and binaries are never ours."""
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
    """An item of ours; what is None is left out."""
    return {name: encode(value) for name, value in values.items() if value is not None}


def decode_item(item: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The values of an item."""
    return {name: decode(attribute) for name, attribute in item.items()}


def size(value: Any) -> int:
    """Bytes that an encoded value takes at most: its JSON is longer than what DynamoDB counts."""
    return len(json.dumps(value, ensure_ascii=False).encode())


def compact(value: Any, limit: int) -> Any:
    """The value with every string cut to 2 KB; only how much that takes where it is still over `limit` bytes."""
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
