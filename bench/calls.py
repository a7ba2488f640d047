"""The calls of a run, and of a check, beside the different ones among them: the least that the facts allow."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.artifact import environment, layer
from bench.check import JUDGED
from bench.figure import Figure, row
from bench.measure import cost
from bench.served import Served, served

ROW = "calls"
SLACK = 1.1


def figures(_runs: int) -> Iterator[Figure]:
    """Count at the server, which AWS would do too."""
    layer()
    with served(5) as account:
        readiness = [str(Path(sys.executable).with_name("readiness")), "check", "--table", "babesclub-commerce"]
        account.reset()
        cost(readiness, account.environment, JUDGED)
        yield _over_distinct("check", account)
        with tempfile.TemporaryDirectory() as folder, environment(Path(folder) / "here", account) as started:
            account.reset()
            started.invoke()
            yield _over_distinct("first run", account)
            started.invoke()
            account.reset()
            started.invoke()
            yield Figure(ROW, "second and later runs", "", [sum(account.calls().values())], limit=45)
            yield _over_distinct("second and later runs", account)


def _over_distinct(name: str, account: Served) -> Figure:
    limit = None if name.startswith("second") else SLACK
    return Figure(
        ROW, f"{name}, over the different calls", "", [sum(account.calls().values())], [account.distinct()], limit
    )


if __name__ == "__main__":
    row(figures)
