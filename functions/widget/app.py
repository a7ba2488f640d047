"""The Lambda function of the custom widget, which CloudWatch calls to show the checklist on a dashboard."""

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from readiness.widget.answer import WidgetEnvironment, answer

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


def handler(event: Any, context: "LambdaContext") -> str:
    """Return the stored results of every table as HTML; for `{"describe": true}`, the description of the widget."""
    return answer(event, WidgetEnvironment.read(os.environ), context.invoked_function_arn, datetime.now(UTC))
