"""Days of webhooks on a clock of their own, through the real handlers: nothing is lost, and nothing is hurried."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facegate import events
from facegate.model import DeliveryState, Disabled
from facegate.signing import webhook
from facegate.wire import HttpRequest, HttpResponse, NotSent, Silent
from tests.unit.delivery_world import MINUTE, NOW, SECRET, WAITS_S, World

DISABLED = events.DISABLED
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
WEEK = 7 * DAY


def says(*statuses: int) -> Any:
    """These, one after the other; the last one from then on."""
    left = list(statuses)
    return lambda now, request: left.pop(0) if len(left) > 1 else left[0]


def down(until: datetime, status: int = 503) -> Any:
    return lambda now, request: status if now < until else 204


def arrivals(world: World, endpoint: str) -> list[datetime]:
    return [at for at, url, _, _ in world.arrived if url == f"https://{endpoint}.example"]


def gaps_s(dates: list[datetime]) -> list[float]:
    return [(later - earlier).total_seconds() for earlier, later in pairwise(dates)]


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


# one that is gone, failing, disabled


def test_gone_disables_once_and_the_other_endpoints_hear_of_it_once() -> None:
    world = World()
    world.endpoint("we_gone", says(410))
    world.endpoint("we_other", says(204))
    world.endpoint("we_choosy", says(204), events=("verification.*",))
    world.happen(changes=3)
    world.run(DAY)
    gone = world.seen("we_gone")
    assert (gone.enabled, gone.disabled_why, gone.disabled_at) == (False, Disabled.GONE, NOW)
    assert len(arrivals(world, "we_gone")) == 1
    assert sorted(one.state for one in world.of("we_gone")) == ["exhausted", "skipped", "skipped"]
    told = [json.loads(body) for _, url, _, body in world.arrived if events.DISABLED in body]
    assert [url for _, url, _, body in world.arrived if events.DISABLED in body] == ["https://we_other.example"]
    assert told[0]["data"]["webhook_endpoint"] == {
        "id": "we_gone", "enabled": False, "disabled_why": "gone", "disabled_at": "2026-11-21T20:00:00.000Z",
        "failing_since": None,
    }  # fmt: skip


def test_five_days_of_failures_disable_and_every_skipped_event_is_listed_and_sent_later() -> None:
    world = World()
    world.endpoint("we_1", down(NOW + 8 * DAY))
    for hour in range(0, 24 * 7, 6):
        world.run(NOW + hour * HOUR - world.now)
        world.happen(f"ver_{hour}")
    world.run(DAY)
    dead = world.seen("we_1")
    assert (dead.enabled, dead.disabled_why, dead.failing_since) == (False, Disabled.FAILING, NOW)
    assert dead.disabled_at and 5 * DAY <= dead.disabled_at - NOW <= 5 * DAY + 7 * HOUR
    assert max(arrivals(world, "we_1")) == dead.disabled_at
    by_state = [sum(one.state is state for one in world.of("we_1")) for state in DeliveryState]
    assert sum(by_state) == 28 and by_state[0] == by_state[1] == 0


def test_a_success_in_between_begins_the_five_days_anew() -> None:
    world = World()
    world.endpoint("we_1", lambda now, request: 204 if now - NOW > 4 * DAY and now - NOW < 4 * DAY + HOUR else 500)
    for hour in range(0, 24 * 8, 12):
        world.run(NOW + hour * HOUR + MINUTE - world.now)
        world.happen(f"ver_{hour}")
    world.run(HOUR)
    seen = world.seen("we_1")
    assert seen.enabled and seen.failing_since and seen.failing_since > NOW + 4 * DAY


def test_what_is_on_its_way_to_a_disabled_endpoint_is_skipped_when_its_time_comes_and_comes_by_replay() -> None:
    world = World()
    world.endpoint("we_1", says(500, 204))
    world.happen()
    world.run(SECOND)
    world.outbox.change_endpoint(world.seen("we_1"), enabled=False)
    world.happen("ver_2")
    world.run(HOUR)
    assert [(one.state, len(one.tries)) for one in world.of("we_1")] == [("skipped", 1), ("skipped", 0)]
    world.outbox.change_endpoint(world.seen("we_1"), enabled=True, failing_since=None)
    for one in world.of("we_1"):
        world.outbox.again(one, world.now, world.now + MINUTE)
        world.send({"tenant": one.tenant, "delivery": one.id})
    world.run(HOUR)
    assert [(one.state, one.round) for one in world.of("we_1")] == [("delivered", 1)] * 2
    assert len({body for _, _, name, body in world.arrived if name == "evt_1_1"}) == 1


def test_a_new_round_has_ten_tries_of_its_own() -> None:
    world = World()
    world.endpoint("we_1", says(500))
    world.happen()
    world.run(4 * DAY)
    (one,) = world.of("we_1")
    world.outbox.change_endpoint(world.seen("we_1"), failing_since=None)
    world.outbox.again(one, world.now, world.now)  # its message is lost: the sweeper brings it
    world.run(4 * DAY)
    (one,) = world.of("we_1")
    assert (one.state, [tried["round"] for tried in one.tries]) == (DeliveryState.EXHAUSTED, [0] * 10 + [1] * 10)


def test_an_endpoint_that_was_removed_is_tried_no_more() -> None:
    world = World()
    world.endpoint("we_1", says(500))
    world.happen()
    world.run(SECOND)
    world.outbox.remove_endpoint("tenant_a", "we_1")
    world.run(WEEK)
    assert (len(world.arrived), [one.state for one in world.of("we_1")]) == (1, [DeliveryState.SKIPPED])


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


# places


def test_one_that_asks_for_less_is_asked_one_at_a_time() -> None:
    world = World()
    most = []

    def busy(now: datetime, request: HttpRequest) -> int:
        most.append(sum(end > now for end in world.gates.places.values()))
        return 429

    world.endpoint("we_1", busy)
    world.happen(changes=5)
    world.run(MINUTE)
    assert set(most) == {1}
    slowed = world.seen("we_1").slowed_until
    assert slowed and slowed > NOW


def test_who_finds_no_place_comes_again_in_his_turn_and_no_try_is_counted() -> None:
    world = World()
    endpoint = world.endpoint("we_1", says(204))
    held = [world.gates.enter(endpoint, 10, False, NOW, 20 * SECOND) for _ in range(10)]
    world.happen(changes=40)
    world.run(10 * SECOND)
    assert (world.arrived, {len(one.tries) for one in world.of("we_1")}) == ([], {0})
    for place in held:
        world.gates.leave(place, world.now)
    world.run(5 * MINUTE)
    assert len(world.arrived) == 40 and {one.state for one in world.of("we_1")} == {DeliveryState.DELIVERED}


def test_a_place_of_a_worker_that_died_is_free_when_its_lease_is_over() -> None:
    world = World()
    endpoint = world.endpoint("we_1", says(204), failing_since=NOW)
    world.gates.enter(endpoint, 1, False, NOW, 45 * SECOND)
    world.happen()
    world.run(5 * MINUTE)
    (at,) = arrivals(world, "we_1")
    assert at >= NOW + 45 * SECOND


# two secrets


def test_both_secrets_sign_for_a_day_after_a_change() -> None:
    old = "whsec_" + "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE="
    valid: list[set[str]] = []

    def look(now: datetime, request: HttpRequest) -> int:
        good = set()
        for name, secret in (("new", SECRET), ("old", old)):
            try:
                webhook.verify(request.headers, request.body, [secret], now)
                good.add(name)
            except Exception:  # noqa: S112
                continue
        valid.append(good)
        return 500 if len(valid) < 2 else 204

    world = World(schedule=replace(World().schedule, waits_s=(0, 86_400)))
    world.endpoint("we_1", look, previous_secret=old, previous_ends_at=NOW + 12 * HOUR)
    world.happen()
    world.run(2 * DAY)
    assert valid == [{"new", "old"}, {"new"}]


# vendors


def test_a_vendors_trouble_is_told_to_every_tenant_that_asked_once() -> None:
    world = World()
    for number in range(120):
        world.endpoint(f"we_{number}", says(204), tenant=f"tenant_{number}", events=("vendor.*",))
    world.endpoint("we_not", says(204), events=("verification.*",))
    event = events.of_vendor("yunjian", True, NOW)
    world.outbox.keep_event(event)  # its message is lost
    world.run(HOUR)
    assert len(world.arrived) == 120 and {name for _, _, name, _ in world.arrived} == {event.id}
    assert len({body for _, _, _, body in world.arrived}) == 1
    assert world.outbox.event("tenant_7", event.id) == replace(event, tenant="tenant_7", due_at=None)
    assert world.outbox.event(events.EVERYBODY, event.id).due_at is None  # type: ignore[union-attr]


# dying anywhere


def busy_world(dies_at: float = -1) -> World:
    world = World(dies_at=dies_at)
    world.endpoint("we_good", says(204))
    world.endpoint("we_late", says(500, 429, 204))
    world.endpoint("we_gone", says(410))
    world.happen(changes=2)
    return world


def lives(world: World) -> None:
    for _ in range(3):
        world.run(HOUR)


def test_a_worker_may_die_at_any_effect_and_nothing_is_lost() -> None:
    whole = busy_world()
    lives(whole)
    assert whole.effects > 60, "announcing, trying, disabling and telling of it"
    expected = {
        (url, name, body) for _, url, name, body in whole.arrived if "we_gone" not in url and DISABLED not in body
    }
    for half in range(2 * whole.effects):
        world = busy_world(dies_at=half / 2)
        lives(world)
        got = {(url, name, body) for _, url, name, body in world.arrived if "we_gone" not in url}
        assert {one for one in got if DISABLED not in one[2]} == expected, half
        states = {one.endpoint: one.state for one in world.of("we_good") + world.of("we_late")}
        assert states == {"we_good": "delivered", "we_late": "delivered"}, half
        assert not world.seen("we_gone").enabled
        about = {(url, name) for url, name, body in got if DISABLED in body}
        assert len(about) == 2 and len({name for _, name in about}) == 1, half
        assert {world.store.kept["ver_1"].announced, not any(one.due_at for one in world.outbox.kept.values())} == {
            2,
            1,
        }
