"""An account in which nothing else tells what four of the calls tell."""

from msgspec import structs

from readiness.checklist import CostSettings, FunctionSettings
from tests.aws import costs, functions, shop
from tests.aws.account import ARN
from tests.run.world import World

PAYER = "arn:aws:iam::210987654321:role/costs"
TAG = {"Project": "BabesClub"}


def lean(world: World) -> None:
    """Costs are told by anomalies alone, and the payer is asked; a function belongs by its tag alone."""
    client = world.account.client
    topic = client("sns").create_topic(Name="alarms")["TopicArn"]
    shop.furnish(client, topic)
    costs.tag(client)
    costs.activate(client, *costs.TAGS)
    costs.let_publish(client, topic, "costalerts.amazonaws.com")
    costs.subscription(client, costs.monitor(client), topic, Frequency="IMMEDIATE")
    role = shop.role(client, "orders", shop.allow(["dynamodb:GetItem"], ARN))
    shop.function(client, "orders", role, Environment={"Variables": {}})
    client("lambda").tag_resource(Resource=functions.arn_of("orders"), Tags=TAG)
    world.settings = structs.replace(
        world.settings, functions=FunctionSettings(tags=TAG), cost=CostSettings(payer_role_arn=PAYER)
    )
    world.drilled()
    world.now = world.now.replace(microsecond=0)
