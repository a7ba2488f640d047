"""A world whose monitor has a pager."""

from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from readiness.alerts.pager import ALARMS, EVENTS
from readiness.run import Outcome
from readiness.state.store.wire import decode_item
from tests.aws.pager import ApiDestination, Incidents
from tests.run.world import TABLE_RULES, World

RULES = tuple(rule for rule in TABLE_RULES if rule.id == "pitr-enabled")
ROW = f"STATE#MIRROR#{EVENTS}"


class Paged:
    """A world whose monitor has a pager. Its first run found nothing that fails."""

    def __init__(self, world: World, kind: str = EVENTS) -> None:
        self.world = world
        caller = world.account.caller

        def altered(service: str, region: str, seconds: float) -> Any:  # noqa: ARG001  nothing is slow here
            return caller.client(service, region)

        caller.impatient = altered  # type: ignore[method-assign]  # these clients' answers are altered by tests
        self.incidents = Incidents()
        self.destination = ApiDestination(lambda body: self.incidents.receive(body)[0])
        topic = world.account.client("sns").create_topic(Name="pager")["TopicArn"]
        self.world.pagers = {EVENTS: self.destination.listen(world.account), ALARMS: topic}
        self.choose(kind)
        self.settle()

    def choose(self, kind: str) -> None:
        on_call = replace(self.world.settings.on_call, pager=kind)
        self.world.settings = replace(self.world.settings, on_call=on_call)

    def run(self) -> Outcome:
        return self.world.run(RULES)

    def settle(self) -> None:
        """A run, and another one after which each event was sent once more."""
        self.run()
        self.world.now += timedelta(minutes=10)
        self.run()

    def calls(self) -> list[str]:
        """The calls of one run."""
        self.world.account.calls.clear()
        self.run()
        return list(self.world.account.calls)

    @property
    def row(self) -> dict[str, Any]:
        return decode_item(self.world.rows(ROW)[0])
