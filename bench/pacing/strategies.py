"""When a worker may call. Ours is the real code on a real table; the others are as one finds them.

The others keep their item in this process: only what they would write is counted, and a call to the table takes
`TABLE_MS`, between whose reading and writing others come.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from bench.pacing.clocks import Clock, Steps, moment
from bench.pacing.counted import Counted
from bench.pacing.template import LONGEST_WAIT_MS
from facegate.adapters.pace import Paces
from facegate.pacing import Pace, TooBusy, back_in_s

PER_SECOND, TABLE_MS = 5, 5


class Wait(NamedTuple):
    """No turn: the message goes back to its queue for so long."""

    ms: float


class Strategy(Protocol):
    @property
    def writes(self) -> int:
        """To the table, those included whose condition did not hold."""

    def turn(self) -> Steps[Any]:
        """Ends when the worker may call, or with a Wait."""

    def answered(self, turn: Any) -> None: ...
    def refused(self, turn: Any) -> None: ...


@dataclass
class Alone:
    """Nothing but as many workers as the queue lets run; a refused call comes again after a second."""

    clock: Clock
    writes: int = 0

    def turn(self) -> Steps[Any]:
        yield from ()

    def answered(self, turn: Any) -> None:
        pass

    def refused(self, turn: Any) -> None:
        pass


@dataclass
class Requeued(Alone):
    """One call each interval: who comes in between goes back to the queue for a second, its shortest delay."""

    interval_ms: float = Pace("", "", "", "", PER_SECOND).interval_ms
    _last_ms: float = float("-inf")

    def turn(self) -> Steps[Any]:
        yield TABLE_MS
        self.writes += 1
        if self.clock.now_ms < self._last_ms + self.interval_ms:
            return Wait(1000)
        self._last_ms = self.clock.now_ms


@dataclass
class Bucket(Alone):
    """Five tokens, five more each second: read the item, write it if nobody else has; no token, wait for the next."""

    tokens: float = PER_SECOND
    _at_ms: float = 0.0
    _version: int = 0

    def turn(self) -> Steps[Any]:
        while True:
            yield TABLE_MS
            now_ms, version = self.clock.now_ms, self._version
            tokens = min(PER_SECOND, self.tokens + (now_ms - self._at_ms) * PER_SECOND / 1000)
            if tokens < 1:
                yield (1 - tokens) * 1000 / PER_SECOND
                continue
            yield TABLE_MS
            self.writes += 1
            if version == self._version:
                self.tokens, self._at_ms, self._version = tokens - 1, now_ms, version + 1
                return


@dataclass
class Reserved:
    """Ours: the next free moment is taken, and waited for. What a silent call does to its line is not played."""

    clock: Clock
    table: Counted
    pace: Pace

    def __post_init__(self) -> None:
        self._paces, self._before = Paces(self.table.table), self.table.writes

    @property
    def writes(self) -> int:
        return self.table.writes - self._before

    def turn(self) -> Steps[Any]:
        yield TABLE_MS
        try:
            turn = self._paces.reserve(self.pace, moment(self.clock.now_ms), LONGEST_WAIT_MS)
        except TooBusy as busy:
            return Wait(1000 * back_in_s(busy.wait_ms, str(self.clock.now_ms)))
        yield 1000 * turn.left_s(moment(self.clock.now_ms))
        return turn

    def answered(self, turn: Any) -> None:
        self._paces.answered(turn, moment(self.clock.now_ms))

    def refused(self, turn: Any) -> None:
        self._paces.refused(turn, moment(self.clock.now_ms))
