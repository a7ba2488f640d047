"""The machine: every order in which runs, the account and bad luck can take their next step, and what must hold."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any, Literal, NamedTuple

from tests.model.ports import RUSHED, Call, Change, Entry, Program, Remembered
from tests.model.state import RESOURCES, Account, Answer, Promise, Run, State, Waiting


class Scene(NamedTuple):
    """The bounds within which everything is tried: how many runs, and how often what may happen.

    `before`: what ran before these, and ended undisturbed. `rushes` are looks without time.
    """

    name: str
    runs: int = 2
    before: Literal["a run", "a run without time", "nothing"] = "a run"
    flips: int = 2
    both: bool = False
    blinks: int = 0
    waivers: int = 0
    pauses: int = 0
    judges: int = 0
    kills: int = 0
    losses: int = 0
    refusals: int = 0
    rushes: int = 0

    def start(self) -> State:
        names = ("flips", "blinks", "waivers", "pauses", "judges", "kills", "losses", "refusals", "rushes")
        return State(runs=(Run(),) * self.runs, budget=tuple((name, getattr(self, name)) for name in names))


class Explored(NamedTuple):
    """How much was tried, and the first broken promise."""

    states: int
    broken: str


class Machine:
    """DynamoDB's conditional writes and SNS, with the product's own code running on them."""

    program: Program = Program()

    def __init__(self) -> None:
        self.next_call = cache(self.program.next_call)

    def explore(self, scene: Scene) -> Explored:
        """Every reachable state within the bounds, until one breaks a promise."""
        start = self.begun(scene)
        known, frontier = {start}, [start]
        while frontier:
            state = frontier.pop()
            steps = list(self.steps(state, both=scene.both))
            for after in steps or [self.quiet(state)]:
                if after.promise.broken:
                    return Explored(len(known), after.promise.broken)
                if steps and after not in known:
                    known.add(after)
                    frontier.append(after)
        return Explored(len(known), "")

    def begun(self, scene: Scene) -> State:
        """What the first of the runs comes upon."""
        start = scene.start()
        if scene.before == "nothing":
            return start
        if scene.before == "a run":
            return self.settled(start, [scene.runs])
        rushed = self.settled(start._replace(budget=(("rushes", 1),)), [scene.runs], worst=True)
        return rushed._replace(budget=start.budget)

    def steps(self, state: State, *, both: bool) -> Iterator[State]:
        """Whatever can happen next. Nothing happens to the account once no run is left to see it."""
        alive = [number for number, run in enumerate(state.runs) if not run.ended]
        if alive and any(state.runs[number].phase == "settle" for number in alive):
            yield from self.account_moves(state, both=both)
        for number in alive:
            yield from self.run_moves(state, number)

    def account_moves(self, state: State, *, both: bool) -> Iterator[State]:
        account = state.account
        if state.left("flips"):
            for number in range(1 + both):
                yield state.spent("flips")._replace(account=flipped(account, number))
        if state.left("blinks"):
            yield state.spent("blinks")._replace(account=account._replace(readable=not account.readable))
        if state.left("waivers"):
            yield state.spent("waivers")._replace(account=account._replace(waived=not account.waived))
        if state.left("pauses"):
            yield state.spent("pauses")._replace(account=account._replace(paused=not account.paused))
        if state.left("judges"):
            yield state.spent("judges")._replace(account=account._replace(judge=account.judge + "1"))

    def run_moves(self, state: State, number: int) -> Iterator[State]:
        run = state.runs[number]
        call = self.next_call(run.phase, run.answers, run.table_id)
        if call[0] in {"over", "fails"}:
            yield self._after_phase(state, number, call)
            return
        yield self._answered(*self.perform(state, number, call), number)
        if call == ("look", 0) and state.left("rushes"):
            yield self._answered(state.spent("rushes"), ("ok", RUSHED), number)
        if state.left("kills"):
            yield _crashed(state.spent("kills"), number, "killed")
        if call[0] in {"commit", "claim", "publish", "delete"} and state.left("losses"):
            yield from self._unanswered(state.spent("losses"), number, call)
        if call[0] == "publish" and state.left("refusals"):
            yield self._answered(state.spent("refusals"), ("raise", "Refused"), number)

    def _unanswered(self, state: State, number: int, call: Call) -> Iterator[State]:
        """The call was carried out, or not, and its run does not know."""
        lost = ("raise", {"commit": "WriteConflict", "publish": "Unanswered"}.get(call[0], "Fails"))
        after = self.perform(state, number, call)[0]
        for outcome in (after, state):
            crashed = outcome.promise._replace(crashed=outcome.promise.crashed or call[0] != "commit")
            yield self._answered(outcome._replace(promise=crashed), lost, number)

    def _answered(self, state: State, answer: Answer, number: int) -> State:
        run = state.runs[number]
        return state.with_run(number, run._replace(answers=(*run.answers, answer)))

    def _after_phase(self, state: State, number: int, call: Call) -> State:
        if call[0] == "fails":
            return _crashed(state, number, "failed")
        if state.runs[number].phase == "settle":
            return state.with_run(number, Run(phase="deliver", table_id=call[1]))
        return state.with_run(number, Run(ended="done"))

    def perform(self, state: State, number: int, call: Call) -> tuple[State, Answer]:
        """Carry a call out."""
        after, value = getattr(self, call[0])(state, number, *call[1:])
        return after, value if isinstance(value, tuple) and value[:1] == ("raise",) else ("ok", value)

    def read(self, state: State, _number: int) -> tuple[State, Any]:
        account = state.account
        said = (account.waived, account.paused, account.judge)
        return state, Remembered(state.version, state.memory, *said, state.table_id)

    def look(self, state: State, _number: int, resource: int) -> tuple[State, Any]:
        account = state.account
        if resource == 1 and not account.readable:
            return state, None
        return state, (RESOURCES[resource], account.failing[resource], account.moves[resource])

    def commit(self, state: State, number: int, before: Remembered, change: Change) -> tuple[State, Any]:
        if not self.wins(state, number, before):
            return state, ("raise", "WriteConflict")
        return self.written(state, change), None

    def wins(self, state: State, _number: int, before: Remembered) -> bool:
        """DynamoDB's condition."""
        return state.version == before.version

    def written(self, state: State, change: Change) -> State:
        """One transaction."""
        state = promised(state, change)
        version = state.version + 1
        outbox = (*state.outbox, Waiting(version, change.body, change.table_id)) if change.body else state.outbox
        return state._replace(version=version, memory=change.memory, table_id=change.table_id, outbox=outbox)

    def head(self, state: State, _number: int) -> tuple[State, Any]:
        first = next(iter(state.outbox), None)
        return state, Entry(first.version, first.body, first.table_id) if first else None

    def claim(self, state: State, number: int, version: int, _long: bool) -> tuple[State, Any]:  # noqa: FBT001
        entry = next((each for each in state.outbox if each.version == version), None)
        if entry is None or not self.free(state, entry, number):
            return state, False
        claimed = entry._replace(owner=number)
        return state._replace(outbox=tuple(claimed if each is entry else each for each in state.outbox)), True

    def free(self, state: State, entry: Waiting, number: int) -> bool:
        """A lease ends only after its owner did."""
        return entry.owner is None or entry.owner == number or bool(state.runs[entry.owner].ended)

    def publish(self, state: State, _number: int, version: int, body: str) -> tuple[State, Any]:
        sent = [earlier for earlier, _ in state.topic]
        if version in sent and not state.promise.crashed:
            state = state.break_promise("published twice without a crash")
        if version not in sent and any(earlier > version for earlier in sent):
            state = state.break_promise("told in another order than recorded")
        return state._replace(topic=(*state.topic, (version, body))), None

    def release(self, state: State, number: int, version: int) -> tuple[State, Any]:
        mine = (version, number)
        outbox = (each._replace(owner=None) if (each.version, each.owner) == mine else each for each in state.outbox)
        return state._replace(outbox=tuple(outbox)), None

    def discard(self, state: State, number: int, version: int, table_id: str) -> tuple[State, Any]:
        """One transaction, on the condition that what is remembered is of that table."""
        if state.table_id != table_id:
            return state, False
        return self.delete(state, number, version)[0], True

    def delete(self, state: State, _number: int, version: int) -> tuple[State, Any]:
        return state._replace(outbox=tuple(each for each in state.outbox if each.version != version)), None

    def quiet(self, state: State) -> State:
        """Some undisturbed runs later, with all in sight again, people must know how things are."""
        account = state.account._replace(readable=True, waived=False, paused=False)
        return kept(self.settled(state._replace(account=account), [len(state.runs)] * 3))

    def settled(self, state: State, numbers: list[int], *, worst: bool = False) -> State:
        """After that many runs, one after the other, that nothing disturbs, or with the worst that may happen."""
        runs = state.runs
        for number in numbers:
            state = state._replace(runs=(*runs, Run()))
            while not state.runs[number].ended:
                state = tuple(self.run_moves(state, number))[-1 if worst else 0]
        return state._replace(runs=runs)


def flipped(account: Account, number: int) -> Account:
    """Another verdict is true of a resource."""
    failing = tuple(each != (index == number) for index, each in enumerate(account.failing))
    moves = tuple(each + (index == number) for index, each in enumerate(account.moves))
    return account._replace(failing=failing, moves=moves)


def promised(state: State, change: Change) -> State:
    """What a commit that wins must keep."""
    promise = state.promise
    newest = tuple(old if each is None else each[1] for old, each in zip(promise.seen, change.seen, strict=True))
    if any(new < old for new, old in zip(newest, promise.seen, strict=True)):
        state = state.break_promise("an observation went back")
    heard = dict(zip(RESOURCES, promise.heard, strict=True))
    for _kind, differences, _dark in json.loads(change.body or "[]"):
        for resource, before, after in differences:
            if heard[resource] != before:
                state = state.break_promise("a message's before is not the previous one's after")
            heard[resource] = after
    for resource, each in zip(RESOURCES, change.seen, strict=True):
        spoken = not change.paused and not (change.waived and resource == "b")
        if each and each[0] and spoken and heard[resource] != "FAIL":
            state = state.break_promise("a new failure was not told at the look that saw it")
    recorded = (*promise.recorded, state.version + 1) if change.body else promise.recorded
    broken = state.promise.broken
    return state._replace(promise=Promise(newest, recorded, tuple(heard.values()), promise.crashed, broken))


def kept(state: State) -> State:
    """What must be true when all is quiet."""
    if state.outbox:
        return state.break_promise("a message was never delivered")
    sent = dict.fromkeys(version for version, _ in state.topic)
    if tuple(sent) != state.promise.recorded:
        return state.break_promise("not all that is recorded was delivered, in order")
    truth = tuple("FAIL" if failing else "PASS" for failing in state.account.failing)
    if state.promise.heard != truth:
        return state.break_promise("the last thing told is not the truth")
    return state


def _crashed(state: State, number: int, how: str) -> State:
    promise = state.promise._replace(crashed=True)
    return state._replace(promise=promise).with_run(number, Run(ended=how))
