"""The built function and layer, and execution environments that run them against a served account."""

import json
import os
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.account import checklist
from bench.served import CREDENTIALS, ROOT, Served
from tests.aws import change_route
from tests.e2e.conftest import build
from tests.runtime.sandbox import Sandbox, sandbox

BUILT = ROOT / "build" / "bench" / "artifact"
"""`python -m bench` removes it before the first row."""

TABLE = "babesclub-commerce"
TOPIC = "arn:aws:sns:us-east-1:123456789012:on-call"
CHANGES = "arn:aws:sqs:us-east-1:123456789012:changes"

WHOLE_BOTO3 = Path(sysconfig.get_path("purelib"))

FLOOR = f"""
import boto3
dynamodb = boto3.client("dynamodb")
def handler(event, context):
    dynamodb.describe_table(TableName="{TABLE}")
"""


@dataclass(frozen=True)
class Environment:
    """One execution environment."""

    sandbox: Sandbox
    started: float

    def invoke(self) -> float:
        """Return the seconds of one scheduled invocation. RuntimeError: it failed."""
        started = time.perf_counter()
        response = self.sandbox.invoke({"trigger": "schedule"})
        if response.error:
            raise RuntimeError(json.dumps(response.error))
        return time.perf_counter() - started

    def first(self) -> float:
        """Return the seconds from the start of the process to the answer of its first invocation."""
        self.invoke()
        return time.perf_counter() - self.started

    @property
    def memory(self) -> float:
        """The peak memory of the process in MB."""
        status = Path(f"/proc/{self.sandbox._process.pid}/status").read_text(encoding="ascii")  # noqa: SLF001
        return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def layer() -> Path:
    """Return the Python folder of the layer; build it where it is not there."""
    if not BUILT.exists():
        os.environ.update(CREDENTIALS)
        build(BUILT)
        (BUILT / "floor").mkdir()
        (BUILT / "floor" / "app.py").write_text(FLOOR, encoding="utf-8")
    return BUILT / "ReadinessLayer" / "python"


@contextmanager
def environment(folder: Path, account: Served, *, floor: bool = False, **other: Any) -> Iterator[Environment]:
    """Start the function with its layer, or the floor handler with a whole boto3, as the runtime of Lambda has it.

    `folder` is for the runtime client.
    """
    folder.mkdir(parents=True)
    task = BUILT / ("floor" if floor else "Monitor")
    variables = {
        **account.variables,
        "READINESS_TABLE": TABLE,
        "READINESS_TOPIC_ARN": TOPIC,
        "READINESS_CHECKLIST": str(checklist(folder)),
        "READINESS_INTERVAL_MINUTES": "5",
        "READINESS_CHANGES_ARN": CHANGES,
        "READINESS_CHANGE_RULES": " ".join(change_route.RULES),
        "READINESS_STACK": "readiness",
        **other,
    }
    started = time.perf_counter()
    with sandbox(folder, task, (WHOLE_BOTO3 if floor else layer(),), **variables) as running:
        yield Environment(running, started)
