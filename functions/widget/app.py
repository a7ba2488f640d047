"""The custom widget: CloudWatch draws a dashboard, and the checklist as it stands goes out as HTML."""

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from readiness.widget.answer import Environment, answer

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


def handler(event: Any, context: "LambdaContext") -> str:
    """Draw every table of the checklist from what is stored; `{"describe": true}` answers what this is."""
    return answer(event, Environment.read(os.environ), context.invoked_function_arn, datetime.now(UTC))
