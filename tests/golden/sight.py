"""Whether change events arrive where each of the fixed tables is watched from."""

from readiness.engine.each import Each
from readiness.facts.cloudtrail.change_rules import ChangeQueue, ChangeRule, ChangeRuleState, ChangeRuleTargets
from readiness.facts.cloudtrail.trails import TrailSight
from readiness.facts.dynamodb.table import Table
from readiness.facts.lambda_.event_sources import EventSource
from tests.aws.account import ACCOUNT, ARN, REGION, TABLE
from tests.golden.facts import Facts

QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:changes"


def _mapping(state: str) -> Each[EventSource]:
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:event-source-mapping:changes"
    return Each({arn: EventSource(arn, "monitor", QUEUE, state, "", None, None, None, bisects=False)})


GOOD: Facts = {
    Table: Table(TABLE, ARN, ACCOUNT, REGION),
    Each[TrailSight]: Each({"one": TrailSight("one", ())}),
    ChangeQueue: ChangeQueue(QUEUE),
    Each[EventSource]: _mapping("Enabled"),
    ChangeRule: ChangeRule("TableChanges", QUEUE),
    ChangeRuleState: ChangeRuleState("ENABLED"),
    ChangeRuleTargets: ChangeRuleTargets((QUEUE,)),
}

NEGLECTED: Facts = {Each[TrailSight]: Each({}), Each[EventSource]: Each({})}

DOOMED: Facts = {
    Each[TrailSight]: Each({"one": TrailSight("one", ("it leaves out the calls to KMS",))}),
    Each[EventSource]: _mapping("Disabled"),
    ChangeRuleState: ChangeRuleState("DISABLED"),
    ChangeRuleTargets: ChangeRuleTargets(()),
}
