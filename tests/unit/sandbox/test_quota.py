"""The vendor's rate, on a clock of our own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.quota import PER_SECOND, SHARE_A_WINDOW, Quota

DETECT = "DetectReflectLivenessAndCompare"
EIGHTHS = st.lists(st.integers(0, 48), max_size=60).map(sorted)  # of a second: exact as a float


def test_five_calls_fit_into_any_second_and_no_sixth() -> None:
    quota = Quota()
    assert [quota.admits(DETECT, "r", 10 + n / 10) for n in range(6)] == [True] * 5 + [False]


def test_the_second_slides() -> None:
    quota = Quota()
    for at in (0.0, 0.9, 0.9, 0.9, 0.9):
        assert quota.admits(DETECT, "r", at)
    assert quota.admits(DETECT, "r", 1.0)
    assert not quota.admits(DETECT, "r", 1.5)


def test_a_refused_call_does_not_count() -> None:
    quota = Quota()
    assert sum(quota.admits(DETECT, "r", 0.5) for _ in range(50)) == 5
    assert quota.admits(DETECT, "r", 1.5)


def test_each_action_and_each_region_has_its_own() -> None:
    quota = Quota()
    for action, limit in PER_SECOND.items():
        for region in ("a", "b"):
            assert sum(quota.admits(action, region, 0.0) for _ in range(50)) == limit


def test_a_calendar_second_begins_anew() -> None:
    quota = Quota("calendar")
    assert [quota.admits(DETECT, "r", 10.875) for _ in range(6)] == [True] * 5 + [False]
    assert [quota.admits(DETECT, "r", 11.0) for _ in range(6)] == [True] * 5 + [False]


def test_a_call_that_was_overtaken_counts_in_its_own_calendar_second() -> None:
    quota = Quota("calendar")
    for at in (0.9, 0.9, 0.9, 0.9, 1.1, 0.9):
        assert quota.admits(DETECT, "r", at)
    assert not quota.admits(DETECT, "r", 0.95)
    assert quota.admits(DETECT, "r", 1.2)


def in_one_window(window: str, eighths: list[int], last: int) -> int:
    """By definition: how many lie in the second that ends with `last`, or that the clock shows then."""
    first = last - 7 if window == "sliding" else last - last % 8
    return sum(first <= at <= last for at in eighths)


@pytest.mark.parametrize("window", SHARE_A_WINDOW)
@given(eighths=EIGHTHS)
def test_five_are_admitted_in_a_window_and_nobody_is_refused_in_vain(window: str, eighths: list[int]) -> None:
    quota, admitted = Quota(window), list[int]()
    for at in eighths:
        if quota.admits(DETECT, "r", at / 8):
            admitted.append(at)
            assert in_one_window(window, admitted, at) <= 5
        else:
            assert in_one_window(window, [*admitted, at], at) == 6
