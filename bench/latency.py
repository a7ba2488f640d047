"""How long a warm run takes where every call takes 50 ms, over the calls that have to follow one another."""

import time
from statistics import median

from moto import mock_aws

from readiness.rules import RULES
from tests.aws import costs, shop
from tests.aws.account import encrypt
from tests.run.world import World

RUNS = 5
CALL = 0.05

CHAIN = (
    "dynamodb:Query of the memory",
    "lambda:ListFunctions",
    "lambda:ListAliases",
    "lambda:GetFunctionConfiguration",
    "sqs:GetQueueUrl",
    "sqs:GetQueueAttributes",
    "dynamodb:TransactWriteItems",
    "dynamodb:Query of the outbox",
    "sns:GetTopicAttributes",
)
"""What an unchanged run can't do at the same time, of functions with a dead-letter queue."""

SERVICES = (
    "application-autoscaling",
    "backup",
    "budgets",
    "ce",
    "cloudwatch",
    "dynamodb",
    "iam",
    "kms",
    "lambda",
    "logs",
    "resourcegroupstaggingapi",
    "sns",
    "sqs",
)


def main() -> None:
    """Print the ratio; the limit of the design is 1.5."""
    with mock_aws():
        world = World()
        world.subscribe()
        shop.furnish(world.account.client, world.topic)
        costs.furnish(world.account.client, world.topic)
        world.drilled()
        world.documented()
        key = world.account.client("kms").create_key()["KeyMetadata"]
        world.account.client("kms").enable_key_rotation(KeyId=key["KeyId"])
        encrypt(world.account, key["Arn"])
        world.run(RULES)
        at_once = _timed(world)
        for service in SERVICES:
            world.account.client(service).meta.events.register("before-call", _slow)
        spent = [_timed(world) for _ in range(RUNS)]
        calls = len(world.account.calls)
    least = len(CHAIN) * CALL
    print(f"an unchanged run, {CALL * 1000:.0f} ms a call, median of {RUNS}: {median(spent):.3f} s for {calls} calls")
    print(f"{len(CHAIN)} calls in a row at the least: {least:.3f} s; ratio {median(spent) / least:.2f}")
    print(f"of that, {at_once:.3f} s are moto's and ours: what the run takes where a call takes no time")


def _timed(world: World) -> float:
    world.account.calls.clear()
    started = time.perf_counter()
    world.run(RULES)
    return time.perf_counter() - started


def _slow(**_event: object) -> None:
    time.sleep(CALL)


if __name__ == "__main__":
    main()
