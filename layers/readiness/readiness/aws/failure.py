"""What a log line may say of a failed call: never a message, which can quote keys and values."""


def failure(error: BaseException) -> dict[str, str]:
    """Return AWS's error code, the operation and the request id, of the error or of its first cause that has them.

    Of an error that is not an answer of AWS, `error` is the name of its class.
    """
    cause: BaseException | None = error
    while cause is not None:
        response = getattr(cause, "response", None)
        if isinstance(response, dict):
            return {
                "error": str(response.get("Error", {}).get("Code", "")),
                "operation": str(getattr(cause, "operation_name", "")),
                "request_id": str(response.get("ResponseMetadata", {}).get("RequestId", "")),
            }
        last, cause = cause, cause.__cause__
    return {"error": type(last).__name__}
