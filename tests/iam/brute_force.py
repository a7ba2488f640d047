"""Another reading of policies, as slow and plain as can be, from the documents themselves."""

import itertools
import re
from typing import Any

Policy = list[dict[str, Any]]


def outcomes(policy: Policy, action: str, resource: str) -> set[bool]:
    """Whether it is allowed, for every way in which the conditions may turn out, those of Denies not."""
    relevant = [written for written in policy if _about(written, action, resource)]
    results = set()
    for holds in itertools.product([True, False], repeat=len(relevant)):
        applying = [
            written["Effect"]
            for written, held in zip(relevant, holds, strict=True)
            if "Condition" not in written or (held and written["Effect"] == "Allow")
        ]
        results.add("Allow" in applying and "Deny" not in applying)
    return results


def _about(written: dict[str, Any], action: str, resource: str) -> bool:
    if "Action" in written:
        acts = _among(written["Action"], action, re.IGNORECASE)
    else:
        acts = not _among(written["NotAction"], action, re.IGNORECASE)
    if "Resource" in written:
        return acts and _among(written["Resource"], resource)
    return acts and not _among(written["NotResource"], resource)


def _among(patterns: str | list[str], text: str, flags: int = 0) -> bool:
    each = [patterns] if isinstance(patterns, str) else patterns
    return any(re.fullmatch(p.replace("*", "(.|:)*").replace("?", "."), text, flags) for p in each)
