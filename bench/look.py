"""One scan with all rules, in a process of its own: `python -m bench.look DEADLINE`, in seconds.

Prints its calls, seconds, seconds of CPU, peak memory in MB, findings, and how many of them are UNKNOWN.
"""

import json
import resource
import sys
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from botocore.session import Session

from readiness.aws.client import Aws, Caller
from readiness.checklist import Settings
from readiness.engine.collect import Past
from readiness.engine.pace import RATES
from readiness.rules import RULES
from readiness.scan import Defects, scan


class Calls:
    """The calls of one session, by IAM action as far as operations are called like it."""

    def __init__(self, session: Session) -> None:
        """Counts from now on, in whichever thread."""
        self.counted: Counter[str] = Counter()
        self._lock = threading.Lock()
        session.get_component("event_emitter").register("before-call", self._count)

    def _count(self, model: Any, **_event: object) -> None:
        with self._lock:
            self.counted[f"{model.service_model.endpoint_prefix}:{model.name}"] += 1


def main(deadline: float) -> None:
    """Scan once, as fast as moto answers: bench.growth computes the time that AWS's rates would take."""
    RATES.clear()
    session = Session()
    calls = Calls(session)
    aws = Aws("123456789012", "us-east-1", caller=Caller(session, "us-east-1"))
    started = time.monotonic()
    (found,) = scan(RULES, aws, Settings(), Past({}), datetime.now(UTC), defects=Defects(), deadline=started + deadline)
    seconds = time.monotonic() - started
    findings = [finding for asked in found.evaluation.asked for finding in asked.findings]
    used = resource.getrusage(resource.RUSAGE_SELF)
    seen = {
        "calls": calls.counted,
        "seconds": seconds,
        "cpu": used.ru_utime + used.ru_stime,
        "memory": used.ru_maxrss / 1024,
        "findings": len(findings),
        "unknown": sum(finding.unavailable is not None for finding in findings),
    }
    print(json.dumps(seen))


if __name__ == "__main__":
    main(float(sys.argv[1]))
