"""Which calls can have moved which checks, and on what."""

import pytest

from readiness.changes.call import ApiCall, Unreadable, call_of, name_in, recorded
from readiness.changes.relevance import OWN_SIGHT, RELEVANT, calls_that_move, moves, plain
from readiness.rules import RULES
from tests.aws.account import ACCOUNT, REGION, TABLE
from tests.changes.trail import Json, call, recovery

ITEMS = {rule.id for rule in RULES} | {"restore-drilled", "load-tested", OWN_SIGHT}
CHECKS = {check.id for rule in RULES for check in rule.checks}

TABLE_ARN = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{TABLE}"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:babesclub-cart"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/shop/cart"


def test_every_rule_and_check_that_a_call_moves_exists() -> None:
    moved = {each for names in RELEVANT.values() for every in names.values() for each in every}
    assert {each for each in moved if "/" not in each} <= ITEMS
    assert {each for each in moved if "/" in each} <= CHECKS


def test_every_rule_is_moved_by_some_call_but_the_one_about_a_repository() -> None:
    unmoved = [rule.id for rule in RULES if not any(calls_that_move(check.id) for check in rule.checks)]
    assert unmoved == ["documentation-current"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (TABLE, TABLE),
        (TABLE_ARN, TABLE),
        (f"{TABLE_ARN}/backup/01234567890123-abcdef", TABLE),
        (f"{TABLE_ARN}/index/by-status", TABLE),
        (FUNCTION, "babesclub-cart"),
        (f"{FUNCTION}:live", "babesclub-cart"),
        (f"{ACCOUNT}:function:babesclub-cart", "babesclub-cart"),
        (ROLE, "cart"),
        (f"arn:aws:sns:{REGION}:{ACCOUNT}:on-call", "on-call"),
        (f"arn:aws:sns:{REGION}:{ACCOUNT}:on-call:0f2c7a3e", "on-call"),
        (f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead", "dead"),
        (f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/dead", "dead"),
        (f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:throttled", "throttled"),
        (f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234", "1234"),
        (f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/cart:*", "/aws/lambda/cart"),
    ],
)
def test_the_name_of_a_thing_is_the_same_however_it_is_written(text: str, name: str) -> None:
    assert name_in(text) == name


def made(source: str, name: str, parameters: Json) -> ApiCall:
    return recorded(call(source, name, parameters))


UPDATED = made("lambda", "UpdateFunctionConfiguration20150331v2", {"functionName": f"{FUNCTION}:live"})
PUT_POLICY = made("iam", "PutRolePolicy", {"roleName": "cart", "policyName": "all"})


@pytest.mark.parametrize(
    ("done", "check", "resource", "fits"),
    [
        pytest.param(recorded(recovery(on=False)), "pitr-enabled/on", TABLE_ARN, 2, id="the table, by its name"),
        pytest.param(recorded(recovery(on=False)), "pitr-enabled/togglers", TABLE_ARN, 0, id="another check"),
        pytest.param(recorded(recovery(on=False)), "ttl-enabled/on", TABLE_ARN, 0, id="another rule"),
        pytest.param(UPDATED, "env-vars-set/variable", f"{FUNCTION}:7", 2, id="a version of the function"),
        pytest.param(UPDATED, "env-vars-set/variable", f"{FUNCTION}-2", 0, id="a function of a longer name"),
        pytest.param(PUT_POLICY, "iam-least-privilege/actions", ROLE, 2, id="the role"),
        pytest.param(PUT_POLICY, "iam-least-privilege/actions", f"{ROLE}-2", 0, id="another role"),
        pytest.param(
            made("iam", "CreatePolicyVersion", {"policyArn": f"arn:aws:iam::{ACCOUNT}:policy/cart"}),
            "iam-least-privilege/actions",
            ROLE,
            1,
            id="a policy that the role may have",
        ),
        pytest.param(
            made("monitoring", "DeleteAlarms", {"alarmNames": ["a", "throttled"]}),
            "alarms-wired/throttling",
            TABLE_ARN,
            1,
            id="an alarm, where the table lacks one",
        ),
        pytest.param(
            made("kms", "DisableKey", {"keyId": "1234"}), "encryption-kms/key", "a name", 1, id="what is no ARN"
        ),
    ],
)
def test_a_call_fits_what_it_names_and_may_fit_what_it_can_not_name(
    done: ApiCall, check: str, resource: str, fits: int
) -> None:
    assert done.fits(check, (resource,)) == fits


def test_an_alarm_that_is_spoken_of_is_named() -> None:
    deleted = made("monitoring", "DeleteAlarms", {"alarmNames": ["throttled"]})
    assert deleted.fits("alarms-wired/throttling", (TABLE_ARN,), '[{"AlarmNames": ["throttled"]}]') == 2
    assert deleted.fits("alarms-wired/throttling", (TABLE_ARN,), '[{"AlarmNames": ["throttled-2"]}]') == 1


@pytest.mark.parametrize(
    ("event", "operation"),
    [
        ("UpdateFunctionConfiguration20150331v2", "UpdateFunctionConfiguration"),
        ("UpdateAlias20150331", "UpdateAlias"),
        ("PutFunctionEventInvokeConfig", "PutFunctionEventInvokeConfig"),
    ],
)
def test_a_version_is_no_part_of_an_operations_name(event: str, operation: str) -> None:
    assert plain(event) == operation
    assert moves("lambda.amazonaws.com", event, "dead-letters-kept/any")


def test_what_is_said_of_an_event_that_is_none_repeats_nothing_of_it() -> None:
    with pytest.raises(Unreadable) as told:
        call_of({"detail-type": "AWS API Call via CloudTrail", "detail": {"eventID": 7, "eventName": "hunter2"}})
    assert "hunter2" not in str(told.value)
    assert "eventSource" in str(told.value)
