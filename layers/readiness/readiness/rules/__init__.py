"""The checklist: every module of this package is a rule, and so is every folder but `shared`.

There is no list of them: they are found by their files, and ordered by their items. What is asked of the monitor
itself comes last.
"""

from readiness.engine.rule import rules_in

ASKED = rules_in(__name__, __path__, without=frozenset({"shared"}))
"""All that a look asks."""

RULES = tuple(rule for rule in ASKED if not rule.own)
