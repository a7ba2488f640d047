"""Answer CloudWatch's request for the widget."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from readiness.checklist import ChecklistError, Settings
from readiness.checklist.file import load
from readiness.state.store import Rows
from readiness.widget.standing import Unseen, standing
from readiness.widget.view import Frame, page

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

INTERVALS = 3
"""The number of missed runs after which results are stale, the same as for the alarm on missed runs."""

DESCRIBED = """\
## Readiness

The production checklist of each DynamoDB table that this stack monitors, as of the last run: status, since when, owner
and the worst finding of each item. Open an item to see all its findings, waivers and remediations.

It reads the items that runs stored in the table under `READINESS#`, and makes no other AWS calls. Results older than
three intervals are marked as stale. It takes no parameters.
"""


class WidgetEnvironment(Struct, frozen=True):
    """The settings of the template, from environment variables `READINESS_*`. `READINESS_INTERVAL` is in minutes."""

    table: str
    checklist: Path
    interval: timedelta

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> "WidgetEnvironment":
        """Read the settings. KeyError: a variable is missing, which is an error in the template."""
        return cls(
            table=variables["READINESS_TABLE"],
            checklist=Path(variables["READINESS_CHECKLIST"]),
            interval=timedelta(minutes=int(variables["READINESS_INTERVAL"])),
        )


def answer(event: Any, environment: WidgetEnvironment, function: str, now: datetime) -> str:
    """Return the widget as HTML, or its description as Markdown. `function` is the ARN of this Lambda function."""
    asked = event if isinstance(event, dict) else {}
    if asked.get("describe"):
        return DESCRIBED
    context = asked.get("widgetContext")
    dark = isinstance(context, dict) and context.get("theme") == "dark"
    frame = Frame(now, INTERVALS * environment.interval, dark)
    try:
        settings = _settings(environment)
    except ChecklistError as error:
        return page([Unseen("Readiness", str(error))], frame)
    _, _, _, region, account, *_ = function.split(":")
    homes = [
        Rows(
            _client(region),
            account=account,
            region=region,
            table=table.name,
            partition_key=table.partition_key,
            sort_key=table.sort_key,
        )
        for table in settings.tables
    ]
    with ThreadPoolExecutor(len(homes)) as pool:
        return page(pool.map(standing, homes), replace(frame, runbook=settings.on_call.runbook))


@cache
def _settings(environment: WidgetEnvironment) -> Settings:
    return load(environment.checklist, table=environment.table).deployed(environment.table)


@cache
def _client(region: str) -> "DynamoDBClient":
    """Return a client with short timeouts: the person at the dashboard is waiting, and can be shown an error."""
    from botocore.config import Config
    from botocore.session import Session

    from readiness.aws.models import Models

    session = Session()
    session.register_component("data_loader", Models())
    config = Config(
        connect_timeout=1,
        read_timeout=2,
        retries={"mode": "standard", "total_max_attempts": 2},
        user_agent_extra="readiness",
    )
    client: DynamoDBClient = session.create_client("dynamodb", region_name=region, config=config)  # type: ignore[assignment]  # botocore's stubs know no services
    return client
