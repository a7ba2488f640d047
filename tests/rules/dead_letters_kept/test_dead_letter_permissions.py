import pytest

from readiness.facts.iam.grants import Grants
from readiness.facts.lambda_.failure_routes import FailureTarget, SendingRoles
from readiness.facts.lambda_.failure_targets import KeyOfTarget
from readiness.iam.statement import Statement
from readiness.model import Gone, Status, Unreadable
from readiness.rules.dead_letters_kept import encrypting, key, standard
from tests.aws.account import ACCOUNT, REGION
from tests.rules.dead_letters import DEAD, POLLED, TOPIC, allow, roles, target, target_queue, target_topic
from tests.rules.dead_letters_kept.builders import BY_ACCOUNT, KMS, sends
from tests.rules.functions import DENIED, ROLE

SEND = allow("sqs:SendMessage", on=DEAD)


@pytest.mark.parametrize(
    ("statements", "status"),
    [
        pytest.param((SEND,), Status.PASS, id="allowed"),
        pytest.param((), Status.FAIL, id="not allowed"),
        pytest.param((allow("sqs:SendMessage", on=POLLED),), Status.FAIL, id="allowed for another queue"),
        pytest.param(
            (allow("sqs:SendMessage", conditions=("Bool aws:SecureTransport",)),), Status.WARN, id="under a condition"
        ),
        pytest.param((SEND, allow("sqs:*", allow=False)), Status.FAIL, id="denied all the same"),
    ],
)
def test_sending(statements: tuple[Statement, ...], status: Status) -> None:
    assert sends(target(), target_queue(), None, roles(*statements)).status is status


@pytest.mark.parametrize(
    ("senders", "status"),
    [
        pytest.param(Grants(admitted=(ROLE,)), Status.PASS, id="the queue admits the role"),
        pytest.param(Grants(conditionally=("*",)), Status.WARN, id="the queue admits anybody under a condition"),
        pytest.param(Grants(admitted=(f"arn:aws:iam::{ACCOUNT}:root",)), Status.FAIL, id="it leaves it to the account"),
    ],
)
def test_what_a_queue_itself_admits_counts_too(senders: Grants, status: Status) -> None:
    assert sends(target(), target_queue(senders=senders), None, roles()).status is status


def test_a_topic_may_admit_the_role_too() -> None:
    admitting = target_topic(senders=Grants(admitted=(ROLE,)))
    assert sends(target(TOPIC), None, admitting, roles()).status is Status.PASS
    assert sends(target(TOPIC), None, target_topic(), roles()).status is Status.FAIL


def test_a_queue_may_refuse_what_the_role_is_allowed() -> None:
    refusing = target_queue(senders=Grants(refused=("*",)))
    assert sends(target(), refusing, None, roles(SEND)).status is Status.FAIL


def test_a_queue_of_another_account_has_to_agree() -> None:
    theirs = f"arn:aws:sqs:{REGION}:999999999999:failures"
    role = roles(allow("sqs:SendMessage"))
    assert sends(target(theirs), target_queue(arn=theirs), None, role).status is Status.FAIL
    agreeing = target_queue(arn=theirs, senders=Grants(admitted=(ACCOUNT,)))
    assert sends(target(theirs), agreeing, None, role).status is Status.PASS


def test_what_lets_a_role_send_to_one_place_leaves_what_lets_it_send_to_another() -> None:
    """A policy of a role is replaced by one of the same name."""
    other = f"{POLLED}-dead-letters"
    places = [sends(target(arn), target_queue(arn=arn), None, roles()) for arn in (DEAD, other)]
    assert [place.evidence["PolicyName"] for place in places] == [
        "send-to-checkout-dead-letters",
        "send-to-orders-dead-letters",
    ]


def test_a_boundary_holds_the_role_back() -> None:
    held = roles(SEND, boundary=(allow("dynamodb:*"),))
    assert sends(target(), target_queue(), None, held).status is Status.FAIL


def test_a_role_that_does_not_exist_sends_nothing() -> None:
    assert sends(target(), target_queue(), None, SendingRoles({}, {})).status is Status.FAIL


def test_nothing_is_sent_to_what_does_not_exist() -> None:
    assert sends(target(), Gone("no such queue"), None, roles()).status is Status.NOT_APPLICABLE
    assert sends(target(TOPIC), None, Gone("no such topic"), roles()).status is Status.NOT_APPLICABLE


def test_a_role_that_could_not_be_read_is_unknown() -> None:
    with pytest.raises(Unreadable):
        sends(target(), target_queue(), None, SendingRoles({}, {ROLE: DENIED}))
    with pytest.raises(Unreadable):
        sends(target(), target_queue(), None, SendingRoles({}, {}, DENIED))


def test_kafka_has_permissions_of_its_own() -> None:
    assert sends(target("kafka://failures"), None, None, roles()).status is Status.NOT_APPLICABLE
    assert standard(target("kafka://failures")).status is Status.PASS


@pytest.mark.parametrize(
    ("statements", "status"),
    [
        pytest.param((allow("s3:PutObject", on="arn:aws:s3:::failures/*"),), Status.WARN, id="without ListBucket"),
        pytest.param(
            (allow("s3:PutObject", on="arn:aws:s3:::failures/*"), allow("s3:ListBucket", on="arn:aws:s3:::failures")),
            Status.PASS,
            id="with both",
        ),
    ],
)
def test_a_bucket_whose_own_policy_is_not_looked_at(statements: tuple[Statement, ...], status: Status) -> None:
    bucket: FailureTarget = target("arn:aws:s3:::failures")
    assert sends(bucket, None, None, roles(*statements)).status is status


@pytest.mark.parametrize("denied", [allow("sqs:*", allow=False), allow("sqs:SendMessage", on=DEAD, allow=False)])
def test_what_the_role_is_denied_no_policy_of_the_queue_allows(denied: Statement) -> None:
    admitting = target_queue(senders=Grants(admitted=(ROLE,)))
    assert sends(target(), admitting, None, roles(denied)).status is Status.FAIL


def test_what_the_role_is_denied_under_a_condition_the_queue_may_still_allow() -> None:
    admitting = target_queue(senders=Grants(admitted=(ROLE,)))
    insecure = allow("sqs:*", allow=False, conditions=("Bool aws:SecureTransport",))
    assert sends(target(), admitting, None, roles(insecure)).status is Status.PASS


def test_a_target_without_any_sender_that_is_known_is_no_failure() -> None:
    assert sends(FailureTarget(DEAD, ()), target_queue(), None, roles()).status is Status.PASS


USE = allow("kms:GenerateDataKey", "kms:Decrypt", on=KMS)


@pytest.mark.parametrize(
    ("users", "statements", "status"),
    [
        pytest.param(BY_ACCOUNT, (USE,), Status.PASS, id="allowed, and the key leaves it to the account"),
        pytest.param(BY_ACCOUNT, (), Status.FAIL, id="not allowed"),
        pytest.param(BY_ACCOUNT, (allow("kms:GenerateDataKey"),), Status.FAIL, id="without Decrypt"),
        pytest.param(Grants(), (USE,), Status.FAIL, id="the key does not leave it to the account"),
        pytest.param(Grants(admitted=(ROLE,)), (), Status.PASS, id="the key admits the role"),
    ],
)
def test_encrypting(users: Grants, statements: tuple[Statement, ...], status: Status) -> None:
    assert encrypting(target(), KeyOfTarget(KMS, "Enabled", users), roles(*statements)).status is status


def test_a_key_that_is_disabled_keeps_everything_out() -> None:
    assert key(KeyOfTarget(KMS, "Enabled", BY_ACCOUNT)).status is Status.PASS
    assert key(KeyOfTarget(KMS, "Disabled", BY_ACCOUNT)).status is Status.FAIL
