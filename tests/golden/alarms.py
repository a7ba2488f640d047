"""The alarms on each of the fixed tables, and who listens to their topics."""

from msgspec.structs import replace

from readiness.alarms.dynamodb import CAUSES
from readiness.engine.each import Each
from readiness.facts.cloudwatch.alarms import Alarm, AnomalyModels
from readiness.facts.dynamodb.consumption import READS, WRITES, Consumption
from readiness.facts.dynamodb.operations import OperationsAllowed, OperationsInUse
from readiness.facts.dynamodb.table import TableIndex
from readiness.facts.dynamodb.tags import QueriedTags
from readiness.facts.recorded.attestations import Drill, Drills
from readiness.facts.sns.subscriptions import Filtering, Subscription
from readiness.facts.sns.topics import TopicAttributes
from readiness.rules.alarms_wired import Training
from tests.golden.facts import Facts
from tests.rules import table_alarms as given
from tests.rules.alarms import PREFIX, TOPIC, alarm
from tests.rules.facts import ago
from tests.rules.table_alarms import ALL, INDEX, USED, band, consumption, events, models, static

HOOK = f"{TOPIC}:1"
OPEN = TopicAttributes((), pending=0, key=None, relay=())


def listened(attributes: TopicAttributes = OPEN, *, kept: bool = True) -> Facts:
    """By a web hook; what it can't be told is kept, or not."""
    return {
        Each[TopicAttributes]: Each({TOPIC: attributes}),
        Each[Subscription]: Each({HOOK: Subscription(HOOK, "https", "hooks.example.com")}),
        Each[Filtering]: Each({HOOK: Filtering(HOOK, redriven=kept)}),
    }


def drill(*, delivered: bool | None = True) -> Drill:
    return Drill("table throttled", f"{PREFIX}table throttled", ago(days=20), "arn:aws:iam::1:user/ada", delivered)


GOOD: Facts = {
    TableIndex: INDEX,
    OperationsInUse: USED,
    OperationsAllowed: OperationsAllowed(frozenset(USED.names)),
    QueriedTags: QueriedTags({}),
    Consumption: consumption(),
    AnomalyModels: models(ALL),
    Each[Training]: Each({}),
    Drills: Drills((drill(),)),
    **listened(),
}

GOOD_ALARMS = (*ALL, band(READS, INDEX.name), band(WRITES, INDEX.name))
NEGLECTED_ALARMS: tuple[Alarm, ...] = (
    alarm("user errors", given.summed("UserErrors")),
    alarm("throttled", given.summed("ThrottledRequests")),
    static(READS, 5, "Average"),
)
CHANGING_ALARMS = (
    events(periods=1),
    given.user_errors(threshold=0),
    band(READS),
    static(WRITES, 25, state="INSUFFICIENT_DATA", state_since=ago(hours=2)),
)
DOOMED_ALARMS = (*ALL[:3], events("by-cart"), replace(band(READS), state="INSUFFICIENT_DATA", state_since=ago(days=2)))
TOLERATED_ALARMS = (
    *given.caused(*CAUSES),
    given.user_errors(state="ALARM", state_since=ago(days=3)),
    static(READS, 0.9),
    static(WRITES, 0.9),
)

CHANGING: Facts = {
    AnomalyModels: models(ALL, "PENDING_TRAINING"),
    Each[Training]: Each({band(READS).arn: Training("PENDING_TRAINING", ago(days=2))}),
    Drills: Drills((drill(delivered=None),)),
    **listened(replace(OPEN, pending=1)),
}
DOOMED: Facts = {
    AnomalyModels: models(ALL),
    Drills: Drills((drill(), drill(delivered=False))),
    **listened(kept=False),
}
