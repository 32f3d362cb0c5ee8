"""The backlog taken down: nothing is lost, nothing is called twice, and what others do is played fairly."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bench.pacing.clocks import Clock, Steps, VirtualClock
from bench.pacing.strategies import PER_SECOND, Alone, Bucket, Requeued, Strategy, Wait
from bench.pacing.vendors import Arrival, QuotaAlone, Times
from bench.pacing.workers import AGAIN_MS, WORK_MS, Backlog, worker


@dataclass
class Moody:
    """A vendor that takes a second, and refuses whenever it is told to."""

    clock: Clock
    refuses: list[bool] = field(default_factory=list)
    arrivals: list[Arrival] = field(default_factory=list)

    def call(self) -> Steps[bool]:
        admitted = not (self.refuses and self.refuses.pop())
        self.arrivals.append(Arrival(self.clock.now_ms, admitted))
        yield 1000
        return admitted


def taken_down(strategy: Callable[[Clock], Strategy], vendor: Any, jobs: int, workers: int) -> list[float]:
    clock, billed = vendor.clock, list[float]()
    backlog, made = Backlog(jobs, clock.now_ms), strategy(clock)
    for _ in range(workers):
        clock.start(worker(backlog, made, vendor, clock, billed.append))
    clock.run()
    return billed


@given(st.integers(0, 30), st.integers(1, 5), st.lists(st.booleans(), max_size=40))
def test_every_job_is_executed_once_however_often_it_is_refused(jobs: int, workers: int, refuses: list[bool]) -> None:
    vendor = Moody(VirtualClock(), refuses)
    billed = taken_down(Alone, vendor, jobs, workers)
    assert sum(arrival.admitted for arrival in vendor.arrivals) == jobs
    assert len(billed) == len(vendor.arrivals), "each run of the function called once"


def test_a_run_is_billed_from_its_first_read_to_its_answer() -> None:
    assert taken_down(Alone, Moody(VirtualClock()), 1, 1) == [WORK_MS + 1000]


def test_what_was_refused_comes_again_after_its_delay() -> None:
    vendor = Moody(VirtualClock(), [True])
    taken_down(Alone, vendor, 1, 1)
    first, second = vendor.arrivals
    assert second.at_ms - first.at_ms == 1000 + AGAIN_MS + WORK_MS


def test_no_more_run_at_once_than_there_are_workers() -> None:
    vendor = Moody(VirtualClock())
    taken_down(Alone, vendor, 12, 3)
    begun = [arrival.at_ms for arrival in vendor.arrivals]
    assert all(later - earlier >= 1000 for earlier, later in zip(begun, begun[3:], strict=False))


def test_who_tries_and_requeues_never_calls_within_an_interval_of_the_last() -> None:
    vendor = Moody(VirtualClock())
    billed = taken_down(Requeued, vendor, 30, 12)
    begun = [arrival.at_ms for arrival in vendor.arrivals]
    assert min(later - earlier for earlier, later in pairwise(begun)) >= 212
    assert len(billed) > len(begun), "and pays for it with runs that call nobody"


def test_a_bucket_gives_its_five_and_five_more_each_second() -> None:
    vendor = Moody(VirtualClock())
    taken_down(Bucket, vendor, 40, 40)
    begun = [arrival.at_ms for arrival in vendor.arrivals]
    for at, moment in enumerate(begun):
        assert at + 1 <= PER_SECOND + PER_SECOND * moment / 1000
    assert len(begun) == 40


def test_a_turn_that_is_none_calls_nobody() -> None:
    class Never(Alone):
        left = 3

        def turn(self) -> Steps[Any]:
            yield 0
            self.left -= 1
            return Wait(10) if self.left >= 0 else None

    vendor = Moody(VirtualClock())
    assert len(taken_down(Never, vendor, 1, 1)) == 4
    assert len(vendor.arrivals) == 1


def test_ways_and_calls_repeat_by_their_seed() -> None:
    def once(seed: str) -> list[Arrival]:
        vendor = QuotaAlone(VirtualClock(), Times(seed, 0.1), "sliding")
        taken_down(Alone, vendor, 50, 5)
        return vendor.arrivals

    assert once("a") == once("a") != once("b")


def test_a_way_takes_40_to_100_ms_and_a_spike_200_to_500_more() -> None:
    calm, rough = Times("a"), Times("a", 1.0)
    for _ in range(500):
        assert 40 <= calm.way_ms() <= 100
        assert 240 <= rough.way_ms() <= 600
