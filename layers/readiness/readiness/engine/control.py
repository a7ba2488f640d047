"""Controls of other standards and tools that a check answers for, by the ids that their publishers use.

Sources: the pages "Security Hub CSPM controls" of each service and "List of AWS Config Managed Rules", the questions
of the AWS Well-Architected Framework, and the metadata of Prowler's checks. The controls of NIST SP 800-53 are those
that the page of the Security Hub control names.
"""

from collections.abc import Callable
from enum import StrEnum

from msgspec import Struct

from readiness.checklist import TableSettings


class Framework(StrEnum):
    """The standard or the tool that publishes a control."""

    SECURITY_HUB = "AWS Security Hub"
    CONFIG = "AWS Config"
    WELL_ARCHITECTED = "AWS Well-Architected"
    NIST = "NIST.800-53.r5"
    PROWLER = "Prowler"


class Condition(Struct, frozen=True):
    """A setting of the checklist without which a control is only related. `text` describes it."""

    text: str
    holds: Callable[[TableSettings], bool]


class Control(Struct, frozen=True):
    """A control that a check answers for: if the check passes, the control does too, for the same resource.

    `related`: the check is weaker than the control, or covers only a part of it. With `only_if`, it is related where
    the checklist does not meet the condition.
    """

    framework: Framework
    id: str
    related: bool = False
    only_if: Condition | None = None

    def is_related(self, settings: TableSettings) -> bool:
        """Return True if the control is only related with these settings."""
        return self.related or (self.only_if is not None and not self.only_if.holds(settings))

    @property
    def remark(self) -> str:
        """The limit of the control: `related`, `related unless` a condition, or empty."""
        return "related" if self.related else f"related unless {self.only_if.text}" if self.only_if else ""


class Listing(Struct, frozen=True):
    """The controls of one framework, by their ids."""

    framework: Framework
    is_related: bool = False

    def __call__(self, *ids: str, related: bool = False, only_if: Condition | None = None) -> tuple[Control, ...]:
        """Return the controls with these ids."""
        return tuple(Control(self.framework, each, related or self.is_related, only_if) for each in ids)


security_hub = Listing(Framework.SECURITY_HUB)
config = Listing(Framework.CONFIG)
prowler = Listing(Framework.PROWLER)
# No check answers a whole question, and AWS only relates its controls to those of NIST.
well_architected = Listing(Framework.WELL_ARCHITECTED, is_related=True)
nist = Listing(Framework.NIST, is_related=True)
