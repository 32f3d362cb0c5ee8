"""What an Idempotency-Key made: in DynamoDB, and in the memory that the worlds of the unit tests stand on."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from facegate import ids
from facegate.adapters.once import ONCE_LIFE
from facegate.adapters.outbox import Outbox
from facegate.adapters.store import Store
from facegate.moves import Lost
from facegate.ports import Once
from facegate.problems import Problem, ProblemError
from tests.integration.store.test_endpoints import an_endpoint
from tests.unit.memory_outbox import MemoryOutbox
from tests.unit.memory_store import MemoryStore
from tests.unit.values import NOW, a_verification

ONCE, OTHERWISE = Once("key", "mark"), Once("key", "another mark")
MINUTE = timedelta(minutes=1)
Rooms = tuple[Any, Any]  # verifications and endpoints, over one table


@pytest.fixture(params=["table", "memory"])
def rooms(request: pytest.FixtureRequest, table: Any) -> Rooms:
    if request.param == "table":
        return Store(table), Outbox(table)
    outbox = MemoryOutbox()
    return MemoryStore(made=outbox.made), outbox


def make(store: Any, tenant: str, once: Once | None, at: Any = NOW) -> str:
    seen = a_verification(id=ids.new("ver", at), tenant=tenant, created_at=at)
    store.create(seen, once, at)
    assert store.load(tenant, seen.id) == seen
    return str(seen.id)


def is_lost(does: Any, *given: Any) -> bool:
    try:
        does(*given)
    except Lost:
        return True
    return False


def test_a_key_makes_one_thing_and_names_it_afterwards(rooms: Rooms, tenant: str) -> None:
    store, _ = rooms
    assert store.recall(tenant, ONCE, NOW) is None
    name = make(store, tenant, ONCE)
    assert store.recall(tenant, ONCE, NOW) == name
    twin = a_verification(id=ids.new("ver", NOW), tenant=tenant)
    assert is_lost(store.create, twin, ONCE, NOW + MINUTE)
    with pytest.raises(ProblemError) as raised:
        store.load(tenant, twin.id)
    assert raised.value.problem is Problem.NOT_FOUND, "nothing is made by halves"


def test_what_is_there_is_made_by_no_other_key(rooms: Rooms, tenant: str) -> None:
    store, _ = rooms
    seen = store.load(tenant, make(store, tenant, ONCE))
    other = Once("other", "mark")
    assert is_lost(store.create, replace(seen, reference="changed"), other, NOW)
    assert (store.load(tenant, seen.id), store.recall(tenant, other, NOW)) == (seen, None)


def test_without_a_key_each_request_makes_its_own(rooms: Rooms, tenant: str) -> None:
    store, _ = rooms
    assert make(store, tenant, None) != make(store, tenant, None)
    store.remember(tenant, None, "ver_1", NOW)
    assert store.recall(tenant, None, NOW) is None


def test_the_same_key_with_another_request_is_a_conflict(rooms: Rooms, tenant: str) -> None:
    store, _ = rooms
    make(store, tenant, ONCE)
    with pytest.raises(ProblemError) as raised:
        store.recall(tenant, OTHERWISE, NOW)
    assert raised.value.problem is Problem.IDEMPOTENCY_CONFLICT
    assert is_lost(store.remember, tenant, OTHERWISE, "ver_1", NOW)


def test_a_key_is_free_again_after_a_day_and_at_once_for_another_tenant(rooms: Rooms, tenant: str) -> None:
    store, _ = rooms
    name, tomorrow = make(store, tenant, ONCE), NOW + ONCE_LIFE
    assert store.recall(tenant, ONCE, tomorrow - MINUTE) == name
    assert is_lost(store.remember, tenant, ONCE, "ver_1", tomorrow - MINUTE)
    assert store.recall(tenant, OTHERWISE, tomorrow) is None
    later = make(store, tenant, OTHERWISE, tomorrow)
    assert store.recall(tenant, OTHERWISE, tomorrow) == later
    make(store, f"{tenant}_b", ONCE)


def test_what_a_key_made_is_remembered_whatever_it_was(rooms: Rooms, tenant: str) -> None:
    store, outbox = rooms
    store.remember(tenant, ONCE, "ver_1", NOW)
    assert store.recall(tenant, ONCE, NOW) == "ver_1"
    assert is_lost(store.remember, tenant, ONCE, "ver_2", NOW)
    assert is_lost(outbox.add_endpoint, an_endpoint(tenant), ONCE)
    assert store.recall(tenant, ONCE, NOW) == "ver_1"


def test_an_endpoint_is_kept_with_what_its_key_made_or_not_at_all(rooms: Rooms, tenant: str) -> None:
    store, outbox = rooms
    outbox.add_endpoint(an_endpoint(tenant), ONCE)
    assert (store.recall(tenant, ONCE, NOW), store.recall(tenant, ONCE, NOW + ONCE_LIFE)) == ("we_1", None)
    assert is_lost(outbox.add_endpoint, an_endpoint(tenant, "we_2"), ONCE)
    assert outbox.endpoint(tenant, "we_2") is None
    other = Once("other", "mark")
    assert is_lost(outbox.add_endpoint, an_endpoint(tenant), other)
    assert store.recall(tenant, other, NOW) is None


def test_of_eight_with_one_key_at_once_one_makes_it(store: Store, tenant: str) -> None:
    with ThreadPoolExecutor(8) as callers:
        lost = callers.map(lambda _: is_lost(make, store, tenant, ONCE), range(8))
        assert sorted(lost) == [False, *[True] * 7]
