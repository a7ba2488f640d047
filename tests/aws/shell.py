"""A shell in which remedies are typed: the AWS CLI as people have it, on the account of this process."""

import atexit
import os
import shlex
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from shutil import rmtree

from moto.server import ThreadedMotoServer

from tests.aws.account import REGION

ROOT = Path(__file__).parents[2]
TOOLS = (ROOT / ".tools/awscli/bin", ROOT / ".venv/bin")
SERVER = Path(__file__).parent / "cli_server.py"

NOTHING = "#!/bin/sh\n"
"""As an editor it leaves the file as it is: what somebody would write into it is for each test to say."""


@dataclass(frozen=True)
class Shell:
    """`folder` is where it stands; `editor` is the script that is started to edit a file. `sleep` ends at once."""

    endpoint: str
    folder: Path

    @property
    def editor(self) -> Path:
        return self.folder / "editor"

    def type(self, command: str, *, answer: str = "", **environment: str) -> str:
        """Run it by bash, and answer what it asks; what it printed. AssertionError: it ended with an error."""
        ended = subprocess.run(
            ["/bin/bash", "-c", command],
            cwd=self.folder,
            env={**self._environment(), **environment},
            capture_output=True,
            text=True,
            input=answer,
            timeout=300,
            check=False,
        )
        assert ended.returncode == 0, f"{command}\n{ended.stdout}{ended.stderr}"
        return ended.stdout

    def validate(self, command: str) -> None:
        """Type it where the AWS CLI sends nothing, and only checks each call against the model of its service."""
        checking = self.folder / "checking/aws"
        _script(checking, f'#!/bin/sh\nexec {_loaded_aws()} "$@" --generate-cli-skeleton output\n')
        self.type(command, PATH=os.pathsep.join([str(checking.parent), self._environment()["PATH"]]))

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.pathsep.join([str(self.folder / "bin"), *map(str, TOOLS), "/usr/local/bin", "/usr/bin", "/bin"]),
            "HOME": str(self.folder),
            "EDITOR": str(self.editor),
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_PAGER": "",
        }


def shell(folder: Path) -> Shell:
    """Inside `mock_aws`, whose account its server serves too."""
    made = Shell(_endpoint(), folder)
    for nothing in (made.editor, folder / "bin/sleep"):
        _script(nothing, NOTHING)
    _script(folder / "bin/aws", f'#!/bin/sh\nexec {_loaded_aws()} --endpoint-url "$AWS_ENDPOINT_URL" "$@"\n')
    return made


@cache
def _endpoint() -> str:
    """The address of a server that serves the accounts of this process, one after the other, until the process ends.

    Each service costs a server a tenth of a second when it is first asked.
    """
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    return f"http://{host}:{port}"


@cache
def _loaded_aws() -> str:
    """The command that is the AWS CLI, loaded once for this process; the AWS CLI itself where another is installed."""
    python = ROOT / ".tools/awscli/bin/python3"
    if not python.exists():
        return _aws()
    folder = Path(tempfile.mkdtemp(prefix="aws-cli"))
    waiting = folder / "socket"
    server = subprocess.Popen(
        [python, SERVER, "serve", waiting], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={"PATH": os.defpath}
    )
    assert server.stdin
    assert server.stdout
    atexit.register(rmtree, folder)
    atexit.register(server.wait)
    atexit.register(server.stdin.close)
    assert server.stdout.readline(), "the AWS CLI does not start"
    return shlex.join([str(python), "-I", "-S", str(SERVER), "run", str(waiting)])


def _aws() -> str:
    """The AWS CLI. Its first version asks SQS under no address but the one that it is told as an option."""
    return next((str(tools / "aws") for tools in TOOLS if (tools / "aws").exists()), "aws")


def _script(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
