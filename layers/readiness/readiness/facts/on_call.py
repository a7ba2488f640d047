"""What the checklist says of who is on call."""

from dataclasses import dataclass

from readiness.checklist import Settings, fits
from readiness.fact import fact

MAIL = frozenset({"email", "email-json"})


@dataclass(frozen=True)
class OnCallRoutes:
    """Which subscriptions wake somebody, as patterns of `protocol:endpoint`, and whether rules of EventBridge may."""

    endpoints: tuple[str, ...] = ()
    event_bridge: bool = False

    def wakes(self, protocol: str, endpoint: str) -> bool | None:
        """Whether that subscription does; None for e-mail where nobody has said, for it waits until it is read."""
        if self.endpoints:
            return fits(f"{protocol}:{endpoint}", self.endpoints)
        return None if protocol in MAIL else True


@fact()
def on_call_routes(settings: Settings) -> OnCallRoutes:
    """One for the account: its alarms share their topics."""
    return OnCallRoutes(settings.on_call.endpoints, settings.on_call.event_bridge)
