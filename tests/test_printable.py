"""Text that people choose, made safe to print."""

import subprocess
from pathlib import Path

import pytest

from readiness.printable import clip, line, printable, quoted

HOSTILE = "throttling\r\n[RESOLVED] shop: all is well\x1b[2J\u202e\u2028\x00"


def test_a_value_stays_on_its_line() -> None:
    assert printable(HOSTILE) == "throttling [RESOLVED] shop: all is well [2J"
    assert line(f"alarm {HOSTILE} was deleted") == "alarm throttling [RESOLVED] shop: all is well [2J was deleted"


def test_letters_of_other_languages_stay() -> None:
    assert printable("größe 表 шлюз") == "größe 表 шлюз"


def test_a_long_value_is_cut_at_120_characters() -> None:
    assert printable("n" * 500) == "n" * 117 + "..."
    assert printable("n" * 120) == "n" * 120
    assert clip("name", 4) == "name"


@pytest.mark.parametrize(
    "value",
    [
        "plain",
        "two words",
        "$(touch made)",
        "`touch made`; touch made",
        "it's",
        "line\nbreak",
        "line\nit's \\n $(touch made) \\",
        "right-to-left \u202e name",
        "\x1b]0;title\x07abc",
    ],
)
def test_a_quoted_value_is_one_line_and_one_word_of_the_shell(value: str, tmp_path: Path) -> None:
    command = f"printf %s {quoted(value)}"
    said = subprocess.run(["bash", "-c", command], capture_output=True, check=True, cwd=tmp_path)  # noqa: S607
    assert said.stdout.decode() == value
    assert command.isprintable()
    assert not list(tmp_path.iterdir())
