"""The function as the stack asks it: by batches of its queue."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from moto.sqs.models import sqs_backends

from readiness.entry import Environment, answer
from readiness.state.store.wire import decode_item
from tests.aws.account import ACCOUNT, REGION, TABLE
from tests.changes.trail import Json, batch, batched
from tests.run.world import World

MINUTE = timedelta(minutes=1)


@dataclass
class Function:
    """Invoked with what a batch holds, a minute after whatever happened last."""

    world: World
    changes: str = field(init=False)
    runs: int = 0

    def __post_init__(self) -> None:
        self.changes = self.world.account.client("sqs").create_queue(QueueName="changes")["QueueUrl"]

    def invoke(self, event: Json) -> Json:
        self.runs += 1
        self.world.now += MINUTE
        environment = Environment(TABLE, self.world.topic, Path(), "", "", None, self.changes)
        return answer(event, environment, f"change-{self.runs}", lambda: 60_000)

    def tell(self, *details: Json) -> Json:
        """Of calls that CloudTrail recorded."""
        return self.invoke(batched(*details))

    def put_off(self) -> list[str]:
        """The second looks that were asked for since the last call: a minute goes by until they are due."""
        (queue,) = [each for each in sqs_backends[ACCOUNT][REGION].queues.values() if each.name == "changes"]
        waiting = list(queue._messages)  # noqa: SLF001  SQS shows nobody what is still delayed
        queue._messages.clear()  # noqa: SLF001  likewise
        assert all(message.delayed for message in waiting)
        return [message.body for message in waiting]

    def look_again(self) -> Json:
        """Deliver them."""
        return self.invoke(batch(self.put_off()))

    def looks(self) -> int:
        """How often the table was looked at since the last call."""
        calls = self.world.account.calls
        count = calls.count("dynamodb:DescribeContinuousBackups")
        calls.clear()
        return count

    def stamp(self) -> Json:
        """Of a call that is made now."""
        return {"eventTime": f"{self.world.now:%Y-%m-%dT%H:%M:%SZ}"}

    def drifts(self, kind: str) -> list[Json]:
        """The records of that kind."""
        rows = [*self.world.rows("DRIFT#"), *self.world.rows("ATTEMPT#")]
        return [row for row in map(_plain, rows) if row.get("kind") == kind]


def _plain(row: Json) -> Json:
    return dict(decode_item(row))
