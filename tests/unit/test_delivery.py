"""When an event is tried, and what an answer means."""

from datetime import timedelta

import pytest

from facegate import delivery
from facegate.model import Delivery
from tests.unit.values import NOW

WAITS_S = (0, 5, 30)


@pytest.mark.parametrize(
    ("status", "good"),
    [(200, True), (204, True), (299, True), (199, False), (300, False), (302, False), (304, False), (400, False),
     (410, False), (500, False), (None, False)],
)  # fmt: skip
def test_only_2xx_is_success(status: int | None, good: bool) -> None:
    assert delivery.delivered(status) is good


def test_the_schedule_is_walked_to_its_end() -> None:
    assert [delivery.next_wait_s(tries, 500, WAITS_S) for tries in range(5)] == [0, 5, 30, None, None]


@pytest.mark.parametrize("status", [None, 302, 429, 500])
def test_whatever_failed_is_tried_again(status: int | None) -> None:
    assert delivery.next_wait_s(1, status, WAITS_S) == 5


def test_gone_means_never_again() -> None:
    assert delivery.next_wait_s(1, 410, WAITS_S) is None


def test_a_message_before_its_time_is_one_too_many() -> None:
    waiting = Delivery("e.w", "tenant_a", "evt_1", "t", "we_1", "{}", NOW, next_at=NOW + timedelta(seconds=30))
    assert delivery.early(waiting, NOW + timedelta(seconds=29))
    assert not delivery.early(waiting, NOW + timedelta(seconds=30))
