"""All facts at one instant, by type and place, and the arguments that a fact or check at a place gets from them."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property
from types import NoneType
from typing import Any

from msgspec import Struct, field

from readiness.aws.answer import lacking
from readiness.engine.each import Each
from readiness.engine.fact import Need, absence_of, axes_of
from readiness.model import Carry, Given, Gone, Unavailable

Place = frozenset[tuple[type, str]]
"""One element of each of several axes, as pairs of the axis and the key of the element."""

ROOT: Place = frozenset()

Answer = Any
"""The value of a fact, None where it is absent, `Gone`, or `Unavailable`. For an axis it is an `Each`."""


class ListingFailed(Struct, frozen=True):
    """A place below which an axis could not be listed completely, and the reason."""

    parent: Place
    why: Unavailable | Gone


class Kept(Struct, frozen=True):
    """An answer of an earlier run, and when that run read it."""

    answer: Answer
    at: datetime


class Fetched(Struct, frozen=True):
    """An answer that later runs may reuse, and the revision of what was read; empty if the fact declares none."""

    answer: Answer
    revision: str = ""


class InputUnavailable(Struct, frozen=True):
    """The reason why a fact or check cannot run at a place; None where a fact that it needs is absent.

    `absent` is what that absence means, for people.
    """

    why: Unavailable | Gone | None
    absent: str = ""


class Snapshot(Struct, dict=True):
    """All facts at one instant: `answers[type][place]`.

    `carried[type][home]` are the values that checks of an earlier run stored for this one, by resource; `home` is the
    place of the table. `fresh` are the answers of this run, by type and place, that later runs may reuse.
    `as_of` are the facts that rest on an answer of an earlier run, or are one: the time when the oldest one was read.
    `spread` are the types of answers for all of which this run had no time.
    """

    answers: dict[type, dict[Place, Answer]] = field(default_factory=dict)
    fresh: dict[tuple[type, Place], Fetched] = field(default_factory=dict)
    carried: Mapping[type, Mapping[Place, Mapping[str, Carry]]] = field(default_factory=dict)
    as_of: dict[type, dict[Place, datetime]] = field(default_factory=dict)
    spread: set[type] = field(default_factory=set)

    @cached_property
    def _last(self) -> dict[type, tuple[Place, Each[Any]]]:
        """The last result of `each` by type, with its place."""
        return {}

    def read_at(self, needs: Mapping[str, Need], place: Place) -> datetime | None:
        """Return when the oldest answer of an earlier run was read that a fact or check with these needs rests on.

        None: it rests only on answers of this run.
        """
        kinds = [(need, self.as_of[need.kind]) for need in needs.values() if need.kind in self.as_of]
        return min((at for need, kept in kinds for at in self._read_at(need, place, kept)), default=None)

    def _read_at(self, need: Need, place: Place, kept: Mapping[Place, datetime]) -> Iterator[datetime]:
        axes = axes_of(need.kind)
        if not need.each:
            listed = project(axes - {need.kind}, place)
            yield from [kept[listed]] if listed in kept else []
            return
        key = need.kind, project(axes, place)
        if key not in self._oldest:
            keys = dict(key[1])
            below = (at for each, at in kept.items() if all(keys.get(axis, name) == name for axis, name in each))
            self._oldest[key] = min(below, default=None)
        yield from filter(None, [self._oldest[key]])

    @cached_property
    def _oldest(self) -> dict[tuple[type, Place], datetime | None]:
        """The results of `read_at` for all facts of a type below a place."""
        return {}

    def places(self, axes: frozenset[type], within: Place = ROOT) -> Iterator[Place | ListingFailed]:
        """Yield every place on the axes within another place, in the order of the keys, and each failed listing.

        The axes on which one of the axes depends must be among them or in `within`.
        """
        missing = [axis for axis in axes if axis not in {axis for axis, _ in within}]
        if not missing:
            yield frozenset(pair for pair in within if pair[0] in axes)
            return
        axis = min(missing, key=lambda axis: (len(axes_of(axis)), axis.__name__))
        match self.listing(axis, within):
            case Each() as listing:
                for key in listing.answers():
                    yield from self.places(axes, within | {(axis, key)})
                if listing.unlisted is not None:
                    yield ListingFailed(within, listing.unlisted)
            case Unavailable() | Gone() as why:
                yield ListingFailed(within, why)
            case None:
                pass

    def listing(self, axis: type, place: Place) -> Each[Any] | Unavailable | Gone | None:
        """Return the elements of an axis below a place, as its source returned them."""
        answer: Each[Any] | Unavailable | Gone | None = self.answers[axis][project(axes_of(axis) - {axis}, place)]
        return answer

    def answer(self, identity: type, place: Place) -> Answer:
        """Return the fact of the type at a place that has all its axes; None for a `Given` type without a value."""
        axes = axes_of(identity)
        if identity in axes:
            key = next(key for axis, key in place if axis is identity)
            listing = self.listing(identity, place)
            return listing.answers()[key] if isinstance(listing, Each) else listing
        if issubclass(identity, Given):
            return self.answers.get(identity, {}).get(project(axes, place))
        return self.answers[identity][project(axes, place)]

    def each(self, identity: type, place: Place) -> Each[Any]:
        """Return all facts of the type below the place, by the name of their place within it.

        All of them must be collected. The last result is reused for places that are equal on the axes of the type,
        because a fact that needs all principals may be fetched for a thousand roles.
        """
        if issubclass(identity, Carry):
            return Each(self._handed_over(identity, place)[1])
        axes = axes_of(identity)
        above = project(axes, place)
        if len(above) == len(axes):
            return self._gathered(identity, place)
        if identity not in self._last or self._last[identity][0] != above:
            self._last[identity] = above, self._gathered(identity, above)
        return self._last[identity][1]

    def _gathered(self, identity: type, place: Place) -> Each[Any]:
        elements: dict[str, Answer] = {}
        unlisted = None
        for each in self.places(axes_of(identity), place):
            if isinstance(each, ListingFailed):
                unlisted = each.why if isinstance(each.why, Unavailable) else unlisted
            else:
                elements[resource_of(each, place)] = self.answer(identity, each)
        return Each(elements, unlisted)

    def shown(self, needs: Mapping[str, Need], place: Place) -> dict[str, Any] | InputUnavailable:
        """Return the arguments of a fact or check at the place, or why it cannot run: gone, absent or unread."""
        answers = {name: self._asked(need, place) for name, need in needs.items()}
        untold = [name for name, need in needs.items() if not need.each and _kind(answers[name]) not in need.told]
        for why in (Gone, NoneType, Unavailable):
            for name in untold:
                if isinstance(answers[name], why):
                    return InputUnavailable(answers[name], absence_of(needs[name].kind) if why is NoneType else "")
        return {name: answer for name, answer in answers.items() if needs[name].passed}

    def _asked(self, need: Need, place: Place) -> Answer:
        if need.each:
            return self.each(need.kind, place)
        if issubclass(need.kind, Carry):
            home, carried = self._handed_over(need.kind, place)
            return carried.get(resource_of(place, home))
        return self.answer(need.kind, place)

    def _handed_over(self, carry: type, place: Place) -> tuple[Place, Mapping[str, Carry]]:
        homes = self.carried.get(carry, {})
        return next(((home, carried) for home, carried in homes.items() if home <= place), (ROOT, {}))


def failures(answer: Answer) -> Iterator[Unavailable]:
    """Yield the reasons why a fact, a field of it, an element of an axis or its whole list could not be read."""
    if isinstance(answer, Each):
        yield from (why for each in answer.answers().values() for why in failures(each))
        yield from filter(None, [answer.unlisted])
    elif isinstance(answer, Unavailable):
        yield answer
    else:
        yield from (why for why in lacking(answer).values() if isinstance(why, Unavailable))


def project(axes: frozenset[type], place: Place) -> Place:
    """Return the part of a place on these axes."""
    return frozenset(pair for pair in place if pair[0] in axes)


def resource_of(place: Place, home: Place) -> str:
    """Return the resource of a finding: the name of the place within the home, or the name of the home itself."""
    return name_of(place - home) or name_of(home)


def name_of(place: Place) -> str:
    """Return the name of a place: the keys of its innermost axes. Keys are ARNs, so names are unique in a run."""
    outer = frozenset().union(*(axes_of(axis) - {axis} for axis, _ in place))
    return " ".join(sorted(key for axis, key in place if axis not in outer))


def _kind(answer: Answer) -> type:
    return next((kind for kind in (NoneType, Unavailable, Gone) if isinstance(answer, kind)), object)
