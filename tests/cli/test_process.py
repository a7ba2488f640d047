"""The command as the shell sees it: its code, its two outputs, a pipe that closes, a terminal, an interruption."""

import os
import pty
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from readiness.facts.dynamodb import time_to_live
from tests.cli.world import BAD, GOOD, World, answering, refusing

READINESS = str(Path(sys.executable).with_name("readiness"))


def shell(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, **variables}
    return subprocess.run([READINESS, *arguments], env=env, capture_output=True, text=True, timeout=120, check=False)


def on_a_terminal(*arguments: str, **variables: str) -> tuple[int, str]:
    """Run with all three streams on one terminal; the code, and what appeared."""
    ours, theirs = pty.openpty()
    env = {**os.environ, "TERM": "xterm", **variables}
    with subprocess.Popen([READINESS, *arguments], env=env, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        shown = bytearray()
        while True:
            try:
                more = os.read(ours, 4096)
            except OSError:  # Linux: nobody has the other end open any more
                break
            shown += more
    os.close(ours)
    return process.returncode, shown.decode()


def test_what_is_found_is_the_exit_code(world: World) -> None:
    world.bad_table()
    ended = shell("check", "--table", BAD)
    assert (ended.returncode, ended.stderr) == (1, "")
    assert "billing mode is PROVISIONED, expected " in ended.stdout
    assert "\x1b" not in ended.stdout


def test_what_was_typed_wrongly_is_a_line_on_stderr(world: World) -> None:
    assert world.endpoint
    ended = shell("check", "--rule", "pitr-enabeld")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "readiness: unknown rule or check 'pitr-enabeld'. Did you mean pitr-enabled?\n"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_name_that_the_output_cannot_encode_is_escaped(world: World, encoding: str) -> None:
    world.good_table()
    world.owned("pitr-enabled", "\u05e9\u05dc\u05d5\u05dd")
    ended = shell("history", "--table", GOOD, PYTHONIOENCODING=encoding)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "owner \\u05e9\\u05dc\\u05d5\\u05dd" in ended.stdout


@pytest.mark.parametrize(
    ("output", "code", "said"),
    [
        (">/dev/full", 4, "readiness: the output cannot be written: No space left on device\n"),
        (">&-", 0, ""),
        ("2>&-", 0, ""),
    ],
)
def test_an_output_that_cannot_be_written_is_no_defect(world: World, output: str, code: int, said: str) -> None:
    assert world.endpoint
    line = f'"{READINESS}" explain 1.4 {output}'
    ended = subprocess.run(line, shell=True, capture_output=True, text=True, timeout=120, check=False)  # noqa: S602  a redirection of the shell
    assert (ended.returncode, ended.stderr) == (code, said)


def test_a_reader_that_has_left_is_no_error_and_hides_no_failure(world: World) -> None:
    world.bad_table()
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as closed:
        ended = subprocess.run(
            [READINESS, "check", "--table", BAD],
            stdout=closed,
            stderr=subprocess.PIPE,
            text=True,
            timeout=120,
            check=False,
        )
    assert (ended.returncode, ended.stderr) == (1, "")


@pytest.fixture
def interruptible() -> Iterator[None]:
    """A shell ignores SIGINT in what it runs in the background, and a process inherits that."""
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, former)


@pytest.mark.usefixtures("interruptible")
def test_an_interruption_is_a_line_and_130(world: World) -> None:
    assert world.endpoint
    with socket.create_server(("127.0.0.1", 0)) as silent:
        env = {**os.environ, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{silent.getsockname()[1]}"}
        with subprocess.Popen([READINESS, "check"], env=env, stdout=-1, stderr=-1, text=True) as process:
            connection, _ = silent.accept()
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=120)
            connection.close()
    assert (process.returncode, out, err) == (130, "", "readiness: interrupted\n")


ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
ERASE_LINE = "\x1b[2K"


def test_a_terminal_shows_colours_and_forgets_the_progress(good: World) -> None:
    assert good.rows() == []
    code, shown = on_a_terminal("check", "--config", good.decided())
    assert code == 0
    assert re.search(rf"reading {GOOD}: \d+ of \d+ facts, waiting for [a-z]+", shown)
    assert "\x1b[32m✓" in shown
    assert shown.index(ERASE_LINE) < shown.index("✓")


def test_no_color_is_respected(good: World) -> None:
    assert good.rows() == []
    code, shown = on_a_terminal("check", "--config", good.decided(), NO_COLOR="1")
    assert code == 0
    assert "\x1b[32m" not in shown
    assert "✓ 1.1  Billing mode            billing mode is PAY_PER_REQUEST" in ESCAPE.sub("", shown)


def test_an_answer_that_lacks_a_member_is_unknown_and_no_defect(good: World) -> None:
    with answering({"DescribeTimeToLive": {"TimeToLiveDescription": {}}}):
        ended = good.check()
    assert ended.code == 3
    assert ended.rule("ttl-enabled")["status"] == "UNKNOWN"
    assert ended.rule("pitr-enabled")["status"] == "PASS"


@pytest.fixture
def defective(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fact that is not as we meant it."""

    def broken(*_answer: object) -> None:
        raise KeyError

    monkeypatch.setattr(time_to_live, "Answer", broken)


@pytest.mark.usefixtures("defective")
def test_a_fact_that_fails_is_our_defect_and_the_report_is_there(good: World) -> None:
    ended = good.check()
    assert ended.code == 70
    assert ended.rule("ttl-enabled")["status"] == "UNKNOWN"
    assert ended.rule("pitr-enabled")["status"] == "PASS"
    assert "TimeToLive failed" in ended.err
    assert "please report it as an issue of the project" in ended.err
    assert ended.err.count("\n") == 1


@pytest.mark.usefixtures("defective")
def test_a_defect_comes_before_a_failure(good: World) -> None:
    good.recovery(on=False)
    assert good.check().code == 70


def test_a_command_that_fails_is_our_defect_and_debug_shows_where(good: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from readiness.cli import main

    def broken(*_arguments: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("readiness.cli.explain.say", broken)
    ended = good.type("explain")
    assert (ended.code, ended.out) == (70, "")
    assert "internal error of Readiness: ZeroDivisionError" in ended.err
    with pytest.raises(ZeroDivisionError):
        main(["explain", "--debug"])


def test_could_not_start_comes_before_a_failure(good: World) -> None:
    good.recovery(on=False)
    with refusing("TransactWriteItems"):
        assert good.check("--record").code == 4
