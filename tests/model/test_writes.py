"""300 unchanged runs write the memory once, though what can be restored moves with each of them."""

from datetime import timedelta
from typing import Any

from readiness.alerts.topic import AlertTopic
from readiness.aws.client import Aws
from readiness.run import Deployment, Run, Trigger
from tests.model.cloud import Clients, Cloud
from tests.model.whole import SETTINGS, WATCHED

WINDOW = timedelta(days=35)


def test_300_runs_over_a_full_recovery_window_write_the_memory_once() -> None:
    cloud = Cloud()
    clients: Any = Clients(cloud, lambda _call: None)
    memories = set()
    for number in range(300):
        cloud.now += timedelta(minutes=5)
        cloud.on_since = cloud.now - WINDOW
        (outcome,) = Run(
            rules=WATCHED,
            aws=Aws("123456789012", "us-east-1", caller=clients),
            settings=SETTINGS,
            trigger=Trigger("schedule", f"run-{number}"),
            deployment=Deployment("", AlertTopic(clients, "arn:aws:sns:us-east-1:123456789012:on-call")),
            clock=lambda: cloud.now,
        ).run()
        assert outcome.committed
        memories.add(cloud.rows["STATE#CHECKS"]["mac"]["S"])
    assert len(memories) == 1
    assert len({key for key in cloud.rows if key.startswith("RUN#")}) == 300
