"""What moto lacks of backups, and a table that is backed up as it should be.

AWS Backup has selections, jobs, recovery points, the settings of a Region and the runs that a plan has ahead; DynamoDB
lists its own by table, kind and page. Shapes and defaults are those of botocore's models and of
https://docs.aws.amazon.com/aws-backup/latest/devguide/API_Operations.html. A job of ours is done as soon as it begins.
"""

import json
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from moto.backup.exceptions import ResourceNotFoundException
from moto.backup.models import BackupBackend, Plan, backup_backends
from moto.backup.responses import BackupResponse
from moto.backup.urls import url_paths
from moto.core.responses import ActionResult
from moto.dynamodb.models.table import Backup
from moto.dynamodb.responses import DynamoHandler

from tests.aws.account import ACCOUNT, ARN, REGION

Client = Callable[[str], Any]
Json = dict[str, Any]

ROLE = "AWSBackupDefaultServiceRole"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/service-role/{ROLE}"
VAULT = "babesclub-prod"
PLAN = "babesclub-daily"
DAILY: Json = {
    "RuleName": "daily",
    "TargetBackupVaultName": VAULT,
    "ScheduleExpression": "cron(0 3 * * ? *)",
    "StartWindowMinutes": 60,
    "CompletionWindowMinutes": 180,
    "Lifecycle": {"DeleteAfterDays": 35},
}
TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "backup.amazonaws.com"}}


def furnish(client: Client, arn: str = ARN) -> str:
    """What a decision for AWS Backup wants: a plan for the table, and a backup of it; the plan's id."""
    plan = plan_for(client, arn)
    client("backup").start_backup_job(BackupVaultName=VAULT, ResourceArn=arn, IamRoleArn=ROLE_ARN)
    return plan


def plan_for(client: Client, arn: str = ARN) -> str:
    """A vault, a role, and a plan that selects the table by its ARN and runs daily; its id."""
    client("iam").create_role(
        RoleName=ROLE,
        Path="/service-role/",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [TRUST]}),
    )
    client("backup").create_backup_vault(BackupVaultName=VAULT)
    plan = make_plan(client)
    select(client, plan, Resources=[arn])
    return plan


def make_plan(client: Client, name: str = PLAN, *rules: Json) -> str:
    """A plan of these rules, or of the daily one; its id."""
    plan = {"BackupPlanName": name, "Rules": list(rules or [DAILY])}
    made: str = client("backup").create_backup_plan(BackupPlan=plan)["BackupPlanId"]
    return made


def select(client: Client, plan: str, **selection: Any) -> str:
    """Let the plan select resources; the selection's id."""
    wanted = {"SelectionName": "tables", "IamRoleArn": ROLE_ARN, **selection}
    made: str = client("backup").create_backup_selection(BackupPlanId=plan, BackupSelection=wanted)["SelectionId"]
    return made


def complete_backups() -> None:
    """Complete moto, once per process."""
    if hasattr(BackupResponse, "start_backup_job"):
        return
    for operation in (
        update_backup_plan,
        create_backup_selection,
        list_backup_selections,
        get_backup_selection,
        start_backup_job,
        list_backup_jobs,
        list_recovery_points_by_resource,
        describe_region_settings,
        update_region_settings,
    ):
        setattr(BackupResponse, operation.__name__, operation)
    BackupResponse.get_backup_plan = _with_runs_ahead(BackupResponse.get_backup_plan)  # type: ignore[method-assign]
    for path in (r"{0}/backup-jobs/?$", r"{0}/resources/(?P<arn>.+)/recovery-points/$", r"{0}/account-settings/?$"):
        url_paths[path] = BackupResponse.dispatch
    Backup.summary = property(_with_table_id(Backup.summary.fget))  # type: ignore[assignment, attr-defined]
    DynamoHandler.list_backups = list_backups  # type: ignore[assignment, method-assign]


class Kept:
    """What moto's backend of AWS Backup has no place for; one for each backend, and gone with what is in it."""

    def __init__(self) -> None:
        self.selections: dict[str, dict[str, Json]] = {}
        self.jobs: list[Json] = []
        self.points: list[Json] = []
        self.opted_in = {"DynamoDB": True}
        """An account is opted into all resource types as soon as it has a vault: assigning-resources.html."""


def kept(backend: BackupBackend) -> Kept:
    """Made when first asked for, since a reset makes the backend anew."""
    found: Kept = backend.__dict__.setdefault("kept", Kept())
    return found


def run(plan: str, resource: str = ARN, *, state: str = "COMPLETED", at: datetime | None = None) -> None:
    """Let a plan run, as AWS Backup does when one is due: each rule has a job, and what became of it."""
    backend = backup_backends[ACCOUNT][REGION]
    found = backend.plans[plan]
    moment = at or datetime.now(UTC)
    found.last_execution_date = moment.timestamp()  # type: ignore[assignment]  # moto never sets it
    for rule in found.backup_plan["Rules"]:
        creator = {"BackupPlanId": plan, "BackupPlanArn": found.backup_plan_arn, "BackupRuleId": rule["RuleId"]}
        about = {"BackupVaultName": rule["TargetBackupVaultName"], "ResourceArn": resource, "IamRoleArn": ROLE_ARN}
        _job(backend, {**about, "CreatedBy": creator}, moment, state)


def _job(backend: BackupBackend, about: Json, at: datetime, state: str = "COMPLETED") -> Json:
    """A job, and what it made: of a table without the advanced features, a backup of DynamoDB's."""
    common = {**about, "CreationDate": at.timestamp()}
    job = {**common, "BackupJobId": str(uuid.uuid4()).upper(), "ResourceType": "DynamoDB", "State": state}
    kept(backend).jobs.append(job)
    if state in {"COMPLETED", "PARTIAL"}:
        arn = f"{about['ResourceArn']}/backup/{uuid.uuid4()}"
        kept(backend).points.append({**common, "RecoveryPointArn": arn, "Status": state})
    return job


def update_backup_plan(response: BackupResponse) -> ActionResult:
    """The whole document is replaced, and what it leaves out is the default again."""
    plan = _plan(response)
    updated = Plan(json.loads(response.body)["BackupPlan"], plan.creator_request_id, response.backup_backend)
    plan.backup_plan, plan.version_id = updated.backup_plan, updated.version_id
    return ActionResult(plan.to_dict())


def create_backup_selection(response: BackupResponse) -> ActionResult:
    plan = _plan(response)
    selection = {
        "BackupPlanId": plan.backup_plan_id,
        "SelectionId": str(uuid.uuid4()),
        "CreationDate": datetime.now(UTC).timestamp(),
        "BackupSelection": json.loads(response.body)["BackupSelection"],
    }
    _selections(response, plan)[selection["SelectionId"]] = selection
    return ActionResult(selection)


def list_backup_selections(response: BackupResponse) -> ActionResult:
    listed = [
        {**each, **{name: each["BackupSelection"][name] for name in ("SelectionName", "IamRoleArn")}}
        for each in _selections(response, _plan(response)).values()
    ]
    return ActionResult({"BackupSelectionsList": listed})


def get_backup_selection(response: BackupResponse) -> ActionResult:
    selections = _selections(response, _plan(response))
    id_ = response.path.rstrip("/").rpartition("/")[2]
    if id_ not in selections:
        raise ResourceNotFoundException(msg=f"Cannot find selection {id_}")
    return ActionResult(selections[id_])


def start_backup_job(response: BackupResponse) -> ActionResult:
    asked = json.loads(response.body)
    response.backup_backend.describe_backup_vault(asked["BackupVaultName"])
    about = {name: asked[name] for name in ("BackupVaultName", "ResourceArn", "IamRoleArn")}
    return ActionResult(_job(response.backup_backend, about, datetime.now(UTC)))


def list_backup_jobs(response: BackupResponse) -> ActionResult:
    resource = response._get_param("resourceArn")  # noqa: SLF001  moto has no other way to it
    jobs = [each for each in kept(response.backup_backend).jobs if resource in {None, each["ResourceArn"]}]
    return ActionResult({"BackupJobs": jobs})


def list_recovery_points_by_resource(response: BackupResponse) -> ActionResult:
    resource = unquote(response.path).removeprefix("/resources/").rstrip("/").removesuffix("/recovery-points")
    points = [each for each in kept(response.backup_backend).points if each["ResourceArn"] == resource]
    return ActionResult({"RecoveryPoints": points})


def describe_region_settings(response: BackupResponse) -> ActionResult:
    return ActionResult({"ResourceTypeOptInPreference": kept(response.backup_backend).opted_in})


def update_region_settings(response: BackupResponse) -> str:
    kept(response.backup_backend).opted_in.update(json.loads(response.body).get("ResourceTypeOptInPreference", {}))
    return "{}"


def list_backups(response: DynamoHandler) -> ActionResult:
    """The oldest first; BackupType is USER where nothing else is asked for: API_ListBackups."""
    asked = response.body
    kind = asked.get("BackupType", "USER")
    found = response.dynamodb_backend.list_backups(asked.get("TableName"))
    summaries = [each.summary for each in found if kind in {"ALL", each.type}]
    arns = [each["BackupArn"] for each in summaries]
    start = arns.index(asked["ExclusiveStartBackupArn"]) + 1 if "ExclusiveStartBackupArn" in asked else 0
    page = summaries[start : start + asked.get("Limit", len(summaries))]
    more = {"LastEvaluatedBackupArn": page[-1]["BackupArn"]} if page and page[-1] is not summaries[-1] else {}
    return ActionResult({"BackupSummaries": page, **more})


def _with_table_id(summary: Any) -> Any:
    @wraps(summary)
    def completed(backup: Backup) -> Json:
        return {**summary(backup), "TableId": backup.table.describe()["TableDescription"]["TableId"]}

    return completed


def _plan(response: BackupResponse) -> Plan:
    """The one whose selections are asked for."""
    id_ = response.path.partition("/plans/")[2].partition("/")[0]
    return response.backup_backend.get_backup_plan(id_, None)


def _selections(response: BackupResponse, plan: Plan) -> dict[str, Json]:
    return kept(response.backup_backend).selections.setdefault(plan.backup_plan_id, {})


def _with_runs_ahead(get_backup_plan: Any) -> Any:
    """With ScheduledRunsPreview, "up to 10 future backup executions" of all rules together: API_GetBackupPlan."""

    @wraps(get_backup_plan)
    def completed(response: BackupResponse) -> str:
        answer = json.loads(get_backup_plan(response))
        wanted = int(response._get_param("MaxScheduledRunsPreview") or 0)  # noqa: SLF001  moto has no other way to it
        if wanted:
            ahead = sorted(
                (moment.timestamp(), rule["RuleId"])
                for rule in answer["BackupPlan"]["Rules"]
                for moment in runs(rule["ScheduleExpression"], rule["ScheduleExpressionTimezone"], wanted)
            )
            answer["ScheduledRunsPreview"] = [
                {"ExecutionTime": moment, "RuleId": id_, "RuleExecutionType": "SNAPSHOTS"}
                for moment, id_ in ahead[:wanted]
            ]
        return json.dumps(answer)

    return completed


DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
FORESEEN = timedelta(days=400)


def runs(expression: str, zone: str, count: int) -> list[datetime]:
    """When a cron expression is due next, as far as tests have them: a minute, and hours, days and weekdays."""
    minute, hours, days, _, weekdays, _ = expression.removeprefix("cron(").removesuffix(")").split()
    hour = datetime.now(ZoneInfo(zone)).replace(minute=int(minute), second=0, microsecond=0)
    return list(_due(hour, (hours, days, weekdays), count))


def _due(hour: datetime, fields: tuple[str, str, str], count: int) -> Iterator[datetime]:
    begun, end = datetime.now(UTC), hour + FORESEEN
    hours, days, weekdays = fields
    while count and hour < end:
        weekday = hour.isoweekday() % 7 + 1
        if (
            hour.astimezone(UTC) > begun
            and _fits(hours, hour.hour)
            and _fits(days, hour.day)
            and _fits(weekdays, weekday)
        ):
            yield hour.astimezone(UTC)
            count -= 1
        hour += timedelta(hours=1)


def _fits(field: str, value: int) -> bool:
    """A field of numbers or names, a range of them, every so many from one on, or any."""
    for number, name in enumerate(DAYS, 1):
        field = field.replace(name, str(number))
    if field in {"*", "?"}:
        return True
    if "/" in field:
        first, step = field.split("/")
        return value >= int(first) and (value - int(first)) % int(step) == 0
    return any(int(each.partition("-")[0]) <= value <= int(each.rpartition("-")[2]) for each in field.split(","))
