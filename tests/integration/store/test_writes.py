"""How often a whole check writes, from the last medium to its verdict: the table of docs/performance.md."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from facegate import check, lanes
from facegate.adapters.backlog import Backlog
from facegate.adapters.counters import Counters
from facegate.adapters.pace import Paces
from facegate.adapters.quotas import Quotas
from facegate.adapters.store import Store
from facegate.adapters.tenants import Tenants
from facegate.lanes import Lanes
from facegate.model import Lane
from facegate.pacing import Pace
from facegate.vendors import VENDORS
from tests.unit.house import MATCHES, House
from tests.unit.values import NOW

ANY_WAIT_MS = 10**6


@contextmanager
def counted(table: Any) -> Iterator[list[str]]:
    """The writes of a block, those too whose condition did not hold: DynamoDB bills both."""
    events, written = table.meta.client.meta.events, []  # type: ignore[var-annotated]

    def note(model: Any, **_: Any) -> None:
        if model.name not in ("GetItem", "Query"):
            written.append(model.name)

    events.register("before-call.dynamodb", note)
    try:
        yield written
    finally:
        events.unregister("before-call.dynamodb", note)


def quotas(table: Any, per_day: int) -> Quotas:
    settings: Any = SimpleNamespace(
        tenant_calls_per_day=per_day, person_quota="60=15,86400=30", requeue_s=120, retry_budgets=""
    )
    return Quotas(settings, Counters(table), Tenants(table), lambda: "p" * 48, lambda: NOW)


@pytest.mark.parametrize("is_busy", [False, True], ids=["nobody waits", "others wait"])
@pytest.mark.parametrize("lane", Lane)
@pytest.mark.parametrize(("vendor", "per_day", "counters"), [("tencent_reflect", 0, 0), ("yunjian", 9, 3)])
def test_a_whole_check_writes_as_often_as_performance_md_says(
    table: Any,
    store: Store,
    tenant: str,
    vendor: str,
    per_day: int,
    counters: int,
    lane: Lane,
    is_busy: bool,
) -> None:
    house, paces = House([MATCHES[vendor]]), Paces(table)
    means = house.means(
        store=store, paces=paces, admit=quotas(table, per_day).admit,
        pace_of=lambda name, region, action: Pace(name, action, region, tenant, 5),
    )  # fmt: skip
    seen = replace(house.open(vendor, lane=lane), tenant=tenant)
    store.create(seen, None, NOW)
    lines = Lanes(paces, Backlog(table).ahead_ms, {VENDORS[vendor].COMPARE: 5})
    queued = replace(seen, region=f"{seen.region}_{tenant}")
    pace = means.pace_of(vendor, seen.region, VENDORS[vendor].COMPARE)
    if is_busy:
        lines.join(queued, NOW)
        paces.reserve(pace, NOW, ANY_WAIT_MS)
        paces.reserve(lanes.numbers(pace), NOW, ANY_WAIT_MS)
    a_line = 1 if is_busy else 2
    with counted(table) as joining:
        lines.join(queued, NOW)
    assert len(joining) == 2 * a_line
    with counted(table) as checking:
        done = check.check(tenant, seen.id, means)
    assert done.problem == "match"
    assert len(checking) == 2 * a_line + counters + 2 + bool(done.best_frame_key), checking
