"""The arithmetic of turns."""

import pytest

from facegate.pacing import SPREAD_MS, Pace


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
