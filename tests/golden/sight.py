"""Whether change events arrive where each of the fixed tables is watched from."""

from readiness.each import Each
from readiness.facts.change_rules import ChangeRule, ChangeRuleState, ChangeRuleTargets
from readiness.facts.table import Table
from readiness.facts.trails import TrailSight
from tests.aws.account import ACCOUNT, ARN, REGION, TABLE
from tests.golden.facts import Facts

QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:changes"

GOOD: Facts = {
    Table: Table(TABLE, ARN, ACCOUNT, REGION),
    Each[TrailSight]: Each({"one": TrailSight("one", ())}),
    ChangeRule: ChangeRule("TableChanges", QUEUE),
    ChangeRuleState: ChangeRuleState("ENABLED"),
    ChangeRuleTargets: ChangeRuleTargets((QUEUE,)),
}

NEGLECTED: Facts = {Each[TrailSight]: Each({})}

DOOMED: Facts = {
    Each[TrailSight]: Each({"one": TrailSight("one", ("it leaves out the calls to KMS",))}),
    ChangeRuleState: ChangeRuleState("DISABLED"),
    ChangeRuleTargets: ChangeRuleTargets(()),
}
