"""An endpoint that hung answers again: neither its next event nor those that wait outlive the trouble's queue."""

from typing import Any

import pytest

from facegate.model import DeliveryState, Endpoint
from facegate.webhooks import recovery
from tests.unit.delivery_world import MINUTE, NOW, SECOND, World, arrivals, says
from tests.unit.memory_gates import MemoryGates

HANGS, WAITING = 15 * SECOND, 60


def mended() -> World:
    """It hung, each try for 15 s, and sixty events were given turns; one try more, and it answers at once."""
    world = World()
    endpoint = world.endpoint("we_1", says(204), failing_since=NOW - MINUTE)
    hung = world.gates.enter(endpoint, 1, False, NOW, 3 * HANGS)
    world.run(HANGS)
    world.gates.leave(hung, world.now)
    world.gates.enter(endpoint, 1, False, world.now, HANGS)
    for number in range(WAITING):
        world.happen(f"ver_{number}")
    world.run(SECOND)
    assert world.arrived == [] and max(one.next_at for one in world.of("we_1") if one.next_at) > NOW + 9 * MINUTE
    return world


def means(world: World) -> recovery.Means:
    return recovery.Means(world.gates, world.outbox, world.send)


def test_the_first_success_sends_those_who_wait_and_lets_the_next_event_in() -> None:
    world = mended()
    world.run(HANGS + 5 * SECOND)
    assert world.seen("we_1").failing_since is None
    assert {one.state for one in world.of("we_1")} == {DeliveryState.DELIVERED} and len(world.arrived) == WAITING
    at = world.now
    world.happen("ver_new")
    world.run(2 * SECOND)
    assert len(arrivals(world, "we_1")) == WAITING + 1 and arrivals(world, "we_1")[-1] - at <= 2 * SECOND


def test_whoever_says_that_it_is_mended_waits_no_longer_either() -> None:
    world = mended()
    seen = world.seen("we_1")
    world.outbox.change_endpoint(seen, failing_since=None)
    assert recovery.recovered(seen, means(world), world.now) == WAITING
    world.happen("ver_new")
    world.run(2 * SECOND)
    (new,) = [one for one in world.of("we_1") if one.verification == "ver_new"]
    assert new.state is DeliveryState.DELIVERED
    world.run(10 * SECOND)
    assert {one.state for one in world.of("we_1")} == {DeliveryState.DELIVERED}


def test_what_waits_for_its_next_try_is_not_hurried() -> None:
    world = mended()
    first, *others = world.of("we_1")
    later = world.now + 30 * MINUTE
    world.outbox.settle(first, {"at": world.now, "status": 500}, DeliveryState.PENDING, later, later)
    assert recovery.recovered(world.seen("we_1"), means(world), world.now) == len(others)
    kept = world.outbox.load("tenant_a", first.id)
    assert kept and kept.next_at == later


@pytest.mark.parametrize("turn_at", [None, NOW - MINUTE, NOW + recovery.SOON])
def test_nothing_is_sought_where_the_queue_is_over_soon(turn_at: Any) -> None:
    endpoint = Endpoint("we_1", "tenant_a", "https://a.example", ("*",), "sealed", NOW)
    gates = MemoryGates(queues={"we_1": turn_at} if turn_at else {})
    nowhere: Any = None
    assert recovery.recovered(endpoint, recovery.Means(gates, nowhere, nowhere), NOW) == 0
    assert gates.queues == {}
