"""An event of the monitor goes through a bus, rule, connection and API destination as the template has them.

They are those of ministack, which sends them by HTTPS to a pager that checks the published form of events.
"""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from readiness.alerts.pager_client import BusPager
from readiness.aws.client import Aws
from tests.alerts.test_pager import INCIDENT, ON, PLACE
from tests.aws.account import ACCOUNT
from tests.aws.ministack import running
from tests.aws.pager import BUS, ROUTING_KEY, Incidents, receiving
from tests.aws.receiver import self_signed
from tests.e2e.conftest import REGION, ROOT
from tests.e2e.deployed import client

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

Resources = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def template() -> Resources:
    resources = yaml_parse((ROOT / "template.yaml").read_text(encoding="utf-8"))["Resources"]
    return {name: each["Properties"] for name, each in resources.items() if name.startswith("Pager")}


@pytest.fixture(scope="module")
def incidents() -> Incidents:
    return Incidents()


@pytest.fixture(scope="module")
def pager(template: Resources, incidents: Incidents, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BusPager]:
    """What the monitor sends with, in an AWS that trusts the certificate of the pager and no other."""
    folder = tmp_path_factory.mktemp("aws")
    certificate, key = self_signed(folder)
    with (
        receiving(certificate, key, incidents) as url,
        running(folder, SSL_CERT_FILE=str(certificate)) as address,
    ):
        events = client(address, "events")
        bus = made(events, template, f"{url}v2/enqueue")
        caller = type("Caller", (), {"impatient": lambda *_given: events})()
        yield BusPager(Aws(ACCOUNT, REGION, caller=caller), bus, PLACE)


def made(events: Any, template: Resources, url: str) -> str:
    """Make what the template has, as the CloudFormation of ministack knows no connections, and return the bus."""
    parameters = json.loads(
        json.dumps(template["PagerConnection"]["AuthParameters"]).replace(
            json.dumps({"Fn::Sub": "{{resolve:secretsmanager:${PagerSecretArn}}}"}), json.dumps(ROUTING_KEY)
        )
    )
    connection = events.create_connection(
        Name="pager", AuthorizationType=template["PagerConnection"]["AuthorizationType"], AuthParameters=parameters
    )
    destination = events.create_api_destination(
        Name="pager",
        ConnectionArn=connection["ConnectionArn"],
        InvocationEndpoint=url,
        HttpMethod=template["PagerDestination"]["HttpMethod"],
        InvocationRateLimitPerSecond=template["PagerDestination"]["InvocationRateLimitPerSecond"],
    )
    bus: str = events.create_event_bus(Name=BUS)["EventBusArn"]
    rule = template["PagerRule"]
    account = bus.split(":")[4]
    pattern = json.dumps(rule["EventPattern"]).replace(json.dumps({"Ref": "AWS::AccountId"}), json.dumps(account))
    events.put_rule(Name="pager", EventBusName=BUS, EventPattern=pattern)
    (target,) = rule["Targets"]
    sent = {
        "Id": target["Id"],
        "Arn": destination["ApiDestinationArn"],
        "RoleArn": f"arn:aws:iam::{account}:role/pager",
        "InputPath": target["InputPath"],
        "RetryPolicy": target["RetryPolicy"],
    }
    events.put_targets(Rule="pager", EventBusName=BUS, Targets=[sent])
    return bus


def until(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + 30
    while not holds() and time.monotonic() < end:
        time.sleep(0.05)
    return holds()


def test_an_incident_opens_and_closes_at_the_pager(pager: BusPager, incidents: Incidents) -> None:
    assert pager.send({ON: INCIDENT}) == {ON}
    assert until(lambda: incidents.checks == {ON}), "it did not open"
    (opened,) = incidents.events
    assert opened["routing_key"] == ROUTING_KEY
    assert opened["payload"]["summary"] == "babesclub-commerce: PITR is disabled"
    assert pager.send({ON: None}) == {ON}
    assert until(lambda: not incidents.opened), "it did not close"
