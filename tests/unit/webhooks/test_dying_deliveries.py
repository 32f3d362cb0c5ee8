"""A worker may die anywhere between a change and its last webhook: nothing is lost, and twice is the same."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from facegate.model import DeliveryState
from facegate.webhooks import events
from tests.unit.delivery_world import APPS, HOUR, NOW, World, heard, says

DISABLED = events.DISABLED


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


def dying(make: Any, lasts: timedelta) -> Iterator[World]:
    """First the whole of it, then as many worlds in which a worker dies, before or after each effect."""
    whole = make(World())
    whole.run(lasts)
    yield whole
    for half in range(2 * whole.effects):
        world = make(World(dies_at=half / 2))
        world.run(lasts)
        yield world


def busy(world: World) -> World:
    world.endpoint("we_good", says(204))
    world.endpoint("we_late", says(500, 500, 429, 500, 204))  # by messages, then by the sweeper
    world.endpoint("we_gone", says(410))
    world.happen(changes=2)
    return world


def test_a_worker_may_die_at_any_effect_and_nothing_is_lost() -> None:
    whole, *worlds = dying(busy, 6 * HOUR)
    assert len(worlds) > 120, "announcing, trying, disabling and telling of it, and the sweeper's share"
    changes = {one for one in heard(whole) if DISABLED not in one[2] and "we_gone" not in one[0]}
    for world in worlds:
        got = heard(world)
        assert got >= changes
        assert len({body for _, _, body in got}) == len({name for _, name, _ in got}) == 3, "same id, same bytes"
        assert {url for url, _, body in got if DISABLED in body} == {
            "https://we_good.example",
            "https://we_late.example",
        }
        assert {one.state for name in ("we_good", "we_late") for one in world.of(name)} == {DeliveryState.DELIVERED}
        assert not world.seen("we_gone").enabled and world.store.kept["ver_1"].announced == 2
        assert not any(one.due_at for kept in (world.outbox.kept, world.outbox.kept_events) for one in kept.values())


def watched(world: World) -> World:
    for number in range(5):
        world.endpoint(f"we_{number}", says(204), tenant=f"tenant_{number % 3}", events=("vendor.*",))
    told = events.of_vendor("yunjian", True, NOW)
    world.outbox.kept_events[told.tenant, told.id] = told  # kept with the turn for the worse; its message was lost
    return world


def test_who_tells_everybody_may_die_anywhere_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(APPS["deliver_result"], "WATCHERS_AT_ONCE", 2)
    whole, *worlds = dying(watched, HOUR)
    assert len(whole.arrived) == 5 and len(worlds) > 60
    for world in worlds:
        assert heard(world) == heard(whole)
        assert {one.state for one in world.outbox.kept.values()} == {DeliveryState.DELIVERED}
        assert not any(event.due_at for event in world.outbox.kept_events.values())


def queued(world: World) -> World:
    """The first of six gets in when its turn comes; it ends the queue, and the others are sent at once."""
    world.endpoint("we_1", says(204), failing_since=NOW)
    world.gates.queues["we_1"], world.gates.took["we_1"] = NOW + timedelta(seconds=20), 15_000
    world.happen(changes=6)
    return world


def test_who_ends_a_queue_may_die_anywhere_too() -> None:
    whole, *worlds = dying(queued, HOUR)
    assert max(at for at, _, _, _ in whole.arrived) - NOW < timedelta(seconds=60), "and not 110"
    assert len(worlds) > 80
    for world in worlds:
        assert heard(world) == heard(whole)
        assert {one.state for one in world.of("we_1")} == {DeliveryState.DELIVERED}
