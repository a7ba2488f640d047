"""From CloudWatch's call to the widget: which tables, drawn how."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from readiness.aws.client import Descriptions
from readiness.checklist import ChecklistError, Settings, TableSettings, load
from readiness.state.store import Rows
from readiness.widget.standing import standing
from readiness.widget.view import Frame, apology, page

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

INTERVALS = 3
"""So many runs that did not come make stale what the last one saw, as the alarm on them has it."""

DESCRIBED = """\
## Readiness

The production checklist of each DynamoDB table that this stack watches, as the last run left it: status, since when,
owner, the worst that was found, and, folded below it, what else was found, who waived it and the command that mends it.

It reads what is stored in the table under `READINESS#` and looks at nothing else. What is older than three intervals is
marked as stale. It takes no parameters.
"""


class Environment(Struct, frozen=True):
    """What the template says, by environment variables `READINESS_*`. `interval` is in minutes there."""

    table: str
    checklist: Path
    interval: timedelta

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> "Environment":
        """All of them have to be there: KeyError, for then it is the template that is wrong."""
        return cls(
            table=variables["READINESS_TABLE"],
            checklist=Path(variables["READINESS_CHECKLIST"]),
            interval=timedelta(minutes=int(variables["READINESS_INTERVAL"])),
        )


def answer(event: Any, environment: Environment, function: str, now: datetime) -> str:
    """The widget as HTML, or what it is as Markdown if that is asked. `function` is the ARN of who is called."""
    asked = event if isinstance(event, dict) else {}
    if asked.get("describe"):
        return DESCRIBED
    context = asked.get("widgetContext")
    dark = isinstance(context, dict) and context.get("theme") == "dark"
    frame = Frame(now, INTERVALS * environment.interval, dark)
    try:
        settings = _settings(environment)
    except ChecklistError as error:
        return apology(str(error), frame)
    _, _, _, region, account, *_ = function.split(":")
    homes = [_rows(account, region, table) for table in settings.tables]
    with ThreadPoolExecutor(len(homes)) as pool:
        return page(pool.map(standing, homes), replace(frame, runbook=settings.on_call.runbook))


@cache
def _settings(environment: Environment) -> Settings:
    return load(environment.checklist, table=environment.table).deployed(environment.table)


def _rows(account: str, region: str, table: TableSettings) -> Rows:
    return Rows(
        _client(region),
        account=account,
        region=region,
        table=table.name,
        partition_key=table.partition_key,
        sort_key=table.sort_key,
    )


@cache
def _client(region: str) -> "DynamoDBClient":
    """It gives up soon: who looks at a dashboard waits, and is better told that the table can't be reached."""
    from botocore.config import Config
    from botocore.session import Session

    session = Session()
    session.get_component("data_loader").file_loader = Descriptions()
    config = Config(
        connect_timeout=1,
        read_timeout=2,
        retries={"mode": "standard", "total_max_attempts": 2},
        user_agent_extra="readiness",
    )
    client: DynamoDBClient = session.create_client("dynamodb", region_name=region, config=config)  # type: ignore[assignment]  # botocore's stubs know no services
    return client
