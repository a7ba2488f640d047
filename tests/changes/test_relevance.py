"""Which calls can have moved which checks, and on what."""

import json
from typing import Any

import pytest
from msgspec import to_builtins

from readiness.aws.arn import name_in
from readiness.changes import batch
from readiness.changes.call import ApiCall, UnreadableEvent, call_of, recorded
from readiness.changes.relevance import moved_by, moves, plain, relevant
from readiness.engine.collect import needed
from readiness.engine.fact import fact
from readiness.engine.rule import Rule, Severity, Verdict, passed
from readiness.facts.cloudtrail.trails import KMS
from readiness.rules import ASKED, RULES
from tests.aws.account import ACCOUNT, REGION, TABLE
from tests.changes.trail import Json, call, recovery
from tests.facts.declared import sources

TABLE_ARN = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{TABLE}"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:babesclub-cart"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/shop/cart"


def test_every_event_that_a_fact_declares_concerns_a_rule() -> None:
    declared = {event for source in sources() for event in source.events}
    concerned = {event for rule in ASKED for check in rule.checks for event in check.events}
    assert declared == concerned


def test_a_rule_that_no_event_concerns_says_so() -> None:
    """Its change is found by the schedule alone."""
    unmoved = [rule for rule in RULES if not any(check.events for check in rule.checks)]
    assert all(rule.change_events_of == () for rule in unmoved)


def test_a_rule_names_only_facts_that_it_reads() -> None:
    assert {
        (rule.id, kind.__name__)
        for rule in ASKED
        for kind in (rule.change_events_of or ())
        if kind not in needed(rule.checks)
    } == {("change-events-arrive", "BackupSchedules")}


def test_a_trail_can_leave_out_no_event_but_those_of_kms() -> None:
    """`change-events-arrive` asks for them alone: others can't be left out.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-management-events-with-cloudtrail.html
    """
    sources_ = {call[0] for calls in relevant(ASKED).values() for call in calls}
    assert sources_ & {"kms.amazonaws.com", "rdsdata.amazonaws.com"} == {KMS}


def test_the_check_to_which_an_event_is_most_telling_comes_first() -> None:
    assert moved_by("dynamodb.amazonaws.com", "UpdateTable")[0] == "billing-on-demand"
    assert moved_by("iam.amazonaws.com", "PutRolePolicy")[0] == "iam-least-privilege"
    assert moved_by("monitoring.amazonaws.com", "DeleteAlarms")[0] == "alarms-wired"
    assert moved_by("dynamodb.amazonaws.com", "DescribeTable") == ()


class Switch:
    """What is on or off."""


@fact("house:DescribeSwitch", events=("house:Flip", "house:Cut"))
def switch() -> Switch:
    return Switch()


class Lamp:
    """Shines by its switch."""


@fact()
def lamp(switch: Switch) -> Lamp:
    assert isinstance(switch, Switch)
    return Lamp()


class Wire:
    """Carries the current."""


@fact("house:DescribeWire", events=("house:Cut", "house:Mend"))
def wire() -> Wire:
    return Wire()


def house(rule: Rule, **declared: Any) -> Rule:
    @rule.check(**declared)
    def shines(lamp: Lamp, wire: Wire) -> Verdict:
        """It shines."""
        return passed(f"{lamp} {wire}")

    return rule


@pytest.mark.parametrize(
    ("rule", "check", "expected"),
    [
        pytest.param(None, {}, ["Flip", "Cut", "Mend"], id="of what it asks for, and of what that is made of"),
        pytest.param((Wire,), {}, ["Cut", "Mend"], id="of what the rule names"),
        pytest.param((Wire,), {"change_events_of": (Lamp,)}, ["Flip", "Cut"], id="of what the check names"),
        pytest.param((), {}, [], id="of nothing"),
    ],
)
def test_a_check_is_concerned_by_the_events(rule: Any, check: Any, expected: list[str]) -> None:
    made = house(Rule("9.9", "House", Severity.LOW, "", change_events_of=rule), **check)
    (names,) = ([name for _, name in calls] for key, calls in relevant([made]).items() if key != made.id or not check)
    assert names == expected == [event.partition(":")[2] for event in made.checks[0].events]


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
        (f"arn:aws:budgets::{ACCOUNT}:budget/team/commerce", "team/commerce"),
        ("arn:aws:sqs", "arn:aws:sqs"),
        ("a:b:c:d:e:f/g", "a:b:c:d:e:f/g"),
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
    with pytest.raises(UnreadableEvent) as told:
        call_of({"detail-type": "AWS API Call via CloudTrail", "detail": {"eventID": 7, "eventName": "hunter2"}})
    assert "hunter2" not in str(told.value)
    assert "eventSource" in str(told.value)


def test_calls_are_put_off_while_they_fit_into_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = [made("dynamodb", "UpdateTable", {"tableName": name}) for name in ("older", "newer")]
    sizes = [len(json.dumps(to_builtins(each))) for each in calls]
    for room, names in ((sum(sizes), ["older", "newer"]), (sum(sizes) - 1, ["newer"])):
        monkeypatch.setattr(batch, "LARGEST", room)
        carried = json.loads(batch.put_off(calls))["detail"]["calls"]
        assert [each["names"] for each in carried] == [[name] for name in names]
