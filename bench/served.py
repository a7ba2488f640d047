"""Accounts in processes of their own, and what was asked of them."""

import json
import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).parents[1]

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@dataclass(frozen=True)
class Served:
    """The endpoint of an account, and a file of certificates that trusts it beside all that botocore trusts."""

    endpoint: str
    bundle: str

    def reset(self) -> None:
        """Count calls from now on."""
        self._control("reset")

    def delay(self, milliseconds: int) -> None:
        """Let each call take so long."""
        self._control(f"delay/{milliseconds}")

    def calls(self) -> dict[str, int]:
        """The number of calls by service and operation."""
        counted: dict[str, int] = json.loads(self._control("calls"))
        return counted

    def distinct(self) -> int:
        """The number of different calls: what is asked twice counts once."""
        return int(self._control("distinct"))

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which a process reaches it. Modules are compiled once, as those that are installed."""
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return {**kept, **CREDENTIALS, **self.variables}

    @property
    def variables(self) -> dict[str, str]:
        """The variables that lead boto3 to it."""
        return {"AWS_ENDPOINT_URL": self.endpoint, "AWS_CA_BUNDLE": self.bundle}

    def _control(self, command: str) -> bytes:
        trusting = ssl.create_default_context(cafile=self.bundle)
        with urlopen(f"{self.endpoint}/-/{command}", context=trusting) as answer:  # noqa: S310  a server that this process has started
            content: bytes = answer.read()
            return content


@contextmanager
def served(*seed: object) -> Iterator[Served]:
    """Serve an account, which bench.replay furnishes."""
    with process("bench.replay", *seed) as said:
        endpoint, bundle = said.split(" ")
        yield Served(endpoint, bundle)


@contextmanager
def process(module: str, *arguments: object) -> Iterator[str]:
    """Run a module that prints a line with its endpoint once it is ready, and ends when its input does.

    RuntimeError: it failed.
    """
    command = [sys.executable, "-m", module, *map(str, arguments)]
    env = {**os.environ, **CREDENTIALS}
    with subprocess.Popen(command, cwd=ROOT, env=env, stdin=-1, stdout=-1, stderr=subprocess.DEVNULL, text=True) as one:
        endpoint = one.stdout.readline().strip() if one.stdout else ""
        if not endpoint:
            msg = f"{' '.join(command[2:])} ended before it was ready: run it by hand to see why"
            raise RuntimeError(msg)
        try:
            yield endpoint
        finally:
            one.communicate()
