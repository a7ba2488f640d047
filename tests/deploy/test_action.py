"""The GitHub Action: its steps, run as GitHub runs those of a composite action."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
import yaml
from moto.server import ThreadedMotoServer

from tests.aws.completed import complete
from tests.aws.tables import make_bad
from tests.cli.world import client

ROOT = Path(__file__).parents[2]
ACTION = ROOT / "deploy" / "action"
TABLE = "babesclub-staging"
SHELL = ("bash", "--noprofile", "--norc", "-eo", "pipefail")
"""How GitHub runs a step with `shell: bash`."""

VENV = """#!/bin/sh
mkdir -p "$3/bin"
printf '#!/bin/sh\\necho "$@" >>"%s/bin/log"\\n' "$3" >"$3/bin/pip"
chmod +x "$3/bin/pip"
"""
"""A Python whose virtual environment has a pip that only logs its arguments."""


@dataclass(frozen=True)
class Ran:
    """What a step has printed and left."""

    code: int
    out: str
    err: str
    summary: str
    output: str


class Job:
    """A job on a runner, whose folder is `folder`. `variables` are those of its environment beside GitHub's."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.folder = folder
        self.action: Any = yaml.safe_load((ACTION / "action.yml").read_text())
        self.files = {name: folder / name for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT", "GITHUB_PATH")}
        for path in self.files.values():
            path.touch()
        paths = {"GITHUB_ACTION_PATH": ACTION, "RUNNER_TEMP": folder, **self.files}
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "READINESS"))}
        self.environment = {**kept, **{name: str(path) for name, path in paths.items()}, **variables}

    def step(self, name: str, **inputs: str) -> Ran:
        """Run the step with these inputs, and the defaults of the others."""
        (step,) = [each for each in self.action["runs"]["steps"] if each["name"] == name]
        assert step["shell"] == "bash"
        given = {
            each: inputs.pop(each.replace("-", "_"), body["default"]) for each, body in self.action["inputs"].items()
        }
        assert not inputs
        (self.folder / "step.sh").write_text(step["run"])
        done = subprocess.run(
            [*SHELL, self.folder / "step.sh"],
            env={**self.environment, **{key: filled(value, given) for key, value in step.get("env", {}).items()}},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        texts = {each: path.read_text() for each, path in self.files.items()}
        return Ran(done.returncode, done.stdout, done.stderr, texts["GITHUB_STEP_SUMMARY"], texts["GITHUB_OUTPUT"])


def filled(value: str, inputs: Mapping[str, str]) -> str:
    return re.sub(r"\$\{\{ inputs\.([a-z-]+) \}\}", lambda found: inputs[found[1]], value)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """An account with a table that fails."""
    complete()
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    # What moto holds belongs to this process, not to the server.
    urlopen(Request(f"{address}/moto-api/reset", method="POST")).close()
    make_bad(lambda service: client(service, address), TABLE)
    yield address
    urlopen(Request(f"{address}/moto-api/reset", method="POST")).close()
    server.stop()


@pytest.fixture
def job(tmp_path: Path, endpoint: str) -> Job:
    """A job whose path has the command of this checkout."""
    command = tmp_path / "readiness"
    command.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}/layers/readiness" exec "{sys.executable}" -m readiness "$@"\n')
    command.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    return Job(tmp_path, PATH=path, AWS_ENDPOINT_URL=endpoint, AWS_DEFAULT_REGION="us-east-1")


def test_the_report_is_in_the_summary_and_the_job_fails_as_the_check_does(job: Job) -> None:
    ran = job.step("Check", table=TABLE, rules="1.1 billing-on-demand", output="readiness.xml\nreport.html")
    assert (ran.code, ran.output) == (1, "exit-code=1\n")
    assert TABLE in ran.summary
    assert "billing-on-demand" in ran.summary
    assert TABLE in ran.out  # the log of the job has the report as text
    assert (job.folder / "readiness.xml").read_text().startswith("<?xml")
    assert (job.folder / "report.html").exists()


def test_a_check_without_a_report_says_so_in_the_summary(job: Job) -> None:
    ran = job.step("Check", table=TABLE, config="missing.toml")
    assert (ran.code, ran.output) == (2, "exit-code=2\n")
    assert ran.summary.startswith("**Readiness has no report.** The exit code of the check is 2.\n")
    assert "    readiness: missing.toml: cannot be read" in ran.summary
    assert "missing.toml: cannot be read" in ran.err


def test_an_input_is_never_a_command(job: Job) -> None:
    ran = job.step("Check", table='"; touch made; echo "$(touch made)', rules="* `touch made`", output="$(touch made)")
    assert ran.code == 2
    assert not (job.folder / "made").exists()


def test_every_input_reaches_the_check(job: Job) -> None:
    (job.folder / "readiness").write_text('#!/bin/sh\nshift\nprintf "%s\\n" "$@"\n')
    ran = job.step(
        "Check",
        table="orders",
        config="a file.toml",
        snapshot="s.json",
        rules="1.1\n1.4/on",
        fail_on="warn",
        require_complete="true",
        output="a b.xml",
    )
    pairs = ["--table", "orders", "--config", "a file.toml", "--snapshot", "s.json", "--require-complete"]
    summary = str(job.folder / "readiness-summary.md")
    others = ["--rule", "1.1", "--rule", "1.4/on", "--output", "a b.xml"]
    assert ran.out.splitlines()[1:-1] == ["--fail-on", "warn", "--output", summary, *pairs, *others]


def test_no_line_of_the_report_is_a_command_of_the_workflow(job: Job) -> None:
    (job.folder / "readiness").write_text('#!/bin/sh\necho ::add-mask::1; echo "##[error]2" >&2; exit 3\n')
    ran, again = job.step("Check"), job.step("Check")
    first, *lines, last = ran.out.splitlines()
    assert lines == ["::add-mask::1"]
    assert (first.removeprefix("::stop-commands::"), ran.code) == (last.strip(":"), 3)
    assert re.fullmatch(r"::[0-9a-f]{32}::", last)
    assert last not in again.out, "who chooses a name does not know the token"


def test_the_action_installs_its_own_release_with_locked_dependencies(tmp_path: Path) -> None:
    commands = tmp_path / "commands"
    commands.mkdir()
    (commands / "python3").write_text(VENV)
    (commands / "python3").chmod(0o755)
    job = Job(tmp_path, PATH=f"{commands}:{os.environ['PATH']}")
    assert job.step("Install").code == 0
    locked, own = (tmp_path / "readiness" / "bin" / "log").read_text().splitlines()
    assert locked.endswith(f"--require-hashes --requirement {ROOT / 'locks' / 'cli.txt'}")
    assert own.endswith(f"--no-deps {ROOT}")
    assert (tmp_path / "GITHUB_PATH").read_text() == f"{tmp_path}/readiness/bin\n"
