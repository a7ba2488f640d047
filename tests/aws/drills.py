"""moto's restores as CloudTrail and AWS Backup tell of them, and its tables under load as Contributor Insights does.

Applied to moto's own classes, so it holds for whoever asks it; and drills as the rules about them want them.
"""

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any
from urllib.parse import unquote

from moto.backup.models import backup_backends
from moto.backup.responses import BackupResponse
from moto.backup.urls import url_paths
from moto.cloudtrail.models import cloudtrail_backends
from moto.cloudwatch.exceptions import ResourceNotFoundException
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.responses import DynamoHandler
from msgspec.structs import replace

from readiness.facts.recorded.attested import LoadTest, RestoreDrill
from tests.aws import trails
from tests.aws.account import ACCOUNT, ARN, REGION, TABLE, make_table

Client = Callable[[str], Any]
Json = dict[str, Any]

PAGE = 50
STAGING = f"{TABLE}-staging"
OFF: Json = {"on": False, "mode": "", "pressed": []}
COPY = f"{TABLE}-drill-20261120"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/platform"
INSTANT = "%Y-%m-%dT%H:%M:%SZ"
"""As CloudTrail writes it."""

RESTORED = r"{0}/resources/(?P<resource_arn>.+)/restore-jobs/$"


def drilled() -> None:
    """Complete moto, once per process.

    Every RestoreTableToPointInTime is an event of CloudTrail's, one that fails too, and may name the SourceTableArn
    (API_RestoreTableToPointInTime). API_ListRestoreJobsByProtectedResource of AWS Backup.
    API_UpdateContributorInsights, API_DescribeContributorInsights and API_GetInsightRuleReport, which has something to
    report of the time for which they were on.
    """
    if not hasattr(DynamoHandler.restore_table_to_point_in_time, "__wrapped__"):
        restoring = DynamoHandler.restore_table_to_point_in_time
        DynamoHandler.restore_table_to_point_in_time = _logged(restoring)  # type: ignore[method-assign]
        BackupResponse.list_restore_jobs_by_protected_resource = _jobs  # type: ignore[attr-defined]
        url_paths[RESTORED] = BackupResponse.dispatch
        DynamoHandler.update_contributor_insights = _update_insights  # type: ignore[attr-defined]
        DynamoHandler.describe_contributor_insights = _insights  # type: ignore[attr-defined]
        CloudWatchResponse.get_insight_rule_report = _report  # type: ignore[attr-defined]


def furnish(client: Client, at: datetime) -> None:
    """The table was restored, and nothing of that is left over; and a staging table was tested until that instant."""
    restore(client)
    client("dynamodb").delete_table(TableName=COPY)
    make_table(client("dynamodb"), STAGING)
    watch_keys(client)
    load(client, at)


def watch_keys(client: Client, index: str = "", **wanted: str) -> None:
    """Switch Contributor Insights of the staging table on, or of an index of it."""
    named = {"IndexName": index} if index else {}
    client("dynamodb").update_contributor_insights(
        TableName=STAGING, ContributorInsightsAction="ENABLE", **{**named, **wanted}
    )


def load(client: Client, until: datetime, reads: float = 120, writes: float = 60, hottest: float = 9_000) -> None:
    """Five minutes of load: units a second, and what the hottest key takes of them in a minute."""
    for minute in range(1, 6):
        at = until - timedelta(minutes=minute)
        count(client, at, "ConsumedReadCapacityUnits", reads * 60)
        count(client, at, "ConsumedWriteCapacityUnits", writes * 60)
        press(at, hottest)


def count(client: Client, at: datetime, metric: str, value: float, **dimensions: str) -> None:
    """A datapoint of the staging table's."""
    named = [{"Name": name, "Value": each} for name, each in {"TableName": STAGING, **dimensions}.items()]
    datum = {"MetricName": metric, "Dimensions": named, "Timestamp": at, "Value": value}
    client("cloudwatch").put_metric_data(Namespace="AWS/DynamoDB", MetricData=[datum])


def press(at: datetime, units: float, index: str = "") -> None:
    """Let one key of the staging table consume so much in a minute: seen only while insights are on."""
    recorded = _kept_insights(STAGING).get(index, OFF)
    if recorded["on"]:
        recorded["pressed"].append((at, units))


def tested(until: datetime, **other: Any) -> LoadTest:
    """What a person says of that load."""
    test = LoadTest(
        window_start=until - timedelta(minutes=5),
        window_end=until,
        staging_table=STAGING,
        expected_reads=100,
        expected_writes=50,
        tool="k6",
    )
    return replace(test, **other)


def restored(at: datetime) -> RestoreDrill:
    """What a person says of that restore: a sample of the copy was compared."""
    return RestoreDrill(
        at=at,
        source_point_in_time=at,
        target_table=COPY,
        items_sampled=200,
        items_matched=200,
        duration_seconds=900,
        outcome="succeeded",
    )


def restore(client: Client, target: str = COPY, **source: str) -> None:
    """Restore the table to the last instant that can be."""
    named = source or {"SourceTableName": TABLE}
    client("dynamodb").restore_table_to_point_in_time(TargetTableName=target, UseLatestRestorableTime=True, **named)


def age(span: timedelta) -> None:
    """Let everything that CloudTrail and AWS Backup know have happened so much earlier, and copies be as old."""
    for event in _kept_events():
        event["eventTime"] = f"{datetime.fromisoformat(event['eventTime']) - span:{INSTANT}}"
    for job in _kept_jobs():
        job["CompletionDate"] -= span.total_seconds()
    for table in dynamodb_backends[ACCOUNT][REGION].tables.values():
        if "RestoreSummary" in table.describe()["TableDescription"]:
            table.created_at -= span


def forget() -> None:
    """Let CloudTrail forget, as it does after 90 days."""
    _kept_events().clear()


def backup_restored(status: str = "COMPLETED", arn: str = ARN, **other: Any) -> None:
    """A restore job of AWS Backup: moto carries out none. RestoreJobsListMember in botocore's model has its members."""
    now = datetime.now(UTC).timestamp()
    done = {"CompletionDate": now} if status == "COMPLETED" else {}
    job = {"RestoreJobId": str(uuid.uuid4()), "SourceResourceArn": arn, "CreationDate": now, "Status": status, **done}
    created = arn.replace(TABLE, "awsbackup-restore-test")
    _kept_jobs().append({**job, "CreatedResourceArn": created, **other})


def _logged(restore: Any) -> Any:
    """https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html."""

    @wraps(restore)
    def completed(handler: Any) -> Any:
        body = handler.body
        record: Json = {
            "eventName": "RestoreTableToPointInTime",
            "eventSource": "dynamodb.amazonaws.com",
            "userIdentity": {
                "type": "AssumedRole",
                "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/platform/jane@example.com",
                "sessionContext": {"sessionIssuer": {"type": "Role", "arn": ROLE}},
            },
            "requestParameters": {name[0].lower() + name[1:]: value for name, value in body.items()},
        }
        if "SourceTableArn" in body:
            body["SourceTableName"] = body["SourceTableArn"].rpartition("/")[2]
        try:
            answer = restore(handler)
        except JsonRESTError as error:  # CloudTrail records refused calls too
            _log({**record, "errorCode": type(error).__name__, "responseElements": None})
            raise
        _log(record)
        return answer

    return completed


def _log(record: Json) -> None:
    now = f"{datetime.now(UTC):{INSTANT}}"
    trails.record({**record, "eventID": str(uuid.uuid4()), "eventTime": now, "awsRegion": REGION, "readOnly": False})


def _jobs(response: Any) -> str:
    arn = unquote(response.path.removeprefix("/resources/").partition("/restore-jobs")[0])
    found = [job for job in _kept_jobs() if job["SourceResourceArn"] == arn]
    return _page("RestoreJobs", found, {"NextToken": response._get_param("nextToken", 0)})  # noqa: SLF001  moto's way


def _kept_events() -> list[Json]:
    return trails.history(cloudtrail_backends[ACCOUNT][REGION])


def _kept_jobs() -> list[Json]:
    kept: list[Json] = vars(backup_backends[ACCOUNT][REGION]).setdefault("drilled", [])
    return kept


def _page(name: str, found: Sequence[Json], request: Mapping[str, Any]) -> str:
    start = int(request.get("NextToken", 0))
    following = {"NextToken": str(start + PAGE)} if start + PAGE < len(found) else {}
    return json.dumps({name: found[start : start + PAGE], **following})


def _update_insights(handler: Any) -> ActionResult:
    """They are on at once: moto knows no ENABLING. The default mode is ACCESSED_AND_THROTTLED_KEYS."""
    body = handler.body
    known = _kept_insights(body["TableName"]).setdefault(body.get("IndexName", ""), {**OFF, "pressed": []})
    known["on"] = body["ContributorInsightsAction"] == "ENABLE"
    known["mode"] = body.get("ContributorInsightsMode", "ACCESSED_AND_THROTTLED_KEYS")
    return _insights(handler)


def _insights(handler: Any) -> ActionResult:
    """Rules that count what is accessed are there in one mode only, and those of sort keys where there are any."""
    table, index = handler.body["TableName"], handler.body.get("IndexName", "")
    known = _kept_insights(table).get(index, OFF)
    answer: Json = {"TableName": table, "ContributorInsightsStatus": "ENABLED" if known["on"] else "DISABLED"}
    if known["on"]:
        kinds = ("PKC", "PKT") if known["mode"] == "ACCESSED_AND_THROTTLED_KEYS" else ("PKT",)
        answer["ContributorInsightsRuleList"] = [_rule(kind, table, index) for kind in kinds]
        answer["ContributorInsightsMode"] = known["mode"]
    return ActionResult({**answer, **({"IndexName": index} if index else {})})


def _rule(kind: str, table: str, index: str) -> str:
    """As in the developer guide: a table's index is named after it."""
    return "-".join(["DynamoDBContributorInsights", kind, table, *([index] if index else []), "1576629651520"])


def _report(response: Any) -> ActionResult:
    """The value of the top contributor of each minute, and, as AWS does, who that is."""
    name = response._get_param("RuleName")  # noqa: SLF001  moto's way
    start, end = (_moment(response._get_param(each)) for each in ("StartTime", "EndTime"))  # noqa: SLF001  likewise
    for index, known in _kept_insights(STAGING).items():
        if known["on"] and name == _rule("PKC", STAGING, index):
            return ActionResult(
                {
                    "KeyLabels": ["PK"],
                    "Contributors": [
                        {"Keys": ["CART#jane@example.com"], "ApproximateAggregateValue": 1.0, "Datapoints": []}
                    ],
                    "MetricDatapoints": [
                        {"Timestamp": at, "MaxContributorValue": units}
                        for at, units in known["pressed"]
                        if start <= at < end
                    ],
                }
            )
    raise ResourceNotFoundException(name)


def _moment(given: Any) -> datetime:
    """In UTC, as a protocol or moto hands it over."""
    moment = given if isinstance(given, datetime) else datetime.fromisoformat(str(given))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _kept_insights(table: str) -> dict[str, Json]:
    """By index; nothing of a table that is deleted."""
    kept: dict[str, Json] = vars(dynamodb_backends[ACCOUNT][REGION].get_table(table)).setdefault("insights", {})
    return kept
