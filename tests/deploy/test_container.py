"""The container image of the command line, as far as can be told without Docker."""

import re
import shlex
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "container"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def instructions() -> list[tuple[str, list[str]]]:
    """Each instruction and its words, in order."""
    text = re.sub(r"\\\n", " ", (FOLDER / "Dockerfile").read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(name, shlex.split(rest)) for name, _, rest in (line.partition(" ") for line in lines)]


def copied() -> set[str]:
    """What is copied from the checkout."""
    return {
        source
        for name, words in instructions()
        if name == "COPY" and not words[0].startswith("--from")
        for source in words[:-1]
    }


def test_everything_that_is_copied_exists() -> None:
    assert [source for source in copied() if not (ROOT / source).exists()] == []


def test_everything_that_the_package_is_built_from_is_copied() -> None:
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {*wheel["packages"], *wheel["force-include"], PROJECT["project"]["readme"], "LICENSE", "pyproject.toml"}
    assert needed <= copied()


def test_docker_is_sent_just_what_is_copied() -> None:
    lines = (FOLDER / "Dockerfile.dockerignore").read_text().splitlines()
    assert {line.removeprefix("!") for line in lines if line.startswith("!")} == copied()
    assert "*" in lines


def test_the_image_runs_the_command_as_another_user_than_root() -> None:
    found = dict(instructions())
    assert found["USER"] == ["65532:65532"]
    assert found["ENTRYPOINT"] == ["[readiness]"]
    assert "readiness" in PROJECT["project"]["scripts"]


def test_nothing_that_pip_downloads_stays_in_the_image() -> None:
    installs = [words for name, words in instructions() if name == "RUN" and "install" in words]
    assert len(installs) == 2
    assert all("--no-cache-dir" in words for words in installs)


def test_the_locked_dependencies_are_those_of_the_package_at_the_tested_versions() -> None:
    pins = {
        name: set(re.findall(r"(?m)^([\w.-]+)==([^\s;]+)", (ROOT / "locks" / name).read_text()))
        for name in ("cli.txt", "dev.txt")
    }
    assert pins["cli.txt"] <= pins["dev.txt"]
    required = {re.split(r"[\[>=<]", each)[0] for each in PROJECT["project"]["dependencies"]}
    assert required <= {name for name, _ in pins["cli.txt"]}
