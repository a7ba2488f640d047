"""The endpoints of on-call, from the checklist."""

from readiness.checklist import Settings, fits
from readiness.engine.fact import fact
from readiness.model import Fact

MAIL = frozenset({"email", "email-json"})
RECORDED = frozenset({"firehose"})
CHAT = "global.sns-api.chatbot.amazonaws.com"
"""https://docs.aws.amazon.com/chatbot/latest/adminguide/cloudwatch.html: Amazon Q Developer, in Slack and Teams."""


class OnCallRoutes(Fact):
    """The subscriptions that page, as patterns of `protocol:endpoint`; `event_bridge`: EventBridge rules page too."""

    endpoints: tuple[str, ...] = ()
    event_bridge: bool = False
    topic: str = ""

    def wakes(self, protocol: str, endpoint: str) -> bool | None:
        """True if the subscription pages; None for email, chat and Firehose, unless the checklist lists endpoints."""
        if self.endpoints:
            return fits(f"{protocol}:{endpoint}", self.endpoints)
        return None if protocol in MAIL | RECORDED or endpoint == CHAT else True


@fact()
def on_call_routes(settings: Settings) -> OnCallRoutes:
    """Return the settings of the account: its alarms share their topics."""
    on_call = settings.on_call
    return OnCallRoutes(on_call.endpoints, on_call.event_bridge, on_call.topic_arn)
