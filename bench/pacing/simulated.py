"""All strategies in virtual time: the same ways, the same backlog, every phase of either window."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from bench.pacing.clocks import Clock, VirtualClock
from bench.pacing.counted import Counted
from bench.pacing.figures import Counts, counts
from bench.pacing.strategies import PER_SECOND, Alone, Bucket, Requeued, Reserved, Strategy
from bench.pacing.template import WORKERS
from bench.pacing.vendors import ACTION, Arrival, QuotaAlone, Times, Vendor
from bench.pacing.workers import Backlog, worker
from facegate.pacing import Pace
from sandbox.quota import WINDOW_S

WINDOWS = ("sliding", "calendar")
SPIKES = {"steady": 0.0, "spikes": 0.005}
EPOCH_MS = 1_800_000_000_000.0  # when virtual time begins


class Plan(NamedTuple):
    workers: int
    strategy: Callable[[Clock, Counted, Pace], Strategy]


OURS, TWO, FIVE = "reserved turns (ours)", "MaximumConcurrency 2", "MaximumConcurrency 5"
PLANS = {
    OURS: Plan(WORKERS, Reserved),
    TWO: Plan(2, lambda clock, *_: Alone(clock)),
    FIVE: Plan(5, lambda clock, *_: Alone(clock)),
    "try and requeue": Plan(WORKERS, lambda clock, *_: Requeued(clock)),
    "token bucket": Plan(WORKERS, lambda clock, *_: Bucket(clock)),
}


@dataclass(frozen=True)
class Case:
    """What one row of the table is about."""

    strategy: str
    window: str
    ways: str  # a key of SPIKES


CASES = [Case(strategy, window, ways) for ways in SPIKES for window in WINDOWS for strategy in PLANS]


class Ran(NamedTuple):
    counts: Counts
    arrivals: list[Arrival]  # from the beginning of the run


def phases(case: Case, jobs: int, number: int, table: Counted) -> Iterator[Ran]:
    """The case in `number` phases of the window. Each has ways of its own, the same for every strategy."""
    for phase in range(number):
        clock = VirtualClock(EPOCH_MS)
        times = Times(f"{case.window} {phase}", SPIKES[case.ways])
        vendor = QuotaAlone(clock, times, case.window, phase_ms=1000 * WINDOW_S * phase / number)
        pace = Pace("bench", ACTION, case.ways, f"{case.window} {phase}", PER_SECOND)
        yield ran(clock, vendor, PLANS[case.strategy], jobs, table, pace)


def ran(clock: Clock, vendor: Vendor, plan: Plan, jobs: int, table: Counted, pace: Pace) -> Ran:
    """The backlog taken down, on whichever clock."""
    began_ms, runs_ms = clock.now_ms, list[float]()
    strategy, backlog = plan.strategy(clock, table, pace), Backlog(jobs, clock.now_ms)
    for _ in range(plan.workers):
        clock.start(worker(backlog, strategy, vendor, clock, runs_ms.append))
    clock.run()
    since = [Arrival(arrival.at_ms - began_ms, arrival.admitted) for arrival in vendor.arrivals]
    return Ran(counts(since, runs_ms, strategy.writes), since)
