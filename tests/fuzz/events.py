"""Events that somebody made up: records of CloudTrail, messages of the queue, and whole invocations."""

import json
from typing import Any

from hypothesis import strategies as st

from tests.aws.account import ACCOUNT, REGION, TABLE
from tests.changes.trail import MARIA, Json, alarm_changed, batch, call, delivered, recovery
from tests.fuzz.values import DEPTH, JSON, TEXTS, TIMES, changed

OTHER = "999999999999"
ACCOUNTS = st.sampled_from([ACCOUNT, ACCOUNT, OTHER]) | JSON
REGIONS = st.sampled_from([REGION, REGION, "eu-west-1"]) | JSON

KINDS = (
    "Root",
    "IAMUser",
    "AssumedRole",
    "Role",
    "FederatedUser",
    "SAMLUser",
    "WebIdentityUser",
    "IdentityCenterUser",
    "Directory",
    "AWSAccount",
    "AWSService",
)
NAMES = st.sampled_from(["jo", "deploy", "root", f"arn:aws:sts::{OTHER}:assumed-role/admin/eve"]) | TEXTS | JSON
SERVICES = st.sampled_from(["AWS Internal", "backup.amazonaws.com", "cloudformation.amazonaws.com"]) | NAMES

ISSUER = st.fixed_dictionaries({}, optional={"arn": NAMES, "userName": NAMES, "accountId": ACCOUNTS})
CONTEXT = st.fixed_dictionaries({}, optional={"sessionIssuer": ISSUER | JSON, "sourceIdentity": NAMES})
IDENTITIES: st.SearchStrategy[Any] = (
    st.just(MARIA)
    | changed(MARIA)
    | JSON
    | st.fixed_dictionaries(
        {"type": st.sampled_from(KINDS) | TEXTS},
        optional={
            "accountId": ACCOUNTS,
            "arn": NAMES,
            "userName": NAMES,
            "principalId": NAMES,
            "invokedBy": SERVICES,
            "identityProvider": NAMES,
            "onBehalfOf": st.fixed_dictionaries({"userId": NAMES}) | JSON,
            "sessionContext": CONTEXT | JSON,
        },
    )
)

TAGS = st.fixed_dictionaries(
    {"key": st.just("aws:cloudformation:stack-name") | JSON}, optional={"value": NAMES, "Key": JSON}
)
PARAMETERS = (
    JSON
    | changed(recovery(on=False)["requestParameters"])
    | st.fixed_dictionaries(
        {"tableName": st.sampled_from([TABLE, "orders", f"arn:aws:dynamodb:{REGION}:{OTHER}:table/{TABLE}"]) | TEXTS},
        optional={"tags": st.lists(TAGS, max_size=2) | JSON, "pointInTimeRecoverySpecification": JSON},
    )
)


@st.composite
def records(draw: st.DrawFn) -> Json:
    """A record of CloudTrail, some of whose members are forged."""
    source, name = draw(
        st.sampled_from(
            [
                ("dynamodb", "UpdateContinuousBackups"),
                ("dynamodb", "DeleteTable"),
                ("iam", "PutRolePolicy"),
                ("lambda", "UpdateFunctionConfiguration20150331v2"),
                ("monitoring", "DeleteAlarms"),
                ("kms", "TagResource"),
            ]
        )
    )
    record = call(source, name, {"tableName": TABLE})
    forged = {
        "userIdentity": IDENTITIES,
        "requestParameters": PARAMETERS,
        "eventTime": TIMES | JSON,
        "recipientAccountId": ACCOUNTS,
        "awsRegion": REGIONS,
        "eventID": TEXTS | JSON,
        "errorCode": TEXTS | JSON,
        "sourceIPAddress": TEXTS | JSON,
        "userAgent": TEXTS | JSON,
        "eventName": TEXTS | JSON,
        "sessionCredentialFromConsole": JSON,
    }
    for member in draw(st.lists(st.sampled_from(sorted(forged)), max_size=4, unique=True)):
        record[member] = draw(forged[member])
    for member in draw(st.lists(st.sampled_from(sorted(record)), max_size=1)):
        del record[member]
    return record


@st.composite
def envelopes(draw: st.DrawFn) -> Json:
    """An event of EventBridge, some of whose members are forged."""
    event = delivered(call("dynamodb", "DeleteTable"))
    event["detail"] = draw(records())
    if draw(st.booleans()):
        event |= {"account": draw(ACCOUNTS), "region": draw(REGIONS)}
    return event if draw(st.integers(0, 4)) else draw(changed(event))


CALLS = st.fixed_dictionaries(
    {
        "id": TEXTS,
        "source": st.just("dynamodb.amazonaws.com") | TEXTS,
        "name": st.just("DeleteTable") | TEXTS,
        "at": TIMES,
    },
    optional={"actor": st.fixed_dictionaries({"who": TEXTS}) | JSON, "names": st.lists(TEXTS, max_size=2) | JSON},
)
SECOND_LOOKS = st.fixed_dictionaries(
    {
        "detail-type": st.just("Readiness Second Look"),
        "detail": st.fixed_dictionaries({"calls": st.lists(CALLS | JSON, max_size=3) | JSON}) | JSON,
    }
)

BODIES: st.SearchStrategy[Any] = st.one_of(
    envelopes().map(json.dumps),
    changed(alarm_changed("throttling")).map(json.dumps),
    SECOND_LOOKS.map(json.dumps),
    JSON.map(json.dumps),
    TEXTS,
    st.sampled_from(["[" * DEPTH + "]" * DEPTH, '{"a":' * DEPTH, "x" * 262_144, "9" * 5_000, "NaN", "1e999"]),
    JSON,
)


@st.composite
def batches(draw: st.DrawFn) -> Json:
    """A batch of SQS with any bodies; some records have the same id, or lack members."""
    event = batch(["{}"] * draw(st.integers(1, 4)))
    for number, each in enumerate(event["Records"]):
        each["messageId"] = draw(st.sampled_from([f"message-{number}", "message-0"]))
        each["body"] = draw(BODIES)
        for member in draw(st.lists(st.sampled_from(sorted(each)), max_size=1)):
            del each[member]
        if not draw(st.integers(0, 9)):
            each.update(draw(st.dictionaries(st.sampled_from(["messageId", "eventSource", "eventSourceARN"]), JSON)))
    return event


INVOCATIONS: st.SearchStrategy[Any] = st.one_of(
    batches(),
    envelopes(),
    JSON,
    st.fixed_dictionaries({"trigger": st.sampled_from(["schedule", "manual", "change"]) | JSON}),
    st.fixed_dictionaries({"Records": JSON | st.lists(JSON, max_size=2)}),
    changed({"version": "0", "detail-type": "Scheduled Event", "source": "aws.scheduler", "detail": {}}),
)
"""Anything that can be sent to the function."""
