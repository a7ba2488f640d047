"""The wheel, installed alone into an environment of its own."""

import os
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

import pytest

from readiness.cli.arguments import parser

ROOT = Path(__file__).parents[2]
UV = ROOT / ".tools" / "uv" / "bin" / "uv"
"""Installs in a tenth of the time that pip takes; `make` has it."""

COMMANDS = sorted(
    name
    for action in parser()._actions  # noqa: SLF001  argparse shows its commands nowhere else
    if isinstance(action.choices, dict)
    for name in action.choices
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def ran(command: Sequence[str | Path], folder: Path) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    built = ran([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], ROOT)
    assert built.returncode == 0, built.stderr
    (made,) = folder.glob("*.whl")
    return made


def install(wheel: Path, extra: str, folder: Path) -> Path:
    """Install the wheel and return the folder of its commands."""
    venv.create(folder / "venv")
    scripts = folder / "venv" / "bin"
    wanted = ("--python", scripts / "python", "--quiet", f"readiness{extra} @ {wheel.as_uri()}")
    done = ran([UV, "pip", "install", *wanted], folder) if UV.exists() else None
    if done is None or done.returncode:
        python, given, *rest = wanted
        done = ran([sys.executable, "-m", "pip", python, given, "install", *rest], folder)
    assert done.returncode == 0, done.stderr
    return scripts


@pytest.fixture(scope="module")
def plain(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(wheel, "", tmp_path_factory.mktemp("plain"))


def test_a_plain_install_has_the_style_of_the_html_report(plain: Path) -> None:
    shown = ran([plain / "python", "-c", "from readiness.report.as_html import SHEET; print(SHEET.read_text())"], plain)
    assert "prefers-color-scheme" in shown.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_a_plain_install_has_every_command(plain: Path, command: str) -> None:
    helped = ran([plain / "readiness", command, "--help"], plain)
    assert (helped.returncode, helped.stderr) == (0, "")
    assert helped.stdout.startswith(f"usage: readiness {command}")


def test_a_plain_install_can_import_every_command(plain: Path) -> None:
    imports = "\n".join(f"import readiness.cli.{command}" for command in COMMANDS)
    assert ran([plain / "python", "-c", imports], plain).stderr == ""


def test_a_plain_install_reads_a_repository(plain: Path, tmp_path: Path) -> None:
    (tmp_path / "keys.py").write_text('def key(cart: str) -> str:\n    return f"CART#{cart}"\n')
    (tmp_path / ".env").write_text("COMMERCE_TABLE=babesclub-commerce\n")
    (tmp_path / "README_ENV.md").write_text("- `COMMERCE_TABLE`\n")
    read = ran([plain / "readiness", "manifest", "."], tmp_path)
    assert (read.returncode, read.stderr) == (0, "")
    assert '"name": "CART"' in read.stdout


def test_a_plain_install_validates_a_file_and_names_the_line_of_a_mistake(plain: Path, tmp_path: Path) -> None:
    (tmp_path / "checklist.toml").write_text("[[tables]]\nname = 1\n")
    validated = ran([plain / "readiness", "validate", "checklist.toml"], tmp_path)
    assert validated.returncode == 2
    assert validated.stderr.startswith("readiness: checklist.toml:2: ")


def test_a_plain_install_says_in_a_line_what_the_demo_needs(plain: Path, tmp_path: Path) -> None:
    shown = ran([plain / "readiness", "demo"], tmp_path)
    assert (shown.returncode, shown.stdout) == (4, "")
    assert shown.stderr.startswith("readiness: the demo needs moto: install the wheel with its extra ")
    assert shown.stderr.count("\n") == 1


def test_the_demo_runs_from_a_wheel_with_its_extra(wheel: Path, tmp_path: Path) -> None:
    scripts = install(wheel, "[demo]", tmp_path)
    shown = ran([scripts / "readiness", "demo"], tmp_path)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "Traceback" not in shown.stdout
