"""The answers of earlier runs, and which of them a run may reuse: by age, revision, change events and verdicts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import msgspec
from msgspec import Struct, field

from readiness.aws.arn import is_table, is_within, name_in, resource_of, service_of
from readiness.engine.collect import needed
from readiness.engine.fact import Keeps, Source, ending_events, kept_types, source_of
from readiness.engine.rule import Check
from readiness.engine.snapshot import Kept, Place, name_of
from readiness.model import Carry, Given, Status, stored_name
from readiness.printable import line
from readiness.state.drift import CheckState, FlapDamping
from readiness.state.store import EndingCall, KeptFact, KeptFactsEnded

States = Mapping[str, CheckState]
"""The memory of each check of one table, by id."""


class Resting(Struct, frozen=True):
    """A resource of a check that rests on kept answers, as far as it limits their age.

    `all_places`: its verdict rests on the answers at all places, not only at its own. `again`: a status of it waits to
    be confirmed, by answers that are read from this time on. `passes` is False if its last verdict was neither PASS nor
    NOT_APPLICABLE.
    """

    home: Place
    resource: str
    all_places: bool
    again: datetime | None = None
    passes: bool = True

    def is_about(self, place: Place) -> bool:
        """Return True if the verdict rests on an answer at that place."""
        return _shares(self.home, place) and (self.all_places or _concerns(self.resource, name_of(place)))


class KeptAnswers(Struct, frozen=True, dict=True):
    """The answers of earlier runs. `states` are the memories of the checks of each table, by its home.

    `checks` are those of this run, `ended` the change events that end answers. `dict=True` is for the cached
    properties.
    """

    facts: Sequence[KeptFact]
    now: datetime
    states: Mapping[Place, States] = field(default_factory=dict)
    checks: Sequence[Check] = ()
    ended: Sequence[KeptFactsEnded] = ()

    def find(self, source: Source, place: Place, revision: str = "") -> Kept | None:
        """Return the answer of a fact at a place; None if this run has to fetch it.

        The newest answer is reused if no change event ended it, it is young enough, of this revision and still of its
        type, and no status waits to be confirmed by a newer one.
        """
        found = self.former(source, place, revision)
        if source.keeps is None or found is None or found.answer is None:
            return None
        return found if self.now - found.at < self._age(source, source.keeps, place) else None

    def former(self, source: Source, place: Place, revision: str = "") -> Kept | None:
        """Return the answer at a place also if this run should fetch it again; None if there is none.

        Its `answer` is None if it must not be used.
        """
        address = stored_name(source.identity), name_of(place)
        fact = self._of_revision.get((*address, revision)) or self._newest.get(address)
        return Kept(self._usable(fact, source, place, revision), fact.at) if fact else None

    def _usable(self, fact: KeptFact, source: Source, place: Place, revision: str) -> Any:
        """Return the decoded answer; None if it must not be used."""
        keeps = source.keeps
        if keeps is None or (keeps.revision and not revision == fact.revision != ""):
            return None
        if is_ended(fact, self.ended, {fact.type: source}) or not timedelta() <= self.now - fact.at < keeps.age:
            return None
        resting = self._resting.get(source.identity, ())
        if any(each.again and fact.at < each.again and each.is_about(place) for each in resting):
            return None
        return decoded(source.identity, fact.answer)

    def _age(self, source: Source, keeps: Keeps, place: Place) -> timedelta:
        """Return the age from which on the answer is not reused."""
        if keeps.otherwise is None:
            return keeps.age
        return keeps.age if self._passes(source, keeps, place) and self._is_settled(keeps) else keeps.otherwise

    def _passes(self, source: Source, keeps: Keeps, place: Place) -> bool:
        """Return True if the last verdicts that the age depends on were PASS or NOT_APPLICABLE."""
        if not keeps.while_passing:
            resting = self._resting.get(source.identity, ())
            return not any(not each.passes and each.is_about(place) for each in resting)
        optional = {check.id for check in self.checks if not check.required}
        tables = [states for home, states in self.states.items() if _shares(home, place)]
        named = [
            [_not_passing(state, required=check not in optional) for check, state in states.items() if _is(check, name)]
            for states in tables
            for name in keeps.while_passing
        ]
        return all(found and not any(found) for found in named)

    def _is_settled(self, keeps: Keeps) -> bool:
        """Return True if there is an answer of each fact with this `settled`, and all are settled."""
        if keeps.settled is None:
            return True
        if keeps not in self._settled:
            alike = (source for source in self._sources if source.keeps and source.keeps.settled == keeps.settled)
            kept = [self._answers(source) for source in alike]
            self._settled[keeps] = all(found and all(map(keeps.settled, found)) for found in kept)
        return self._settled[keeps]

    @cached_property
    def _settled(self) -> dict[Keeps, bool]:
        return {}

    @cached_property
    def _of_revision(self) -> Mapping[tuple[str, str, str], KeptFact]:
        """The newest answers of each revision: tables that share a function may want other variables of it."""
        return {(fact.type, fact.place, fact.revision): fact for fact in sorted(self.facts, key=lambda fact: fact.at)}

    @cached_property
    def _newest(self) -> Mapping[tuple[str, str], KeptFact]:
        return {(fact.type, fact.place): fact for fact in sorted(self.facts, key=lambda fact: fact.at)}

    @cached_property
    def _sources(self) -> Sequence[Source]:
        return [source_of(identity) for identity in needed(self.checks) if not issubclass(identity, Given)]

    def _answers(self, source: Source) -> list[Any]:
        """Return the newest answer at each place, without those that no longer fit the type."""
        name = stored_name(source.identity)
        found = [decoded(source.identity, fact.answer) for (kind, _), fact in self._newest.items() if kind == name]
        return [answer for answer in found if answer is not None]

    @cached_property
    def _resting(self) -> Mapping[type, Sequence[Resting]]:
        """The resources that limit the age of answers, by the type of the answer."""
        found: dict[type, list[Resting]] = {}
        for check in self.checks:
            for identity, all_places in kept_types(check.needs).items():
                for home, states in self.states.items():
                    found.setdefault(identity, []).extend(_resting(check, home, states.get(check.id), all_places))
        return found


def kept_sources(identities: Iterable[type]) -> dict[str, Source]:
    """Return the sources of the facts that are kept, by their stored names."""
    sources = (source_of(identity) for identity in identities if not issubclass(identity, (Given, Carry)))
    return {stored_name(source.identity): source for source in sources if source.keeps}


def is_ended(fact: KeptFact, ended: Iterable[KeptFactsEnded], sources: Mapping[str, Source]) -> bool:
    """Return True if change events end the answer, or if it is not known which do."""
    source = sources.get(fact.type)
    return any(
        source is None or each.calls is None or any(_ends(call, source, fact.place) for call in each.calls)
        for each in ended
    )


def _ends(call: EndingCall, source: Source, place: str) -> bool:
    """Return True if the call changes the answer at a place: it names the element of its service, or names none."""
    if call.event not in ending_events(source.identity):
        return False
    arns = (arn for arn in place.split(" ") if arn.startswith("arn:") and service_of(arn) == call.service)
    own = {line(name_in(arn)) for arn in arns}
    return not own or not call.names or not own.isdisjoint(call.names)


def decoded(kind: type, fields: Any) -> Any:
    """Return a stored value as its type; None if it no longer fits, because a release changed the type."""
    try:
        return msgspec.convert(fields, kind)
    except msgspec.ValidationError:
        return None


def _resting(check: Check, home: Place, state: CheckState | None, all_places: bool) -> Iterator[Resting]:  # noqa: FBT001
    """Yield the resources of a check that limit the age of answers. One that was never judged has not passed."""
    if state is None:
        yield Resting(home, "", all_places=True, passes=False)
        return
    failing = _not_passing(state, required=check.required)
    for resource in failing | _unconfirmed(state).keys():
        again = _unconfirmed(state).get(resource)
        yield Resting(home, resource, all_places, again, passes=resource not in failing)


def _not_passing(state: CheckState, *, required: bool) -> set[str]:
    """Return the resources whose last verdict was neither PASS nor NOT_APPLICABLE; "" for a blind check.

    The UNKNOWN of a check that is not required does not count.
    """
    failing = {name for name, known in state.known.items() if known.status.rank > Status.PASS.rank}
    return failing | state.unjudged | ({""} if state.blind and required else set())


def _unconfirmed(state: CheckState) -> Mapping[str, datetime]:
    """Return the resources whose known status differs from the one that was told, and when it can be confirmed.

    An answer that is older has caused the status, or was not read again since.
    """
    apart = FlapDamping().apart
    differing = {name: known.since for name, known in state.known.items() if not known.same(state.told.get(name))}
    return {name: since + apart for name, since in (differing | dict(state.gone)).items()}


def _is(check: str, name: str) -> bool:
    """Return True if the name is that of the check or of its rule."""
    return name in {check, check.partition("/")[0]}


def _shares(home: Place, place: Place) -> bool:
    """Return True if the place is below the home, or not on the axis of tables."""
    keys = dict(place)
    return all(keys.get(axis, key) == key for axis, key in home)


def _concerns(resource: str, place: str) -> bool:
    """Return False if the resource names another element of the kind that the place is, such as another function."""
    own = [arn for arn in place.split(" ") if arn.startswith("arn:") and not is_table(arn)]
    kinds = {_kind(arn) for arn in own}
    named = [arn for arn in resource.split(" ") if arn.startswith("arn:") and _kind(arn) in kinds]
    return not named or any(is_within(one, other) or is_within(other, one) for one in named for other in own)


def _kind(arn: str) -> tuple[str, str]:
    """Return the service and the type of the resource, such as `lambda` and `function`."""
    return service_of(arn), resource_of(arn).partition(":")[0].partition("/")[0]
