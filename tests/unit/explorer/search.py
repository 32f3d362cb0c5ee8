"""The walk, breadth first, so that the first breach has the shortest trace.

What somebody can do depends on the item and on himself alone. So each pair is worked out once, by number, and a place
of the walk is an item with a sweeper and three workers in order: which of them is which makes no difference.
"""

import gc
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from facegate.moves import MOVES
from tests.unit.explorer.programs import IDLE, Step, Worker, calling, checking, passing, sweeping
from tests.unit.explorer.promises import END, broken
from tests.unit.explorer.world import BEGINNINGS, Item, Moves

Pair = tuple[int, int]
Place = tuple[int, int, int, int, int]
SHIFT = 16  # more workers than 65,536 there are not
CREW = ("worker A", "worker B", "worker C")


class Breach(NamedTuple):
    promise: str
    trace: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join((self.promise, *(f"{number:3}. {step}" for number, step in enumerate(self.trace, 1))))


class Numbers:
    """Things by number, in the order of their appearance."""

    def __init__(self) -> None:
        self.things: list[Any] = []
        self._numbers: dict[Any, int] = {}

    def of(self, thing: Any) -> int:
        number = self._numbers.setdefault(thing, len(self.things))
        if number == len(self.things):
            self.things.append(thing)
        return number


class Pairs:
    """What comes of an item and somebody who acts on it, worked out when it is first asked for."""

    def __init__(self, program: Callable[[Item, Worker], Iterator[Step]], items: Numbers, workers: Numbers) -> None:
        self.program, self.items, self.workers = program, items, workers
        self.known: dict[int, list[Pair]] = {}
        self.broken: list[tuple[str, Step]] = []

    def after(self, item: int, worker: int) -> list[Pair]:
        return self.known.get(item << SHIFT | worker) or self._work_out(item, worker)

    def steps(self, item: int, worker: int) -> Iterator[tuple[Step, int, int]]:
        for step in self.program(self.items.things[item], self.workers.things[worker]):
            yield step, self.items.of(step.item), self.workers.of(step.worker)

    def all_steps(self) -> Iterator[Step]:
        """Of every pair that was met."""
        for pair in self.pairs():
            yield from (step for step, _, _ in self.steps(*pair))

    def pairs(self) -> list[Pair]:
        return [(known >> SHIFT, known % (1 << SHIFT)) for known in self.known]

    def _work_out(self, item: int, worker: int) -> list[Pair]:
        before, actor = self.items.things[item], self.workers.things[worker]
        found = self.known[item << SHIFT | worker] = []
        for step, after, at in self.steps(item, worker):
            self.broken += [(promise, step) for promise in broken(before, actor, step)]
            found.append((after, at))
        return found


class Explorer:
    """All that can come of the beginnings by a table of moves."""

    def __init__(self, moves: Moves = MOVES, beginnings: tuple[Item, ...] = BEGINNINGS) -> None:
        self.moves, self.beginnings = moves, beginnings
        self.items, self.workers = Numbers(), Numbers()
        self.crew = Pairs(lambda item, worker: checking(item, worker, moves), self.items, self.workers)
        self.alone = Pairs(self._alone, self.items, self.workers)
        self.caller = Pairs(self._calling, self.items, self.workers)
        self.acting = (self.alone, self.caller, self.crew)
        self.came_from: dict[Place, Place | None] = {}

    def walk(self) -> Breach | None:
        """The first breach, or None where every promise is kept."""
        gc.disable()  # nothing of a walk is garbage
        try:
            return self._walk()
        finally:
            gc.enable()

    def _walk(self) -> Breach | None:
        idle = self.workers.of(IDLE)
        places: list[Place] = [(self.items.of(item), idle, idle, idle, idle) for item in self.beginnings]
        came_from = self.came_from = dict.fromkeys(places)
        for place in places:  # it grows while it is walked
            for fresh in self._after(place):
                if fresh not in came_from:
                    came_from[fresh] = place
                    places.append(fresh)
            if any(pairs.broken for pairs in self.acting):
                return self._breach(place)
        return self._without_end()

    def _after(self, place: Place) -> list[Place]:
        item, sweeper, a, b, c = place
        found = [(after, at, a, b, c) for after, at in self.alone.after(item, sweeper)]
        found += [(after, at, a, b, c) for after, at in self.caller.after(item, sweeper)]
        for worker, one, two in ((a, b, c), (b, a, c), (c, a, b)):
            found += [
                (after, sweeper, at, one, two) if at <= one
                else (after, sweeper, one, at, two) if at <= two
                else (after, sweeper, one, two, at)
                for after, at in self.crew.after(item, worker)
            ]  # fmt: skip
        return found

    def _alone(self, item: Item, sweeper: Worker) -> Iterator[Step]:
        """What happens with all queues empty, all workers dead and no caller: the sweeper, and time."""
        for step in sweeping(item, sweeper, self.moves):
            yield step._replace(what=f"the sweeper: {step.what}")
        for step in passing(item):
            yield step._replace(worker=sweeper)

    def _calling(self, item: Item, sweeper: Worker) -> Iterator[Step]:
        for step in calling(item, self.moves):
            yield step._replace(worker=sweeper, what=f"the caller: {step.what}")

    def _breach(self, place: Place) -> Breach:
        [(promise, step), *_] = (broken for pairs in self.acting for broken in pairs.broken)
        crew, told = self._retold(place)
        able = (index for index, worker in enumerate(crew) if step in self._steps(place[0], worker))
        who = f"{CREW[next(able)]}: " if self.crew.broken else ""
        return Breach(promise, (*told, f"{who}{step.what}"))

    def _without_end(self) -> Breach | None:
        """I-1: left alone, from every item an end is reached."""
        before: dict[Pair, list[Pair]] = {}
        for pair in self.alone.pairs():
            for after in self.alone.after(*pair):
                before.setdefault(after, []).append(pair)
        ends = [pair for pair in self.alone.pairs() if self.items.things[pair[0]].finished]
        reached = set(ends)
        for end in ends:  # it grows too
            fresh = {earlier for earlier in before.get(end, ()) if earlier not in reached}
            reached |= fresh
            ends += fresh
        if not (lost := set(self.alone.pairs()) - reached):
            return None
        place = next(place for place in self.came_from if place[:2] in lost)
        return Breach(END, tuple(self._retold(place)[1]))

    def _path(self, place: Place) -> list[Place]:
        path, at = [place], self.came_from[place]
        while at is not None:
            path.append(at)
            at = self.came_from[at]
        return path[::-1]

    def _retold(self, place: Place) -> tuple[list[int], list[str]]:
        """Who stands where at last, each under his own name, and the steps that led there in words."""
        path, told = self._path(place), []
        crew = list(path[0][2:])
        for before, after in pairwise(path):
            told.append(self._step(before, after, crew))
        return crew, told

    def _step(self, before: Place, after: Place, crew: list[int]) -> str:
        """The step between two places that follow each other; `crew` moves on with it."""
        for index, worker in enumerate(crew):
            for step, item, at in self.crew.steps(before[0], worker):
                then = [*crew[:index], at, *crew[index + 1 :]]
                if (item, before[1], *sorted(then)) == after:
                    crew[:] = then
                    return f"{CREW[index]}: {step.what}"
        others = (step for pairs in (self.alone, self.caller) for step in pairs.steps(*before[:2]))
        return next(step.what for step, item, at in others if (item, at, *before[2:]) == after)

    def _steps(self, item: int, worker: int) -> list[Step]:
        return [step for step, _, _ in self.crew.steps(item, worker)]
