"""A second, stricter DynamoDB: ministack, a program of its own in an environment of its own.

`make tools` puts it into `.tools/ministack`; READINESS_MINISTACK names another place of its executable.
"""

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

INSTALLED = Path(__file__).parents[2] / ".tools" / "ministack" / "bin" / "ministack"
PATIENCE = 120


@pytest.fixture(scope="session")
def ministack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of one that runs for the whole session."""
    with running(tmp_path_factory.mktemp("ministack")) as address:
        yield address


@contextmanager
def running(folder: Path, **environment: str) -> Iterator[str]:
    """Run one with its files in the folder, and these environment variables beside the usual ones. Its address."""
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    ours = {"GATEWAY_PORT": str(port), "BIND_HOST": "127.0.0.1", "TMPDIR": str(folder), "HOME": str(folder)}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [_executable()], env={**os.environ, **ours, **environment}, stdout=log, stderr=log, cwd=folder
        )
        try:
            _wait(process, address, folder / "log")
            yield address
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _executable() -> Path:
    executable = Path(os.environ.get("READINESS_MINISTACK", INSTALLED))
    if not executable.is_file():
        pytest.fail(f"ministack is not installed at {executable}: run `make tools`, or set READINESS_MINISTACK")
    return executable


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(process: "subprocess.Popen[bytes]", address: str, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/_ministack/health", timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"ministack did not start:\n{log.read_text()[-2000:]}")
