"""Each figure is 0 for what is sound, and counts for each way to break its rule: planted histories."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos import history, judge
from chaos.history import History, Life
from tests.unit.chaos.planted import CALL, END, ROW, SILENT, UNHEARD, WEBHOOK, sound


def planted(change: Callable[[Life, History], None]) -> dict[str, int]:
    made = sound()
    change(made.lives[0], made)
    return {figure.name: figure.value for figure in judge.figures(made) if figure.value}


def test_a_sound_campaign_has_no_figure_but_0() -> None:
    assert [figure.value for figure in judge.figures(sound())] == [0] * len(judge.RULES)
    assert len(judge.RULES) == 6


def never_ends(life: Life, made: History) -> None:
    life.seen = life.seen[:-1]
    life.told, life.events = [], []


def is_gone(life: Life, made: History) -> None:
    life.seen, life.rows, life.bill, life.events, life.told = [], [], [], [], []


def expires_with_all_it_needs(life: Life, made: History) -> None:
    life.seen[-1] = replace(END, state="expired", status="expired")
    life.told = [replace(WEBHOOK, status="expired")]


def is_decided_anew(life: Life, made: History) -> None:
    life.seen.append(replace(END, at_s=12.0, said="another verdict"))


def comes_back(life: Life, made: History) -> None:
    life.seen += [replace(END, at_s=12.0, status="rejected")]


def is_told_otherwise(life: Life, made: History) -> None:
    life.told[0] = replace(WEBHOOK, status="rejected")


def is_told_in_other_bytes(life: Life, made: History) -> None:
    life.told.append(replace(WEBHOOK, at_s=11.0, bytes="others"))


def is_asked_a_third_time(life: Life, made: History) -> None:
    life.bill.append(replace(CALL, request_id="r2", at_s=6.0))
    life.rows.append(replace(ROW, id="att_2", request_id="r2", started_s=5.9))


def has_no_budget(life: Life, made: History) -> None:
    life.budget = 0


def is_told_to_nobody(life: Life, made: History) -> None:
    life.told = []


def is_only_refused(life: Life, made: History) -> None:
    life.told[0] = replace(WEBHOOK, taken=False)


def is_signed_by_a_stranger(life: Life, made: History) -> None:
    life.told[0] = replace(WEBHOOK, genuine=False)


def message_dies(life: Life, made: History) -> None:
    made.dead.append(("check", json.dumps({"tenant": "tenant", "verification": "ver_1"})))


def call_has_no_row(life: Life, made: History) -> None:
    life.rows.remove(SILENT)


def row_was_written_after_the_call(life: Life, made: History) -> None:
    life.rows[0] = replace(SILENT, started_s=UNHEARD.at_s + 2 * judge.SLACK_S)


def row_is_of_another_vendor(life: Life, made: History) -> None:
    life.rows[0] = replace(SILENT, vendor="kuaidi100")


def answer_is_on_no_bill(life: Life, made: History) -> None:
    life.bill.remove(CALL)


def fee_is_denied(life: Life, made: History) -> None:
    life.rows[1] = replace(ROW, billed="no")


def call_is_about_nobody(life: Life, made: History) -> None:
    made.strays.append(CALL)


@pytest.mark.parametrize(
    ("change", "figure"),
    [
        (never_ends, "lost"), (is_gone, "lost"), (expires_with_all_it_needs, "lost"), (is_decided_anew, "changed"),
        (comes_back, "changed"), (is_told_otherwise, "changed"), (is_told_in_other_bytes, "changed"),
        (is_asked_a_third_time, "paid twice"), (has_no_budget, "paid twice"), (is_told_to_nobody, "undelivered"),
        (is_only_refused, "undelivered"), (is_signed_by_a_stranger, "undelivered"), (message_dies, "dead letters"),
        (call_has_no_row, "ledger / bill"), (row_was_written_after_the_call, "ledger / bill"),
        (row_is_of_another_vendor, "ledger / bill"), (answer_is_on_no_bill, "ledger / bill"),
        (fee_is_denied, "ledger / bill"), (call_is_about_nobody, "ledger / bill"),
    ],
    ids=lambda given: given if isinstance(given, str) else given.__name__,
)  # fmt: skip
def test_each_way_to_break_a_rule_shows_in_its_figure_and_in_no_other(
    change: Callable[[Life, History], None], figure: str
) -> None:
    assert planted(change) == {figure: 1}


def test_a_vendor_that_numbers_no_calls_is_matched_by_its_code() -> None:
    made = sound()
    made.lives[0].rows[1] = replace(ROW, request_id=None)
    assert list(judge.differs(made)) == []
    made.lives[0].bill.remove(CALL)
    assert len(list(judge.differs(made))) == 1


def test_an_answer_without_a_number_keeps_its_own_line_beside_a_silence_right_after_it() -> None:
    made = sound()
    fault = replace(CALL, at_s=10.0, request_id="other", code="500", billed="unknown")
    lost = replace(CALL, at_s=10.2)
    made.lives[0].bill = [fault, lost]
    made.lives[0].rows = [
        replace(ROW, request_id=None, code="500", billed="unknown", started_s=10.0), replace(SILENT, started_s=10.1)
    ]  # fmt: skip
    assert list(judge.differs(made)) == []


def test_an_answer_whose_fee_nobody_knows_may_be_missing_and_one_for_a_fee_may_not() -> None:
    """Kuaidi100 turns too many calls away in the words of any fault of its own, and those are executed or not."""
    made = sound()
    made.lives[0].bill.remove(CALL)
    for billed, found in (("yes", 1), ("unknown", 0), ("no", 0)):
        made.lives[0].rows[1] = replace(ROW, billed=billed)
        assert len(list(judge.differs(made))) == found


def test_what_was_shown_again_may_be_paid_for_again() -> None:
    made = sound()
    is_asked_a_third_time(made.lives[0], made)
    made.lives[0].rounds = 2
    assert list(judge.paid_twice(made)) == []


def test_what_was_refused_for_free_is_no_second_payment() -> None:
    made = sound()
    is_asked_a_third_time(made.lives[0], made)
    made.lives[0].bill[-1] = replace(made.lives[0].bill[-1], billed="no")
    assert list(judge.paid_twice(made)) == []


def test_a_history_comes_back_from_its_json_as_it_was() -> None:
    made = sound()
    made.kills, made.bands = [history.Kill(3.0, "run-check", "vendor")], [history.Band("receiver", "hangs", 1.0, 2.0)]
    made.faults, made.strays = [(2.5, "truncated")], [CALL]
    assert history.read(json.loads(json.dumps(made.shown()))) == made


@given(st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_whatever_lies_among_the_dead_letters_is_read(body: str) -> None:
    assert judge.is_message(body) is False


@pytest.mark.parametrize("part", judge.PARTS_OF_A_MESSAGE)
def test_our_own_messages_are_known_as_such(part: str) -> None:
    assert judge.is_message(json.dumps({"tenant": "t", part: "x", "lane": "quick"}))
