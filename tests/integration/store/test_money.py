"""Money in DynamoDB, by the real flow: no call before its row, and a budget that many at once cannot overstep."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from facegate import check, ids, usage
from facegate.adapters.counters import Counters
from facegate.adapters.ledger import Ledger
from facegate.adapters.quotas import Quotas
from facegate.adapters.store import Store
from facegate.adapters.tenants import Tenants
from facegate.model import Billed, State, Verification
from facegate.ports import Later
from facegate.usage import Span
from facegate.vendors import VENDORS
from facegate.vendors.dialect import Refusal
from facegate.wire import NotSent, Silent
from tests.unit.house import MATCHES, House
from tests.unit.values import NOW

WORKERS, PEOPLE, BUDGET = 32, 32, 20
DAY = timedelta(days=1)
VENDOR = "tencent_reflect"
BUSY = Refusal("RequestLimitExceeded", "")


def opened(house: House, store: Store, tenant: str, many: int = 1, vendor: str = VENDOR) -> list[Verification]:
    """As many verifications that are ready, about the same media."""
    ready = house.open(vendor, expires_at=NOW + DAY)  # each of many threads moves the clock on
    made = [replace(ready, id=ids.new("ver", NOW), tenant=tenant) for _ in range(many)]
    for one in made:
        store.create(one, None, NOW)
    return made


def once(one: Verification, means: Any) -> Verification:
    """Tried until it is neither too early nor too late."""
    while True:
        try:
            return check.check(one.tenant, one.id, means)
        except Later as later:
            means.sleep(later.seconds)


def quotas(table: Any, budget: int) -> Quotas:
    settings: Any = SimpleNamespace(tenant_calls_per_day=budget, person_quota="", requeue_s=120)
    return Quotas(settings, Counters(table), Tenants(table), lambda: "p" * 48, lambda: NOW)


# --- no call without its row


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("answer", ["an answer", "a silence", "a death"])
def test_when_a_vendor_is_asked_the_call_is_in_the_ledger_already(
    table: Any, store: Store, tenant: str, vendor: str, answer: str
) -> None:
    rows: list[Any] = []

    def at_the_vendor() -> Any:
        rows.extend(store.load(tenant, one.id).attempts.values())
        if answer == "an answer":
            return MATCHES[vendor]
        raise Silent if answer == "a silence" else KeyboardInterrupt  # the process ends where it stands

    house = House([at_the_vendor])
    [one] = opened(house, store, tenant, vendor=vendor)
    try:
        check.check(tenant, one.id, house.means(store=store))
    except KeyboardInterrupt:
        assert answer == "a death"
    [row] = rows
    assert (row.vendor, row.billed, row.ended_at) == (vendor, Billed.UNKNOWN, None)
    assert store.load(tenant, one.id).attempts.keys() == {row.id}, "and whatever comes, it stays"


def test_whoever_cannot_write_the_row_does_not_ask(table: Any, store: Store, tenant: str) -> None:
    house = House([])
    [one] = opened(house, store, tenant)

    class Torn(Store):
        def move(self, name: str, *more: Any, **changes: Any) -> Verification:
            raise OSError

    with pytest.raises(OSError):
        check.check(tenant, one.id, house.means(store=Torn(table)))
    assert house.asked == []


# --- the budget of a day


def test_of_many_at_once_as_many_are_asked_about_as_the_budget_has_and_the_others_are_told_so(
    table: Any, store: Store, tenant: str
) -> None:
    """A third of the calls is refused at the vendor's gate, or never connects: those calls were not made."""
    unmade = [BUSY, NotSent()] * 5
    house = House([*unmade, *[MATCHES[VENDOR]] * BUDGET])
    people = opened(house, store, tenant, PEOPLE)
    held = quotas(table, BUDGET)
    means = house.means(store=store, admit=held.admit)
    with ThreadPoolExecutor(WORKERS) as workers:
        ended = list(workers.map(lambda one: once(one, means), people))
    assert sorted(one.problem or "" for one in ended) == sorted(
        ["budget_reached"] * (PEOPLE - BUDGET) + ["match"] * BUDGET
    )
    assert all(one.state is State.DONE for one in ended)
    assert house.answers == [], "every call that could be made was made"
    assert held.budget(tenant) == usage.Budget(BUDGET, BUDGET, NOW.replace(day=22, hour=0))
    today = Span(NOW, NOW + DAY)
    found = usage.read(Ledger(table).of(tenant, usage.opened(today, DAY)), today, lambda: False)
    assert usage.totals(found) == {"calls": BUDGET, "billed": BUDGET, "not_billed": 0, "unknown": 0}


def test_a_message_that_comes_many_times_at_once_is_one_call_and_takes_one(
    table: Any, store: Store, tenant: str
) -> None:
    """None of its twins ends it for want of the budget that another of them has taken."""
    house = House([MATCHES[VENDOR]] * 2)
    held = quotas(table, 2)
    means = house.means(store=store, admit=held.admit)
    for one in opened(house, store, tenant, 2):
        with ThreadPoolExecutor(WORKERS) as workers:
            list(workers.map(lambda _, one=one: once(one, means), range(WORKERS)))
        assert store.load(tenant, one.id).problem == "match"
    assert len(house.asked) == 2
    assert held.budget(tenant) == usage.Budget(2, 2, NOW.replace(day=22, hour=0))


def test_the_next_day_has_a_budget_of_its_own(table: Any, store: Store, tenant: str) -> None:
    held = quotas(table, 1)
    house = House([])
    first, second = opened(house, store, tenant, 2)
    assert held.admit(first, {}) == 0
    assert held.budget(tenant) == usage.Budget(1, 1, NOW.replace(day=22, hour=0))
    tomorrow = replace(held, clock=lambda: NOW.replace(day=22))
    assert tomorrow.budget(tenant) == usage.Budget(1, 0, NOW.replace(day=23, hour=0))
    assert tomorrow.admit(second, {}) == 0


def test_where_there_is_no_limit_there_is_no_budget(table: Any, tenant: str) -> None:
    assert quotas(table, 0).budget(tenant) is None
