"""What became of a call, in one word: of every code of every vendor, of every failure, and where it is kept."""

from contextlib import suppress
from typing import Any

import pytest

from facegate import fates, shown
from facegate.edge import calls
from facegate.model import Billed, Fate, Verdict
from facegate.ports import Later
from facegate.problems import Category, Problem
from facegate.vendors import VENDORS
from facegate.vendors.dialect import Code
from facegate.wire import NotSent, Silent
from tests.unit.house import House, ready, saying

ROWS = [(name, row) for name, vendor in VENDORS.items() for row in vendor.TABLE]
every_code = pytest.mark.parametrize(("name", "row"), ROWS, ids=[f"{name} {row.code}" for name, row in ROWS])


def fate_of(row: Code) -> Fate:
    return fates.of(Verdict(row.means.code, row.code, row.billed))


def tried(answer: Any, name: str = "tencent_reflect", as_read: bool = True) -> House:
    house = House([answer], as_read=as_read)
    house.open(name)
    with suppress(Later):
        house.run()
    return house


@pytest.mark.parametrize(
    ("said", "fate"),
    [
        (NotSent("refused"), Fate.NOT_SENT), (Silent("late"), Fate.SILENT),
        (Verdict("match", "Success", Billed.YES), Fate.ANSWERED_BILLED),
        (Verdict("too_dark", "x", Billed.NO), Fate.ANSWERED_FREE),
        (Verdict("vendor_fault", "x", Billed.NO), Fate.ANSWERED_FREE),
        (Verdict("vendor_fault", "x", Billed.UNKNOWN), Fate.ANSWERED_BILLED),
        (Verdict("vendor_busy", "x", Billed.NO), Fate.REFUSED),
        (Verdict("vendor_credentials", "x", Billed.NO), Fate.REFUSED),
        (Verdict("vendor_refuses_request", "x", Billed.NO), Fate.REFUSED),
        (Verdict("vendor_unmapped", "x", Billed.UNKNOWN), Fate.ANSWERED_BILLED),
    ],
)  # fmt: skip
def test_five_words_tell_what_became_of_any_call(said: Any, fate: Fate) -> None:
    assert fates.of(said) is fate


@every_code
def test_what_no_table_calls_free_counts_as_billed_and_what_is_billed_was_not_refused(name: str, row: Code) -> None:
    assert (fate_of(row) in fates.UNPAID) is (row.billed is Billed.NO)
    refused = row.means.value.category in (Category.GATE, Category.OPERATOR)
    assert (fate_of(row) is Fate.REFUSED) is (refused and row.billed is Billed.NO)


@every_code
def test_a_verdict_about_a_person_is_an_answer_wherever_it_travels(name: str, row: Code) -> None:
    if row.means.value.category in (Category.VERDICT, Category.UNDECIDED, Category.CAPTURE, Category.EVIDENCE):
        assert fate_of(row) in (Fate.ANSWERED_BILLED, Fate.ANSWERED_FREE)


@every_code
def test_the_rate_of_a_vendor_is_a_refusal_and_never_on_the_bill(name: str, row: Code) -> None:
    if row.means is Problem.VENDOR_BUSY:
        assert fate_of(row) is Fate.REFUSED


@every_code
def test_a_call_is_told_in_the_log_by_the_word_that_its_row_keeps(name: str, row: Code) -> None:
    house = tried(saying(name, row), name)
    [told] = house.reported
    assert told.fate is fate_of(row)
    assert all(attempt.fate is told.fate for attempt in house.attempts)
    assert bool(house.attempts) is (row.means.value.category is not Category.GATE), "a limit leaves no row"


@pytest.mark.parametrize(
    ("answer", "fate", "rows"),
    [(NotSent("refused"), Fate.NOT_SENT, 0), (Silent("late"), Fate.SILENT, 1), (KeyError("dies"), Fate.SILENT, 1)],
)
def test_a_call_without_an_answer_has_its_word_too(answer: Any, fate: Fate, rows: int) -> None:
    house = ready(answer)
    with suppress(Later, KeyError):
        house.run()
    assert [attempt.fate for attempt in house.attempts] == [fate] * rows
    assert [told.fate for told in house.reported] == ([] if isinstance(answer, KeyError) else [fate])


def test_a_row_is_a_silence_until_more_is_known() -> None:
    """It is written before the call, and its worker may die at any moment."""
    house = ready(lambda: seen.extend(house.attempts) or Silent("x"))
    seen: list[Any] = []
    with suppress(AttributeError):  # what it gives is no answer
        house.run()
    assert [(attempt.fate, attempt.billed) for attempt in seen] == [(Fate.SILENT, Billed.UNKNOWN)]


def test_the_word_is_in_the_line_the_counter_and_the_answer_to_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[Any] = []
    monkeypatch.setattr(calls, "log", lambda what, **fields: lines.append(fields))
    monkeypatch.setattr(calls, "count", lines.append)
    house = tried(Silent("late"))
    calls.report(house.seen, house.attempts[0])
    counted, line = lines
    assert (counted, line["fate"]) == ("VendorCalls.silent", Fate.SILENT)
    assert [row["fate"] for row in shown.verification(house.seen)["attempts"]] == ["silent"]


def test_the_budget_is_shown_to_the_caller() -> None:
    house = ready()
    assert shown.verification(house.seen)["policy"] == {
        "target_far": 0.0001, "threshold": 80.0, "max_attempts": 3, "retry_budget": 1
    }  # fmt: skip
