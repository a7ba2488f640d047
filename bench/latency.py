"""How long a warm run takes where every call takes 50 ms, over the calls that have to follow one another."""

import time
from statistics import median

from moto import mock_aws

from tests.aws.account import encrypt
from tests.monitor.world import World

RUNS = 5
CALL = 0.05

CHAIN = (
    "dynamodb:Query of the memory",
    "dynamodb:DescribeTable",
    "kms:DescribeKey",
    "kms:GetKeyRotationStatus",
    "dynamodb:TransactWriteItems",
    "dynamodb:Query of the outbox",
    "sns:GetTopicAttributes",
)
"""What an unchanged run on a table with a customer key can't do at the same time."""


def main() -> None:
    """Print the ratio; the limit of the design is 1.5."""
    with mock_aws():
        world = World()
        world.subscribe()
        key = world.account.client("kms").create_key()["KeyMetadata"]
        world.account.client("kms").enable_key_rotation(KeyId=key["KeyId"])
        encrypt(world.account, key["Arn"])
        world.run()
        for service in ("application-autoscaling", "dynamodb", "kms", "sns"):
            world.account.client(service).meta.events.register("before-call", _slow)
        spent = [_timed(world) for _ in range(RUNS)]
    least = len(CHAIN) * CALL
    print(f"an unchanged run, {CALL * 1000:.0f} ms a call, median of {RUNS}: {median(spent):.3f} s")
    print(f"{len(CHAIN)} calls in a row at the least: {least:.3f} s; ratio {median(spent) / least:.2f}")


def _timed(world: World) -> float:
    world.account.calls.clear()
    started = time.perf_counter()
    world.run()
    return time.perf_counter() - started


def _slow(**_event: object) -> None:
    time.sleep(CALL)


if __name__ == "__main__":
    main()
