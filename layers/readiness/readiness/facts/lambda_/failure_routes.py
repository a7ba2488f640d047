"""Destinations of failed events, and the roles under which Lambda sends to them. Pure."""

from collections import defaultdict
from collections.abc import Mapping

from msgspec import Struct

from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.dynamodb.table import Table
from readiness.facts.iam.principals import Principal
from readiness.facts.lambda_.event_sources import uuid_of
from readiness.facts.lambda_.function_sources import FunctionSource
from readiness.facts.lambda_.invocation_paths import DlqFunction, InvokeConfigs, Qualifier
from readiness.facts.lambda_.live_versions import Configuration
from readiness.iam.evaluate import Identity
from readiness.model import Fact, Gone, Unavailable


class Sender(Struct, frozen=True):
    """A function and the role under which Lambda sends its failed events, for a `qualifier` or a `mapping` (UUID)."""

    function: str
    role: str
    qualifier: str = ""
    mapping: str = ""


class FailureRoutes(Fact):
    """Destinations of the failed events of a function: pairs of an ARN and a sender."""

    to: tuple[tuple[str, Sender], ...]
    unread: Unavailable | None


@fact()
def failure_routes(
    function: DlqFunction,
    qualifiers: Each[Qualifier],
    configurations: Each[Configuration],
    configs: InvokeConfigs | Unavailable,
    sources: Each[FunctionSource],
) -> FailureRoutes:
    """Return the dead-letter queues, the on-failure destinations, and those of event source mappings."""
    configured, unread = configurations.readable()
    named, unnamed = qualifiers.readable()
    polled, unpolled = sources.readable()
    unsaid = configs if isinstance(configs, Unavailable) else None
    destinations = {} if isinstance(configs, Unavailable) else configs.of
    versions = {qualifier.name: qualifier.versions for qualifier in named}
    role_of = {f"{function.arn}:{each.version}": each.role for each in configured}
    of_versions = [(each.dead_letters, Sender(function.name, each.role)) for each in configured if each.dead_letters]
    of_qualifiers = [
        *((config.on_failure, qualifier, "") for qualifier, config in destinations.items()),
        *((source.mapping.on_failure, source.qualifier, uuid_of(source.mapping)) for source in polled),
    ]
    behind = [
        (target, Sender(function.name, role_of[version], qualifier, mapping))
        for target, qualifier, mapping in of_qualifiers
        for version in versions.get(qualifier, (f"{function.arn}:{qualifier}",))
        if target and version in role_of
    ]
    return FailureRoutes(tuple(sorted({*of_versions, *behind}, key=_order)), unread or unnamed or unpolled or unsaid)


class FailureTarget(Fact):
    """A queue, topic, bucket, function or event bus that receives failed events. Its key is its ARN."""

    arn: str
    senders: tuple[Sender, ...]


@fact(on=Table)
def failure_targets(routes: Each[FailureRoutes]) -> Each[FailureTarget]:
    """Return one element per target, even if several functions send to it."""
    found, unlisted = routes.readable()
    senders: defaultdict[str, list[Sender]] = defaultdict(list)
    for of_one in found:
        for arn, sender in of_one.to:
            senders[arn].append(sender)
    unread = next((of_one.unread for of_one in found if of_one.unread), None)
    return Each({arn: FailureTarget(arn, tuple(by)) for arn, by in senders.items()}, unlisted or unread)


class SendingRoles(Fact):
    """The roles that send failed events, by ARN. A role that does not exist is absent."""

    known: Mapping[str, Identity]
    unread: Mapping[str, Unavailable]
    unlisted: Unavailable | None = None

    def of(self, role: str) -> Identity | Unavailable | None:
        """Return the role; None where it does not exist."""
        return self.known.get(role) or self.unread.get(role) or self.unlisted


@fact(on=Table)
def sending_roles(targets: Each[FailureTarget], principals: Each[Principal]) -> SendingRoles:
    """Return the roles, computed once for all targets."""
    answers = principals.answers()
    senders = {sender.role for target in targets.readable()[0] for sender in target.senders}
    found = {role: _identity(answers[role]) for role in senders if role in answers}
    return SendingRoles(
        known={arn: each for arn, each in found.items() if isinstance(each, Identity)},
        unread={arn: each for arn, each in found.items() if isinstance(each, Unavailable)},
        unlisted=principals.unlisted,
    )


def _identity(answer: Principal | Unavailable | Gone | None) -> Identity | Unavailable | None:
    """Return the permissions of a role, or why not all of its policies could be read."""
    if not isinstance(answer, Principal):
        return answer if isinstance(answer, Unavailable) else None
    return answer.incomplete or answer.identity


def _order(route: tuple[str, Sender]) -> tuple[str, ...]:
    arn, sender = route
    return arn, sender.function, sender.role, sender.qualifier, sender.mapping
