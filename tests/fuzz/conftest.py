"""The numbers of what the state machine tried are printed with the summary, so that they can be quoted."""

from collections import Counter

import pytest

PREFIX = "machine "


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    tried: Counter[str] = Counter()
    for report in terminalreporter.stats.get("passed", ()):
        found = {name.removeprefix(PREFIX): n for name, n in report.user_properties if name.startswith(PREFIX)}
        tried.update(found)
    if tried:
        terminalreporter.write_line("machine: " + ", ".join(f"{number:,} {what}" for what, number in tried.items()))
