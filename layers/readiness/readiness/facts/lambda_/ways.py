"""How a function is invoked by each of its qualifiers, and what keeps the events that it fails. Pure."""

from readiness.aws.arn import LATEST
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.lambda_.invokers import InvokeConfig, InvokeConfigs, Invokers, Urls
from readiness.facts.lambda_.live_versions import Configuration
from readiness.facts.lambda_.qualifiers import KeptFunction, Qualifier
from readiness.model import Fact, Unavailable

SYNCHRONOUS = frozenset({"apigateway", "cognito-idp", "elasticloadbalancing"})
ASYNCHRONOUS = frozenset({"codecommit", "config", "events", "iot", "logs", "s3", "ses", "sns"})
"""https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html"""

NOTHING_SAID = InvokeConfig(None, None, None)


class Way(Fact):
    """One qualifier of a function: which services may invoke it by that, as far as its policy shows.

    Those that wait for the answer, those that do not, and others. `keepers` are the ARNs of the dead-letter queues and
    destinations of failed events, `unkept` the versions that have neither. `role` is what the first of its versions
    runs under. `unread` is why somebody more may be seen.
    """

    name: str
    synchronous: tuple[str, ...]
    asynchronous: tuple[str, ...]
    others: tuple[str, ...]
    keepers: tuple[str, ...]
    unkept: tuple[str, ...]
    role: str = ""
    unread: Unavailable | None = None

    @property
    def seen(self) -> bool:
        """Whether anybody is seen who may invoke it by this qualifier."""
        return bool(self.synchronous or self.asynchronous or self.others)


@fact()
def way(
    qualifier: Qualifier,
    invokers: Invokers,
    urls: Urls | Unavailable,
    configs: InvokeConfigs,
    configurations: Each[Configuration],
) -> Way:
    """A destination belongs to the qualifier, a dead-letter queue to the version behind it."""
    behind = [configurations[version] for version in qualifier.versions]
    config = configs.of.get(qualifier.name, NOTHING_SAID)
    dead_letters = {each.dead_letters for each in behind if each.dead_letters}
    unread = urls if isinstance(urls, Unavailable) else None
    url = [] if isinstance(urls, Unavailable) or qualifier.name not in urls.qualifiers else ["a function URL"]
    others = [each for each in invokers.principals if _service(each) not in SYNCHRONOUS | ASYNCHRONOUS]
    return Way(
        name=qualifier.name,
        synchronous=(*(each for each in invokers.principals if _service(each) in SYNCHRONOUS), *url),
        asynchronous=tuple(each for each in invokers.principals if _service(each) in ASYNCHRONOUS),
        others=tuple(others),
        keepers=tuple(sorted(dead_letters | ({config.on_failure} if config.on_failure else set()))),
        unkept=() if config.on_failure else tuple(each.version for each in behind if not each.dead_letters),
        role=behind[0].role,
        unread=unread,
    )


class Ways(Fact):
    """What the qualifiers of one function tell of each other: through which it is seen to be invoked.

    `aliased`: it has aliases. `unread` is why there may be more to know.
    """

    seen: tuple[str, ...]
    aliased: bool
    unread: Unavailable | None


@fact(on=KeptFunction)
def ways(
    ways: Each[Way],
) -> Ways:
    """One that could not be read may be the one that is used."""
    found, unread = ways.readable()
    return Ways(
        seen=tuple(sorted(way.name for way in found if way.seen)),
        aliased=any(way.name != LATEST for way in found),
        unread=unread or next((way.unread for way in found if way.unread), None),
    )


def _service(principal: str) -> str:
    """The service that a principal such as `logs.eu-west-1.amazonaws.com` names."""
    return principal.partition(".")[0]
