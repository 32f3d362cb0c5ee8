"""A backlog, and workers that take it down: the life of a message as SQS and Lambda have it.

As many workers as the queue's MaximumConcurrency. A message that is put back is seen again after its delay.
"""

import heapq
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from bench.pacing.clocks import Clock, Steps
from bench.pacing.strategies import Strategy, Wait
from bench.pacing.vendors import Vendor

WORK_MS = 25  # of a run besides waiting and calling: the verification and its evidence are read
AGAIN_MS = 1000  # after a refusal; also for those who would have to come up with it


@dataclass
class Backlog:
    """When each message is seen; the first ones first."""

    jobs: int
    now_ms: float
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._seen_at = [self.now_ms] * self.jobs

    def take(self) -> float | None:
        with self._lock:
            return heapq.heappop(self._seen_at) if self._seen_at else None

    def put_back(self, seen_at_ms: float) -> None:
        with self._lock:
            heapq.heappush(self._seen_at, seen_at_ms)


def worker(
    backlog: Backlog, strategy: Strategy, vendor: Vendor, clock: Clock, ran: Callable[[float], None]
) -> Steps[None]:
    """Takes messages until there are none; `ran` hears how many milliseconds each run was billed."""
    while (seen_at := backlog.take()) is not None:
        if seen_at > clock.now_ms:
            yield seen_at - clock.now_ms
        began = clock.now_ms
        again_ms = yield from run(strategy, vendor)
        ran(clock.now_ms - began)
        if again_ms is not None:
            backlog.put_back(clock.now_ms + again_ms)


def run(strategy: Strategy, vendor: Vendor) -> Steps[float | None]:
    """One run of the function: in how many milliseconds its message comes again, None where it was answered."""
    yield WORK_MS
    turn = yield from strategy.turn()
    if isinstance(turn, Wait):
        return turn.ms
    if (yield from vendor.call()):
        strategy.answered(turn)
        return None
    strategy.refused(turn)
    return AGAIN_MS
