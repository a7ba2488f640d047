"""The fields of a failed call for log lines, without its message, which can contain keys and values."""

from readiness.model import Unreadable


def failure(error: BaseException) -> dict[str, str | None]:
    """Return AWS's error code, the operation and the request id, of the error or of its first cause that has them.

    For a response that lacks a member: the reason, the IAM action and the path of the member. For any other error:
    the name of its class, and the operation.
    """
    cause: BaseException | None = error
    while cause is not None:
        response = getattr(cause, "response", None)
        if isinstance(response, dict):
            return {
                "error": response.get("Error", {}).get("Code"),
                "operation": getattr(cause, "operation_name", None),
                "request_id": response.get("ResponseMetadata", {}).get("RequestId"),
            }
        if isinstance(cause, Unreadable):
            return {"error": cause.first.reason, "operation": cause.first.permission, "member": cause.first.detail}
        last, cause = cause, cause.__cause__
    return {"error": type(last).__name__, "operation": getattr(last, "operation_name", None)}
