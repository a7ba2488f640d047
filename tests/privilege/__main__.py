"""Print what each permission of the monitor's role is needed for: `python -m tests.privilege`."""

import logging
import sys
from collections import Counter

from tests.privilege.abilities import named
from tests.privilege.findings import needed_by
from tests.test_template import actions, statements, transformed

SHOWN = 3


def main() -> None:
    """One line for each permission, and how many there are."""
    logging.disable(logging.CRITICAL)
    lines = list(named())
    written = [each for each in statements(transformed()) if each["Sid"].startswith("FactsRead")]
    for action, findings in needed_by({action for each in written for action in actions(each)}).items():
        checks = Counter(f"{each.rule}/{each.check}" for each in findings)
        more = f" and {len(checks) - SHOWN} more" if len(checks) > SHOWN else ""
        sids = " and ".join(each["Sid"] for each in written if action in actions(each))
        lines.append((action, sids, f"UNKNOWN: {', '.join(sorted(checks)[:SHOWN])}{more}"))
    lines.sort()
    width = max(len(action) for action, _, _ in lines)
    sys.stdout.writelines(f"{action:<{width}}  {sid}: {what}\n" for action, sid, what in lines)
    sys.stdout.write(f"{len(lines)} permissions, each needed\n")


if __name__ == "__main__":
    main()
