"""Whatever befalls the calls of a verification: the vendors' own bill stays within the budget, and nobody guesses.

The bill is kept on the vendors' side of the wire. Where the story that hypothesis tells is over, every further call is
executed, billed and silent: the worst there is.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facegate import fates
from facegate.model import Billed, State, Status
from facegate.ports import Later
from facegate.vendors import VENDORS
from facegate.wire import NotSent, Silent
from tests.unit.house import House, saying
from tests.unit.sweeper import sweeper, swept

ROUTES = [("tencent_reflect",), ("kuaidi100",), ("tencent_id",), ("yunjian",), ("tencent_id", "yunjian"),
          ("yunjian", "tencent_id")]  # fmt: skip
WORKING = (State.READY, State.CALLING, State.UNKNOWN)
MOST_STEPS = 60
NEVER_SENT, DIES, DIES_AFTER, SILENT, SILENT_AFTER = "never sent", "dies", "dies after", "silent", "silent after"
LOST = {NEVER_SENT: NotSent, DIES: KeyError, DIES_AFTER: KeyError, SILENT: Silent, SILENT_AFTER: Silent}
KINDS = {  # of answers: one row of each vendor's table for whatever is settled in another way
    name: tuple({(row.means.value.category, row.billed): row for row in vendor.TABLE}.values())
    for name, vendor in VENDORS.items()
}
happenings = st.one_of(st.sampled_from(sorted(LOST)), st.integers(0, 30))  # a number is a kind of answer
budgets = st.fixed_dictionaries({vendor: st.integers(0, 1) for vendor in VENDORS})


@dataclass
class Billing(House):
    """Whoever is asked does what the story says, and writes down what it bills."""

    story: list[Any] = field(default_factory=list)
    budgets: dict[str, int] = field(default_factory=dict)
    bill: list[str] = field(default_factory=list)

    def ask(self, name: str, region: str, question: Any, scenario: str | None = None) -> tuple[Any, str]:
        self.asked_of.append((name, region))
        happens = self.story.pop(0) if self.story else SILENT_AFTER
        if happens in LOST:
            self.bill += [name] * (happens in (DIES_AFTER, SILENT_AFTER))
            raise LOST[happens](happens)
        row = KINDS[name][happens % len(KINDS[name])]
        self.bill += [name] * (row.billed is not Billed.NO)
        return saying(name, row), "req-1"

    def to_the_end(self) -> None:
        for _ in range(MOST_STEPS):
            try:
                self.run(budget_of=lambda tenant, vendor: self.budgets[vendor])
            except Later as later:  # the line may have opened its breaker: it is shorter by then
                self.now += timedelta(seconds=later.seconds)
            except KeyError:
                pass
            if self.seen.state not in WORKING:
                return
            if self.seen.state is not State.READY:
                self.now += timedelta(seconds=1)  # a lease has to be over
                swept(self, sweeper(), self.budgets)
        pytest.fail(f"still {self.seen.state} after {MOST_STEPS} steps")


def lived(route: tuple[str, ...], story: list[Any], budgets: dict[str, int]) -> Billing:
    house = Billing([], story=list(story), budgets=budgets)
    seen = house.open(route[0], fallbacks=route[1:])
    policy = {**vars(seen.policy), "retry_budget": budgets[route[0]]}
    house.store.kept["ver_1"] = type(seen)(**{**vars(seen), "policy": type(seen.policy)(**policy)})
    house.to_the_end()
    return house


@settings(max_examples=1_000)
@given(st.sampled_from(ROUTES), st.lists(happenings, max_size=8), budgets)
def test_the_vendors_never_bill_more_than_one_call_and_the_budget(
    route: tuple[str, ...], story: list[Any], budgets: dict[str, int]
) -> None:
    house = lived(route, story, budgets)
    asked = {vendor for vendor, _ in house.asked_of}
    assert len(house.bill) <= 1 + max(budgets[vendor] for vendor in asked)
    perhaps = [attempt for attempt in house.attempts if attempt.fate not in fates.UNPAID]
    assert len(house.bill) <= len(perhaps), "each of them has its row"


@pytest.mark.parametrize("route", ROUTES, ids="+".join)
def test_whatever_comes_first_the_worst_after_it_stays_within_the_budget(route: tuple[str, ...]) -> None:
    firsts = (*LOST, *range(len(KINDS[route[0]])))
    for first, *said in product(firsts, *[(0, 1)] * len(route)):
        budgets = dict(zip(route, said, strict=True))
        assert len(lived(route, [first], budgets).bill) <= 1 + max(said), (first, budgets)


@settings(max_examples=300)
@given(st.sampled_from(ROUTES), st.lists(st.sampled_from(sorted(LOST)), max_size=8), budgets)
def test_of_silence_alone_comes_no_verdict_and_a_person_has_to_look(
    route: tuple[str, ...], story: list[str], budgets: dict[str, int]
) -> None:
    done = lived(route, story, budgets).seen
    assert (done.state, done.status, done.problem) == (State.DONE, Status.REQUIRES_REVIEW, "vendor_silent")
    assert done.result
    assert done.result["outcome"] == "undetermined"


@given(st.sampled_from(ROUTES), st.integers(0, 6), budgets)
def test_what_was_never_sent_uses_up_nothing(route: tuple[str, ...], times: int, budgets: dict[str, int]) -> None:
    """However often: the silence after it still has the whole budget."""
    usual, delayed = lived(route, [], budgets), lived(route, [NEVER_SENT] * times, budgets)
    assert (delayed.bill, delayed.seen.retries_used) == (usual.bill, usual.seen.retries_used)


@pytest.mark.parametrize(("route", "given", "billed"), [
    (("yunjian",), {"yunjian": 0}, 1), (("yunjian",), {"yunjian": 1}, 2),
    (("yunjian", "tencent_id"), {"yunjian": 0, "tencent_id": 1}, 1),  # of its silence nobody else is asked
    (("yunjian", "tencent_id"), {"yunjian": 1, "tencent_id": 0}, 2),
    (("yunjian", "tencent_id"), {"yunjian": 1, "tencent_id": 1}, 2),  # one budget, and not one for each vendor
])  # fmt: skip
def test_silence_is_asked_about_as_often_as_the_silent_vendors_budget_says(
    route: tuple[str, ...], given: dict[str, int], billed: int
) -> None:
    assert len(lived(route, [], given).bill) == billed
