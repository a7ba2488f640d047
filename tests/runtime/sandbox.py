"""One execution environment: a handler under AWS's own runtime client, seeing only what it would see in Lambda."""

import os
import queue
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.runtime.api import Outcome, RuntimeApi

CLIENT = ("awslambdaric", "runtime_client*", "snapshot_restore_py", "simplejson")
"""What the runtime client consists of, as globs in site-packages."""

TICK = 0.05


@dataclass(frozen=True)
class Response:
    """What an invocation came to: a payload or an error, and the lines that were written meanwhile."""

    payload: Any
    error: dict[str, Any] | None
    logs: str


class Sandbox:
    """A started process, cold until its first invocation."""

    def __init__(self, api: RuntimeApi, process: subprocess.Popen[bytes], log: Path) -> None:
        self._api = api
        self._process = process
        self._log = log

    def invoke(self, event: object, deadline_ms: int = 60_000) -> Response:
        """Hand the event over and wait; like Lambda, kill a handler that has not answered by its deadline."""
        start = self._log.stat().st_size
        self._api.hand(event, deadline_ms)
        outcome = self._answer(time.monotonic() + deadline_ms / 1000)
        logs = self._log.read_bytes()[start:].decode()
        return Response(outcome.payload, outcome.error, logs)

    def _answer(self, until: float) -> Outcome:
        while time.monotonic() < until:
            try:
                return self._api.answered.get(timeout=TICK)
            except queue.Empty:
                if self._process.poll() is not None and self._api.answered.empty():
                    return Outcome(error={"errorType": "Runtime.ExitError", "errorMessage": self._log.read_text()})
        self._process.kill()
        return Outcome(error={"errorType": "Sandbox.Timedout", "errorMessage": "no answer by the deadline"})


@contextmanager
def sandbox(
    folder: Path, task: Path, layers: tuple[Path, ...] = (), handler: str = "app.handler", **environment: str
) -> Iterator[Sandbox]:
    """The handler in `task`, with the Python folders of its layers. `folder` is for our own use."""
    client = runtime_client(folder)
    log = folder / "log"
    with RuntimeApi() as api, log.open("wb") as output:
        process = subprocess.Popen(
            # Without -S the project's own site-packages would make up for what the artifact lacks.
            [sys.executable, "-S", "-m", "awslambdaric", handler],
            cwd=task,
            env=surroundings(api.address, task, [task, *layers, client], environment)
            | {"PYTHONPYCACHEPREFIX": str(folder.parent / "bytecode")},
            stdout=output,
            stderr=output,
        )
        try:
            yield Sandbox(api, process, log)
        finally:
            process.kill()
            process.wait()


def surroundings(address: str, task: Path, path: list[Path], differs: Mapping[str, str]) -> dict[str, str]:
    """The variables that Lambda sets, and nothing of this process but where programs are found."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(map(str, path)),
        "PYTHONUNBUFFERED": "1",
        "AWS_LAMBDA_RUNTIME_API": address,
        "AWS_LAMBDA_FUNCTION_NAME": "monitor",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_EC2_METADATA_DISABLED": "true",
        "LAMBDA_TASK_ROOT": str(task),
        "TZ": ":UTC",
        **differs,
    }


def runtime_client(folder: Path) -> Path:
    """A folder with links to the runtime client alone."""
    site = Path(sysconfig.get_path("platlib"))
    target = folder / "client"
    target.mkdir()
    for pattern in CLIENT:
        for part in site.glob(pattern):
            (target / part.name).symlink_to(part)
    return target
