"""Whom the calls go to. A call takes 40 to 100 ms to its vendor, and 1.2 s from there on average if it is executed."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from bench.pacing.clocks import Clock, Steps
from sandbox.quota import Quota

ACTION = "DetectReflectLivenessAndCompare"  # five a second
ONE_WAY_MS, JITTER_MS = 40.0, 60.0
CALL_MS, CALL_SIGMA = 1200.0, 0.4  # the mean, and the spread of its logarithm: one in a hundred takes 0.4 s, or 2.8 s
SPIKES = (200.0, 500.0)  # how much longer one call in two hundred may take to its vendor


class Arrival(NamedTuple):
    at_ms: float
    admitted: bool


class Vendor(Protocol):
    arrivals: list[Arrival]

    def call(self) -> Steps[bool]:
        """Whether it was executed; else it was refused at the gate."""


@dataclass
class Times:
    """How long calls take: the same for everybody who starts with the same seed."""

    seed: str
    spikes: float = 0.0  # the share of calls that take much longer

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def way_ms(self) -> float:
        late = self._random.uniform(*SPIKES) if self._random.random() < self.spikes else 0.0
        return ONE_WAY_MS + self._random.uniform(0, JITTER_MS) + late

    def call_ms(self) -> float:
        return self._random.lognormvariate(math.log(CALL_MS) - CALL_SIGMA**2 / 2, CALL_SIGMA)


@dataclass
class QuotaAlone:
    """The sandbox's quota in virtual time; its seconds begin `phase_ms` later than the clock's."""

    clock: Clock
    times: Times
    window: str
    phase_ms: float = 0.0
    arrivals: list[Arrival] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._quota = Quota(self.window)

    def call(self) -> Steps[bool]:
        yield self.times.way_ms()
        admitted = self._quota.admits(ACTION, "", (self.clock.now_ms - self.phase_ms) / 1000)
        self.arrivals.append(Arrival(self.clock.now_ms, admitted))
        yield self.times.call_ms() if admitted else ONE_WAY_MS
        return admitted


@dataclass
class Asked:
    """A vendor that is really asked, once the call's way is over; `ask` says whether it was executed."""

    clock: Clock
    times: Times
    ask: Callable[[], bool]
    arrivals: list[Arrival] = field(default_factory=list)

    def call(self) -> Steps[bool]:
        yield self.times.way_ms()
        at_ms = self.clock.now_ms
        admitted = self.ask()
        self.arrivals.append(Arrival(at_ms, admitted))
        took_ms = self.times.call_ms() if admitted else ONE_WAY_MS
        yield at_ms + took_ms - self.clock.now_ms
        return admitted
