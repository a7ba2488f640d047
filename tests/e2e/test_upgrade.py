"""This release is deployed over the stack of the former one, which did not sign its rows."""

import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from readiness.state.store.signing import is_signed_kind
from tests.aws.ministack import running
from tests.conftest import NOWHERE
from tests.e2e.conftest import REGION, ROOT, TABLE, Built, build
from tests.e2e.deployed import THEIRS, Deployed, create_table, deploy, problems

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

FORMER = "15fadf2b1de4d3951910bca93da28ec93ac7a13d"
"""The last commit whose rows have schema 1 and no signature."""
BUILT = "2026-11-30T15:09:47Z"
"""Its date. Releases are compared by when they were built, and the tests build this one first."""

ACCOUNT = "000000000000"
UNSIGNED = f"/readiness/{REGION}/{TABLE}/table-id"
REGISTERED = f"/readiness/{ACCOUNT}/{REGION}/{TABLE}/table-id"
KEY = f"/readiness/{ACCOUNT}/{REGION}/{TABLE}/key"


@pytest.fixture(scope="module")
def former(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source of the former release, built into its folder `built`."""
    command = ["git", "archive", FORMER, "template.yaml", "functions", "layers"]
    archive = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if archive.returncode != 0:  # a source archive and a shallow clone have no former commit
        pytest.skip(f"this clone does not have commit {FORMER}: {archive.stderr.decode()}")
    source = tmp_path_factory.mktemp("former")
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        files.extractall(source, filter="data")
    build(source / "built", source)
    (source / "built/ReadinessLayer/python/readiness/BUILT").write_text(BUILT)
    return source


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    with running(tmp_path) as address:
        create_table(address)
        yield address


def test_an_update_in_place_takes_the_rows_over_without_a_page(former: Path, built: Built, address: str) -> None:
    stack = deploy(address, former / "built")
    queue = stack.listen("on-call")
    stack.run()
    stack.set_expiry(enabled=False)
    stack.run()
    started, disabled = (message["Subject"] for message in drained(stack, queue))
    assert "monitoring started" in started
    assert "TTL was disabled" in disabled
    own(former, address)
    before = stack.rows()
    assert not any("mac" in row for row in before.values())
    assert stack.parameter(UNSIGNED)
    assert stack.parameter(KEY) is None

    stack = deploy(address, built.function.parent)
    assert (stack.stack() or {})["StackStatus"] == "UPDATE_COMPLETE"
    for _ in range(2):
        table, printed = stack.run()
        assert (table["recorded"], table["drifts"], problems(printed)) == (True, 0, "")
    for note in drained(stack, queue):
        told = json.loads(note["Message"])
        assert (told["kind"], told["severity"], told["trouble"]) == ("REJUDGED", "LOW", None), note["Subject"]
    after = stack.rows()
    assert all("mac" in row for sort_key, row in after.items() if is_signed_kind(sort_key))
    assert not any(sort_key.startswith("REFUSED") for sort_key in after)
    assert after["STATE#OWNER#pitr-enabled"] == before["STATE#OWNER#pitr-enabled"]
    registered, key = stack.parameter(REGISTERED), stack.parameter(KEY)
    assert registered
    assert key
    assert registered["Value"] == f"{after['STATE']['tableId']['S']} signed"
    assert key["Type"] == "SecureString"

    stack.set_recovery(enabled=False)
    stack.run()
    (page,) = drained(stack, queue)
    assert "PITR was disabled" in page["Subject"]
    assert stack.theirs() == THEIRS


def own(former: Path, address: str) -> None:
    """Record an owner with the former release's command line."""
    readiness = [sys.executable, "-c", "from readiness.cli import command; command()"]
    done = subprocess.run(
        [*readiness, "own", "pitr-enabled", "ada@example.com", "--yes"],
        cwd=former / "functions/monitor",
        env={**os.environ, **NOWHERE, "PYTHONPATH": str(former / "layers/readiness"), "AWS_ENDPOINT_URL": address},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def drained(stack: Deployed, queue: str) -> list[dict[str, Any]]:
    """All alerts that the queue holds."""
    return list(iter(lambda: stack.received(queue), None))
