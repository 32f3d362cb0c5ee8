"""The arithmetic of turns."""

from collections import Counter
from contextlib import suppress
from datetime import timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facegate.adapters.trouble import ms
from facegate.pacing import PENALTY_MS, SPREAD_MS, STRIKES, Line, Pace, TooBusy, Turn, back_in_s
from tests.unit.memory_paces import MemoryPaces
from tests.unit.values import NOW

DEADLINE_MS = 20_000


def pace(per_second: int) -> Pace:
    return Pace("tencent_reflect", "DetectReflectLivenessAndCompare", "ap-singapore", "AKID", per_second)


@pytest.mark.parametrize(("per_second", "interval_ms"), [(5, 212), (20, 53), (1, 1060)])
def test_the_distance_between_two_turns(per_second: int, interval_ms: int) -> None:
    assert pace(per_second).interval_ms == interval_ms


@pytest.mark.parametrize("per_second", range(1, 101))
def test_no_second_ever_sees_one_call_too_many(per_second: int) -> None:
    """Of per_second + 1 calls the first may arrive as late as the spread allows and the last at once."""
    assert per_second * pace(per_second).interval_ms - SPREAD_MS >= 1000 - per_second / 2  # half a millisecond each


def test_each_action_region_and_account_has_a_pace_of_its_own() -> None:
    one = pace(5)
    others = [one._replace(**{name: "x"}) for name in ("vendor", "action", "region", "account")]
    assert len({one.key, *(other.key for other in others)}) == 5


@given(st.integers(0, 300_000), st.lists(st.uuids(), min_size=1, max_size=9))
def test_nobody_comes_back_before_the_line_is_free_nor_much_later(wait_ms: int, names: list[UUID]) -> None:
    for name in names:
        assert wait_ms <= 1000 * back_in_s(wait_ms, str(name)) <= max(1000, 1.5 * wait_ms + 1000)


def test_a_thousand_that_wait_for_the_same_moment_do_not_come_at_once() -> None:
    seconds = Counter(back_in_s(20_000, f"ver_{nth}") for nth in range(1000))
    assert len(seconds) >= 10 and max(seconds.values()) < 150


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["reserve", "reserve", "reserve", "refused", "failed", "answered", "strike", "unreached"]),
        st.integers(0, 15_000), st.integers(0, 90_000), st.integers(0, 9),
    ),
    min_size=5, max_size=80,
)  # fmt: skip  # what, after how many ms, the longest wait, which of the calls that are out


class Play:
    """A line, and calls that come and go as they are told."""

    def __init__(self) -> None:
        self.pace, self.paces, self.now = pace(5), MemoryPaces(deadline_ms=DEADLINE_MS), NOW
        self.out: list[Turn] = []
        self.taken: list[tuple[Turn, int]] = []  # with the number of times it had opened
        self.opened = 0

    @property
    def line(self) -> Line:
        return self.paces.lines.get(self.pace.key, Line())

    def step(self, what: str, after_ms: int, longest_ms: int, which: int) -> None:
        self.now += timedelta(milliseconds=after_ms)
        before = self.line
        begun = [turn for turn in self.out if turn.at_ms <= ms(self.now)]
        if what == "reserve":
            self.reserve(before, longest_ms)
        elif what == "unreached":
            self.paces.failed(Turn(self.pace, ms(self.now), 0), self.now)
        elif begun:
            self.end(what, begun[which % len(begun)], before)
        self.opened += bool(self.line.gap_ms and not before.gap_ms)
        assert bool(self.line.gap_ms) == (self.line.failures >= STRIKES)

    def reserve(self, before: Line, longest_ms: int) -> None:
        with suppress(TooBusy):
            turn = self.paces.reserve(self.pace, self.now, longest_ms)
            assert max(ms(self.now), before.free_ms) == turn.at_ms <= ms(self.now) + longest_ms
            self.out.append(turn)
            self.taken.append((turn, self.opened))

    def end(self, what: str, turn: Turn, before: Line) -> None:
        if what == "strike":
            return self.paces._lose_patience(turn)
        self.out.remove(turn)
        getattr(self.paces, what)(turn, self.now)
        if what == "refused":
            assert self.line.free_ms >= max(before.free_ms, ms(self.now) + PENALTY_MS)
        if what == "failed":
            assert self.line.free_ms >= before.free_ms
        if what == "answered" and self.line != before:
            assert self.line[1:] == (0, 0, 0)
            assert min(before.free_ms, ms(self.now) + self.pace.interval_ms) <= self.line.free_ms <= before.free_ms


@settings(max_examples=300)
@given(st.booleans(), STEPS)
def test_whatever_comes_turns_are_an_interval_apart_probes_a_call_apart_and_no_recovery_is_a_burst(
    broken: bool, steps: list[tuple[str, int, int, int]]
) -> None:
    play = Play()
    for _ in range(STRIKES * broken):
        play.step("unreached", 0, 0, 0)
    for step in steps:
        play.step(*step)
    for (earlier, _), (later, _) in pairwise(sorted(play.taken, key=lambda one: one[0].at_ms)):
        assert later.at_ms - earlier.at_ms >= play.pace.interval_ms
    probes = sorted((opened, turn.at_ms) for turn, opened in play.taken if turn.probes)
    for (opened, earlier_ms), (again, later_ms) in pairwise(probes):
        assert again != opened or later_ms - earlier_ms > DEADLINE_MS, "one is over before the next begins"
