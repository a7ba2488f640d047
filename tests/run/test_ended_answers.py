"""A change event ends the kept answers that it is about, whatever becomes of the run that it started."""

import pytest
from msgspec.structs import replace

from readiness.changes.call import ApiCall
from readiness.model import Reason, Status, Unavailable
from readiness.rules import change_events_arrive, cost_monitored, dead_letters_kept
from readiness.run import Outcome
from readiness.state.store import StoreUnavailable, WriteConflict
from readiness.state.store.ledger import Store
from tests.aws import change_route, costs, shop
from tests.aws.account import ACCOUNT
from tests.rules.facts import AT
from tests.run.world import World

RULES = [cost_monitored.rule]
DELETED = ApiCall("event-1", "ce.amazonaws.com", "DeleteAnomalyMonitor", AT, names=("spend",))
MONITORS, SUBSCRIPTIONS, TAGS = "ce:GetAnomalyMonitors", "ce:GetAnomalySubscriptions", "ce:ListCostAllocationTags"
RECREATED = ("DeleteFunction", "CreateFunction")


@pytest.fixture
def watched(world: World) -> World:
    """A table whose costs were read a moment ago."""
    costs.furnish(world.account.client, world.topic)
    world.account.calls.clear()
    world.run(RULES)
    assert paid(world) == [MONITORS, SUBSCRIPTIONS, TAGS]
    return world


def paid(world: World) -> list[str]:
    """The calls since the last look that cost a cent each."""
    found = sorted(call for call in world.account.calls if call.startswith("ce:"))
    world.account.calls.clear()
    return found


def rows(world: World) -> set[str]:
    return {item["SK"]["S"] for item in world.rows("STATE#FACT#")}


def test_a_change_event_ends_the_answers_that_it_is_about_and_no_others(watched: World) -> None:
    before = rows(watched)
    watched.run(RULES)
    assert paid(watched) == []
    watched.run(RULES, calls=[DELETED])
    assert paid(watched) == [MONITORS]
    assert rows(watched) == before, "the row of the event is deleted with the answers that it ended"
    watched.run(RULES)
    assert paid(watched) == [], "the new answer is kept"


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(WriteConflict(), id="other runs were faster"),
        pytest.param(StoreUnavailable(Unavailable(Reason.TIMEOUT, "dynamodb:PutItem")), id="nothing could be recorded"),
        pytest.param(KeyboardInterrupt(), id="it was stopped"),
    ],
)
def test_they_stay_ended_where_the_run_of_the_event_commits_nothing(
    watched: World, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def fails(*_args: object) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(Store, "commit", fails)
        try:
            assert not watched.run(RULES, calls=[DELETED]).committed
        except KeyboardInterrupt:
            assert isinstance(error, KeyboardInterrupt)
    paid(watched)
    watched.run(RULES)
    assert paid(watched) == [MONITORS]
    watched.run(RULES)
    assert paid(watched) == []


def test_an_answer_that_was_ended_and_cannot_be_read_again_is_not_used_either(watched: World) -> None:
    denied = [True]
    watched.account.refuse_while(denied, "ce", "ListCostAllocationTags", "AccessDeniedException")
    event = replace(DELETED, name="UpdateCostAllocationTagsStatus", names=())
    for calls in ([event], []):
        asked = watched.run(RULES, calls=calls).scan.evaluation.asked
        assert {each.check.name: each.findings[0].status for each in asked}["activated"] is Status.UNKNOWN


def test_a_call_that_aws_refused_ends_nothing(watched: World) -> None:
    refused = replace(DELETED, refused="AccessDenied")
    made = replace(DELETED, id="event-2", name="UpdateAnomalySubscription")
    watched.run(RULES, calls=[refused, made])
    assert paid(watched) == [SUBSCRIPTIONS]


def test_where_the_event_cannot_be_recorded_its_own_run_reads_anew(
    watched: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_args: object) -> None:
        raise WriteConflict

    monkeypatch.setattr(Store, "end_facts", fails)
    watched.run(RULES, calls=[DELETED])
    assert paid(watched) == [MONITORS]


def test_a_function_that_is_created_again_has_nothing_of_the_former_one(world: World) -> None:
    """Both calls arrive between two runs. The function keeps its name, and its destination is gone with the former."""
    client, name = world.account.client, shop.FUNCTIONS[0]
    shop.furnish(client, world.topic)
    world.route = change_route.furnish(client)
    queue = shop.dead_letters(client)
    client("lambda").update_function_configuration(FunctionName=name, DeadLetterConfig={"TargetArn": ""})
    client("lambda").put_function_event_invoke_config(
        FunctionName=name, DestinationConfig={"OnFailure": {"Destination": queue}}
    )
    rules = [dead_letters_kept.rule, change_events_arrive.rule]
    assert destination(world.run(rules)) is Status.PASS
    role = client("lambda").delete_function(FunctionName=name) and f"arn:aws:iam::{ACCOUNT}:role/{name}-role"
    shop.function(client, name, role)
    allow = {"StatementId": "events", "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com"}
    client("lambda").add_permission(FunctionName=name, **allow)
    made = [ApiCall(f"event-{each}", "lambda.amazonaws.com", each, AT, names=(name,)) for each in RECREATED]
    assert destination(world.run(rules, calls=made)) is Status.FAIL


def destination(outcome: Outcome) -> Status:
    """The worst status of what keeps the failed events of functions."""
    (asked,) = [each for each in outcome.scan.evaluation.asked if each.check.id == "dead-letters-kept/asynchronous"]
    return max((finding.status for finding in asked.findings), key=lambda status: status.rank)
