"""Effects in the order in which they happen, and what may come between two of them: a worker's death, or a long wait.

An effect is whatever others can see: a write, a message, a call, a webhook, an object. What only looks is none.
"""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any


class Died(BaseException):
    """The function's time was over, or its machine's."""


@dataclass
class Worker:
    """One run of one function."""

    function: str
    dead: bool = False
    waits: int = 0  # how often everybody else went on meanwhile


@dataclass
class Effects:
    """`plan` says what comes at which moment: 2 is before the third effect, 2.5 after it."""

    plan: dict[float, Callable[[], None]] = field(default_factory=dict)
    at: int = 0
    workers: list[Worker] = field(default_factory=lambda: [Worker("nobody")])  # the last one is at work
    passed: Counter[tuple[str, str]] = field(default_factory=Counter)  # function, effect
    lurking: dict[str, tuple[int, Callable[[], None]]] = field(default_factory=dict)  # function -> moments left, what
    came: list[str] = field(default_factory=list)  # what was planned and has happened

    @property
    def worker(self) -> Worker:
        return self.workers[-1]

    def die(self) -> None:
        self.worker.dead = True

    def run(self, function: str, work: Callable[[], Any]) -> Any:
        """What the function answers; None where it died."""
        self.workers.append(Worker(function))
        try:
            return work()
        except Died:
            return None
        finally:
            self.workers.pop()

    def effect(self, name: str, inner: Callable[..., Any]) -> Callable[..., Any]:
        """Whoever is dead has no further effect, not by a `finally` either."""

        def outer(*given: Any, **named: Any) -> Any:
            worker, number = self.worker, self.at
            self.at += 1
            self._reach(number, worker)
            self.passed[worker.function, name] += 1
            done = inner(*given, **named)
            self._reach(number + 0.5, worker)
            return done

        return outer

    def _reach(self, moment: float, worker: Worker) -> None:
        if not worker.dead and (happens := self.plan.pop(moment, None) or self._lurks(worker.function)):
            self.came.append(worker.function)
            happens()
        if worker.dead:
            raise Died

    def _lurks(self, function: str) -> Callable[[], None] | None:
        """What lurks in this function, when as many of its moments as were said have passed."""
        if function not in self.lurking:
            return None
        left, happens = self.lurking.pop(function)
        if left:
            self.lurking[function] = left - 1, happens
        return None if left else happens


class Mortal:
    """A port whose effects count. `looks` names what has none."""

    def __init__(self, name: str, port: Any, effects: Effects, looks: Collection[str] = ()) -> None:
        self.name, self.port, self.effects, self.looks = name, port, effects, looks

    def __getattr__(self, word: str) -> Any:
        found = getattr(self.port, word)
        if callable(found) and word not in self.looks:
            found = self.effects.effect(f"{self.name}.{word}", found)
        self.__dict__[word] = found
        return found
