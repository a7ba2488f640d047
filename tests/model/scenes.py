"""The bounds that are tried by every run of the tests, and the wider ones of `python -m tests.model`."""

from tests.model.machine import Scene

UNSEEN = Scene("two runs after one without time", before="a run without time", flips=1, rushes=1, kills=1)

TRIED = (
    Scene("two runs, all bad luck once", kills=1, losses=1, refusals=1),
    Scene("two runs, four verdicts of one check", flips=4, kills=1),
    Scene("two runs, two kills", kills=2, refusals=1),
    Scene("two resources, partial blindness", both=True, blinks=2),
    Scene("two resources, a pause and bad luck", flips=1, both=True, pauses=2, kills=1),
    Scene("two resources, a waiver", flips=2, both=True, waivers=2),
    Scene("two resources, judged anew while partly blind", flips=1, both=True, judges=1, blinks=2),
    Scene("three runs", runs=3, flips=1, kills=1),
    Scene("the first two runs, without time", before="nothing", rushes=2, kills=1),
    UNSEEN,
)

WIDE = (
    Scene("the first three runs, two without time", runs=3, before="nothing", flips=1, rushes=2),
    Scene("three runs after one without time", runs=3, before="a run without time", flips=1, rushes=1),
    Scene("three runs, two changes", runs=3, flips=2, kills=1),
    Scene("three runs, three verdicts, a refusal", runs=3, flips=2, refusals=1),
    Scene("two runs, a waiver, blindness and a kill", flips=2, both=True, waivers=2, blinks=2, kills=1),
    Scene("two runs, a pause and a new judge while blind", flips=2, both=True, pauses=2, judges=1, blinks=1),
)
