"""Ledger and bill: whatever happened, a ledger agrees with its own bill, and no single change of it goes unseen."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from facegate.model import Attempt, Billed, Fate
from facegate.problems import Problem
from facegate.usage import Booked, Span
from facegate.vendors import VENDORS
from facegate.vendors.dialect import Code
from ops.reconcile_bill import Bill, Entry
from ops.reconcile_find import LISTED, TO_DO, Result, reconcile
from ops.reconcile_match import paired
from tests.unit.values import NOW

SECOND, SLACK = timedelta(seconds=1), timedelta(seconds=10)
APART = timedelta(minutes=10)  # further than any call and its slack reach
ALWAYS = Span(NOW - timedelta(days=40), NOW + timedelta(days=40))
ROWS = {vendor: [row for row in about.TABLE if row.means.value.category in LISTED] for vendor, about in VENDORS.items()}


@dataclass(frozen=True)
class Happened:
    """A call, as it really went."""

    vendor: str
    row: Code
    took: timedelta
    named: bool  # its answer has a request id
    heard: bool  # we got its answer
    alive: bool  # whoever asked lived to write down its silence
    executed: bool


@st.composite
def happened(draw: st.DrawFn, *, surely: bool = False) -> Happened:
    vendor = draw(st.sampled_from(sorted(VENDORS)))
    heard = surely or draw(st.booleans())
    return Happened(
        vendor, draw(st.sampled_from(ROWS[vendor])), draw(st.integers(0, 20_000)) * SECOND / 1000, draw(st.booleans()),
        heard, draw(st.booleans()), heard or draw(st.booleans()),
    )  # fmt: skip


def a_row(one: Happened, number: int, begun: timedelta) -> Booked:
    asked = Attempt(f"att_{number:03}", 1, one.vendor, "e", None, NOW + begun)
    if one.heard:
        said = {
            "billed": one.row.billed, "vendor_code": one.row.code, "problem": one.row.means.code,
            "vendor_request_id": f"req-{number}" if one.named else None,
        }  # fmt: skip
        asked = replace(asked, ended_at=NOW + begun + one.took, **said)  # type: ignore[arg-type]
    elif one.alive:
        asked = replace(asked, ended_at=NOW + begun + one.took, problem=Problem.VENDOR_SILENT.code)
    return Booked("tenant_a", f"ver_{number}", asked)


def an_entry(one: Happened, number: int, begun: timedelta) -> Entry:
    return Entry(
        one.vendor, NOW + begun + one.took / 2, f"req-{number}" if one.named else "", one.row.code, one.row.billed
    )  # fmt: skip


def world(calls: Sequence[tuple[Happened, timedelta]]) -> tuple[list[Booked], Bill]:
    """The ledger of what happened, and the vendor's bill for it."""
    told = [(one, number, begun) for number, (one, begun) in enumerate(calls)]
    entries = tuple(an_entry(*each) for each in told if each[0].executed)
    return [a_row(*each) for each in told], Bill(entries, True, SLACK, "a bill")


def apart(calls: Sequence[Happened]) -> tuple[list[Booked], Bill]:
    """No two calls at a time, so that nothing can be taken for something else."""
    return world([(one, at * APART) for at, one in enumerate(calls)])


def found(rows: list[Booked], bill: Bill) -> list[str]:
    return sorted({one.what for one in reconcile(rows, bill, ALWAYS).differences})


def of(result: Result, name: str) -> int:
    return sum(getattr(one, name) for one in result.sums.values())


CROWD = st.lists(st.tuples(happened(), st.integers(0, 60).map(lambda s: s * SECOND)), max_size=25)
SURE = st.lists(happened(surely=True), min_size=1, max_size=6)


@given(CROWD, st.booleans(), st.booleans())
def test_a_ledger_agrees_with_its_own_bill_however_crowded_and_poor_in_words(
    calls: list[tuple[Happened, timedelta]], with_codes: bool, whole: bool
) -> None:
    rows, bill = world(calls)
    entries = [entry for entry in bill.entries if whole or entry.billed is not Billed.NO]
    if not with_codes:
        entries = [replace(entry, code="") for entry in entries]
    result = reconcile(rows, replace(bill, entries=tuple(entries), whole=whole), ALWAYS)
    assert result.differences == []
    assert of(result, "calls_ours") == len(calls)
    assert of(result, "calls_theirs") == len(entries)
    executed = sum(one.executed and not one.heard for one, _ in calls)
    if whole and all(row.attempt.billed is not Billed.UNKNOWN for row in rows if row.attempt.vendor_code):
        assert of(result, "unknown_executed") == executed


@given(SURE, st.data())
def test_a_call_that_is_missing_on_the_bill_is_found(calls: list[Happened], data: st.DataObject) -> None:
    rows, bill = apart(calls)
    gone = data.draw(st.integers(0, len(calls) - 1))
    assume(rows[gone].attempt.billed is not Billed.UNKNOWN)
    shorter = (*bill.entries[:gone], *bill.entries[gone + 1 :])
    result = reconcile(rows, replace(bill, entries=shorter), ALWAYS)
    assert [(one.what, one.attempt) for one in result.differences] == [("not_on_bill", rows[gone].attempt.id)]


@given(SURE, st.sampled_from(Billed), st.sampled_from(["", "a request id"]))
def test_a_call_that_we_never_made_is_found(calls: list[Happened], billed: Billed, name: str) -> None:
    rows, bill = apart(calls)
    theirs = Entry(calls[0].vendor, NOW + len(calls) * APART, name, calls[0].row.code, billed)
    assert found(rows, replace(bill, entries=(*bill.entries, theirs))) == ["not_ours"]


@given(SURE, st.data())
def test_a_call_that_is_on_the_bill_twice_is_found(calls: list[Happened], data: st.DataObject) -> None:
    rows, bill = apart(calls)
    again = data.draw(st.sampled_from(bill.entries))
    [what] = found(rows, replace(bill, entries=(*bill.entries, replace(again, at=again.at + SECOND))))
    assert what == ("twice" if again.request_id else "not_ours")


@given(SURE, st.data())
def test_a_cost_that_is_another_is_found_and_told_once(calls: list[Happened], data: st.DataObject) -> None:
    rows, bill = apart(calls)
    at = data.draw(st.integers(0, len(calls) - 1))
    said = data.draw(st.sampled_from([word for word in Billed if word is not bill.entries[at].billed]))
    assume(rows[at].attempt.billed is not Billed.UNKNOWN)
    changed = replace(bill.entries[at], billed=said)
    entries = (*bill.entries[:at], changed, *bill.entries[at + 1 :])
    result = reconcile(rows, replace(bill, entries=entries), ALWAYS)
    assert [(one.what, one.attempt) for one in result.differences] == [("billed_differs", rows[at].attempt.id)]


@given(SURE, st.data())
def test_another_code_and_another_request_id_are_found(calls: list[Happened], data: st.DataObject) -> None:
    rows, bill = apart(calls)
    at = data.draw(st.integers(0, len(calls) - 1))
    assume(bill.entries[at].request_id and rows[at].attempt.billed is not Billed.UNKNOWN)
    for change, differences in (
        ({"code": "Other"}, ["code_differs"]),
        ({"request_id": "x"}, ["not_on_bill", "not_ours"]),
    ):
        changed = replace(bill.entries[at], **change)  # type: ignore[arg-type]
        assert found(rows, replace(bill, entries=(*bill.entries[:at], changed, *bill.entries[at + 1 :]))) == differences


def test_a_silent_call_takes_what_nobody_else_claims_and_not_more() -> None:
    silent = Happened("yunjian", ROWS["yunjian"][0], 6 * SECOND, True, False, True, True)
    rows, bill = apart([silent])
    result = reconcile(rows, bill, ALWAYS)
    assert (result.differences, of(result, "unknown_executed"), of(result, "unknown_not_executed")) == ([], 1, 0)
    result = reconcile(rows, replace(bill, entries=()), ALWAYS)
    assert (result.differences, of(result, "unknown_executed"), of(result, "unknown_not_executed")) == ([], 0, 1)
    twice = replace(bill.entries[0], request_id="another")
    assert found(rows, replace(bill, entries=(*bill.entries, twice))) == ["not_ours"]


@pytest.mark.parametrize(
    ("code", "problem"),
    [("RequestLimitExceeded", Problem.VENDOR_BUSY), ("UnauthorizedOperation.Arrears", Problem.VENDOR_ACCOUNT)],
)
def test_what_was_surely_not_executed_is_no_call_and_need_not_be_on_the_bill(code: str, problem: Problem) -> None:
    one = Happened("tencent_reflect", ROWS["tencent_reflect"][0], SECOND, True, True, True, True)
    rows, _ = apart([one])
    refused = replace(
        rows[0].attempt, billed=Billed.NO, vendor_code=code, problem=problem.code, fate=Fate.REFUSED
    )  # fmt: skip
    result = reconcile([rows[0]._replace(attempt=refused)], Bill((), True, SLACK, ""), ALWAYS)
    assert (result.differences, of(result, "calls_ours")) == ([], 0)


def test_what_never_left_us_explains_no_line_of_the_bill() -> None:
    one = Happened("yunjian", ROWS["yunjian"][0], SECOND, False, True, True, True)
    rows, bill = apart([one])
    unsent = replace(rows[0].attempt, billed=Billed.NO, vendor_code=None, problem=None, fate=Fate.NOT_SENT)
    assert found([rows[0]._replace(attempt=unsent)], bill) == ["not_ours"]


def test_beyond_the_range_calls_are_matched_and_not_judged() -> None:
    one = Happened("yunjian", ROWS["yunjian"][0], SECOND, True, True, True, True)
    rows, bill = apart([one, one, one])
    middle = Span(rows[1].attempt.started_at, rows[2].attempt.started_at)
    assert of(reconcile(rows, bill, middle), "calls_ours") == 1
    lost = reconcile(rows, replace(bill, entries=()), middle)
    assert [each.attempt for each in lost.differences] == [rows[1].attempt.id]


@given(st.lists(st.lists(st.integers(0, 7), unique=True), max_size=8))
def test_as_many_are_paired_as_can_be_and_the_first_never_goes_without_for_a_later_one(wishes: list[list[int]]) -> None:
    got = paired(wishes)
    assert len(set(got.values())) == len(got)
    assert all(right in wishes[left] for left, right in got.items())
    assert len(got) == most(wishes)
    for many in range(len(wishes) + 1):
        assert sum(left < many for left in got) == most(wishes[:many])


def most(wishes: Sequence[Sequence[int]], taken: frozenset[int] = frozenset()) -> int:
    """By trying them all."""
    if not wishes:
        return 0
    tried = [1 + most(wishes[1:], taken | {right}) for right in wishes[0] if right not in taken]
    return max([most(wishes[1:], taken), *tried])


@pytest.mark.parametrize("what", sorted(TO_DO))
def test_each_difference_says_what_to_do(what: str) -> None:
    assert TO_DO[what].endswith((".", "?"))
