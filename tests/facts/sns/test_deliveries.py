import pytest
from msgspec.structs import replace

from readiness.alarms.route import PAGES, Route, doubtful, silent, unknown
from readiness.alarms.services import ALARMS, EVENTS, SNS
from readiness.facts.sns.deliveries import SubscriptionRoute
from readiness.facts.sns.on_call import CHAT
from readiness.facts.sns.receivers import Receiver, Reception
from readiness.facts.sns.subscriptions import Filtering
from readiness.facts.sns.topics import TopicKey
from readiness.iam.condition import condition
from readiness.model import Gone
from tests.facts.sns.routing import (
    ALL,
    CARTS,
    DENIED,
    HEARD,
    HEARING,
    LET_IN,
    LISTENER,
    OPEN,
    OTHER,
    PUSHED,
    QUEUE,
    delivered,
    route,
)
from tests.rules.alarms import PREFIX, TOPIC

UNSURE = replace(ALL, sure=False)


FOR_QUOTES = condition("ArnEquals", "aws:SourceArn", PREFIX + "quotes")


ENCRYPTED = replace(OPEN, key="alias/topics")


KEY = TopicKey("arn:aws:kms:us-east-1:123456789012:key/1", "CUSTOMER", "Enabled", (ALL,), (ALL,))


MANAGED = "SNS topic on-call is encrypted with an AWS managed key, which no other AWS service can use"


QUEUED = replace(LISTENER, protocol="sqs", endpoint=QUEUE)


SENT = Reception(Receiver(QUEUE), PAGES, (LET_IN,))


DEAD = Reception(Receiver(QUEUE), silent("SQS queue pages does not exist"))


PAGER = replace(LISTENER, protocol="https", endpoint="events.pagerduty.com")


FOLDED = doubtful("no OK action, so the pager keeps the incident open and adds the next alarm to it")


def filtered(policy: str) -> dict[str, Filtering]:
    """On what the message says."""
    return {"s1": Filtering("s1", "MessageBody", policy)}


DEAF = {"s1": Filtering("s1", "MessageAttributes", '{"Severity": ["HIGH"]}')}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(delivered(), PAGES, id="a subscription that hears all"),
        pytest.param(delivered(Gone("it")), silent("SNS topic on-call does not exist"), id="no topic"),
        pytest.param(
            delivered(replace(OPEN, publish=())),
            silent("the access policy of SNS topic on-call does not allow CloudWatch to publish"),
            id="a policy without CloudWatch",
        ),
        pytest.param(
            delivered(replace(OPEN, publish=(UNSURE,))),
            doubtful(
                "the access policy of SNS topic on-call allows CloudWatch to publish"
                " only under conditions that are not evaluated"
            ),
            id="a policy with conditions",
        ),
        pytest.param(
            delivered(replace(OPEN, publish=(replace(ALL, sources=(FOR_QUOTES,)),))),
            silent("the access policy of SNS topic on-call does not allow CloudWatch to publish"),
            id="a policy for another alarm",
        ),
        pytest.param(delivered(replace(OPEN, key="alias/aws/sns")), silent(MANAGED), id="the key that AWS manages"),
        pytest.param(delivered(ENCRYPTED, replace(KEY, manager="AWS")), silent(MANAGED), id="the same, by its ARN"),
        pytest.param(delivered(ENCRYPTED, KEY), PAGES, id="a key that lets CloudWatch"),
        pytest.param(
            delivered(ENCRYPTED, replace(KEY, decrypt=())),
            silent("the key policy of SNS topic on-call does not allow CloudWatch to publish"),
            id="a key that lets CloudWatch encrypt alone",
        ),
        pytest.param(
            delivered(ENCRYPTED, replace(KEY, state="PendingDeletion")),
            silent("KMS key of SNS topic on-call is PendingDeletion"),
            id="a dying key",
        ),
        pytest.param(
            delivered(ENCRYPTED, Gone("it")), silent("KMS key of SNS topic on-call does not exist"), id="no key"
        ),
        pytest.param(delivered(ENCRYPTED, DENIED), unknown(DENIED), id="a denied key"),
        pytest.param(
            delivered(ENCRYPTED, DENIED, filterings={}),
            silent("SNS topic on-call has no confirmed subscription"),
            id="a denied key of a topic that nobody hears",
        ),
        pytest.param(
            delivered(replace(OPEN, pending=2), filterings={}),
            silent("SNS topic on-call has no confirmed subscription, 2 pending"),
            id="pending subscriptions alone",
        ),
        pytest.param(delivered(listener=QUEUED, reception=SENT), PAGES, id="a queue that exists"),
        pytest.param(delivered(listener=QUEUED, reception=DEAD), DEAD.there, id="a queue that was deleted"),
        pytest.param(delivered(listener=QUEUED, reception=DENIED), unknown(DENIED), id="a queue that is denied"),
        pytest.param(
            delivered(filterings={**HEARING, "s2": Filtering("s2")}, listener=QUEUED, reception=DEAD),
            PAGES,
            id="a queue that was deleted, and somebody else",
        ),
        pytest.param(
            delivered(filterings={**HEARING, "s2": Filtering("s2")}, listener=QUEUED, reception=DENIED),
            PAGES,
            id="a queue that is denied, and somebody else",
        ),
        pytest.param(
            delivered(filterings=DEAF),
            silent(
                "every subscription of SNS topic on-call has a filter policy on message attributes,"
                " which alarm notifications do not have"
            ),
            id="a filter on attributes",
        ),
        pytest.param(delivered(filterings={**DEAF, "s2": Filtering("s2")}), PAGES, id="one of two filters"),
        pytest.param(
            delivered(filterings={**DEAF, "s2": Filtering("s2", "MessageBody", '{"Trigger": {"Period": [60]}}')}),
            doubtful(
                "every subscription of SNS topic on-call has a filter policy that may not match alarm notifications"
            ),
            id="a filter on the text",
        ),
        pytest.param(
            delivered(listener=replace(LISTENER, wakes=None)),
            doubtful("SNS topic on-call delivers only by email, which pages nobody"),
            id="mail alone",
        ),
        pytest.param(
            delivered(filterings={**HEARING, "s2": Filtering("s2")}, listener=replace(LISTENER, wakes=None)),
            PAGES,
            id="mail, and something louder",
        ),
        pytest.param(
            delivered(listener=replace(LISTENER, wakes=False)),
            silent("no subscription of SNS topic on-call matches on_call.endpoints in the checklist"),
            id="nobody who is on call",
        ),
        pytest.param(
            delivered(listener=replace(LISTENER, protocol="firehose", wakes=None)),
            doubtful("SNS topic on-call delivers only to a Firehose stream, which pages nobody"),
            id="Firehose alone",
        ),
        pytest.param(
            delivered(listener=replace(LISTENER, protocol="https", endpoint=CHAT, wakes=None)),
            doubtful("SNS topic on-call delivers only to a chat channel, which pages nobody"),
            id="a chat alone",
        ),
        pytest.param(
            delivered(filterings=filtered('{"AlarmName": [{"prefix": "billing-"}]}')),
            silent(
                "every subscription of SNS topic on-call has a filter policy"
                " that does not match notifications of this alarm"
            ),
            id="a filter on other alarms",
        ),
        pytest.param(delivered(filterings=filtered('{"AlarmName": ["carts"]}')), PAGES, id="a filter on this alarm"),
        pytest.param(delivered(listener=PAGER), FOLDED, id="a pager that is not told when all is well"),
        pytest.param(
            delivered(listener=PAGER, told=replace(CARTS, ok_actions=(TOPIC,))), PAGES, id="a pager that is told"
        ),
        pytest.param(
            delivered(filterings={**HEARING, "s2": Filtering("s2")}, listener=PAGER),
            PAGES,
            id="a pager and somebody else",
        ),
        pytest.param(
            delivered(listener=replace(PAGER, endpoint="hooks.example.com")), PAGES, id="an address that folds nothing"
        ),
        pytest.param(delivered(filterings={"s1": DENIED}), unknown(DENIED), id="a denied subscription"),
        pytest.param(delivered(filterings={"s1": DENIED, "s2": Filtering("s2")}), PAGES, id="one that is not denied"),
        pytest.param(delivered(filterings={}, unlisted=DENIED), unknown(DENIED), id="denied subscriptions"),
        pytest.param(delivered(unlisted=DENIED), PAGES, id="one that was listed before it was denied"),
        pytest.param(
            delivered(replace(OPEN, key="alias/aws/sns"), filterings={}, unlisted=DENIED),
            silent(MANAGED),
            id="denied subscriptions of a topic that can't be published to",
        ),
    ],
)
def test_the_topic(found: Route, expected: Route) -> None:
    assert found == expected


@pytest.mark.parametrize(
    ("ok_actions", "status"),
    [
        pytest.param((), "doubtful", id="none"),
        pytest.param((TOPIC,), "pages", id="the same topic"),
        pytest.param((OTHER,), "doubtful", id="a topic without a pager"),
        pytest.param((PUSHED,), "pages", id="a function"),
        pytest.param(("arn:aws:automate:us-east-1:ec2:stop",), "doubtful", id="what tells nobody"),
    ],
)
def test_a_pager_folds_unless_an_ok_action_reaches_one(ok_actions: tuple[str, ...], status: str) -> None:
    pager = replace(HEARD, hearings=(SubscriptionRoute(PAGES, Filtering("s1"), folds=True),))
    found = route(replace(CARTS, ok_actions=ok_actions), deliveries={TOPIC: pager, OTHER: HEARD})
    assert found.status == status


REFUSED = Reception(Receiver(PUSHED), PAGES, (dict.fromkeys((ALARMS, EVENTS, SNS), ()),))


def test_a_function_that_does_not_let_the_alarm_in_pages_nobody() -> None:
    found = route(replace(CARTS, actions=(PUSHED,)), receptions={PUSHED: REFUSED})
    assert found == silent("the resource policy of Lambda function push does not allow CloudWatch")
