"""moto's server, with members of answers that AWS always gives and moto leaves out.

Applied to moto's own classes, so they hold for whoever asks it: the tests of the built function, and the demo.
"""

import json
import uuid
from functools import wraps
from typing import Any
from urllib.parse import unquote

from moto.awslambda.models import LambdaFunction
from moto.awslambda.responses import LambdaResponse
from moto.awslambda.urls import url_paths
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult
from moto.dynamodb.models.table import Table
from moto.iam.access_control import IAMRequestBase
from moto.logs.responses import LogsResponse
from moto.sns.responses import SNSResponse

from tests.aws.alarm_actions import act
from tests.aws.backups import complete_backups
from tests.aws.cloudwatch import complete_cloudwatch
from tests.aws.costs import told_apart
from tests.aws.dead_letters import by_qualifier
from tests.aws.drills import drilled
from tests.aws.trails import complete_trails

UNASKED = frozenset({"application", "firehose", "lambda", "sms", "sqs"})
"""Protocols whose endpoint need not confirm that it wants to be subscribed: API_Subscribe."""


def complete() -> None:
    """Complete moto, once per process.

    `TableId`: "Unique identifier for the table for which the backup was created", a member of every TableDescription
    (API_TableDescription). `SubscriptionsConfirmed`: "The number of confirmed subscriptions for the topic"
    (API_GetTopicAttributes); moto always says 0. `DeadLetterConfig` and `LoggingConfig` of a function
    (API_FunctionConfiguration), which moto forgets: published versions keep those that they were published with.
    `RevisionId` changes with a function.
    `ListFunctionUrlConfigs` and `ListAlarmMuteRules`, which moto lacks, answer as for a function with at most one
    address, and for an account in which nobody muted an alarm. `DescribeLogGroups` heeds `logGroupIdentifiers`. And
    where it checks a signature, what its server has parsed of a GET counts as a body, of which AWS signs none.
    """
    if not hasattr(Table.describe, "__wrapped__"):
        Table.describe = _with_table_id(Table.describe)  # type: ignore[method-assign]
        SNSResponse.get_topic_attributes = _with_confirmed(SNSResponse.get_topic_attributes)  # type: ignore[method-assign]
        IAMRequestBase.check_signature = _of_the_body_alone(IAMRequestBase.check_signature)  # type: ignore[method-assign]
        LogsResponse.describe_log_groups = _identified(LogsResponse.describe_log_groups)  # type: ignore[method-assign]
        CloudWatchResponse.list_alarm_mute_rules = _nothing_muted  # type: ignore[attr-defined]
        LambdaResponse.list_function_url_configs = _addresses  # type: ignore[attr-defined]
        url_paths[URL_CONFIGS] = LambdaResponse.dispatch
        by_qualifier()
        complete_cloudwatch()
        told_apart()
        act()
        complete_backups()
        drilled()
        complete_trails()
        LambdaFunction.__init__ = _remembering(LambdaFunction.__init__, 2)  # type: ignore[method-assign]
        LambdaFunction.update_configuration = _remembering(LambdaFunction.update_configuration, 1)  # type: ignore[method-assign]
        LambdaFunction.update_function_code = _revised(LambdaFunction.update_function_code)  # type: ignore[method-assign]
        LambdaFunction.get_configuration = _with_routes(LambdaFunction.get_configuration)  # type: ignore[method-assign]


def _of_the_body_alone(check: Any) -> Any:
    @wraps(check)
    def completed(request: Any) -> None:
        if request._method in {"DELETE", "GET"}:  # noqa: SLF001  moto has no other way to it
            request._data = {}  # noqa: SLF001  likewise
        check(request)

    return completed


URL_CONFIGS = r"{0}/(?P<api_version>[^/]+)/functions/(?P<function_name>[\w_:%-]+)/urls/?$"


def _nothing_muted(_response: Any) -> ActionResult:
    return ActionResult({"AlarmMuteRuleSummaries": []})


def _identified(describe: Any) -> Any:
    """API_DescribeLogGroups, logGroupIdentifiers: "Use this array to filter the list of log groups returned"."""

    @wraps(describe)
    def completed(response: Any) -> str:
        wanted = response._get_param("logGroupIdentifiers")  # noqa: SLF001  moto has no other way to it
        if not wanted:
            return str(describe(response))
        groups = response.logs_backend.groups
        return json.dumps({"logGroups": [groups[name].to_describe_dict() for name in sorted(wanted) if name in groups]})

    return completed


def _addresses(response: Any) -> str:
    name = response.path.rstrip("/").split("/")[-2]
    function = response.backend.get_function(unquote(name))
    return json.dumps({"FunctionUrlConfigs": [function.url_config.to_dict()] if function.url_config else []})


FORGOTTEN = ("DeadLetterConfig", "LoggingConfig")
"""Members of a function's configuration that moto takes and does not give back."""


def _remembering(method: Any, place: int) -> Any:
    """Keep them of the request, which is the method's argument at that place, the function itself being the first."""

    @wraps(method)
    def remembering(function: Any, *arguments: Any, **named: Any) -> Any:
        request = [function, *arguments][place] if len(arguments) >= place else named.get("spec", {})
        routes = {name: request[name] for name in FORGOTTEN if name in request}
        function.routes = {**getattr(function, "routes", {}), **routes}
        return method(function, *arguments, **named)

    return _revised(remembering)


def _revised(method: Any) -> Any:
    """Let the function have another RevisionId: "The latest updated revision of the function or alias"."""

    @wraps(method)
    def revised(function: Any, *arguments: Any, **named: Any) -> Any:
        answer = method(function, *arguments, **named)
        function.revision_id = str(uuid.uuid4())
        return answer

    return revised


def _with_routes(get_configuration: Any) -> Any:
    """With what Lambda says of a function that has no LoggingConfig of its own."""

    @wraps(get_configuration)
    def completed(function: Any, *arguments: Any, **named: Any) -> dict[str, Any]:
        configuration: dict[str, Any] = get_configuration(function, *arguments, **named)
        logging = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{function.function_name}"}
        routes = dict(function.routes)
        routes["LoggingConfig"] = {**logging, **routes.get("LoggingConfig", {})}
        return {**configuration, **routes, "RevisionId": function.revision_id}

    return completed


def _with_table_id(describe: Any) -> Any:
    @wraps(describe)
    def completed(table: Any, base_key: str = "TableDescription") -> dict[str, Any]:
        described: dict[str, Any] = describe(table, base_key)
        # A table that is made anew under the same name is another table.
        described[base_key]["TableId"] = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{table.table_arn} {table.created_at}"))
        return described

    return completed


def _with_confirmed(get_topic_attributes: Any) -> Any:
    @wraps(get_topic_attributes)
    def completed(response: Any) -> Any:
        answer = get_topic_attributes(response)
        subscriptions = response.backend.subscriptions.values()
        arn = answer.result["Attributes"]["TopicArn"]
        confirmed = [each for each in subscriptions if each.topic.arn == arn and each.protocol in UNASKED]
        answer.result["Attributes"]["SubscriptionsConfirmed"] = str(len(confirmed))
        return answer

    return completed
