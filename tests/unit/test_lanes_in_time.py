"""A quiet tenant beside busy ones, with the real code in virtual time (lane_world.py).

The figures that docs/reliability.md states stand here.
"""

from collections.abc import Callable

import pytest
from samtranslator.yaml_helper import yaml_parse

from facegate import check, lanes
from facegate.model import Lane
from local.home import REPO
from tests.unit.lane_world import World, percentile

PARAMETERS = yaml_parse((REPO / "template.yaml").read_text(encoding="utf-8"))["Parameters"]
WORKERS = {Lane.QUICK: PARAMETERS["QuickWorkers"]["Default"], Lane.BULK: PARAMETERS["BulkWorkers"]["Default"]}
BUSY_S = 200  # so long every load keeps the vendor busy


def each_5_s(world: World, *tenants: str) -> None:
    for tenant in tenants:
        start = world.dice.uniform(0, 5)
        world.submits(tenant, [start + 5 * n for n in range(41)])


def a_thousand_at_once(world: World) -> None:
    world.submits("busy", [0] * 1000)
    each_5_s(world, "quiet")


def fifty_a_second(world: World) -> None:
    world.submits("busy", [n / 50 for n in range(1000)])
    each_5_s(world, "quiet")


def two_floods(world: World) -> None:
    world.submits("busy", [0] * 500)
    world.submits("busy too", [7] * 500)
    each_5_s(world, "quiet", "quiet too", "as quiet")


def two_a_little_above_the_rate_together(world: World) -> None:
    """Neither is above it alone."""
    world.submits("busy", [n / 3 for n in range(640)])
    world.submits("busy too", [n / 3 for n in range(640)])
    each_5_s(world, "quiet")


LOADS = (a_thousand_at_once, fifty_a_second, two_floods, two_a_little_above_the_rate_together)


def quiet(world: World) -> list[float]:
    return [wait for tenant, waits in world.waits_s.items() if "quiet" in tenant for wait in waits]


@pytest.mark.parametrize("call_s", [0.3, 1.2, 2.5])
@pytest.mark.parametrize("load", LOADS, ids=lambda load: load.__name__)
def test_a_quiet_tenant_waits_two_seconds_at_most_and_the_quota_is_used(
    load: Callable[[World], None], call_s: float
) -> None:
    world = World(call_s, WORKERS)
    load(world)
    world.run()
    assert percentile(quiet(world), 0.99) <= 2
    assert world.use(BUSY_S) >= 0.94
    assert world.put_off == 0
    assert len(world.calls) == sum(map(len, world.waits_s.values())) == len(world.house.store.kept) - 1


# what each part is for: without it the same world shows what it spares


def longest(load: Callable[[World], None], world: World) -> float:
    load(world)
    return percentile(quiet(world.run()), 0.99)


def test_in_one_queue_it_would_stand_behind_all_of_its_neighbour() -> None:
    assert longest(a_thousand_at_once, World(1.2, WORKERS, one_queue=True)) > 200


def test_without_numbers_the_workers_of_bulk_would_be_a_line_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "NUMBER", dict.fromkeys(Lane, lambda *_: None))
    assert longest(a_thousand_at_once, World(1.2, WORKERS)) > 3


def test_with_the_whole_rate_for_its_own_line_busy_tenants_would_fill_the_quick_lane(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lanes, "SHARE", 1)
    assert longest(two_a_little_above_the_rate_together, World(1.2, WORKERS)) > 60


@pytest.mark.parametrize("workers", [14, 20, 24])
def test_more_workers_for_bulk_make_no_longer_line(workers: int) -> None:
    """A vendor with a higher rate in the same deployment wants more of them."""
    assert longest(a_thousand_at_once, World(1.2, {**WORKERS, Lane.BULK: workers})) <= 2
