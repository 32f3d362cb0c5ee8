"""Lines of work in DynamoDB, and those in memory that the tests of lanes stand on: the same steps, the same answers."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from facegate.adapters.backlog import Backlog
from facegate.adapters.pace import Paces
from facegate.lanes import SHORT_LINE, Lanes, Place
from facegate.model import Lane, Verification
from facegate.pacing import Pace, TooBusy
from facegate.problems import ProblemError
from facegate.vendors import VENDORS
from tests.unit.memory_paces import MemoryPaces
from tests.unit.values import NOW, a_verification

LIFE, SECOND = timedelta(minutes=30), timedelta(seconds=1)
QUOTAS = {vendor.COMPARE: 5 for vendor in VENDORS.values()}


def in_table(table: Any) -> Lanes:
    return Lanes(Paces(table), Backlog(table).ahead_ms, QUOTAS)


def ready(tenant: str, region: str) -> Verification:
    return a_verification(tenant=tenant, region=region)


@pytest.mark.parametrize("seed", range(3))
def test_the_lines_in_memory_answer_as_those_in_the_table(table: Any, tenant: str, seed: int) -> None:
    dice, memory, now = random.Random(seed), MemoryPaces(), NOW
    line, kept, ahead = Pace("v", "a", "r", tenant, 5), Paces(table), Backlog(table)
    for _ in range(60):
        now += timedelta(milliseconds=dice.choice([0, 0, 0, 100, 3000]))
        longest = dice.choice([0, 500, 10**10])
        assert _answer(memory, line, now, longest) == _answer(kept, line, now, longest)
        assert memory.ahead_ms(line, now) == ahead.ahead_ms(line, now)


def _answer(lines: Any, line: Pace, now: Any, longest: int) -> int | None:
    try:
        return int(lines.reserve(line, now, longest).wait_ms)
    except TooBusy:
        return None


def test_who_asks_much_goes_in_bulk_and_who_asks_little_goes_past(table: Any, tenant: str) -> None:
    house = in_table(table)
    places = [house.join(ready(tenant, tenant), NOW) for _ in range(SHORT_LINE + 2)]
    assert [place.lane for place in places] == [*[Lane.QUICK] * SHORT_LINE, Lane.BULK, Lane.BULK]
    assert places[-1].wait == timedelta(milliseconds=(SHORT_LINE + 1) * 212)
    assert house.join(ready(f"{tenant}_b", tenant), NOW) == Place(Lane.QUICK, timedelta())


def test_sixteen_at_once_are_all_counted(table: Any, tenant: str) -> None:
    house = in_table(table)
    with ThreadPoolExecutor(16) as workers:
        lanes = list(workers.map(lambda _: house.join(ready(tenant, tenant), NOW).lane, range(48)))
    assert lanes.count(Lane.QUICK) == SHORT_LINE
    line = Pace("tencent_reflect", "DetectReflectLivenessAndCompare", tenant, "backlog", 5)
    assert Backlog(table).ahead_ms(line, NOW) == 48 * 212


def test_where_a_line_is_longer_than_a_life_nobody_joins_it_any_more(table: Any, tenant: str) -> None:
    house = in_table(table)
    for _ in range(SHORT_LINE + 1):
        house.join(ready(tenant, tenant), NOW)
    house.check_room(tenant, "tencent_reflect", tenant, LIFE, NOW)
    with pytest.raises(ProblemError) as raised:
        house.check_room(tenant, "tencent_reflect", tenant, SECOND, NOW)
    assert raised.value.wait_s == 1
    house.check_room(f"{tenant}_b", "tencent_reflect", tenant, SECOND, NOW)
