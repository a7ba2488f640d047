from msgspec.structs import replace

from readiness.engine.each import Each
from readiness.facts.iam.principals import Principal
from readiness.facts.lambda_.failure_routes import (
    FailureRoutes,
    FailureTarget,
    Sender,
    SendingRoles,
    failure_routes,
    failure_targets,
    sending_roles,
)
from readiness.facts.lambda_.function_sources import (
    FunctionSource,
)
from readiness.facts.lambda_.invocation_paths import InvokeConfig, InvokeConfigs, Qualifier
from readiness.facts.lambda_.live_versions import Configuration
from readiness.iam.evaluate import Identity
from readiness.model import Unavailable
from tests.aws.account import ACCOUNT
from tests.rules.dead_letters import DEAD, KEPT, MAPPING, POLLED, TOPIC, qualifier, source, target
from tests.rules.functions import CHECKOUT, DENIED, ROLE, configuration, each

OTHER_ROLE = f"arn:aws:iam::{ACCOUNT}:role/old-checkout"
BY_ROLE = Sender("checkout", ROLE)


def configured(*versions: Configuration, unlisted: Unavailable | None = None) -> Each[Configuration]:
    return Each({f"{CHECKOUT}:{each.version}": each for each in versions}, unlisted)


def routes(
    configurations: Each[Configuration] | None = None,
    configs: InvokeConfigs | Unavailable | None = None,
    sources: Each[FunctionSource] | None = None,
    named: Each[Qualifier] | None = None,
) -> FailureRoutes:
    return failure_routes(
        KEPT,
        each(qualifier()) if named is None else named,
        configured(configuration()) if configurations is None else configurations,
        InvokeConfigs({}) if configs is None else configs,
        each() if sources is None else sources,
    )


def test_failed_events_go_where_the_version_the_qualifier_and_the_source_say() -> None:
    found = routes(
        configured(configuration(dead_letters=DEAD), configuration(version="7", role=OTHER_ROLE)),
        InvokeConfigs({"live": InvokeConfig(TOPIC, None, None)}),
        Each({MAPPING: source(on_failure=POLLED)}),
        each(qualifier(), qualifier("live", "7")),
    )
    assert found == FailureRoutes(
        (
            (TOPIC, Sender("checkout", OTHER_ROLE, "live")),
            (DEAD, BY_ROLE),
            (POLLED, Sender("checkout", ROLE, "$LATEST", MAPPING.rpartition(":")[2])),
        ),
        unread=None,
    )


def test_where_they_go_may_be_more_than_could_be_read() -> None:
    assert routes(configured(unlisted=DENIED)).unread == DENIED
    assert routes(configs=DENIED).unread == DENIED
    assert routes(sources=each(unlisted=DENIED)).unread == DENIED


def test_each_target_once() -> None:
    other = Sender("carts", OTHER_ROLE)
    both = Each({"a": FailureRoutes(((DEAD, BY_ROLE),), None), "b": FailureRoutes(((DEAD, other),), DENIED)})
    assert failure_targets(both).readable() == ([FailureTarget(DEAD, (BY_ROLE, other))], DENIED)


def principal(arn: str) -> Principal:
    return Principal(arn, arn.rpartition("/")[2], Identity(arn, "role", ()), (), (), "")


def test_of_all_roles_only_those_that_send_are_kept() -> None:
    found = each(principal(ROLE), principal(OTHER_ROLE))
    assert sending_roles(each(target()), found) == SendingRoles({ROLE: principal(ROLE).identity}, {})


def test_roles_that_could_not_be_read_and_roles_that_do_not_exist() -> None:
    assert sending_roles(each(target()), each(unread=(ROLE,))).of(ROLE) == DENIED
    assert sending_roles(each(target()), each(unlisted=DENIED)).of(ROLE) == DENIED
    assert sending_roles(each(target()), each(replace(principal(ROLE), unread=DENIED))).of(ROLE) == DENIED
    assert sending_roles(each(target()), each(principal(OTHER_ROLE))).of(ROLE) is None
