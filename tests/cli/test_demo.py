"""`readiness demo`, in a process of its own: it changes the environment, and how the embedded account authorizes."""

import re
import subprocess
import sys


def test_the_demo_walks_a_table_from_not_complete_to_signed_off() -> None:
    command = [sys.executable, "-c", "from readiness.cli import main; main()", "demo"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert ran.returncode == 0, ran.stderr
    _, *gates = ran.stdout.split("$ readiness check --require-complete")
    before, after = (re.search(r"^ +(?:FAIL|WARN) +\d+ PASS.*; (.*complete)$", gate, re.MULTILINE) for gate in gates)
    assert before is not None
    assert after is not None
    assert (before[1], after[1]) == ("not complete", "complete")
    assert "readiness: babesclub-commerce: not complete: 5.1: FAIL, no owner" in ran.stderr
    assert "babesclub-commerce: signed off until" in gates[1]
    assert "Traceback" not in ran.stdout + ran.stderr
