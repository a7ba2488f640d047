"""The whole command of a remedy, as `readiness fix` shows it."""

from collections.abc import Mapping

from readiness.engine.evaluate import whole
from readiness.engine.rule import Check
from readiness.model import Verdict
from tests.aws.account import ACCOUNT, ARN, REGION, TABLE

OFFERED: Mapping[str, object] = {"table": TABLE, "arn": ARN, "account": ACCOUNT, "region": REGION, "window_days": 35}


def remedied(check: Check, verdict: Verdict) -> str:
    return whole(check, verdict, OFFERED).command
