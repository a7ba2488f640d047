"""The text of an alert about the table itself, or about the monitor's items in it."""

from readiness.alerts.alert import Alert, Trouble, TroubleKind
from readiness.alerts.page import LOOK_UP
from readiness.alerts.phrase import TROUBLES
from readiness.alerts.rows import Parts, by, command, row, sentence
from readiness.alerts.several import reference
from readiness.alerts.words import clock
from readiness.printable import printable, quoted

IMPACT = {
    TroubleKind.REPLACED: "A restored or recreated table has no TTL, point-in-time recovery, tags, alarms, auto "
    "scaling, resource policy or stream until they are configured again. Attestations and waivers of the former table "
    "are void; owners stay. All checks were evaluated again on this table.",
    TroubleKind.DELETED: "Every request to the table fails. Restore it from a backup: for 35 days after the deletion, "
    "DynamoDB keeps a system backup of a table that had point-in-time recovery enabled.",
    TroubleKind.FORGOTTEN: "The table is the same, but its items under READINESS# were deleted. Record attestations, "
    "waivers and owners again. Failures are reported as if they were found for the first time.",
    TroubleKind.UNRECORDED: "The monitor cannot read or write its items in the table, so it cannot compare results "
    "with earlier ones. No changes are reported until it can. Alarm PersistFailed stays in ALARM until then.",
    TroubleKind.UNUSABLE: "Every request to the table fails, and the monitor cannot read or write its items in it. No "
    "changes are reported until the table can be used again. Alarm PersistFailed stays in ALARM until then.",
    TroubleKind.DAMAGED: "Items under READINESS# that only the monitor writes were changed or deleted. They are not "
    "used, and kept under READINESS# with sort keys that begin with REFUSED#. What was reported before is not known "
    "any more: all checks that fail now are listed here. Find out who can write these items: check "
    "iam-least-privilege/own-rows names roles, and a trail with data events of this table names the caller.",
    TroubleKind.FORGED: "Alerts that waited to be sent were changed or added under READINESS#. They were not sent, and "
    "are kept with sort keys that begin with REFUSED#. All checks whose failure was reported before are listed here. "
    "Find out who can write these items: check iam-least-privilege/own-rows names roles, and a trail with data events "
    "of this table names the caller.",
    TroubleKind.NEWER: "A newer release wrote the monitor's items in this table. This release does not change them: it "
    "reports all checks that fail, once, and no recoveries. Deploy the newer release again.",
}

WITHOUT_ACTOR = {
    TroubleKind.UNRECORDED,
    TroubleKind.UNUSABLE,
    TroubleKind.DAMAGED,
    TroubleKind.FORGED,
    TroubleKind.NEWER,
}
"""Events whose actor is not searched in CloudTrail."""

DETAILS = {TroubleKind.DAMAGED: "Rows", TroubleKind.FORGED: "Rows"}
"""The label of the detail, where it is not a cause."""

CHECK = "readiness check --table {table}"
WHO_WRITES = "readiness check --table {table} --rule iam-least-privilege"
COMMANDS = {
    TroubleKind.DELETED: "readiness fix pitr-enabled/kept --table {table}",
    TroubleKind.UNRECORDED: "aws dynamodb describe-table --table-name {table} --region {region}",
    TroubleKind.DAMAGED: WHO_WRITES,
    TroubleKind.FORGED: WHO_WRITES,
}


def happened(alert: Alert, trouble: Trouble) -> Parts:
    """Return the text: by whom, what happened, what it means, and what to type."""
    table, words = alert.place.table, TROUBLES[trouble.kind]
    named = words.replace("this table", f"table {table}") if "this table" in words else f"{words} of table {table}"
    head = [sentence(named[:1].upper() + named[1:]), _second(alert, trouble)]
    return Parts(head, [_state(alert, trouble), _command(alert, trouble)], reference(alert, alert.independent))


def _second(alert: Alert, trouble: Trouble) -> str:
    zone = alert.place.time_zone
    if trouble.actor:
        return sentence(by(trouble.actor, zone))
    whom = "" if trouble.kind in WITHOUT_ACTOR else f"; by whom is {LOOK_UP}"
    return sentence(f"detected at {clock(alert.at, zone)}{whom}")


def _state(alert: Alert, trouble: Trouble) -> list[str]:
    former = [row("Was", f"TableId {printable(trouble.before)}")] if trouble.before else []
    replaced = [row("Now", f"TableId {printable(alert.place.table_id)}")]
    return [
        *former,
        *(replaced if trouble.kind is TroubleKind.REPLACED else []),
        *([row(DETAILS.get(trouble.kind, "Cause"), trouble.detail)] if trouble.detail else []),
        row("Impact", IMPACT[trouble.kind], longest=len(IMPACT[trouble.kind])),
    ]


def _command(alert: Alert, trouble: Trouble) -> list[str]:
    text = COMMANDS.get(trouble.kind, CHECK)
    return command(
        "Fix" if trouble.kind is TroubleKind.DELETED else "Next",
        text.format(table=quoted(alert.place.table), region=quoted(alert.place.region)),
    )
