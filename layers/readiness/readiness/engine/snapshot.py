"""All facts at one instant, by type and place, and what an asker at a place is shown of them."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from types import NoneType
from typing import Any

from msgspec import Struct, field

from readiness.engine.each import Each
from readiness.engine.fact import Need, axes_of
from readiness.model import Carry, Given, Gone, Unavailable

Place = frozenset[tuple[type, str]]
"""An element chosen on each of some axes: pairs of the axis and the key of the element."""

ROOT: Place = frozenset()

Answer = Any
"""A fact's value, None where it is absent, `Gone`, or `Unavailable`; of the source of an axis, an `Each`."""


class ListingFailed(Struct, frozen=True):
    """A place below which an axis could not be listed wholly, and why."""

    parent: Place
    why: Unavailable | Gone


class InputUnavailable(Struct, frozen=True):
    """Why an asker can't be asked at a place; None where something that it needs is absent."""

    why: Unavailable | Gone | None


class Snapshot(Struct, dict=True):
    """All facts at one instant: `answers[type][place]`.

    `carried[type][home]` holds what checks handed over to this run, by resource; `home` is the place whose memory
    kept it. `fresh` are the answers, by type and the name of their place, that later runs may reuse.
    """

    answers: dict[type, dict[Place, Answer]] = field(default_factory=dict)
    fresh: dict[tuple[type, str], Answer] = field(default_factory=dict)
    carried: Mapping[type, Mapping[Place, Mapping[str, Carry]]] = field(default_factory=dict)

    @cached_property
    def _last(self) -> dict[type, tuple[Place, Each[Any]]]:
        """What `each` gathered last, by type."""
        return {}

    def places(self, axes: frozenset[type], within: Place = ROOT) -> Iterator[Place | ListingFailed]:
        """Every place on the axes that lies within another, in the order of the keys, and where the listing broke.

        Among the axes, or chosen already, are those that each of them stands on.
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
        """The elements of an axis below a place, as its source answered."""
        answer: Each[Any] | Unavailable | Gone | None = self.answers[axis][project(axes_of(axis) - {axis}, place)]
        return answer

    def answer(self, identity: type, place: Place) -> Answer:
        """The one fact of that type at the place, which chooses on all its axes; None for what was not given."""
        axes = axes_of(identity)
        if identity in axes:
            key = next(key for axis, key in place if axis is identity)
            listing = self.listing(identity, place)
            return listing.answers()[key] if isinstance(listing, Each) else listing
        if issubclass(identity, Given):
            return self.answers.get(identity, {}).get(project(axes, place))
        return self.answers[identity][project(axes, place)]

    def each(self, identity: type, place: Place) -> Each[Any]:
        """All facts of that type below the place, by the name of theirs within it. Nobody asks before all are there.

        They are gathered once for all askers in a row at places that differ in nothing that matters to them: a role
        that asks for all principals is one of a thousand that do.
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
        """The arguments for an asker at the place, or why it can't be asked: gone first, then absent, then unread."""
        answers = {name: self._asked(need, place) for name, need in needs.items()}
        untold = [
            answers[name] for name, need in needs.items() if not need.each and _kind(answers[name]) not in need.told
        ]
        for why in (Gone, NoneType, Unavailable):
            for answer in untold:
                if isinstance(answer, why):
                    return InputUnavailable(answer)
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


def project(axes: frozenset[type], place: Place) -> Place:
    """What a place chooses on some axes alone."""
    return frozenset(pair for pair in place if pair[0] in axes)


def resource_of(place: Place, home: Place) -> str:
    """What a finding at the place is about, among those of its home: what it chooses beyond it, else the home."""
    return name_of(place - home) or name_of(home)


def name_of(place: Place) -> str:
    """What a person calls the place: the keys of its innermost axes. Keys are ARNs, so it is unique in the run."""
    outer = frozenset().union(*(axes_of(axis) - {axis} for axis, _ in place))
    return " ".join(sorted(key for axis, key in place if axis not in outer))


def _kind(answer: Answer) -> type:
    return next((kind for kind in (NoneType, Unavailable, Gone) if isinstance(answer, kind)), object)
