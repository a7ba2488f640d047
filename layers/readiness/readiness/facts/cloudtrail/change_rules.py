"""The EventBridge rules of the stack that send change events to its queue, and the queue."""

from readiness.aws.answer import Answer, listed
from readiness.aws.client import Aws
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.model import Fact, Given, Reason, Unavailable


class ChangeRoute(Given, Fact):
    """The rules, queue (an ARN) and stack; `rules` is None, `stack` empty where the caller does not know them."""

    rules: tuple[str, ...] | None = ()
    queue: str = ""
    stack: str = ""


class ChangeRule(Fact):
    """A rule of the stack; it need not exist. Its key is its ARN."""

    name: str
    queue: str


@fact()
def change_rules(aws: Aws, route: ChangeRoute) -> Each[ChangeRule]:
    """List the rules of the default event bus; the list is incomplete where their names are not known."""
    prefix = f"arn:{aws.partition}:events:{aws.region}:{aws.account}:rule/"
    return Each({prefix + name: ChangeRule(name, route.queue) for name in route.rules or ()}, _unknown(route))


def _unknown(route: ChangeRoute) -> Unavailable | None:
    if route.rules is not None:
        return None
    return Unavailable(Reason.NOT_HERE, detail="only the stack's own function knows its EventBridge rules")


class ChangeQueue(Fact):
    """The queue between the rules and the function; it need not exist. Its key is its ARN."""

    arn: str


@fact()
def change_queues(route: ChangeRoute) -> Each[ChangeQueue]:
    """List the queue, if its ARN is known."""
    return Each({route.queue: ChangeQueue(route.queue)} if route.queue else {}, _unknown(route))


class ChangeRuleState(Fact):
    """The State of a rule (DescribeRule)."""

    state: str


@fact("events:DescribeRule", events=("events:PutRule", "events:DisableRule", "events:DeleteRule"), witnesses=ChangeRule)
def change_rule_state(aws: Aws, rule: ChangeRule) -> ChangeRuleState:
    """Read the state. Gone: the rule was deleted."""
    answer = Answer(aws.client("events").describe_rule(Name=rule.name), "events:DescribeRule")
    return ChangeRuleState(answer.need("State", str))


class ChangeRuleTargets(Fact):
    """The ARNs of the targets of a rule."""

    arns: tuple[str, ...]


@fact("events:ListTargetsByRule", events=("events:RemoveTargets",))
def change_rule_targets(aws: Aws, rule: ChangeRule) -> ChangeRuleTargets:
    """Read the targets. Gone: the rule was deleted."""
    pages = aws.client("events").get_paginator("list_targets_by_rule").paginate(Rule=rule.name)
    targets = listed(pages, "Targets", "events:ListTargetsByRule")
    return ChangeRuleTargets(tuple(sorted(target.need("Arn", str) for target in targets)))
