"""The EventBridge rules of the stack that send change events to its queue, and the queue."""

from os.path import commonprefix

from readiness.aws.answer import Answer, listed
from readiness.aws.calling import shared
from readiness.aws.client import Aws, existing
from readiness.engine.each import Each, each_of
from readiness.engine.fact import ANY_RESOURCE, fact
from readiness.model import Fact, Given, Gone, Reason, Unavailable

LIST, BY_TARGET = "events:ListRules", "events:ListRuleNamesByTarget"


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


@fact(
    LIST,
    resources={LIST: ANY_RESOURCE},
    events=("events:PutRule", "events:DisableRule", "events:DeleteRule"),
    witnesses=ChangeRule,
)
def change_rule_state(aws: Aws, route: ChangeRoute, rule: ChangeRule) -> ChangeRuleState:
    """Read the state, in one call for all rules of the stack. Gone: the rule was deleted."""
    prefix = commonprefix(route.rules or (rule.name,))  # noqa: RUF071  names, not paths
    states = shared((LIST, prefix), lambda: _states(aws, prefix))
    if rule.name not in states:
        msg = f"EventBridge rule {rule.name} does not exist"
        raise Gone(msg)
    return states[rule.name]


def _states(aws: Aws, prefix: str) -> Each[ChangeRuleState]:
    """Return the states of the rules of the default event bus whose names begin so, by name."""
    paginator = aws.client("events").get_paginator("list_rules")
    pages = paginator.paginate(NamePrefix=prefix) if prefix else paginator.paginate()
    return each_of(
        listed(pages, "Rules", LIST),
        lambda each: each.need("Name", str),
        lambda each: ChangeRuleState(each.need("State", str)),
    )


class ChangeRuleTargets(Fact):
    """The ARNs of the targets of a rule: that of the queue alone, if it is one of them."""

    arns: tuple[str, ...]


@fact(BY_TARGET, "events:ListTargetsByRule", resources={BY_TARGET: ANY_RESOURCE}, events=("events:RemoveTargets",))
def change_rule_targets(aws: Aws, rule: ChangeRule) -> ChangeRuleTargets:
    """Read the targets; those that have the queue as a target share a call. Gone: the rule was deleted."""
    if rule.queue and rule.name in shared((BY_TARGET, rule.queue), lambda: _with_target(aws, rule.queue)):
        return ChangeRuleTargets((rule.queue,))
    pages = aws.client("events").get_paginator("list_targets_by_rule").paginate(Rule=rule.name)
    with existing(f"EventBridge rule {rule.name}"):
        targets = list(listed(pages, "Targets", "events:ListTargetsByRule"))
    return ChangeRuleTargets(tuple(sorted(target.need("Arn", str) for target in targets)))


def _with_target(aws: Aws, arn: str) -> frozenset[str]:
    """Return the names of the rules of the default event bus that have this target. Unreadable: a page lacks them."""
    pages = aws.client("events").get_paginator("list_rule_names_by_target").paginate(TargetArn=arn)
    return frozenset(name for page in pages for name in Answer(page, BY_TARGET).texts("RuleNames"))
