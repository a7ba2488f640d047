"""Faults of a call, as its response or the lack of one: one class per row of the error classification."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.exceptions import (
    BotoCoreError,
    ConnectTimeoutError,
    DataNotFoundError,
    EndpointConnectionError,
    ReadTimeoutError,
)
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from moto.core.botocore_stubber import MockRawResponse

from readiness.model import Reason
from tests.answers.alterations import OWN, missing_code
from tests.aws.quick import LOADER

Json = dict[str, Any]

URL = "https://aws.example"
TOKEN = "page-"

Send = Callable[[OperationModel, int], AWSResponse | None]
"""The response to the attempt of that number, from 0; None for the recorded answer. May raise an error of botocore."""

Page = Callable[[OperationModel, Json, str], Json | None]
"""The answer to a request with that token, made of the recorded answer; None for the recorded answer."""


@dataclass(frozen=True)
class Fault:
    """One class of faults.

    `reasons` are those that a finding may be UNKNOWN for; none: the fault must change nothing, or, of `gone`, the
    answer is a fact. `fits` is False for operations that cannot fail so.
    """

    name: str
    reasons: frozenset[Reason] = frozenset()
    send: Send | None = None
    page: Page | None = None
    fits: Callable[[OperationModel], bool] = lambda _model: True
    gone: bool = False


def response(status: int, body: bytes, headers: Mapping[str, str] | None = None) -> AWSResponse:
    return AWSResponse(URL, status, dict(headers or {}), MockRawResponse(body))  # type: ignore[arg-type]


def refusal(model: OperationModel, code: str, status: int = 400, message: str = "no") -> AWSResponse:
    """An error of that code, as the protocol of the service writes it."""
    match model.service_model.resolved_protocol:
        case "json":
            query = {"x-amzn-query-error": f"{code};Sender"} if "." in code else {}
            body = {"__type": _shape_name(model, code), "message": message}
            return response(status, json.dumps(body).encode(), query)
        case "rest-json":
            return response(status, json.dumps({"message": message}).encode(), {"x-amzn-ErrorType": code})
        case "query":
            error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
            return response(status, f"<ErrorResponse>{error}<RequestId>1</RequestId></ErrorResponse>".encode())
        case _:
            return response(status, f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode())


def _shape_name(model: OperationModel, code: str) -> str:
    """The name of the error in the JSON body, of an error that the query protocol of the service names otherwise."""
    shapes = {shape.metadata.get("error", {}).get("code", shape.name): shape.name for shape in model.error_shapes}
    return shapes.get(code, code)


def recorded(model: OperationModel, status: int, answer: Json) -> AWSResponse:
    """The recorded error, or a response without members; the recorded answer takes its place where it is parsed."""
    if status >= 300:
        return refusal(model, answer["Error"]["Code"], status, answer["Error"]["Message"])
    wrapper = model.output_shape.serialization.get("resultWrapper", "R") if model.output_shape else "R"
    xml = f"<Response><{wrapper}/></Response>".encode()
    return response(200, b"{}" if "json" in model.service_model.resolved_protocol else xml)


def _denied(model: OperationModel, _attempt: int) -> AWSResponse:
    query = model.service_model.resolved_protocol in {"query", "rest-xml"}
    return refusal(model, "AccessDenied", 403) if query else refusal(model, "AccessDeniedException")


THROTTLING = {
    "ce": "LimitExceededException",
    "lambda": "TooManyRequestsException",
    "s3": "SlowDown",
    "sns": "Throttled",
}
"""The error codes of services that do not name it ThrottlingException.

https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetAnomalyMonitors.html
https://docs.aws.amazon.com/lambda/latest/api/CommonErrors.html
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
"""


def _throttled(model: OperationModel, _attempt: int) -> AWSResponse:
    return refusal(model, THROTTLING.get(model.service_model.service_name, "ThrottlingException"))


def _throttled_once(model: OperationModel, attempt: int) -> AWSResponse | None:
    return None if attempt else refusal(model, "ThrottlingException")


def _raising(error: type[BotoCoreError]) -> Send:
    def send(_model: OperationModel, _attempt: int) -> AWSResponse:
        raise error(endpoint_url=URL, error="none")

    return send


def _garbage(_model: OperationModel, _attempt: int) -> AWSResponse:
    return response(200, b"<html>Service Unavailable")


def _of_other_types(model: OperationModel, _attempt: int) -> AWSResponse:
    members = model.output_shape.members if isinstance(model.output_shape, StructureShape) else {}
    names = [shape.serialization.get("name", name) for name, shape in members.items()]
    return response(200, json.dumps(dict.fromkeys(names, 7)).encode())


def _is_json(model: OperationModel) -> bool:
    return "json" in model.service_model.resolved_protocol and bool(model.output_shape)


def _gone(model: OperationModel, _attempt: int) -> AWSResponse:
    return refusal(model, missing_code(model), 404)


def extended(model: OperationModel, answer: Json, _token: str) -> Json:
    """The answer with a member more in every structure, and a key more in every map whose keys are AWS's."""
    metadata = {name: value for name, value in answer.items() if name == "ResponseMetadata"}
    content = {name: value for name, value in answer.items() if name != "ResponseMetadata"}
    extended: Json = _extended(content, model.output_shape)
    return extended | metadata


UNKNOWN = "AMemberOfNextYear"


def _extended(value: Any, shape: Shape | None) -> Any:
    if isinstance(value, dict) and isinstance(shape, StructureShape):
        return {name: _extended(each, shape.members.get(name)) for name, each in value.items()} | {UNKNOWN: "x"}
    if isinstance(value, dict) and isinstance(shape, MapShape):
        more = {} if shape.name in OWN or not value else {UNKNOWN: next(iter(value.values()))}
        return {name: _extended(each, shape.value) for name, each in value.items()} | more
    if isinstance(value, list) and isinstance(shape, ListShape):
        return [_extended(each, shape.member) for each in value]
    return value


def _empty(model: OperationModel, answer: Json, token: str) -> Json:
    """A page without elements, and the token of the next one."""
    pages = pagination(model)
    keys = pages["result_key"] if isinstance(pages["result_key"], list) else [pages["result_key"]]
    lists: Json = {key: [] for key in keys if isinstance(answer.get(key), list)}
    more = {pages["more_results"]: True} if "more_results" in pages else {}
    return {**answer, **lists, **more, pages["output_token"]: token}


def _one_empty(model: OperationModel, answer: Json, token: str) -> Json | None:
    return None if token else _empty(model, answer, f"{TOKEN}1")


def _same_token(model: OperationModel, answer: Json, _token: str) -> Json:
    return _empty(model, answer, f"{TOKEN}1")


def _new_tokens(model: OperationModel, answer: Json, token: str) -> Json:
    return _empty(model, answer, f"{TOKEN}{int(token.removeprefix(TOKEN) or 0) + 1}")


def pagination(model: OperationModel) -> Json:
    """How botocore pages through the operation; empty where it does not."""
    try:
        pages = LOADER.load_service_model(model.service_model.service_name, "paginators-1")["pagination"]
    except DataNotFoundError:
        return {}
    found: Json = pages.get(model.name, {})
    return found


def _is_listed(model: OperationModel) -> bool:
    return bool(pagination(model))


def _can_be_missing(model: OperationModel) -> bool:
    return bool(missing_code(model))


MALFORMED = frozenset({Reason.MALFORMED})

FAULTS = (
    Fault("denied", frozenset({Reason.ACCESS_DENIED}), _denied),
    Fault("throttled once", send=_throttled_once),
    Fault("throttled for ever", frozenset({Reason.THROTTLED}), _throttled),
    Fault("connect timeout", frozenset({Reason.TIMEOUT}), _raising(ConnectTimeoutError)),
    Fault("read timeout", frozenset({Reason.TIMEOUT}), _raising(ReadTimeoutError)),
    Fault("no endpoint", frozenset({Reason.NO_ENDPOINT}), _raising(EndpointConnectionError)),
    Fault("refused", MALFORMED, lambda model, _attempt: refusal(model, "ValidationException")),
    Fault(
        "server error", frozenset({Reason.SERVER_ERROR}), lambda model, _: refusal(model, "InternalServerError", 500)
    ),
    Fault("malformed body", MALFORMED, _garbage, fits=lambda model: model.output_shape is not None),
    Fault("members of other types", MALFORMED | {Reason.INCOMPLETE_ANSWER}, _of_other_types, fits=_is_json),
    Fault("unknown members", page=extended),
    Fault("empty page with a token", page=_one_empty, fits=_is_listed),
    Fault("a token that repeats", MALFORMED, page=_same_token, fits=_is_listed),
    Fault("endless pages", MALFORMED, page=_new_tokens, fits=_is_listed),
    Fault("gone", send=_gone, fits=_can_be_missing, gone=True),
)
"""Absent members are what `tests/answers` alters."""
