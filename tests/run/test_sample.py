"""A look at a few items, over several runs: asked for once a day, and only where that is wished."""

from datetime import timedelta

import pytest

from readiness.checklist import SampleSettings
from readiness.model import Status
from readiness.rules import documentation_current, ttl_enabled
from readiness.run import Outcome
from tests.run.world import World

RULES = (ttl_enabled.rule, documentation_current.rule)


@pytest.fixture
def shop(world: World) -> World:
    world.documented()
    world.item("CART#1")
    world.item("HOLD#1")
    return world


def found(outcome: Outcome) -> dict[str, Status]:
    return {asked.check.id: asked.findings[0].status for asked in outcome.scan.evaluation.asked}


def test_without_the_wish_no_item_is_read(shop: World) -> None:
    said = found(shop.run(RULES))
    assert "dynamodb:Scan" not in shop.account.calls
    assert said["documentation-current/sampled"] is Status.WARN
    assert said["documentation-current/observed"] is Status.NOT_APPLICABLE
    assert said["ttl-enabled/values"] is Status.NOT_APPLICABLE
    assert not shop.rows("STATE#FACT#Sample")


def test_items_are_read_once_a_day(shop: World) -> None:
    shop.want(sample=SampleSettings(enabled=True))
    said = found(shop.run(RULES))
    assert said["documentation-current/observed"] is Status.FAIL
    assert said["ttl-enabled/values"] is Status.WARN
    scans = shop.account.calls.count("dynamodb:Scan")
    assert found(shop.run(RULES)) == said
    assert shop.account.calls.count("dynamodb:Scan") == scans
    shop.now += timedelta(days=1)
    shop.run(RULES)
    assert shop.account.calls.count("dynamodb:Scan") == 2 * scans


def test_a_refusal_hides_nothing_that_the_manifest_proves(shop: World) -> None:
    shop.want(sample=SampleSettings(enabled=True))
    shop.account.refuse("dynamodb", "Scan", "AccessDeniedException")
    outcome = shop.run(RULES)
    unread = {asked.check.id: asked.findings[0].unavailable for asked in outcome.scan.evaluation.asked}
    dark = {name: why.permission for name, why in unread.items() if why}
    assert dark == {"documentation-current/observed": "dynamodb:Scan", "ttl-enabled/values": "dynamodb:Scan"}
    assert found(outcome)["documentation-current/documented"] is Status.PASS
