"""How much the model tried is printed with the summary, so that it can be quoted."""

from collections import Counter

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    tried: Counter[str] = Counter()
    for report in terminalreporter.stats.get("passed", ()):
        tried.update(
            {name.removeprefix("model "): n for name, n in report.user_properties if name.startswith("model ")}
        )
    if tried:
        terminalreporter.write_line("model: " + ", ".join(f"{number:,} {what}" for what, number in tried.items()))
