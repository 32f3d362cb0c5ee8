"""Days of webhooks on a clock of their own, through the real handlers: nothing is lost, and nothing is hurried."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facegate.model import DeliveryState
from facegate.webhooks import events
from facegate.wire import HttpRequest, HttpResponse, NotSent, Silent
from tests.unit.delivery_world import DAY, HOUR, MINUTE, NOW, SECOND, WAITS_S, World, arrivals, down, gaps_s, says

WEEK = 7 * DAY


def test_ten_tries_over_three_days_each_at_the_instant_that_was_promised() -> None:
    world, promised = World(), []
    settle = world.outbox.settle

    def noting(*given: Any) -> Any:
        promised.append(given[3])
        return settle(*given)

    world.outbox.settle = noting  # type: ignore[method-assign]
    world.endpoint("we_1", says(500))
    world.happen()
    world.run(WEEK)
    dates = arrivals(world, "we_1")
    assert len(dates) == len(WAITS_S) and dates[0] == NOW and promised.pop() is None
    for promise, earlier, at, base in zip(promised, dates[:-1], dates[1:], WAITS_S[1:], strict=True):
        assert 0.8 * base <= (promise - earlier).total_seconds() <= 1.2 * base
        assert timedelta() <= at - promise <= (SECOND if promise - earlier <= 15 * MINUTE else MINUTE)
    (one,) = world.of("we_1")
    assert (one.state, len(one.tries), one.next_at, one.due_at) == (DeliveryState.EXHAUSTED, 10, None, None)
    assert world.seen("we_1").failing_since == NOW and world.seen("we_1").enabled


@given(st.lists(st.sampled_from([200, 301, 404, 429, 500, 502, 503, 504]), min_size=1, max_size=11), st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_it_ends_with_the_first_success_or_the_tenth_failure(statuses: list[int], changes: int) -> None:
    world = World()
    world.endpoint("we_1", lambda now, request: said.pop(0) if (said := left[request.headers["webhook-id"]]) else 500)
    left = {events.event_id("ver_1", number + 1): list(statuses) for number in range(changes)}
    world.happen(changes=changes)
    world.run(WEEK)
    good = 200 in statuses[:10]
    tries = statuses.index(200) + 1 if good else 10
    state = DeliveryState.DELIVERED if good else DeliveryState.EXHAUSTED
    assert [(one.state, len(one.tries)) for one in world.of("we_1")] == [(state, tries)] * changes
    assert {world.store.kept["ver_1"].announced} == {changes}


def test_what_an_endpoint_asks_for_is_kept_to() -> None:
    world = World()
    asked = HttpResponse(503, {"retry-after": "9"})
    world.endpoint("we_1", lambda now, request: asked)
    world.happen()
    world.run(MINUTE)
    assert gaps_s(arrivals(world, "we_1")) == [9]


@pytest.mark.parametrize("error", [NotSent("no address"), Silent("DeadlinePassed")])
def test_no_answer_is_a_failure_and_is_told_in_its_kind(error: Exception) -> None:
    def silent(now: datetime, request: HttpRequest) -> int:
        raise error

    world = World()
    world.endpoint("we_1", silent)
    world.happen()
    world.run(SECOND)
    (one,) = world.of("we_1")
    assert one.tries[0]["error"] == f"{type(error).__name__}: {error}" and "status" not in one.tries[0]
    assert one.state is DeliveryState.PENDING


@pytest.mark.parametrize("header", ["Mon, 01 Jan 2026 00:00:00 +99999999999999999999", "soon"])
def test_no_header_makes_a_delivery_without_end(header: str) -> None:
    world = World()
    asked = HttpResponse(503, {"retry-after": header})
    world.endpoint("we_1", lambda now, request: asked)
    world.happen()
    world.run(WEEK)
    assert [(one.state, len(one.tries)) for one in world.of("we_1")] == [(DeliveryState.EXHAUSTED, 10)]


def test_nor_does_an_answer_that_nobody_foresaw() -> None:
    def unforeseen(now: datetime, request: HttpRequest) -> int:
        raise RecursionError("https://we_1.example/secret")

    world = World()
    world.endpoint("we_1", unforeseen)
    world.happen()
    world.run(WEEK)
    (one,) = world.of("we_1")
    assert (one.state, [tried["error"] for tried in one.tries]) == (DeliveryState.EXHAUSTED, ["RecursionError"] * 10)
    assert len(world.arrived) == 10


def test_with_every_message_of_the_workers_lost_the_sweeper_alone_brings_everything() -> None:
    world = World()
    world.endpoint("we_1", says(500, 500, 204))
    world.happen()
    world.loses_of = "deliver_result"
    world.run(DAY)
    assert len(world.arrived) == 3
    assert [one.state for one in world.of("we_1")] == [DeliveryState.DELIVERED]


def test_a_message_twice_is_a_try_once() -> None:
    world = World()
    world.endpoint("we_1", says(500, 204))
    world.happen()
    world.run(SECOND)
    (one,) = world.of("we_1")
    for _ in range(5):
        world.queue({"tenant": "tenant_a", "delivery": one.id})
    world.run(HOUR)
    assert len(world.arrived) == 2


def test_a_receiver_that_is_down_for_two_days_misses_none_of_a_thousand_events() -> None:
    world = World()
    world.endpoint("we_1", down(NOW + 2 * DAY))
    for number in range(1000):
        world.run(NOW + number * 2 * MINUTE - world.now)
        world.happen(f"ver_{number}")
    world.run(4 * DAY)
    assert {one.state for one in world.of("we_1")} == {DeliveryState.DELIVERED}
    took = {name for at, _, name, _ in world.arrived if at >= NOW + 2 * DAY}
    assert len(took) == 1000
    assert world.seen("we_1").failing_since is None
