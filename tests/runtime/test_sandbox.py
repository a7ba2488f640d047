"""The harness itself, on handlers small enough to be believed."""

from pathlib import Path

from tests.runtime.sandbox import sandbox

TALKS = """
print("imported")

def handler(event, context):
    print("handling", event)
    return {"event": event, "leftMs": context.get_remaining_time_in_millis()}
"""

FAILS = """
def handler(event, context):
    raise ValueError("not like this")
"""

BROKEN = """
import something_that_is_not_there
"""

SLEEPS = """
import time

def handler(event, context):
    time.sleep(30)
"""

BORROWS = """
def handler(event, context):
    import moto
"""


def task(folder: Path, source: str) -> Path:
    target = folder / "task"
    target.mkdir()
    (target / "app.py").write_text(source)
    return target


def test_a_handler_is_handed_its_event_and_the_time_it_has(tmp_path: Path) -> None:
    with sandbox(tmp_path, task(tmp_path, TALKS)) as running:
        response = running.invoke({"n": 1}, deadline_ms=20_000)
    assert response.error is None
    assert response.payload["event"] == {"n": 1}
    assert 0 < response.payload["leftMs"] <= 20_000


def test_a_warm_invocation_imports_nothing_again_and_has_a_log_of_its_own(tmp_path: Path) -> None:
    with sandbox(tmp_path, task(tmp_path, TALKS)) as running:
        cold, warm = running.invoke("first"), running.invoke("second")
    assert "imported" in cold.logs
    assert "handling first" in cold.logs
    assert "imported" not in warm.logs
    assert "handling second" in warm.logs
    assert "first" not in warm.logs


def test_an_exception_of_the_handler_is_its_error(tmp_path: Path) -> None:
    with sandbox(tmp_path, task(tmp_path, FAILS)) as running:
        response = running.invoke({})
    assert response.error is not None
    assert response.error["errorType"] == "ValueError"
    assert response.error["errorMessage"] == "not like this"


def test_a_module_that_cannot_be_imported_is_an_error(tmp_path: Path) -> None:
    with sandbox(tmp_path, task(tmp_path, BROKEN)) as running:
        response = running.invoke({})
    assert response.error is not None
    assert "something_that_is_not_there" in response.error["errorMessage"]


def test_a_handler_is_killed_at_its_deadline(tmp_path: Path) -> None:
    with sandbox(tmp_path, task(tmp_path, SLEEPS)) as running:
        response = running.invoke({}, deadline_ms=1_000)
    assert response.error is not None
    assert response.error["errorType"] == "Sandbox.Timedout"


def test_a_handler_does_not_see_the_packages_of_the_tests(tmp_path: Path) -> None:
    with sandbox(tmp_path, task(tmp_path, BORROWS)) as running:
        response = running.invoke({})
    assert response.error is not None
    assert "No module named 'moto'" in response.error["errorMessage"]
