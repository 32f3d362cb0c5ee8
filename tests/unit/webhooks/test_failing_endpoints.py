"""Endpoints that fail, hang, ask for less or are gone, for days, through the real handlers."""

import json
from dataclasses import replace
from datetime import datetime

from facegate.model import DeliveryState, Disabled
from facegate.signing import webhook
from facegate.webhooks import events
from facegate.wire import HttpRequest
from tests.unit.delivery_world import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    SECOND,
    SECRET,
    World,
    arrivals,
    down,
    says,
)

DISABLED = events.DISABLED
WEEK = 7 * DAY


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
        "failing_since": "2026-11-21T20:00:00.000Z",
    }  # fmt: skip
    assert gone.failing_since == NOW, "as the endpoint has it"


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
