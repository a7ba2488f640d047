"""What the checklist says of who is on call."""

from readiness.checklist import Settings, fits
from readiness.engine.fact import fact
from readiness.model import Fact

MAIL = frozenset({"email", "email-json"})
RECORDED = frozenset({"firehose"})
CHAT = "global.sns-api.chatbot.amazonaws.com"
"""https://docs.aws.amazon.com/chatbot/latest/adminguide/cloudwatch.html: Amazon Q Developer, in Slack and Teams."""


class OnCallRoutes(Fact):
    """Which subscriptions wake somebody, as patterns of `protocol:endpoint`, and whether rules of EventBridge may.

    `topic` is the one that on call listens to, as the checklist names it.
    """

    endpoints: tuple[str, ...] = ()
    event_bridge: bool = False
    topic: str = ""

    def wakes(self, protocol: str, endpoint: str) -> bool | None:
        """Whether that subscription does; None where nobody has said, for what waits until somebody reads it."""
        if self.endpoints:
            return fits(f"{protocol}:{endpoint}", self.endpoints)
        return None if protocol in MAIL | RECORDED or endpoint == CHAT else True


@fact()
def on_call_routes(settings: Settings) -> OnCallRoutes:
    """One for the account: its alarms share their topics."""
    on_call = settings.on_call
    return OnCallRoutes(on_call.endpoints, on_call.event_bridge, on_call.topic_arn)
