"""Every code of every vendor's table, through the one way to a verdict: where it leaves the verification, who is asked
after it, and what is on the bill."""

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate import settle
from facegate.model import Billed, SlotState, State, Status
from facegate.ports import Later
from facegate.problems import Category, Problem
from facegate.vendors import VENDORS
from facegate.vendors.dialect import Code
from tests.unit.house import House, saying

NEXT = {"tencent_reflect": "kuaidi100", "tencent_id": "yunjian", "yunjian": "tencent_id", "kuaidi100": "yunjian"}
ROWS = [(name, row) for name, vendor in VENDORS.items() for row in vendor.TABLE]
BROKE = (Category.VENDOR, Category.OPERATOR)  # the only ones after which somebody else may be asked
FINAL = (Category.VERDICT, Category.UNDECIDED, Category.EVIDENCE)


def codes_of(*categories: Category) -> pytest.MarkDecorator:
    """One test for each code that means a row of these categories; for every code where none is named."""
    rows = [case for case in ROWS if not categories or case[1].means.value.category in categories]
    return pytest.mark.parametrize(("name", "row"), rows, ids=[f"{name} {row.code}" for name, row in rows])


def giving(name: str, row: Code, times: int = 1, **changes: object) -> House:
    house = House([saying(name, row)] * times, as_read=True)
    house.open(name, **changes)
    return house


def asked_once(name: str, row: Code, **changes: object) -> House:
    house = giving(name, row, **changes)
    with suppress(Later):
        house.run()
    return house


def test_four_vendors_are_walked() -> None:
    assert set(VENDORS) == {name for name, _ in ROWS} == set(NEXT)


@codes_of()
def test_only_a_fault_of_a_vendor_or_of_our_set_up_leads_to_another_vendor(name: str, row: Code) -> None:
    other = NEXT[name]
    house = asked_once(name, row, fallbacks=(other, "third"))
    seen, category = house.seen, row.means.value.category
    if category in BROKE:
        assert (seen.state, seen.vendor, seen.fallbacks, seen.problem) == (State.READY, other, ("third",), None)
        assert house.store.moved == ["claim", "hand_over" if row.billed is Billed.NO else "ask_another"]
    else:
        assert (seen.vendor, seen.fallbacks) == (name, (other, "third"))
        assert not {"hand_over", "ask_another"} & set(house.store.moved)
    assert house.asked_of == [(name, seen.region)]


@codes_of(*FINAL, Category.CAPTURE)
def test_after_a_verdict_an_undecided_answer_or_a_bad_capture_nobody_is_asked_again(name: str, row: Code) -> None:
    """However often the message comes: the sweeper, a second worker, a client that submits once more."""
    house = asked_once(name, row, fallbacks=(NEXT[name],))
    assert house.run() == house.seen
    assert len(house.asked_of) == 1


@codes_of()
def test_with_nobody_else_to_ask_it_ends_where_its_row_says(name: str, row: Code) -> None:
    house = asked_once(name, row)
    seen, means = house.seen, row.means.value
    if means.category is Category.GATE:
        assert (seen.state, house.attempts, house.paces.line.refusals) == (State.READY, [], 1)
        return
    [attempt] = house.attempts
    assert (attempt.vendor, attempt.vendor_code, attempt.billed) == (name, row.code, row.billed)
    assert attempt.problem == row.means.code
    if means.category is Category.VENDOR:  # the same once more, within the retry budget
        assert (seen.state, seen.retries_used) == (State.READY, 1)
    elif means.category is Category.CAPTURE:
        assert (seen.state, seen.status, seen.problem) == (State.AWAITING_MEDIA, means.status, row.means.code)
        assert {slot.state for slot in seen.slots.values()} == {SlotState.WAITING}
    else:
        assert (seen.state, seen.status, seen.problem) == (State.DONE, means.status, row.means.code)
    assert (seen.result is not None) is (means.category in (Category.VERDICT, Category.UNDECIDED))


@codes_of()
def test_only_a_fault_of_its_own_is_a_strike_against_a_vendor_and_only_its_gate_slows_everybody(
    name: str, row: Code
) -> None:
    """Never what it says of a person, of a picture or of our account: it answers, and that is all a line wants."""
    category, house = row.means.value.category, asked_once(name, row)
    expected = {Category.VENDOR: (1, 0), Category.GATE: (0, 1)}.get(category, (0, 0))
    assert (house.paces.line.failures, house.paces.line.refusals) == expected


@codes_of(Category.EVIDENCE)
def test_what_a_vendor_finds_wrong_with_the_evidence_is_errored_and_is_no_verdict(name: str, row: Code) -> None:
    assert row.means.value.status is Status.ERRORED
    seen = asked_once(name, row, fallbacks=(NEXT[name],)).seen
    assert (seen.state, seen.status, seen.result) == (State.DONE, Status.ERRORED, None)


@codes_of(Category.VERDICT, Category.UNDECIDED)
def test_nobody_is_called_live_or_known_by_a_vendor_that_does_not_look(name: str, row: Code) -> None:
    seen = asked_once(name, row).seen
    assert seen.result
    for stage in {"liveness", "comparison", "identity"} - VENDORS[name].ASSESSES:
        spoof = row.means is Problem.SPOOF and stage == "liveness"  # found without being looked for
        assert seen.result[stage]["verdict"] == ("spoof" if spoof else "not_assessed")
    if seen.status is Status.VERIFIED:
        assert all(seen.result[stage]["verdict"] != "not_assessed" for stage in VENDORS[name].ASSESSES)


@given(st.sampled_from(ROWS), st.integers(1, 3), st.integers(0, 2), st.integers(0, 2), st.integers(0, 2), st.booleans())
def test_no_row_is_paid_for_twice_whatever_was_tried_before(
    case: tuple[str, Code], most: int, used: int, budget: int, retried: int, with_fallback: bool
) -> None:
    """The answer is given as often as anybody asks; only a fault or a busy gate is followed by another question."""
    name, row = case
    house = giving(
        name, row, 8, attempts_used=min(used, most - 1), retries_used=retried,
        fallbacks=(NEXT[name],) if with_fallback else (),
    )  # fmt: skip
    policy = replace(house.seen.policy, max_attempts=most, retry_budget=budget)
    house.store.kept["ver_1"] = replace(house.seen, policy=policy)
    for _ in range(4):
        if house.seen.vendor != name:
            break
        with suppress(Later):
            house.run()
    asked, category = len(house.asked_of), row.means.value.category
    if category is Category.GATE:
        assert asked == 4
        assert not house.attempts
    elif category is Category.VENDOR and not with_fallback:
        assert asked == 1 + max(0, budget - retried)
        assert house.seen.status is Status.ERRORED
    else:
        assert asked == 1
    affordable = row.billed is Billed.NO or retried < budget  # what may be on the bill is paid again within the budget
    assert (house.seen.vendor != name) is (category in BROKE and with_fallback and affordable)


@codes_of(Category.CAPTURE)
def test_a_bad_capture_on_the_last_attempt_ends_it_for_a_person_to_look_at(name: str, row: Code) -> None:
    for used, status, problem in (
        (1, Status.REQUIRES_INPUT, row.means), (2, Status.REQUIRES_REVIEW, Problem.ATTEMPTS_EXHAUSTED),
    ):  # fmt: skip
        seen = asked_once(name, row, attempts_used=used, fallbacks=(NEXT[name],)).seen
        assert (seen.status, seen.problem, seen.vendor) == (status, problem.code, name)


def test_a_fault_waits_for_the_next_vendor_no_longer_than_it_must() -> None:
    [(name, row), *_] = [case for case in ROWS if case[1].means.value.category is Category.VENDOR]
    with pytest.raises(Later) as raised:
        giving(name, row, fallbacks=(NEXT[name],)).run()
    assert raised.value.seconds == settle.NEXT_VENDOR_WAIT_S
