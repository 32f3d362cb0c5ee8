"""Processes on a clock that jumps, and on the real one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.pacing.clocks import RealClock, Steps, VirtualClock

WAITS = st.lists(st.lists(st.integers(0, 50), max_size=5), max_size=6)


def waiting(clock: VirtualClock, name: int, waits: list[int], seen: list[tuple[float, int]]) -> Steps[None]:
    for wait in waits:
        yield wait
        seen.append((clock.now_ms, name))


@given(WAITS)
def test_everybody_goes_on_exactly_when_his_wait_is_over(waits: list[list[int]]) -> None:
    clock, seen = VirtualClock(), list[tuple[float, int]]()
    for name, own in enumerate(waits):
        clock.start(waiting(clock, name, own, seen))
    clock.run()
    due = [(sum(own[: at + 1]), name) for name, own in enumerate(waits) for at in range(len(own))]
    assert sorted(seen) == sorted(due)
    assert [at for at, _ in seen] == sorted(at for at, _ in due), "and time never goes back"


def test_of_two_at_one_moment_the_one_that_waited_first_comes_first() -> None:
    clock, seen = VirtualClock(), list[tuple[float, int]]()
    clock.start(waiting(clock, 1, [10, 10], seen))
    clock.start(waiting(clock, 2, [20], seen))
    clock.run()
    assert seen == [(10, 1), (20, 2), (20, 1)]


def test_a_wait_that_is_over_already_takes_no_time() -> None:
    clock, seen = VirtualClock(5), list[tuple[float, int]]()
    clock.start(waiting(clock, 1, [-3], seen))
    clock.run()
    assert seen == [(5, 1)]


def failing() -> Steps[None]:
    yield 0
    raise ZeroDivisionError


@pytest.mark.parametrize("clock", [VirtualClock(), RealClock()], ids=lambda clock: type(clock).__name__)
def test_what_a_process_raises_is_raised_where_they_are_run(clock: VirtualClock | RealClock) -> None:
    clock.start(failing())
    with pytest.raises(ZeroDivisionError):
        clock.run()
