"""Who waits behind whom: the lane of a verification, the line before it, and when there is no room for one more."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate import lanes
from facegate.lanes import LONG_LINE, SHARE, SHORT_LINE, Lanes, Place
from facegate.model import Lane, Verification
from facegate.pacing import Pace, TooBusy, Turn
from facegate.ports import Later
from facegate.problems import Problem, ProblemError
from facegate.vendors import VENDORS
from tests.unit.house import KEYS, MATCHES, ready
from tests.unit.memory_paces import MemoryPaces
from tests.unit.values import NOW, a_verification

QUOTAS = {vendor.COMPARE: 5 for vendor in VENDORS.values()}
SECOND, TURN = timedelta(seconds=1), timedelta(milliseconds=212)
LIFE = timedelta(minutes=30)
AT_ONCE = Place(Lane.QUICK, timedelta())
PACE = Pace(
    "tencent_reflect", "DetectReflectLivenessAndCompare", VENDORS["tencent_reflect"].REGIONS[0], KEYS.secret_id, 5
)


def opened_lanes() -> Lanes:
    lines = MemoryPaces()
    return Lanes(lines, lines.ahead_ms, QUOTAS)


def of(tenant: str, **changes: str) -> Verification:
    return a_verification(tenant=tenant, **changes)


def joined(house: Lanes, tenant: str, times: int, now: datetime = NOW) -> list[Place]:
    return [house.join(of(tenant), now) for _ in range(times)]


def room(
    house: Lanes, tenant: str, now: datetime = NOW, life: timedelta = LIFE, vendor: str = "tencent_reflect"
) -> int:
    """Seconds after which there is room; 0: now."""
    try:
        house.check_room(tenant, vendor, "ap-singapore", life, now)
    except ProblemError as error:
        assert error.problem is Problem.RATE_LIMITED and error.wait_s and vendor in error.detail
        return error.wait_s
    return 0


def test_a_few_at_once_are_quick_and_one_more_is_bulk() -> None:
    places = joined(opened_lanes(), "tenant_a", SHORT_LINE + 1)
    assert places == [*[AT_ONCE] * SHORT_LINE, Place(Lane.BULK, SHORT_LINE * TURN)]


def test_bulk_waits_for_everybodys_work_and_whoever_is_quick_for_nobodys() -> None:
    house = opened_lanes()
    assert joined(house, "tenant_a", 1000)[-1] == Place(Lane.BULK, 999 * TURN)
    assert house.join(of("tenant_b"), NOW) == AT_ONCE
    assert house.join(of("tenant_a"), NOW) == Place(Lane.BULK, 1001 * TURN)


def test_work_goes_away_by_itself_at_the_vendors_full_rate() -> None:
    house = opened_lanes()
    joined(house, "tenant_a", 1000)
    joined(house, "tenant_b", SHORT_LINE, NOW + 500 * TURN)
    assert house.join(of("tenant_b"), NOW + 500 * TURN) == Place(Lane.BULK, (500 + SHORT_LINE) * TURN)


def test_soon_after_a_flood_a_tenant_is_quick_again() -> None:
    house = opened_lanes()
    joined(house, "tenant_a", 5000)
    over = NOW + (LONG_LINE + 1 - (SHORT_LINE - 1)) * SHARE * TURN
    assert house.join(of("tenant_a"), over - SECOND).lane is Lane.BULK
    assert house.join(of("tenant_a"), over + SHARE * TURN).lane is Lane.QUICK


@pytest.mark.parametrize(("a_second", "lane"), [(0.4, Lane.QUICK), (1, Lane.BULK), (3, Lane.BULK), (50, Lane.BULK)])
def test_a_tenth_of_the_rate_is_quick_for_ever_and_more_is_bulk_after_a_while(a_second: float, lane: Lane) -> None:
    """Two tenants with three a second each would otherwise fill the quick lane between them."""
    house, times = opened_lanes(), [NOW + SECOND * n / a_second for n in range(200)]
    assert [house.join(of("tenant_a"), now).lane for now in times][-50:] == [lane] * 50


def test_each_vendor_and_region_has_lines_of_its_own() -> None:
    house = opened_lanes()
    joined(house, "tenant_a", 1000)
    assert house.join(of("tenant_a", region="ap-hongkong"), NOW) == AT_ONCE
    assert house.join(of("tenant_a", vendor="kuaidi100"), NOW) == AT_ONCE
    assert room(house, "tenant_a", life=SECOND, vendor="kuaidi100") == 0


class Contended(MemoryPaces):
    def reserve(self, pace: Pace, now: datetime, longest_wait_ms: int) -> Turn:
        raise TooBusy(212)


def test_who_loses_every_race_for_a_line_is_bulk_and_is_looked_after_as_soon_as_ever() -> None:
    """No arrival fails because of a line at which nobody waits."""
    lines = Contended()
    assert Lanes(lines, lines.ahead_ms, QUOTAS).join(of("tenant_a"), NOW) == Place(Lane.BULK, timedelta())


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3000)), max_size=150))
def test_who_is_quick_never_adds_up_to_more_than_the_tenants_shares(steps: list[tuple[str, int]]) -> None:
    """At any time of any load: what is quick of one tenant is a short line and a tenth of the rate."""
    house, now, quick = opened_lanes(), NOW, dict[str, int]()
    for tenant, later_ms in steps:
        now += timedelta(milliseconds=later_ms)
        quick[tenant] = quick.get(tenant, 0) + (house.join(of(tenant), now).lane is Lane.QUICK)
    for many in quick.values():
        assert many <= SHORT_LINE + (now - NOW) / (SHARE * TURN)


# --- room


def test_there_is_room_until_the_work_fills_a_life() -> None:
    house = opened_lanes()
    joined(house, "tenant_a", 8490)  # 1,799.9 s
    assert room(house, "tenant_a") == 0
    joined(house, "tenant_a", 100)
    assert room(house, "tenant_a") == 22
    assert room(house, "tenant_a", NOW + 22 * SECOND) == 0


def test_a_neighbours_flood_turns_away_nobody_who_asks_little() -> None:
    house = opened_lanes()
    joined(house, "tenant_a", 10_000)
    assert (room(house, "tenant_a"), room(house, "tenant_b")) == (320, 0)


@given(st.integers(0, 4_000_000), st.integers(1, 3600))
def test_whoever_is_let_in_has_his_turn_in_his_life(ahead_ms: int, life_s: int) -> None:
    lines, life = MemoryPaces(), timedelta(seconds=life_s)
    house = Lanes(lines, lines.ahead_ms, QUOTAS)
    joined(house, "tenant_a", SHORT_LINE + 1)
    [everybodys] = [key for key in lines.lines if key.endswith("#backlog")]
    line = lines.lines[everybodys]
    lines.lines[everybodys] = line._replace(free_ms=line.free_ms + ahead_ms)
    assert room(house, "tenant_a", life=life) or house.join(of("tenant_a"), NOW).wait <= life


def test_room_is_looked_for_and_not_taken() -> None:
    house = opened_lanes()
    joined(house, "tenant_a", 10_000)
    before = dict(house.paces.lines)  # type: ignore[attr-defined]
    assert room(house, "tenant_a") and house.paces.lines == before  # type: ignore[attr-defined]


# --- numbers


def test_bulk_awaits_its_number_and_whoever_is_quick_goes_past() -> None:
    """Three numbers are out already: quick pushes them on by one and does not wait, bulk waits for all four."""
    lines, slept = MemoryPaces(), []
    for _ in range(3):
        lines.reserve(lanes.numbers(PACE), NOW, 10_000)
    for lane in (Lane.QUICK, Lane.BULK):
        house = ready(MATCHES["tencent_reflect"], lane=lane)
        house.run(paces=lines)
        slept.append(sum(house.slept))
    assert slept == [0, pytest.approx(4 * 0.212)]


def test_a_number_that_is_too_far_off_is_awaited_in_the_queue_and_no_turn_is_taken() -> None:
    lines, house = MemoryPaces(), ready(lane=Lane.BULK)
    lines.reserve(lanes.numbers(PACE)._replace(per_second=0.1), NOW, 0)
    with pytest.raises(Later):
        house.run(paces=lines)
    assert (house.attempts, PACE.key in lines.lines) == ([], False)


def test_nobody_who_is_quick_is_put_off_by_a_line_of_numbers() -> None:
    lines, house = MemoryPaces(), ready(MATCHES["tencent_reflect"])
    lines.reserve(lanes.numbers(PACE)._replace(per_second=0.1), NOW, 0)
    assert (house.run(paces=lines).problem, house.slept) == ("match", [0])


def test_a_message_names_the_lane_and_nobody() -> None:
    seen = replace(of("tenant_a"), lane=Lane.BULK)
    assert lanes.message(seen) == {"tenant": "tenant_a", "verification": "ver_1", "lane": "bulk"}


def test_the_numbers_are_a_line_beside_the_turns() -> None:
    assert lanes.numbers(PACE).key != PACE.key and lanes.numbers(PACE).interval_ms == PACE.interval_ms
