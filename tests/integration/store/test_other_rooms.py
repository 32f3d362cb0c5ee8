"""Turns, tenants and what is due, in DynamoDB."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from facegate import apikeys
from facegate.adapters.due import DueIndex
from facegate.adapters.pace import Paces
from facegate.adapters.tenants import Tenants
from facegate.model import stamp
from facegate.moves import Lost
from facegate.pacing import PENALTY_MS, Pace, TooBusy
from tests.unit.values import NOW

SECOND = timedelta(seconds=1)
FAR_MS = 3_600_000


def pace(account: str) -> Pace:
    return Pace("tencent_reflect", "DetectReflectLivenessAndCompare", "ap-singapore", account, 5)


def test_sixteen_at_once_get_sixteen_moments_apart(table: Any, tenant: str) -> None:
    paces, mine = Paces(table), pace(tenant)
    with ThreadPoolExecutor(16) as workers:
        waits = sorted(workers.map(lambda _: paces.reserve(mine, NOW, FAR_MS), range(48)))
    assert waits == [mine.interval_ms * turn for turn in range(48)]


def test_clocks_that_differ_never_share_a_moment(table: Any, tenant: str) -> None:
    paces, mine = Paces(table), pace(tenant)
    offsets = [timedelta(milliseconds=(n * 37) % 90) for n in range(32)]
    with ThreadPoolExecutor(16) as workers:
        waits = workers.map(lambda late: late + paces.reserve(mine, NOW + late, FAR_MS) * SECOND / 1000, offsets)
        moments = sorted(waits)
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    assert min(gaps) >= timedelta(milliseconds=mine.interval_ms)


def test_who_comes_after_a_pause_goes_at_once(table: Any, tenant: str) -> None:
    paces, mine = Paces(table), pace(tenant)
    assert [paces.reserve(mine, NOW + SECOND * n, 0) for n in (0, 1, 2)] == [0, 0, 0]


def test_nobody_waits_longer_than_he_offers_and_the_moment_stays_free(table: Any, tenant: str) -> None:
    paces, mine = Paces(table), pace(tenant)
    assert [paces.reserve(mine, NOW, 500) for _ in range(3)] == [0, 212, 424]
    for _ in range(3):
        with pytest.raises(TooBusy):
            paces.reserve(mine, NOW, 500)
    assert paces.reserve(mine, NOW, 1000) == 636


def test_a_refusal_holds_everybody_back(table: Any, tenant: str) -> None:
    paces, mine = Paces(table), pace(tenant)
    paces.hold_back(mine, NOW)
    assert paces.reserve(mine, NOW, FAR_MS) == PENALTY_MS
    paces.hold_back(mine, NOW - SECOND)  # they wait longer already
    assert paces.reserve(mine, NOW, FAR_MS) == PENALTY_MS + mine.interval_ms


def test_each_account_has_its_own_turns(table: Any, tenant: str) -> None:
    assert [Paces(table).reserve(pace(f"{tenant}{n}"), NOW, 0) for n in range(3)] == [0, 0, 0]


def test_a_key_names_its_tenant_until_it_is_switched_off(table: Any, tenant: str) -> None:
    tenants = Tenants(table)
    (_, first), (_, second), (_, stranger) = (apikeys.mint(False) for _ in range(3))
    for key in (first, second):
        tenants.add(tenant, "Acme", key, NOW)
    assert [tenants.who(key) for key in (first, second, stranger)] == [tenant, tenant, None]
    assert tenants.who(first._replace(secret_hash=second.secret_hash)) is None
    table.update_item(
        Key={"pk": "KEY", "sk": first.id},
        UpdateExpression="SET enabled = :no",
        ExpressionAttributeValues={":no": False},
    )
    assert [tenants.who(key) for key in (first, second)] == [None, tenant]


def test_a_key_is_nobody_elses(table: Any, tenant: str) -> None:
    tenants, (_, key) = Tenants(table), apikeys.mint(False)
    tenants.add(tenant, "Acme", key, NOW)
    with pytest.raises(Lost):
        tenants.add(f"{tenant}_b", "Evil", key, NOW)
    assert tenants.who(key) == tenant


def test_the_oldest_come_first_whatever_their_shard_and_what_broke_makes_room(table: Any, tenant: str) -> None:
    index, names = DueIndex(table), [f"n{number}" for number in range(8)]
    for age, name in enumerate(names):
        at = stamp(NOW - timedelta(days=40 + age))
        shard = f"due{sum(name.encode()) % 4}"
        table.put_item(Item={"pk": f"TENANT#{tenant}", "sk": f"VER#{name}", "due_at": at, "due_shard": shard})
    found = [item for item in index.until(NOW - timedelta(days=39), 400) if item.tenant == tenant]
    assert [item.id for item in found] == names[::-1]
    index.put_off(found[0], NOW)
    left = [item.id for item in index.until(NOW - timedelta(days=39), 400) if item.tenant == tenant]
    assert left == names[-2::-1]
