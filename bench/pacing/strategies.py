"""When a worker may call. Ours is the real code on a real table; the others are as one finds them.

The others keep their item in this process: only what they would write is counted, and a call to the table takes
`TABLE_MS`, between whose reading and writing others come.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from bench.pacing.clocks import Clock, Steps, moment
from bench.pacing.table import Counted
from facegate.adapters.pace import Paces
from facegate.pacing import Pace, TooBusy

PER_SECOND, TABLE_MS = 5, 5
LONGEST_WAIT_MS = 5000  # the template's LongestWait


class Wait(NamedTuple):
    """No turn: the message goes back to its queue for so long."""

    ms: float


class Taken(NamedTuple):
    at_ms: int


def taken(reserved: int, asked: datetime) -> Taken:
    return Taken(int(asked.timestamp() * 1000) + reserved)


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
    """Nothing but as many workers as the queue lets run."""

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
    """Ours: the next free moment is taken, and waited for."""

    clock: Clock
    table: Counted
    pace: Pace

    def __post_init__(self) -> None:
        self._paces = Paces(self.table)

    @property
    def writes(self) -> int:
        return self.table.writes

    def turn(self) -> Steps[Any]:
        yield TABLE_MS
        asked = moment(self.clock.now_ms)
        try:
            turn = taken(self._paces.reserve(self.pace, asked, LONGEST_WAIT_MS), asked)
        except TooBusy:
            return Wait(LONGEST_WAIT_MS)
        yield turn.at_ms - self.clock.now_ms
        return turn

    def answered(self, turn: Any) -> None:
        pass

    def refused(self, turn: Any) -> None:
        self._paces.hold_back(self.pace, moment(self.clock.now_ms))
