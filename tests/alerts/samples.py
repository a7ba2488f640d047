"""Alerts as a run fills them in, one of each kind, from verdicts of real rules on facts built by hand."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from readiness.alarms.dynamodb import OPERATIONS
from readiness.alerts.alert import Alert, AlertContext, AlertEntry, Trouble, TroubleKind
from readiness.alerts.entries import entry_of
from readiness.changes.actor import Actor, acted
from readiness.changes.history import NOT_YET
from readiness.checklist import FunctionSettings, Settings
from readiness.engine.evaluate import CheckFindings, CheckRunner
from readiness.engine.snapshot import ROOT, Snapshot
from readiness.facts.backup.newest import NewestBackup
from readiness.facts.dynamodb.operations import OperationsAllowed
from readiness.facts.dynamodb.tags import QueriedTags
from readiness.facts.dynamodb.time_to_live import TimeToLive
from readiness.facts.recorded.attestations import Attestations
from readiness.model import Finding, Reason, Severity, Status, Verdict
from readiness.rules import ASKED
from readiness.rules.alarms_wired import throttling
from readiness.rules.documentation_current import recorded
from readiness.rules.env_vars_set import env_file, readme, variables
from readiness.rules.iam_least_privilege import administration
from readiness.rules.load_tested import recorded as load_tested
from readiness.rules.pitr_enabled import RecoveryStart, on, window
from readiness.rules.ttl_enabled import attribute
from readiness.rules.ttl_enabled import on as ttl_on
from readiness.state.announce import Note, NoteKind
from readiness.state.drift import Difference, Ending, Event, EventKind, Known, Visibility
from readiness.state.overlay import Overlay
from readiness.state.people import Acknowledgement, Owner, Pause, Waiver
from readiness.state.store import Remembered
from tests.aws.account import ARN
from tests.changes.trail import CONSOLE, Json, call
from tests.changes.trail import recovery as recovery_call
from tests.rules import functions as of_function
from tests.rules.alarms import routes
from tests.rules.facts import NOW as THEN
from tests.rules.facts import OFF, checklist, description, recovery
from tests.rules.functions import THE_TABLE
from tests.rules.roles import allow, extra, role
from tests.rules.table_alarms import USED, indexed

NOW = datetime(2026, 11, 24, 3, 12, 41, tzinfo=UTC)
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/babesclub-commerce"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:babesclub-"
ROLE = "arn:aws:iam::123456789012:role/babesclub-cart"
NAMES = {
    "table": "babesclub-commerce",
    "arn": TABLE,
    "account": "123456789012",
    "region": "us-east-1",
    "ttl_attribute": "expiresAt",
    "window_days": 35,
}
CHECKS = {check.id: check for rule in ASKED for check in rule.checks}
OWNERS = {"pitr-enabled": "data-platform@example.com", "env-vars-set": "storefront@example.com"}
RULES = ("billing-on-demand", "encryption-kms", "ttl-enabled", "pitr-enabled")

PLACE = AlertContext(
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

DEPLOYER = acted(recovery_call(on=False, **EVENT))
BEFORE = acted(recovery_call(on=False, **{**EVENT, "eventTime": "2026-11-24T02:29:50Z"}))
DELETER = acted(call("dynamodb", "DeleteTable", **JO))
RESTORER = acted(recovery_call(on=True, **{**JO, "eventTime": "2026-11-24T03:11:20Z"}))
BY_HAND = acted(call("dynamodb", "UpdateTimeToLive", **JO))
BY_TERRAFORM = acted(call("monitoring", "DeleteAlarms", **TERRAFORM))
BY_ROOT = acted(call("iam", "PutRolePolicy", **{**JO, "userIdentity": {"type": "Root", "accountId": "123456789012"}}))
BY_STACK = acted(call("lambda", "UpdateFunctionConfiguration20150331v2", IN_STACK, **CLOUDFORMATION))


def known(status: Status, minutes: int = 0, **watched: object) -> Known:
    """Read so for the first time that many minutes ago."""
    return Known(status, watched, NOW - timedelta(minutes=minutes))


def found(verdict: Verdict, minutes: int = 0) -> Known:
    """Return a verdict as the memory keeps it, first read that many minutes ago."""
    return known(verdict.status, minutes, **verdict.watched)


def difference(before: Known | None, after: Known | None, resource: str = TABLE) -> Difference:
    """Of the table, if nothing else is named."""
    return Difference(resource, before, after)


def event(
    kind: EventKind, check: str, *differences: Difference, severity: Severity = Severity.CRITICAL, **more: object
) -> Event:
    """One that this run found."""
    return Event(check, kind, severity, NOW, differences, **more)  # type: ignore[arg-type]


def changed(kind: EventKind, check: str, *differences: Difference, **more: object) -> Event:
    """The same with the severity of the check."""
    return event(kind, check, *differences, severity=CHECKS[check].severity, **more)


def finding(check: str, resource: str, verdict: Verdict) -> Finding:
    """Return the finding of a check with that verdict."""
    asking = CheckRunner(Snapshot(), ROOT, NAMES, lambda *_: None)
    about = replace(verdict, resource=resource)
    return asking._finding(CHECKS[check], ROOT, about)  # noqa: SLF001  what a run calls for every verdict


def reported(what: Event, verdicts: Mapping[str, Verdict], check: str = "", **more: object) -> AlertEntry:
    """Return the alert entry of the event, with the texts of the check and of its verdicts by resource."""
    asked = CHECKS[check or what.check]
    findings = tuple(finding(asked.id, resource, verdict) for resource, verdict in verdicts.items())
    overlay = Overlay(Remembered(), Settings(owners=OWNERS), NOW)
    return replace(entry_of(overlay, CheckFindings(asked, findings, complete=True), what), **more)


def worded(what: Event, check: str, messages: Mapping[str, str], **more: object) -> AlertEntry:
    """The same in words that no rule says: what they are made of is what a test is about."""
    status = {each.resource: each.after.status if each.after else Status.PASS for each in what.differences}
    verdicts = {resource: Verdict(status.get(resource, Status.FAIL), text) for resource, text in messages.items()}
    return reported(what, verdicts, check, **more)


def pitr(what: Event, message: str, **more: object) -> AlertEntry:
    """Of item 1.4."""
    return worded(what, "pitr-enabled/fresh", {TABLE: message} if message else {}, **more)


def ttl(what: Event, message: str, **more: object) -> AlertEntry:
    """Of item 1.3."""
    return worded(what, "ttl-enabled/on", {TABLE: message}, **more)


def environment(what: Event, messages: dict[str, str]) -> AlertEntry:
    """Of item 2.1, which is judged on each function."""
    return worded(what, "env-vars-set/functions", messages)


def called(verdict: Verdict) -> str:
    """Return the words of an alert's subject for a change to this verdict."""
    return verdict.subject or verdict.message


PITR_ON = on(recovery(), THEN, None, None)
PITR_OFF = on(
    OFF,
    THEN,
    RecoveryStart(THEN.at - timedelta(days=35), THEN.at),
    NewestBackup(THEN.at - timedelta(hours=26), "AWS Backup"),
)
TTL_OFF = ttl_on(TimeToLive("DISABLED", None), THEN, None)
BY_EXPIRES_AT = attribute(TimeToLive("ENABLED", "expiresAt"), checklist())
BY_TTL = attribute(TimeToLive("ENABLED", "ttl"), checklist())


def off(actor: Actor | None = DEPLOYER, note: str = "") -> AlertEntry:
    """Recovery went off."""
    moved = difference(None, found(PITR_OFF))
    return reported(changed(EventKind.REGRESSED, "pitr-enabled/on", moved, note=note), {TABLE: PITR_OFF}, actor=actor)


def ttl_moved() -> AlertEntry:
    """The application's attribute is no longer the one by which items expire."""
    moved = difference(found(BY_EXPIRES_AT, 9000), found(BY_TTL, 1))
    return reported(changed(EventKind.REGRESSED, "ttl-enabled/attribute", moved), {TABLE: BY_TTL}, actor=BY_HAND)


def has_variables(function: str, **named: str) -> Verdict:
    """Return the verdict on a function with that environment."""
    version = of_function.live_version(function=f"babesclub-{function}")
    wanted = checklist(functions=FunctionSettings(environment={"COMMERCE_TABLE": "{table}"}))
    return variables(THE_TABLE, version, of_function.variables(named=named), wanted)


def variables_lost() -> AlertEntry:
    """Two functions lost a variable, and one that was wrong is gone."""
    cart, checkout = f"{FUNCTION}cart", f"{FUNCTION}checkout"
    verdicts = {cart: has_variables("cart"), checkout: has_variables("checkout", COMMERCE_TABLE="babesclub-staging")}
    moved = (
        difference(known(Status.PASS, 900), found(verdicts[cart]), cart),
        difference(None, found(verdicts[checkout]), checkout),
        difference(known(Status.FAIL, 900), None, f"{FUNCTION}old"),
    )
    return reported(changed(EventKind.REGRESSED, "env-vars-set/variables", *moved), verdicts)


def recovered() -> AlertEntry:
    """Recovery is back, and its history begins anew."""
    start = RecoveryStart(datetime(2026, 10, 20, 2, tzinfo=UTC), NOW - timedelta(minutes=5))
    anew = on(recovery(earliest=datetime(2026, 11, 24, 2, 55, tzinfo=UTC)), THEN, start, None)
    missed = (anew.incident,) if anew.incident else ()
    what = changed(EventKind.RECOVERED, "pitr-enabled/on", difference(found(PITR_OFF, 42), None), missed=missed)
    return reported(what, {TABLE: PITR_ON}, actor=RESTORER, earlier=BEFORE)


def alarm_deleted() -> AlertEntry:
    """Nobody hears of throttling any more."""
    allowed = OperationsAllowed(frozenset(OPERATIONS))
    verdict = throttling(THE_TABLE, indexed(), routes(), USED, allowed, QueriedTags({}), checklist())
    what = changed(EventKind.REGRESSED, "alarms-wired/throttling", difference(None, found(verdict)))
    return reported(what, {TABLE: verdict}, actor=BY_TERRAFORM)


def role_widened() -> AlertEntry:
    """A role may do more than it needs."""
    verdict = administration(role(name="babesclub-cart", arn=ROLE), extra(allow("dynamodb:DeleteTable", ARN)))
    moved = difference(known(Status.PASS, 9000), found(verdict, 1), ROLE)
    return reported(
        changed(EventKind.REGRESSED, "iam-least-privilege/administration", moved), {ROLE: verdict}, actor=BY_ROOT
    )


def variable_lost() -> AlertEntry:
    """A deployment forgot a variable."""
    cart, verdict = f"{FUNCTION}cart", has_variables("cart")
    moved = difference(known(Status.PASS, 900), found(verdict), cart)
    return reported(changed(EventKind.REGRESSED, "env-vars-set/variables", moved), {cart: verdict}, actor=BY_STACK)


def unnamed(nobody: str) -> AlertEntry:
    """Recovery went off, and nobody knows by whom."""
    return replace(off(None), unattributed=nobody)


def taken() -> AlertEntry:
    """Recovery is back, and somebody had said that they were on it."""
    ack = Acknowledgement(
        by="arn:aws:sts::123456789012:assumed-role/oncall/ada",
        at=NOW - timedelta(minutes=30),
        table_id=PLACE.table_id,
        check="pitr-enabled/on",
        note="restoring, ticket 7",
    )
    return replace(recovered(), acknowledgement=ack)


def still() -> AlertEntry:
    """A day later recovery is off as it was."""
    failing = found(PITR_OFF, 24 * 60)
    return reported(changed(EventKind.STILL, "pitr-enabled/on", difference(failing, failing)), {TABLE: PITR_OFF})


def ends() -> AlertEntry:
    """The waiver of a failure ends next week."""
    failing = found(PITR_OFF, 90_000)
    waiver = Ending(
        "arn:aws:sts::123456789012:assumed-role/platform/maria",
        NOW - timedelta(days=60),
        datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC),
        "the old table is switched off in November",
    )
    what = changed(EventKind.WAIVER_ENDS, "pitr-enabled/on", difference(failing, failing), ending=waiver)
    return reported(what, {TABLE: PITR_OFF})


MARIA = {"by": "arn:aws:sts::123456789012:assumed-role/platform/maria", "table_id": PLACE.table_id}


def paused(until: datetime = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)) -> Note:
    """Maria deploys; the pause is a day long at most."""
    at = NOW - timedelta(minutes=2)
    pause = Pause(**MARIA, at=at, reason="release 42", until=until)
    return Note(NoteKind.RECORDED, ("STATE#PAUSE",), pause, min(until, NOW + timedelta(days=1)))


def waived() -> Note:
    """Maria accepts a failure on one function, for years."""
    until, cut = datetime(9999, 1, 1, tzinfo=UTC), NOW + timedelta(days=365)
    key = f"STATE#WAIVER#env-vars-set/variables#{FUNCTION}cart"
    reason = "the cart is replaced in December"
    said = {**MARIA, "check": "env-vars-set/variables", "resource": f"{FUNCTION}cart", "reason": reason}
    return Note(NoteKind.CHANGED, (key,), Waiver(**said, at=NOW - timedelta(minutes=3), until=until), cut)


def people() -> tuple[Note, ...]:
    """Return a note of each kind."""
    at = NOW - timedelta(minutes=1)
    return (
        Note(NoteKind.ENDS, ("STATE#PAUSE",), paused().word, NOW + timedelta(minutes=25)),
        waived(),
        Note(NoteKind.WITHDRAWN, ("STATE#WAIVER#pitr-enabled/togglers",), by=MARIA["by"]),
        Note(NoteKind.WITHDRAWN, ("STATE#WAIVER#pitr-enabled/window",), by=""),
        Note(NoteKind.WITHDRAWN, ("STATE#OWNER#ttl-enabled",)),
        Note(
            NoteKind.RECORDED,
            ("STATE#ACK#pitr-enabled/on",),
            Acknowledgement(**MARIA, at=at, check="pitr-enabled/on", note="restoring, ticket 7"),
        ),
        Note(
            NoteKind.RECORDED,
            ("STATE#OWNER#pitr-enabled",),
            Owner(**MARIA, at=at, rule="pitr-enabled", owner="data-platform@example.com"),
        ),
        Note(NoteKind.TOO_MANY, tuple(f"STATE#OWNER#rule-{number}" for number in range(10)), count=100),
        Note(NoteKind.LATER_RELEASE, ("STATE#SIGNOFF",)),
        Note(NoteKind.ILLEGIBLE, ("STATE#ACK#ttl-enabled/on", "STATE#MANIFEST"), count=2),
    )


def blind() -> AlertEntry:
    """The role lost a permission."""
    unread = {TABLE: (Reason.ACCESS_DENIED, "dynamodb:DescribeContinuousBackups")}
    return reported(
        changed(EventKind.OBSCURED, "pitr-enabled/on", dark=(Visibility.NONE, Visibility.WHOLLY)), {}, unread=unread
    )


def partly_blind() -> AlertEntry:
    """Two of the functions can't be read any more."""
    denied = (Reason.ACCESS_DENIED, "lambda:GetFunctionConfiguration")
    unread = {f"{FUNCTION}{name}": denied for name in ("cart", "checkout")}
    return reported(
        changed(EventKind.OBSCURED, "env-vars-set/variables", dark=(Visibility.NONE, Visibility.PARTLY)),
        {},
        unread=unread,
    )


def news(*told: AlertEntry, **more: object) -> Alert:
    """The run that made version 8 of the memory."""
    owners = tuple(sorted(OWNERS.values()))
    return Alert(PLACE, 8, NOW, RULES, told, owners=owners, **more)  # type: ignore[arg-type]


def today(check: str, verdict: Verdict) -> AlertEntry:
    """Return the entries of a first run."""
    after = replace(found(verdict), unrecorded=bool(verdict.omission))
    return reported(changed(EventKind.REJUDGED, check, difference(None, after)), {TABLE: verdict})


def first() -> Alert:
    """The first look: two checks fail."""
    items = {Status.PASS: 10, Status.WARN: 1, Status.FAIL: 2, Status.NOT_APPLICABLE: 1}
    return news(today("ttl-enabled/on", TTL_OFF), today("pitr-enabled/on", PITR_OFF), first=items)


def unrecorded(minutes: int = 0) -> Known:
    """Nobody has recorded it yet."""
    return replace(known(Status.FAIL, minutes), unrecorded=True)


def first_unrecorded() -> Alert:
    """The first look: one check fails, and much has not been recorded yet."""
    missing = (
        today("env-vars-set/env-file", env_file(THE_TABLE, None, checklist())),
        today("env-vars-set/readme", readme(THE_TABLE, None, checklist())),
        today("documentation-current/recorded", recorded(description(), None, checklist(), THEN)),
        today("load-tested/recorded", load_tested(THE_TABLE, Attestations(()), None, checklist(), THEN)),
    )
    items = {Status.PASS: 9, Status.WARN: 1, Status.FAIL: 4}
    return news(*missing, today("ttl-enabled/on", TTL_OFF), first=items, unrecorded=3)


def resumed() -> Alert:
    """After a deployment under a pause."""
    moved = difference(found(BY_EXPIRES_AT, 9000), found(BY_TTL, 25))
    return news(reported(changed(EventKind.RESUMED, "ttl-enabled/attribute", moved, changes=4), {TABLE: BY_TTL}))


def rejudged() -> Alert:
    """A new release asks more of the window, and less of the functions."""
    week = window(recovery(window_days=7), checklist())
    longer = difference(known(Status.PASS, 9000, **week.watched), found(week))
    cart = f"{FUNCTION}cart"
    right = has_variables("cart", COMMERCE_TABLE="babesclub-commerce")
    eased = difference(known(Status.WARN, 9000), found(right), cart)
    return news(
        reported(changed(EventKind.REJUDGED, "pitr-enabled/window", longer), {TABLE: week}),
        reported(changed(EventKind.REJUDGED, "env-vars-set/variables", eased), {cart: right}),
    )


GOLDEN = {
    "pitr_off": news(off()),
    "pitr_off_alone": news(unnamed(NOT_YET)),
    "alarm_deleted": news(alarm_deleted()),
    "role_widened": news(role_widened()),
    "variable_lost": news(variable_lost()),
    "pitr_off_nobody_known": news(off(None, "unsettled")),
    "ttl_moved": news(ttl_moved()),
    "three_changes": news(variables_lost(), ttl_moved(), off()),
    "recovered": news(recovered()),
    "recovered_by_somebody": news(taken()),
    "waiver_ends": news(ends()),
    "waiver_ends_beside": news(ends(), ttl_moved()),
    "paused": news(notes=(paused(),)),
    "paused_too_long": news(notes=(paused(datetime(2036, 11, 24, 6, 0, tzinfo=UTC)),)),
    "paused_beside": news(ttl_moved(), notes=(paused(),)),
    "people": news(notes=people()),
    "still": news(still()),
    "blind": news(blind()),
    "partly_blind": news(partly_blind()),
    "first_run": first(),
    "first_run_unrecorded": first_unrecorded(),
    "resumed": resumed(),
    "rejudged": rejudged(),
    "retired": replace(news(), retired=("pitr-enabled/former", "ttl-enabled/former")),
    "table_deleted": news(trouble=Trouble(TroubleKind.DELETED, actor=DELETER)),
    "table_replaced": news(trouble=Trouble(TroubleKind.REPLACED, before="0b8f2f0e-1111-4c1e-9d57-b5ad2e6f0c0a")),
    "cannot_record": news(
        trouble=Trouble(TroubleKind.UNRECORDED, detail="could not be read: access was denied (dynamodb:PutItem)")
    ),
}
