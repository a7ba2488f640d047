"""One item of the checklist after a look: the roll-up of its checks, and its row for people."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from readiness.engine.rule import Rule
from readiness.model import Finding, Status, worst
from readiness.run.judged import Judged
from readiness.state.overlay import Overlay, since
from readiness.state.store import RuleRecord


@dataclass(frozen=True)
class Item:
    """A rule and its checks. `former` is the sign of the row as it was last written, empty where there is none."""

    rule: Rule
    judged: tuple[Judged, ...]
    overlay: Overlay
    former: str

    @property
    def known(self) -> Status:
        """The worst that is known, whether it was seen now or not."""
        return worst(judged.known for judged in self.judged)

    @property
    def status(self) -> Status:
        """The worse of what is known of the item and our blindness: going blind never clears an alarm."""
        blind = any(judged.blind and judged.check.required for judged in self.judged)
        return worst([self.known, *([Status.UNKNOWN] if blind else [])])

    @property
    def unrecorded(self) -> bool:
        """It fails, and only because nobody has recorded something yet."""
        known = (each for judged in self.judged for each in judged.memory.known.values())
        failing = [each for each in known if each.status is Status.FAIL]
        return bool(failing) and all(each.unrecorded for each in failing)

    @property
    def blind_since(self) -> datetime | None:
        """Since when not all of it was seen; the sign remembers it."""
        if not any(judged.blind for judged in self.judged):
            return None
        _, _, blind = self.former.partition(" ")
        return datetime.fromisoformat(blind) if blind else self.overlay.at

    @property
    def sign(self) -> str:
        """A digest of what its row is worth writing for, nothing that moves by itself, and since when it is blind."""
        named = [self.rule.item, self.rule.title, self.overlay.owner(self.rule.id)]
        said = [*named, [self._said(judged) for judged in self.judged]]
        digest = hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()[:16]
        return f"{digest} {self.blind_since.isoformat()}" if self.blind_since else digest

    @property
    def record(self) -> RuleRecord:
        """Its row."""
        worst_since = (since(judged.memory) for judged in self.judged if judged.known is self.known)
        return RuleRecord(
            rule=self.rule.id,
            item=self.rule.item,
            title=self.rule.title,
            status=self.status,
            known=self.known,
            since=min((at for at in worst_since if at), default=None),
            blind_since=self.blind_since,
            owner=self.overlay.owner(self.rule.id),
            waivers=[waiver for judged in self.judged for waiver in self.overlay.waivers(judged.check.id)],
            findings=[finding for judged in self.judged for finding in judged.asked.findings],
        )

    def _said(self, judged: Judged) -> list[object]:
        return [
            judged.check.id,
            judged.check.version,
            judged.blind,
            [repr(waiver) for waiver in self.overlay.waivers(judged.check.id)],
            [_found(finding) for finding in judged.asked.findings],
        ]


def _found(finding: Finding) -> list[object]:
    """What of a finding is worth writing for."""
    return [finding.resource, finding.status, finding.watched, *([finding.omission] if finding.omission else [])]
