"""Places at an endpoint, in DynamoDB and in memory: so many at a time, turns for the others, leases that end."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from facegate.adapters.gate import LEAST_STEP_MS, LONGEST_QUEUE_MS, MOST_STEP_MS, TOOK_MS, Gates
from facegate.adapters.outbox import Outbox
from facegate.model import Endpoint
from facegate.ports import Full, Place
from tests.unit.memory_gates import MemoryGates
from tests.unit.values import NOW

SECOND, MILLISECOND, LEASE = timedelta(seconds=1), timedelta(milliseconds=1), timedelta(seconds=45)


@pytest.fixture(params=["table", "memory"])
def gates(request: pytest.FixtureRequest, table: Any) -> Any:
    return Gates(table) if request.param == "table" else MemoryGates()


@pytest.fixture
def endpoint(tenant: str) -> Endpoint:
    return Endpoint(f"we_{tenant}", tenant, "https://a.example", ("*",), "sealed", NOW)


def enter(
    gates: Any, endpoint: Endpoint, width: int = 3, at: datetime = NOW, in_turn: bool = False
) -> Place | datetime:
    """A place, or the turn of who found none."""
    try:
        return gates.enter(endpoint, width, in_turn, at, LEASE)  # type: ignore[no-any-return]
    except Full as full:
        return full.turn_at


def test_so_many_get_a_place_and_the_others_turns_apart(gates: Any, endpoint: Endpoint) -> None:
    given = [enter(gates, endpoint) for _ in range(6)]
    places = [one for one in given if isinstance(one, Place)]
    assert {place.name for place in places} == {"place0", "place1", "place2"} and given[:3] == places
    step = TOOK_MS // 3 * MILLISECOND
    assert given[3:] == [NOW + step, NOW + 2 * step, NOW + 3 * step]


def test_each_endpoint_has_its_own_places(gates: Any, endpoint: Endpoint, tenant: str) -> None:
    other = Endpoint(f"we_{tenant}_b", tenant, "https://b.example", ("*",), "sealed", NOW)
    assert [isinstance(enter(gates, each, 1), Place) for each in (endpoint, other, endpoint)] == [True, True, False]


def test_what_is_left_is_free_and_shows_how_long_a_try_takes(gates: Any, endpoint: Endpoint) -> None:
    place = enter(gates, endpoint, 1)
    gates.leave(place, NOW + 4 * SECOND)
    later = NOW + 5 * SECOND
    assert isinstance(enter(gates, endpoint, 1, later), Place)
    assert enter(gates, endpoint, 1, later) == later + 4 * SECOND


def test_who_is_in_there_shows_that_it_takes_longer(gates: Any, endpoint: Endpoint) -> None:
    gates.leave(enter(gates, endpoint, 1), NOW + SECOND)
    assert isinstance(enter(gates, endpoint, 1, NOW + SECOND), Place)
    later = NOW + 11 * SECOND
    assert enter(gates, endpoint, 1, later) == later + 10 * SECOND


@pytest.mark.parametrize(("took", "step_ms"), [(timedelta(), LEAST_STEP_MS), (60 * SECOND, MOST_STEP_MS)])
def test_turns_are_neither_all_at_once_nor_out_of_sight(
    gates: Any, endpoint: Endpoint, took: timedelta, step_ms: int
) -> None:
    gates.leave(gates.enter(endpoint, 1, False, NOW, 2 * took + SECOND), NOW + took)
    later = NOW + 2 * took + SECOND
    assert isinstance(enter(gates, endpoint, 1, later), Place)
    assert enter(gates, endpoint, 1, later) == later + step_ms * MILLISECOND


def test_nobody_passes_those_who_wait_and_whose_turn_it_is_goes_in(gates: Any, endpoint: Endpoint) -> None:
    place = enter(gates, endpoint, 1)
    first = enter(gates, endpoint, 1)
    gates.leave(place, NOW)
    assert isinstance(first, datetime)
    newcomer = enter(gates, endpoint, 1)
    assert isinstance(newcomer, datetime) and newcomer > first
    assert isinstance(enter(gates, endpoint, 1, first, in_turn=True), Place)


def test_after_the_last_turn_the_door_is_open_to_all(gates: Any, endpoint: Endpoint) -> None:
    gates.leave(enter(gates, endpoint, 1), NOW + SECOND)
    first = enter(gates, endpoint, 1, NOW)
    turn = enter(gates, endpoint, 1, NOW)
    assert isinstance(first, Place) and isinstance(turn, datetime)
    gates.leave(first, NOW)
    assert isinstance(enter(gates, endpoint, 1, turn), Place)


def test_a_place_that_nobody_left_is_free_after_its_lease_and_leaving_late_takes_nothing_away(
    gates: Any, endpoint: Endpoint
) -> None:
    dead = enter(gates, endpoint, 1)
    assert isinstance(enter(gates, endpoint, 1, NOW + LEASE - MILLISECOND), datetime)
    mine = enter(gates, endpoint, 1, NOW + LEASE, in_turn=True)
    assert isinstance(mine, Place)
    gates.leave(dead, NOW + LEASE)
    assert isinstance(enter(gates, endpoint, 1, NOW + LEASE, in_turn=True), datetime)


def test_fewer_places_count_the_lowest(gates: Any, endpoint: Endpoint) -> None:
    for _ in range(3):
        assert isinstance(enter(gates, endpoint, 3), Place)
    assert isinstance(enter(gates, endpoint, 1, in_turn=True), datetime)


def test_a_queue_has_an_end(gates: Any, endpoint: Endpoint) -> None:
    gates.leave(gates.enter(endpoint, 1, False, NOW, 60 * SECOND), NOW + 59 * SECOND)
    at = NOW + 61 * SECOND
    assert isinstance(enter(gates, endpoint, 1, at), Place)
    turns = [enter(gates, endpoint, 1, at) for _ in range(60)]
    assert all(isinstance(turn, datetime) for turn in turns)
    longest = LONGEST_QUEUE_MS * MILLISECOND + MOST_STEP_MS * MILLISECOND
    assert all(at <= turn <= at + longest for turn in turns)  # type: ignore[operator]


def test_sixteen_at_once_share_three_places_and_every_turn_is_another(table: Any, endpoint: Endpoint) -> None:
    gates = Gates(table)
    with ThreadPoolExecutor(16) as workers:
        given = list(workers.map(lambda _: enter(gates, endpoint), range(48)))
    places = [one for one in given if isinstance(one, Place)]
    turns = sorted(one for one in given if isinstance(one, datetime))
    assert 1 <= len(places) == len({place.name for place in places}) <= 3
    assert all(later > earlier for earlier, later in pairwise(turns))


def test_who_forgets_the_queue_lets_newcomers_in_and_nobody_out(gates: Any, endpoint: Endpoint) -> None:
    assert gates.forget(endpoint) is None
    gates.leave(gates.enter(endpoint, 1, False, NOW, LEASE), NOW + 15 * SECOND)
    later = NOW + 15 * SECOND
    held = enter(gates, endpoint, 1, later)
    turns = [enter(gates, endpoint, 1, later) for _ in range(3)]
    assert isinstance(held, Place) and turns[-1] == later + 45 * SECOND
    assert gates.forget(endpoint) == turns[-1] and gates.forget(endpoint) is None
    assert enter(gates, endpoint, 1, later) == later + TOOK_MS * MILLISECOND, "the place is taken, and that is all"
    gates.forget(endpoint)
    assert isinstance(enter(gates, endpoint, 2, later), Place)


@pytest.mark.parametrize("others", [[], [1], [1, 1]], ids=["a place", "the first turn", "a turn behind"])
def test_what_a_worker_makes_anew_after_its_endpoint_was_removed_does_not_stay(
    table: Any, endpoint: Endpoint, others: list[int]
) -> None:
    gates, hour = Gates(table), 3600
    for n, _ in enumerate([*others, 1]):
        enter(gates, endpoint, 1, NOW + n * SECOND)
    (item,) = table.query(
        KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": f"TENANT#{endpoint.tenant}"}
    )["Items"]
    over = NOW + (len(others) * SECOND)
    assert item["expires_epoch"] == int(over.timestamp()) + 24 * hour


def test_places_go_with_their_endpoint(table: Any, endpoint: Endpoint) -> None:
    outbox, gates = Outbox(table), Gates(table)
    outbox.add_endpoint(endpoint)
    enter(gates, endpoint, 1)
    outbox.remove_endpoint(endpoint.tenant, endpoint.id)
    assert isinstance(enter(gates, endpoint, 1), Place)
