"""News as runs would bring it: one of each kind that a person may be woken by."""

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from readiness.alerts import News, Taken, Told, Trouble, What, Whereabouts
from readiness.changes.actor import Actor, acted
from readiness.changes.history import NOT_YET
from readiness.model import Incident, Reason, Severity, Status
from readiness.state.drift import Dark, Difference, Ending, Event, Kind, Known
from tests.changes.trail import CONSOLE, Json, call, recovery

NOW = datetime(2026, 11, 24, 3, 12, 41, tzinfo=UTC)
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/babesclub-commerce"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:babesclub-"
RULES = ("billing-on-demand", "encryption-kms", "ttl-enabled", "pitr-enabled")

PLACE = Whereabouts(
    table="babesclub-commerce",
    table_id="4f0c6b1e-7f5e-4a58-9c5e-0d3d2a1b7c11",
    account="123456789012",
    region="us-east-1",
    time_zone="America/New_York",
    runbook="https://wiki.example.com/runbooks/commerce-table",
    dashboard="https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#dashboards/dashboard/Readiness",
)
EVENT: Json = {"eventID": "0f2c7a3e-5b1d-4f6a-9c8e-7d1e2f3a4b5c"}
JO: Json = {**EVENT, **CONSOLE, "userIdentity": {"type": "IAMUser", "userName": "jo"}}
PIPELINE: Json = {
    "type": "AssumedRole",
    "arn": "arn:aws:sts::123456789012:assumed-role/deploy/release-42",
    "sessionContext": {"sessionIssuer": {"userName": "deploy"}},
}
TERRAFORM: Json = {
    **EVENT,
    "userIdentity": PIPELINE,
    "userAgent": "APN/1.0 HashiCorp/1.0 Terraform/1.9.5 (+https://www.terraform.io) aws-sdk-go-v2/1.32.2",
}
CLOUDFORMATION: Json = {
    **EVENT,
    "userIdentity": {**PIPELINE, "invokedBy": "cloudformation.amazonaws.com"},
    "sourceIPAddress": "cloudformation.amazonaws.com",
    "userAgent": "cloudformation.amazonaws.com",
}
IN_STACK: Json = {"tags": {"aws:cloudformation:stack-name": "shop"}}

DEPLOYER = acted(recovery(on=False, **EVENT))
BEFORE = acted(recovery(on=False, **{**EVENT, "eventTime": "2026-11-24T02:29:50Z"}))
DELETER = acted(call("dynamodb", "DeleteTable", **JO))
RESTORER = acted(recovery(on=True, **{**JO, "eventTime": "2026-11-24T03:11:20Z"}))
BY_HAND = acted(call("dynamodb", "UpdateTimeToLive", **JO))
BY_TERRAFORM = acted(call("monitoring", "DeleteAlarms", **TERRAFORM))
BY_ROOT = acted(call("iam", "PutRolePolicy", **{**JO, "userIdentity": {"type": "Root", "accountId": "123456789012"}}))
BY_STACK = acted(call("lambda", "UpdateFunctionConfiguration20150331v2", IN_STACK, **CLOUDFORMATION))


def known(status: Status, minutes: int = 0, **watched: object) -> Known:
    """Read so for the first time that many minutes ago."""
    return Known(status, watched, NOW - timedelta(minutes=minutes))


def difference(before: Known | None, after: Known | None, resource: str = TABLE) -> Difference:
    """Of the table, if nothing else is named."""
    return Difference(resource, before, after)


def event(
    kind: Kind, check: str, *differences: Difference, severity: Severity = Severity.CRITICAL, **more: object
) -> Event:
    """One that this run found."""
    return Event(check, kind, severity, NOW, differences, **more)  # type: ignore[arg-type]


def pitr(what: Event, found: str, **more: object) -> Told:
    """Item 1.4."""
    return Told(
        what,
        "pitr-enabled",
        "1.4",
        "Point-in-time recovery is on",
        question="Recovery is on.",
        why="A bad deploy that overwrites items can be undone to any second of the window.",
        remedy="aws dynamodb update-continuous-backups --table-name babesclub-commerce "
        "--point-in-time-recovery-specification PointInTimeRecoveryEnabled=true,RecoveryPeriodInDays=35",
        owner="data-platform@example.com",
        messages={TABLE: found} if found else {},
        **more,  # type: ignore[arg-type]
    )


def ttl(what: Event, found: str, **more: object) -> Told:
    """Item 1.3."""
    return Told(
        what,
        "ttl-enabled",
        "1.3",
        "Time to live is on",
        question="Items expire by the attribute that the application writes.",
        why="Carts and sessions that never expire are paid for until somebody deletes them by hand, "
        "and customers find carts from last year.",
        remedy="aws dynamodb update-time-to-live --table-name babesclub-commerce "
        "--time-to-live-specification 'Enabled=true, AttributeName=expiresAt'",
        messages={TABLE: found},
        **more,  # type: ignore[arg-type]
    )


def environment(what: Event, messages: dict[str, str]) -> Told:
    """Item 2.1, judged on each function."""
    return Told(
        what,
        "env-vars-set",
        "2.1",
        "Every function names the table",
        question="Each function has the variable, with the table's name in it.",
        why="A function without the variable writes to a default table, or nowhere.",
        remedy="aws lambda update-function-configuration --function-name babesclub-cart "
        "--environment 'Variables={COMMERCE_TABLE=babesclub-commerce}'",
        owner="storefront@example.com",
        messages=messages,
    )


def off(actor: Actor | None = DEPLOYER, note: str = "") -> Told:
    """Recovery went off."""
    moved = difference(None, known(Status.FAIL))
    return pitr(
        event(Kind.REGRESSED, "pitr-enabled/on", moved, note=note), "point-in-time recovery is off", actor=actor
    )


def ttl_moved() -> Told:
    """The application's attribute is no longer the one by which items expire."""
    moved = difference(known(Status.PASS, 9000, attribute="expiresAt"), known(Status.FAIL, 1, attribute="ttl"))
    found = "items expire by 'ttl', and the application writes 'expiresAt'"
    return ttl(event(Kind.REGRESSED, "ttl-enabled/attribute", moved, severity=Severity.HIGH), found, actor=BY_HAND)


def variables() -> Told:
    """Two functions lost a variable, and one that was wrong is gone."""
    said = {
        f"{FUNCTION}cart": "COMMERCE_TABLE is not set",
        f"{FUNCTION}checkout": "COMMERCE_TABLE names another table",
    }
    moved = (
        difference(known(Status.PASS, 900), known(Status.FAIL), f"{FUNCTION}cart"),
        difference(None, known(Status.FAIL), f"{FUNCTION}checkout"),
        difference(known(Status.FAIL, 900), None, f"{FUNCTION}old"),
    )
    return environment(event(Kind.REGRESSED, "env-vars-set/variable", *moved, severity=Severity.MEDIUM), said)


def recovered() -> Told:
    """Recovery is back, and its history begins anew."""
    lost = Incident("restarted", "restorable from 2026-10-20 02:00 UTC", "restorable from 2026-11-24 03:11 UTC only")
    moved = difference(known(Status.FAIL, 42), None)
    told = event(Kind.RECOVERED, "pitr-enabled/on", moved, missed=(lost,))
    return pitr(told, "point-in-time recovery is on", actor=RESTORER, earlier=BEFORE)


def alarm_deleted() -> Told:
    """Nobody hears of throttling any more."""
    moved = difference(None, known(Status.FAIL))
    return Told(
        event(Kind.REGRESSED, "alarms-wired/throttling", moved, severity=Severity.HIGH),
        "alarms-wired",
        "3.1",
        "Throttling, wrong requests and a sudden load wake somebody",
        why="Throttled requests are lost orders, and nobody sees them but the customers.",
        messages={TABLE: "no alarm watches ThrottledRequests"},
        actor=BY_TERRAFORM,
    )


def role_widened() -> Told:
    """A role may do more than it needs."""
    role = "arn:aws:iam::123456789012:role/babesclub-cart"
    moved = difference(known(Status.PASS, 9000), known(Status.FAIL, 1), role)
    return Told(
        event(Kind.REGRESSED, "iam-least-privilege/actions", moved, severity=Severity.HIGH),
        "iam-least-privilege",
        "2.2",
        "Roles may do what they need on this table, and no more",
        why="Whatever a function may do, whoever takes it over may do.",
        messages={role: "it may dynamodb:DeleteTable, which it never needs"},
        actor=BY_ROOT,
    )


def variable_lost() -> Told:
    """A deployment forgot a variable."""
    cart = f"{FUNCTION}cart"
    moved = difference(known(Status.PASS, 900), known(Status.FAIL), cart)
    told = event(Kind.REGRESSED, "env-vars-set/variable", moved, severity=Severity.MEDIUM)
    return replace(environment(told, {cart: "COMMERCE_TABLE is not set"}), actor=BY_STACK)


def unnamed(nobody: str) -> Told:
    """Recovery went off, and nobody knows by whom."""
    return replace(off(None), nobody=nobody)


def taken() -> Told:
    """Recovery is back, and somebody had said that they were on it."""
    ack = Taken("arn:aws:sts::123456789012:assumed-role/oncall/ada", NOW - timedelta(minutes=30), "restoring, ticket 7")
    return replace(recovered(), taken=ack)


def ends() -> Told:
    """The waiver of a failure ends next week."""
    failing = known(Status.FAIL, 90_000)
    waiver = Ending(
        "arn:aws:sts::123456789012:assumed-role/platform/maria",
        NOW - timedelta(days=60),
        datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC),
        "the old table is switched off in November",
    )
    told = event(Kind.WAIVER_ENDS, "pitr-enabled/on", difference(failing, failing), ending=waiver)
    return pitr(told, "point-in-time recovery is off")


def blind() -> Told:
    """The role lost a permission."""
    unread = {TABLE: (Reason.ACCESS_DENIED, "dynamodb:DescribeContinuousBackups")}
    return pitr(event(Kind.OBSCURED, "pitr-enabled/on", dark=(Dark.NONE, Dark.WHOLLY)), "", unread=unread)


def news(*told: Told, **more: object) -> News:
    """The run that made version 8 of the memory."""
    return News(PLACE, 8, NOW, RULES, told, **more)  # type: ignore[arg-type]


def first() -> News:
    """The first look: two checks fail."""
    today = difference(None, known(Status.FAIL))
    items = {Status.PASS: 10, Status.WARN: 1, Status.FAIL: 2, Status.NOT_APPLICABLE: 1}
    return news(
        ttl(event(Kind.REJUDGED, "ttl-enabled/on", today, severity=Severity.HIGH), "time to live is off"),
        pitr(event(Kind.REJUDGED, "pitr-enabled/on", today), "point-in-time recovery is off"),
        first=items,
    )


def unrecorded(minutes: int = 0) -> Known:
    """Nobody has recorded it yet."""
    return replace(known(Status.FAIL, minutes), unrecorded=True)


def first_unrecorded() -> News:
    """The first look: one check fails, and much has not been recorded yet."""
    manifest = "nobody has recorded what the application's repository says"
    record = "readiness manifest . --table babesclub-commerce --record"
    attest = 'readiness attest load-tested --table babesclub-commerce --until "${UNTIL:?YYYY-MM-DD}"'
    missing = (
        ("env-vars-set/env-file", "2.1", manifest, record),
        ("env-vars-set/readme", "2.1", manifest, record),
        ("documentation-current/recorded", "5.3", manifest, record),
        ("load-tested/recorded", "5.2", "nobody has attested a load test of babesclub-commerce-staging", attest),
    )
    told = (
        Told(
            event(Kind.REJUDGED, check, difference(None, unrecorded()), severity=Severity.MEDIUM),
            check.partition("/")[0],
            item,
            "",
            remedy=remedy,
            messages={TABLE: said},
        )
        for check, item, said, remedy in missing
    )
    items = {Status.PASS: 9, Status.WARN: 1, Status.FAIL: 4}
    return replace(first(), told=(*told, first().told[0]), first=items, unrecorded=3)


def resumed() -> News:
    """After a deployment under a pause."""
    moved = difference(known(Status.PASS, 9000, attribute="expiresAt"), known(Status.FAIL, 25, attribute="ttl"))
    told = event(Kind.RESUMED, "ttl-enabled/attribute", moved, severity=Severity.HIGH, changes=4)
    return news(ttl(told, "items expire by 'ttl', and the application writes 'expiresAt'"))


def rejudged() -> News:
    """A new release asks more of the window, and less of the functions."""
    window = difference(known(Status.PASS, 9000, windowDays=7), known(Status.FAIL, 0, windowDays=7))
    cart = difference(known(Status.WARN, 9000), known(Status.PASS), f"{FUNCTION}cart")
    return news(
        pitr(event(Kind.REJUDGED, "pitr-enabled/window", window), "recovery reaches back 7 days of 35"),
        environment(
            event(Kind.REJUDGED, "env-vars-set/variable", cart, severity=Severity.MEDIUM),
            {f"{FUNCTION}cart": "COMMERCE_TABLE is set"},
        ),
    )


GOLDEN = {
    "pitr_off": news(off()),
    "pitr_off_alone": news(unnamed(NOT_YET)),
    "alarm_deleted": news(alarm_deleted()),
    "role_widened": news(role_widened()),
    "variable_lost": news(variable_lost()),
    "pitr_off_nobody_known": news(off(None, "unsettled")),
    "ttl_moved": news(ttl_moved()),
    "three_changes": news(variables(), ttl_moved(), off()),
    "recovered": news(recovered()),
    "recovered_by_somebody": news(taken()),
    "waiver_ends": news(ends()),
    "waiver_ends_beside": news(ends(), ttl_moved()),
    "blind": news(blind()),
    "first_run": first(),
    "first_run_unrecorded": first_unrecorded(),
    "resumed": resumed(),
    "rejudged": rejudged(),
    "retired": replace(news(), retired=("pitr-enabled/former", "ttl-enabled/former")),
    "table_deleted": news(trouble=Trouble(What.DELETED, actor=DELETER)),
    "table_replaced": news(trouble=Trouble(What.REPLACED, before="0b8f2f0e-1111-4c1e-9d57-b5ad2e6f0c0a")),
    "cannot_record": news(
        trouble=Trouble(
            What.UNRECORDED, detail="AccessDeniedException on dynamodb:PutItem: the table's key is disabled"
        )
    ),
}
