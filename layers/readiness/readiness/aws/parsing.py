"""Parse responses as botocore does. What it cannot parse is an error of botocore, like any other failed call.

This module imports botocore, so it is imported only before a call.
"""

import json
from typing import Any

from botocore.exceptions import BotoCoreError
from botocore.parsers import ResponseParser, ResponseParserError, ResponseParserFactory

NOT_PARSED = (
    ResponseParserError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""The exceptions that botocore's parsers raise for a body or a value that is not what the service model describes."""

JSON = frozenset({"json", "rest-json"})
ERROR_FROM = 300


class MalformedResponse(BotoCoreError):
    """The response is not what the service model describes. The call may have had its effect."""

    fmt = "the response cannot be parsed: {cause}"


class Parsers(ResponseParserFactory):
    """Create the parsers of a session."""

    def create_parser(self, protocol_name: str) -> Any:
        """Return the parser of a protocol."""
        return _Parser(super().create_parser(protocol_name), protocol_name)


class _Parser:
    def __init__(self, parser: ResponseParser, protocol: str) -> None:
        self._parser = parser
        self._protocol = protocol

    def parse(self, response: dict[str, Any], shape: Any) -> Any:
        """Return the parsed response. MalformedResponse: it cannot be parsed."""
        try:
            parsed = self._parser.parse(response, shape)
            unread = not parsed.keys() - METADATA and getattr(shape, "members", None)
            if unread and self._protocol in JSON and response["status_code"] < ERROR_FROM:
                _check_object(response["body"])
        except NOT_PARSED as error:
            raise MalformedResponse(cause=type(error).__name__) from None
        return parsed


METADATA = frozenset({"ResponseMetadata"})


def _check_object(body: bytes) -> None:
    """Raise ValueError if the body is not a JSON object: botocore parses other text as an object without members."""
    if body and not isinstance(json.loads(body), dict):
        msg = "no object"
        raise ValueError(msg)
