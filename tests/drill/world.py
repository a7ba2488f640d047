"""An account with an alarm, a topic, and time that passes only while somebody sleeps."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from readiness.cli.drill.plan import planned
from readiness.cli.drill.watch import DrillObservation, DrillWatch
from tests.aws import shop
from tests.aws.account import ACCOUNT, REGION, Account

ALARM = "throttling"
SNS = f"arn:aws:sns:{REGION}:{ACCOUNT}:"
TOPIC = f"{SNS}on-call"
PAGER = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:pager"


@dataclass
class World:
    account: Account = field(default_factory=Account)
    slept: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.client("sns").create_topic(Name="on-call")
        self.alarm(ALARM, TOPIC)

    def client(self, service: str) -> Any:
        return self.account.client(service)

    def alarm(self, name: str, *actions: str, **other: Any) -> None:
        shop.put_alarm(self.client, name, AlarmActions=list(actions), **other)

    def subscribe(self, protocol: str = "sms", endpoint: str = "+15550100", **attributes: str) -> None:
        self.client("sns").subscribe(TopicArn=TOPIC, Protocol=protocol, Endpoint=endpoint, Attributes=attributes)

    def listen(self, queue: str = "pages") -> str:
        """A queue that hears the topic; its address."""
        url: str = self.client("sqs").create_queue(QueueName=queue)["QueueUrl"]
        self.subscribe("sqs", f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}")
        return url

    def set_off(self, name: str = ALARM) -> None:
        self.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")

    def watch(self, wait: float = 180, *, meanwhile: Callable[[], None] | None = None) -> tuple[DrillObservation, ...]:
        """What is seen of a drill that has just begun; `meanwhile` happens during the first sleep."""
        plan, since = planned(self.account.aws, ALARM), datetime.now(UTC).replace(microsecond=0)
        happens = [meanwhile] if meanwhile else []

        def sleep(seconds: float) -> None:
            self.slept.append(seconds)
            while happens:
                happens.pop()()

        if not meanwhile:
            self.set_off()
        return DrillWatch(self.account.aws, plan, since, wait, lambda: sum(self.slept), sleep).watch()
