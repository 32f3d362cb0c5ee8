"""The same seed is the same campaign, and every campaign has everything in it."""

from collections import Counter
from itertools import pairwise

import pytest

from chaos import media, plan
from chaos.troubles import AGAIN, TABLE
from facegate.precheck import md5
from facegate.vendors import VENDORS
from sandbox import inbox_behaviour, scenarios, weather
from sandbox.events import COPIES

SEEDS = (1, 7, 4711)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_seed_is_one_campaign_and_another_seed_another(seed: int) -> None:
    assert plan.orders(seed, 50) == plan.orders(seed, 50) != plan.orders(seed + 1, 50)
    assert plan.troubles(seed, 60) == plan.troubles(seed, 60) != plan.troubles(seed + 1, 60)


@pytest.mark.parametrize("seed", SEEDS)
def test_three_hundred_hold_every_ware_every_tenant_and_every_scenario(seed: int) -> None:
    ordered = plan.orders(seed, 300)
    assert {order.ware for order in ordered} == set(plan.WARES)
    assert {order.tenant for order in ordered} == set(plan.TENANTS)
    assert {order.scenario for order in ordered} == set(plan.SCENARIOS)
    assert any(order.cancels for order in ordered) and {order.submits for order in ordered} == {0, 1, 3}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_troubles_of_a_campaign_are_of_every_kind_and_end_in_a_calm(seed: int) -> None:
    made = plan.troubles(seed, 170)
    assert {trouble.kind for trouble in made} == set(TABLE)
    assert {trouble.detail for trouble in made if trouble.kind == "duplicate"} == set(AGAIN) == set(plan.DUPLICATES)
    assert {(trouble.kind, trouble.detail) for trouble in made[-len(plan.CALM) :]} == set(plan.CALM)
    assert [trouble.at_s for trouble in made] == sorted(trouble.at_s for trouble in made)
    assert 40 < Counter(trouble.kind for trouble in made)["kill"] < 110


def test_the_receiver_is_down_and_up_in_turn() -> None:
    states = [trouble.detail for trouble in plan.troubles(7, 400) if trouble.kind == "receiver"]
    assert all(bool(one) != bool(other) for one, other in pairwise(states[:-1]))
    assert set(states) == {"", *plan.RECEIVER}


def test_all_that_is_asked_of_the_sandbox_is_in_its_tables() -> None:
    assert all(inbox_behaviour.read({**how, "times": 1}) for how in plan.RECEIVER.values())
    assert set(plan.EVENTS) == set(COPIES)
    assert all(scenarios.read(name) for name in (*weather.FAULTS, *filter(None, plan.SCENARIOS)))


def test_all_four_vendors_and_their_old_clients_are_asked() -> None:
    kinds = {ware.kind for ware in plan.WARES}
    assert kinds == {dialect.KIND for dialect in VENDORS.values()}
    assert {"yunjian", "tencent_id", "kuaidi100", "cos", "api"} == {ware.way for ware in plan.WARES}


def test_what_is_shown_is_one_of_a_kind_and_the_same_again() -> None:
    orders = plan.orders(7, 20)
    shown = [media.bodies(7, order, round_) for order in orders for round_ in (1, 2)]
    marks = [mark for sent in shown for mark in media.marks(sent)]
    assert len(marks) == len(set(marks)) == sum(map(len, shown))
    assert media.bodies(7, orders[0], 1) == shown[0]
    assert media.marks({"live_data": b"x"}) == {md5(b"x")}
