"""The monitor: an event comes in, a run is made, a summary goes out."""

import os
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from readiness.entry import Environment, answer

logger = Logger(service="readiness", child=False)


@logger.inject_lambda_context
def handler(event: Any, context: LambdaContext) -> dict[str, Any]:
    """Judge every table of the checklist, remember it, tell what changed. Fails where nothing could be remembered."""
    return answer(event, Environment.read(os.environ), context.aws_request_id, context.get_remaining_time_in_millis)
