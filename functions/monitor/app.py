"""The Lambda function of the monitor."""

import gc

gc.disable()  # before the imports below, whose objects all stay: to look for cycles among them takes a tenth of a start

# ruff: noqa: E402
import os
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from readiness.entry import Environment, answer

logger = Logger(service="readiness", child=False)


@logger.inject_lambda_context
def handler(event: Any, context: LambdaContext) -> dict[str, Any]:
    """Check every table of the checklist, record the results and send alerts. Fails if results cannot be recorded."""
    try:
        return answer(event, Environment.read(os.environ), context.aws_request_id, context.get_remaining_time_in_millis)
    finally:
        if not gc.isenabled():  # the first invocation, whose clients and models stay too
            gc.freeze()
            gc.enable()
