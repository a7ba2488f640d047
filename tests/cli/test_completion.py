"""The completion scripts, as the shells use them."""

import shlex
import shutil
import subprocess
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from readiness.cli import main
from readiness.cli.arguments import parser

TYPED = [
    ("", ["check", "explain", "validate", "completion"]),
    ("expl", ["explain"]),
    ("check --req", ["--require-complete"]),
    ("check --fail-on ", ["fail", "warn"]),
    ("check --format j", ["json"]),
    ("check --rule pitr-enabled/w", ["pitr-enabled/window"]),
    ("explain pitr-e", ["pitr-enabled", "pitr-enabled/on"]),
    ("own pitr-e", ["pitr-enabled"]),
    ("waive pitr-enabled/w", ["pitr-enabled/window"]),
    ("validate check", ["checklist.toml"]),
    ("completion ", ["bash", "zsh", "fish"]),
]

BASH = """
source ./bash
[[ $(complete -p readiness) =~ -F\\ ([^ ]+) ]] && completer=${{BASH_REMATCH[1]}}
COMP_WORDS=({words})
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
"$completer" readiness "${{COMP_WORDS[COMP_CWORD]}}" "${{COMP_WORDS[COMP_CWORD - 1]}}"
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a script for each shell, and of a checklist file."""
    folder = tmp_path_factory.mktemp("scripts")
    for shell in ("bash", "zsh", "fish"):
        with (folder / shell).open("w") as script, redirect_stdout(script), pytest.raises(SystemExit, match="0"):
            main(["completion", shell])
    (folder / "checklist.toml").touch()
    return folder


def ran(folder: Path, *command: str) -> list[str]:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.splitlines()


def completed_by_bash(folder: Path, line: str) -> list[str]:
    words = ["readiness", *line.split(" ")]
    return ran(folder, "bash", "--norc", "-c", BASH.format(words=shlex.join(words)))


@pytest.mark.parametrize(("line", "expected"), TYPED)
def test_bash_completes(scripts: Path, line: str, expected: list[str]) -> None:
    assert set(expected) <= set(completed_by_bash(scripts, line))


def test_bash_completes_every_command_and_option(scripts: Path) -> None:
    for name, command in parser().commands.items():
        options = {option for action in command._actions for option in action.option_strings}  # noqa: SLF001
        assert name in completed_by_bash(scripts, name)
        assert options <= set(completed_by_bash(scripts, f"{name} -"))


def test_a_check_is_not_offered_where_an_item_is_expected(scripts: Path) -> None:
    assert completed_by_bash(scripts, "own pitr-enabled/") == [""]


@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not installed")
@pytest.mark.parametrize(("line", "expected"), TYPED)
def test_fish_completes(scripts: Path, line: str, expected: list[str]) -> None:
    offered = ran(
        scripts, "fish", "--no-config", "-c", f"source ./fish; complete -C {shlex.quote(f'readiness {line}')}"
    )
    assert set(expected) <= {each.partition("\t")[0] for each in offered}


@pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is not installed")
def test_zsh_reads_its_script(scripts: Path) -> None:
    (scripts / "_readiness").symlink_to("zsh")
    loaded = ran(
        scripts,
        "zsh",
        "-f",
        "-c",
        "fpath=($PWD $fpath); autoload -Uz compinit; compinit -u -D; echo $_comps[readiness]",
    )
    assert loaded == ["_readiness"]
    ran(scripts, "zsh", "-f", "-n", "_readiness")
