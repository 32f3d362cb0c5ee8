"""A call in its turn: not before its moment, and no later than that either."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.adapters.trouble import ms
from facegate.pacing import Pace, TooBusy, Turn
from facegate.turns import place
from tests.unit.house import House
from tests.unit.memory_paces import MemoryPaces
from tests.unit.values import NOW

TAKES = timedelta(milliseconds=30)


@pytest.mark.parametrize("past_us", [0, 900, 999])
def test_a_turn_begins_at_its_moment_however_long_the_table_takes_to_give_it(past_us: int) -> None:
    """Seen in the bench: what the table took, and the rest of a millisecond, came on top of the spread."""
    house = House([], now=NOW + timedelta(microseconds=past_us))

    class Slow(MemoryPaces):
        def reserve(self, pace: Pace, now: datetime, longest_wait_ms: int) -> Turn:
            house.now += TAKES
            return super().reserve(pace, now, longest_wait_ms)

    slow = Slow()
    slow.free_in(500)
    with place("tencent_reflect", "r", "a", 5000, house.means(paces=slow)):
        assert house.now == NOW + timedelta(milliseconds=500)


@pytest.mark.parametrize(("over_ms", "used"), [(0, True), (1000, True), (1001, False), (200_000, False)])
def test_a_turn_whose_moment_is_long_over_is_not_used(over_ms: int, used: bool) -> None:
    """A worker that stood still comes back, and takes another."""
    house = House([])
    house.paces.free_in(500)

    def oversleep(seconds: float) -> None:
        house.sleep(seconds + over_ms / 1000)

    with suppress(TooBusy), place("tencent_reflect", "r", "a", 5000, house.means(sleep=oversleep)):
        assert used
        return
    assert not used


@given(st.integers(-5_000_000, 5_000_000))
def test_what_is_left_of_a_wait_is_never_less_than_nothing(us: int) -> None:
    now = NOW + timedelta(microseconds=us)
    turn = Turn(Pace("v", "a", "r", "AKID", 5), at_ms=ms(NOW), wait_ms=0)
    assert now + timedelta(seconds=turn.left_s(now)) == max(now, NOW)
    assert replace(turn, wait_ms=700).left_s(now) == turn.left_s(now)
