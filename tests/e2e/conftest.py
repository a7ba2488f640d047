"""The artifact that `sam build` makes, for the interpreter at hand, beside an AWS that answers on this machine."""

import fcntl
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import botocore.session
import pytest
from moto.server import ThreadedMotoServer

from tests.aws.completed import complete
from tests.aws.ministack import ministack
from tests.runtime.sandbox import Sandbox, sandbox

__all__ = ["ministack"]

ROOT = Path(__file__).parents[2]
SAM = ROOT / ".tools" / "sam" / "bin" / "sam"
TABLE = "babesclub-commerce"
REGION = "us-east-1"


@dataclass(frozen=True)
class Built:
    """Where the parts of the artifact are: the folders of both functions, and the layer's Python folder."""

    function: Path
    widget: Path
    layer: Path


@dataclass(frozen=True)
class Cloud:
    """An AWS with the table and a topic in it."""

    endpoint: str
    topic: str

    def client(self, service: str) -> Any:
        """A client of it, to set things up with."""
        return botocore.session.Session().create_client(service, REGION, endpoint_url=self.endpoint)

    def items(self) -> list[dict[str, Any]]:
        """All items that the table holds."""
        items: list[dict[str, Any]] = self.client("dynamodb").scan(TableName=TABLE)["Items"]
        return items

    def rows(self) -> int:
        """How many items the table holds."""
        return len(self.items())


Start = Callable[..., Sandbox]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Built once, by whichever worker comes first; the others wait for it."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    target = shared / "built"
    with (shared / "built.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (target / "template.yaml").exists():
            build(target)
    return Built(target / "Monitor", target / "Widget", target / "ReadinessLayer" / "python")


def build(target: Path, source: Path = ROOT) -> None:
    """`sam build` of a checkout, with the values that make the layer run here."""
    if not SAM.is_file():
        pytest.fail(f"SAM CLI is not installed at {SAM}: run `make tools`")
    here = {
        "PYTHON": sys.executable,
        "LAMBDA_PYTHON": f"{sys.version_info.major}.{sys.version_info.minor}",
        "LAMBDA_PLATFORM": here_platform(),
        "SAM_CLI_TELEMETRY": "0",
    }
    command = [str(SAM), "build", "--no-cached", "--region", REGION, "--build-dir", str(target)]
    done = subprocess.run(
        command, cwd=source, env={**os.environ, **here}, capture_output=True, text=True, check=False, timeout=300
    )
    if done.returncode != 0:
        pytest.fail(f"sam build failed\n{done.stdout}\n{done.stderr}")


def here_platform() -> str:
    """The wheels' name of this machine."""
    if sys.platform == "darwin":
        return f"macosx_11_0_{platform.machine()}"
    return f"manylinux2014_{platform.machine()}"


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with cloud_at() as cloud:
        yield cloud


@contextmanager
def cloud_at() -> Iterator[Cloud]:
    """An AWS of its own on this machine."""
    complete()
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        endpoint = f"http://{host}:{port}"
        # What moto holds belongs to this process, not to the server.
        urlopen(Request(f"{endpoint}/moto-api/reset", method="POST")).close()
        yield populated(endpoint)
    finally:
        server.stop()


def populated(endpoint: str) -> Cloud:
    """Make the table and the topic."""
    session = botocore.session.Session()
    session.create_client("dynamodb", REGION, endpoint_url=endpoint).create_table(  # type: ignore[attr-defined]  # as above
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}, {"AttributeName": "SK", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "PK", "AttributeType": "S"},
            {"AttributeName": "SK", "AttributeType": "S"},
        ],
    )
    topic = session.create_client("sns", REGION, endpoint_url=endpoint).create_topic(Name="on-call")  # type: ignore[attr-defined]  # as above
    return Cloud(endpoint, topic["TopicArn"])


@pytest.fixture
def start(built: Built, cloud: Cloud, tmp_path: Path) -> Iterator[Start]:
    """Start the built function, as the stack configures it; keywords are environment variables that differ."""
    with ExitStack() as stack:

        def begin(**environment: str) -> Sandbox:
            ours = {
                "AWS_ENDPOINT_URL": cloud.endpoint,
                "READINESS_TABLE": TABLE,
                "READINESS_TOPIC_ARN": cloud.topic,
                "READINESS_PERSIST_ALARM": "readiness-persist-failed",
                "READINESS_CHECKLIST": "checklist.toml",
                "READINESS_INTERVAL_MINUTES": "15",
                "POWERTOOLS_LOG_LEVEL": "INFO",
            }
            return stack.enter_context(sandbox(tmp_path, built.function, (built.layer,), **{**ours, **environment}))

        yield begin
