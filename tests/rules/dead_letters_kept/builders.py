from typing import Any

from readiness.checklist import FunctionSettings
from readiness.engine.each import Each
from readiness.facts.cloudwatch.alarm_indexes import queue_alarms as alarms_on_queues
from readiness.facts.cloudwatch.alarms import Alarm
from readiness.facts.iam.grants import Grants
from readiness.facts.lambda_.failure_routes import FailureTarget, SendingRoles
from readiness.facts.lambda_.failure_targets import Destination, TargetQueue, TargetTopic
from readiness.facts.lambda_.function_sources import FunctionSource, StreamRetention
from readiness.facts.lambda_.invocation_paths import InvokeConfig, InvokeConfigs
from readiness.facts.sns.paging import Routes
from readiness.model import Gone, Unavailable, Verdict
from readiness.rules.dead_letters_kept import given_up, sending, watched
from tests.aws.account import ACCOUNT, REGION
from tests.rules.dead_letters import DAY, DEAD, letters, waiting, way
from tests.rules.facts import NOW, checklist
from tests.rules.functions import THE_TABLE

ONE_DAY = StreamRetention(DAY)


MSK = f"arn:aws:kafka:{REGION}:{ACCOUNT}:cluster/shop/4b9a2d1e-6c5f-4a8e-9b0c-1d2e3f4a5b6c-7"


BROKER = f"arn:aws:mq:{REGION}:{ACCOUNT}:broker:orders:b-1234a5b6-78cd-901e-2fgh-3i45j6k178l9"


SHOP = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:shop"


API = ("apigateway.amazonaws.com",)


NONE: Each[FunctionSource] = Each({})


SYNCHRONOUS = way(synchronous=API, asynchronous=())


UNKEPT = {"keepers": (), "unkept": ("$LATEST",)}


def sends(
    found: FailureTarget,
    queue: TargetQueue | Gone | None,
    topic: TargetTopic | Gone | None,
    who: SendingRoles,
    receiver: Destination | Gone | None = None,
) -> Verdict:
    return sending(found, queue, topic, receiver, who)


def in_time(found: FunctionSource, kept: StreamRetention | Gone | Unavailable | None = ONE_DAY) -> Verdict:
    return given_up(found, kept)


def wanting(*patterns: str) -> Any:
    return checklist(functions=FunctionSettings(dead_letters_required=patterns))


def configs(qualifier: str, retries: int | None) -> InvokeConfigs:
    return InvokeConfigs({qualifier: InvokeConfig(DEAD, retries, None)})


MISSING = Gone("SQS queue checkout-dead-letters does not exist")


KMS = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"


BY_ACCOUNT = Grants(admitted=(f"arn:aws:iam::{ACCOUNT}:root",))


def watching(alarms: Each[Alarm], found: Routes, arn: str = DEAD) -> Verdict:
    return watched(THE_TABLE, waiting(arn), letters(), alarms_on_queues(alarms), found, checklist(), NOW)
