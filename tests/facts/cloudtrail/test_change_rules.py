"""The rules that hand change events to the queue, as they are now."""

import pytest

from readiness.aws.calling import SharedAnswers, limited
from readiness.facts.cloudtrail.change_rules import (
    ChangeQueue,
    ChangeRoute,
    ChangeRule,
    ChangeRuleState,
    ChangeRuleTargets,
    change_queues,
    change_rule_state,
    change_rule_targets,
    change_rules,
)
from readiness.model import Gone, Unreadable
from tests.aws.account import ACCOUNT, REGION, Account

QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:changes"
OURS = ChangeRule("TableChanges", QUEUE)
ROUTE = ChangeRoute(("TableChanges", "AlarmChanges"), QUEUE)


def test_the_rules_are_those_that_the_stack_names(account: Account) -> None:
    rules = change_rules(account.aws, ChangeRoute(("TableChanges", "AlarmChanges"), QUEUE))
    assert list(rules.answers()) == [
        f"arn:aws:events:{REGION}:{ACCOUNT}:rule/AlarmChanges",
        f"arn:aws:events:{REGION}:{ACCOUNT}:rule/TableChanges",
    ]


def test_a_stack_without_rules_has_none_and_who_is_no_part_of_it_can_not_tell(account: Account) -> None:
    assert list(change_rules(account.aws, ChangeRoute())) == []
    assert list(change_queues(ChangeRoute())) == []
    with pytest.raises(Unreadable):
        list(change_rules(account.aws, ChangeRoute(None)))
    with pytest.raises(Unreadable):
        list(change_queues(ChangeRoute(None)))


def test_the_queue_is_the_one_that_the_stack_names() -> None:
    assert list(change_queues(ChangeRoute(("TableChanges",), QUEUE))) == [ChangeQueue(QUEUE)]


def test_a_rule_is_on_or_off_and_calls_what_it_calls(account: Account) -> None:
    events = account.client("events")
    events.put_rule(Name="TableChanges", EventPattern='{"source": ["aws.dynamodb"]}')
    assert change_rule_state(account.aws, ROUTE, OURS) == ChangeRuleState("ENABLED")
    assert change_rule_targets(account.aws, OURS) == ChangeRuleTargets(())
    events.put_targets(Rule="TableChanges", Targets=[{"Id": "changes", "Arn": QUEUE}])
    events.disable_rule(Name="TableChanges")
    assert change_rule_state(account.aws, ROUTE, OURS) == ChangeRuleState("DISABLED")
    assert change_rule_targets(account.aws, OURS) == ChangeRuleTargets((QUEUE,))


def test_a_rule_that_was_deleted_is_gone(account: Account) -> None:
    with pytest.raises(Gone, match=f"EventBridge rule {OURS.name} does not exist"):
        change_rule_state(account.aws, ROUTE, OURS)
    with pytest.raises(Gone, match=f"EventBridge rule {OURS.name} does not exist"):
        change_rule_targets(account.aws, OURS)


def test_a_rule_with_another_target_names_it(account: Account) -> None:
    events = account.client("events")
    events.put_rule(Name="TableChanges", EventPattern='{"source": ["aws.dynamodb"]}')
    events.put_targets(Rule="TableChanges", Targets=[{"Id": "other", "Arn": f"{QUEUE}-of-before"}])
    assert change_rule_targets(account.aws, OURS) == ChangeRuleTargets((f"{QUEUE}-of-before",))


def test_the_rules_of_a_stack_share_two_calls(account: Account) -> None:
    names = ("readiness-TableChanges", "readiness-AlarmChanges")
    events = account.client("events")
    for name in (*names, "nightly"):
        events.put_rule(Name=name, EventPattern='{"source": ["aws.dynamodb"]}')
        events.put_targets(Rule=name, Targets=[{"Id": "changes", "Arn": QUEUE}])
    account.calls.clear()
    answers = SharedAnswers()
    for name in names:
        with limited(lambda: False, answers):
            assert change_rule_state(account.aws, ChangeRoute(names, QUEUE), ChangeRule(name, QUEUE)).state == "ENABLED"
            assert change_rule_targets(account.aws, ChangeRule(name, QUEUE)).arns == (QUEUE,)
    assert account.calls == ["events:ListRules", "events:ListRuleNamesByTarget"]


def test_an_answer_without_names_is_no_rule_without_target(account: Account) -> None:
    account.answer("events", "ListRuleNamesByTarget", {})
    with pytest.raises(Unreadable):
        change_rule_targets(account.aws, OURS)
