"""The AWS CLI, loaded once: each command runs in a fork of this process. Run by the AWS CLI's own Python.

Most of a command's time goes into importing the AWS CLI and parsing the models of the services. A fork has both.
What runs in it is the AWS CLI's own `main`, with the arguments, environment, folder and files of whoever typed `aws`.

As `cli_server.py serve SOCKET` it waits for commands; as `cli_server.py run SOCKET ARGUMENT...` it is the command.
"""

import array
import contextlib
import importlib
import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from typing import Any

FILES = 3
"""stdin, stdout and stderr go with the request."""

MODELS = ("service-2", "endpoint-rule-set-1", "paginators-1")


def run(address: str, arguments: list[str]) -> int:
    """Hand the command over, and return its exit code."""
    environment = [f"{name}={value}" for name, value in os.environ.items()]
    request = "\0".join([os.getcwd(), str(len(arguments)), *arguments, *environment])  # noqa: PTH109  starts sooner
    encoded = request.encode("utf-8", "surrogateescape")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(address)
        files = array.array("i", range(FILES))
        connection.sendmsg([len(encoded).to_bytes(8, "big")], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, files)])
        connection.sendall(encoded)
        return int(connection.recv(16) or 1)


def serve(address: str) -> None:
    """Fork for each command, until whoever started this closes stdin."""
    import select

    from awscli.botocore.loaders import JSONFileLoader, Loader
    from awscli.clidriver import main

    JSONFileLoader.load_file = _once(JSONFileLoader.load_file)
    loader = Loader()
    services = frozenset(loader.list_available_services("service-2"))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(address)
        listening.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while listening in select.select([listening, sys.stdin], [], [])[0]:
            with listening.accept()[0] as connection:
                words, files = _request(connection)
                for service in services.intersection(words):
                    for model in MODELS:
                        with contextlib.suppress(Exception):  # not every service has all of them
                            loader.load_service_model(service, model)
                if os.fork() == 0:
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    connection.sendall(str(_command(main, words, files)).encode())
                    os._exit(0)
                for file in files:
                    os.close(file)


def _once(load_file: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
    """Let each file of a model be parsed once."""
    parsed: dict[str, Any] = {}

    def load(loader: Any, path: str) -> Any:
        if path not in parsed:
            parsed[path] = load_file(loader, path)
        return parsed[path]

    return load


def _request(connection: socket.socket) -> tuple[list[str], list[int]]:
    """Return the words and the files of one command."""
    files = array.array("i")
    head, ancillary, _, _ = connection.recvmsg(8, socket.CMSG_SPACE(FILES * files.itemsize))
    files.frombytes(ancillary[0][2])
    left, parts = int.from_bytes(head, "big"), []
    while left:
        parts.append(connection.recv(left))
        left -= len(parts[-1])
    return b"".join(parts).decode("utf-8", "surrogateescape").split("\0"), list(files)


def _command(main: Callable[[], int | None], words: list[str], files: list[int]) -> int:
    """Become the process that the command would have been, and return its exit code."""
    folder, count, *rest = words
    os.chdir(folder)
    os.environ.clear()
    for each in rest[int(count) :]:
        name, _, value = each.partition("=")
        os.environ[name] = value
    importlib.reload(sys.modules["awscli"])  # it adds to the environment where its models are
    for at, file in enumerate(files):
        os.dup2(file, at)
    sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), os.fdopen(1, "w"), os.fdopen(2, "w")
    sys.argv = ["aws", *rest[: int(count)]]
    try:
        code = main() or 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001  as the interpreter would
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return code


if __name__ == "__main__":
    what, where, *others = sys.argv[1:]
    if what == "serve":
        serve(where)
    else:
        sys.exit(run(where, others))
