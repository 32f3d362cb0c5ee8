"""The table of moves: nothing leaves the end, everything else has a way on, and every answer has its move."""

from dataclasses import fields
from types import SimpleNamespace

import pytest

from facegate.model import FINISHED, State, Verification
from facegate.moves import COMPARISONS, MOVES, OPEN, Guard
from facegate.problems import Problem
from facegate.settle import SETTLE
from facegate.vendors import VENDORS
from tests.unit.values import NOW, a_verification

every_move = pytest.mark.parametrize("name", MOVES)


@every_move
def test_no_move_leaves_a_finished_state(name: str) -> None:
    assert not MOVES[name].sources & FINISHED


@pytest.mark.parametrize("state", sorted(OPEN))
def test_every_open_state_has_a_way_to_an_end(state: State) -> None:
    reached, before = {state}, set[State]()
    while reached != before:
        before = set(reached)
        reached |= {move.target for move in MOVES.values() if move.sources & reached}
    assert reached & FINISHED


@pytest.mark.parametrize("state", sorted(State))
def test_every_state_but_the_first_is_reached(state: State) -> None:
    assert state is State.AWAITING_MEDIA or state in {move.target for move in MOVES.values()}


def test_the_sweeper_alone_gets_every_open_state_on() -> None:
    """Its moves, with every queue empty and every worker dead."""
    swept = {"expire", "lose_lease", "try_again", "give_up"}
    assert frozenset().union(*(MOVES[name].sources for name in swept)) == OPEN


def test_an_answer_that_was_paid_for_is_taken_in_every_open_state_and_from_any_epoch() -> None:
    assert MOVES["commit"].sources == OPEN
    assert Guard.MINE not in MOVES["commit"].guards
    assert Guard.SAME_EVIDENCE in MOVES["commit"].guards


@every_move
def test_a_move_that_undoes_a_call_needs_its_own_epoch(name: str) -> None:
    if State.CALLING in MOVES[name].sources and name not in ("commit", "lose_lease"):
        assert Guard.MINE in MOVES[name].guards


def test_only_a_claim_begins_a_call_and_it_counts_the_epoch() -> None:
    assert [name for name, move in MOVES.items() if move.target is State.CALLING] == ["claim"]
    assert MOVES["claim"].counts == {"epoch": 1}
    assert set(MOVES["claim"].guards) == {Guard.MINE, Guard.SAME_EVIDENCE, Guard.ALIVE}


@every_move
def test_whatever_changes_the_slots_counts_the_revision(name: str) -> None:
    changes_slots = MOVES[name].target is State.AWAITING_MEDIA or name == "complete"
    assert ("revision" in MOVES[name].counts) is changes_slots


def test_only_answered_captures_count_as_attempts() -> None:
    counting = {name for name, move in MOVES.items() if "attempts_used" in move.counts}
    assert counting == {"commit", "recapture", "exhaust"}
    assert {name for name, move in MOVES.items() if "retries_used" in move.counts} == {
        "try_again", "ask_another",
    }  # fmt: skip


def test_another_vendor_is_asked_free_after_a_fault_and_within_the_budget_after_a_silence() -> None:
    """What broke and is not on the bill said so; of a silence, and of some faults, nobody knows."""
    assert (MOVES["hand_over"].sources, MOVES["hand_over"].counts) == ({State.CALLING, State.UNKNOWN}, {})
    assert (MOVES["ask_another"].sources, Guard.RETRIES_LEFT in MOVES["ask_another"].guards) == (
        {State.CALLING, State.UNKNOWN}, True
    )  # fmt: skip
    assert {MOVES[name].target for name in ("hand_over", "ask_another")} == {State.READY}


def test_we_turn_away_only_what_nobody_was_asked_about() -> None:
    assert (MOVES["turn_away"].sources, MOVES["turn_away"].counts) == ({State.READY}, {})


def test_nobody_cancels_what_the_vendor_is_being_asked() -> None:
    assert MOVES["cancel"].sources == MOVES["expire"].sources == {State.AWAITING_MEDIA, State.READY}


@pytest.mark.parametrize("guard", Guard)
def test_a_guard_compares_what_an_item_has_with_what_a_worker_has_seen_of_it(guard: Guard) -> None:
    about = guard.value
    assert about.attribute in {field.name for field in fields(Verification)}
    assert about.comparison in COMPARISONS
    seen = a_verification(evidence="e1")
    assert about.measure(seen, NOW) is not None


@pytest.mark.parametrize("guard", Guard)
def test_what_is_not_there_agrees_with_nothing(guard: Guard) -> None:
    """Two that saw no evidence do not agree by accident; no lease is none that ended."""
    nothing = SimpleNamespace(**dict.fromkeys((guard.value.attribute, guard.value.other)))
    there = SimpleNamespace(
        **{guard.value.attribute: 1, guard.value.other: 1, "policy": SimpleNamespace(retakes=1, retry_budget=1)}
    )
    assert not guard.value.holds(nothing, there, 1)
    if guard.value.other == guard.value.attribute:
        assert not guard.value.holds(there, nothing, 1)


def test_what_a_worker_may_have_seen_nothing_of_is_compared_for_equality_alone() -> None:
    """DynamoDB orders no NULL: it would refuse the expression where it should refuse the move."""
    unseen = a_verification(evidence=None)
    absent = [guard for guard in Guard if guard.value.measure(unseen, NOW) is None]
    assert absent == [Guard.SAME_EVIDENCE]
    assert Guard.SAME_EVIDENCE.value.comparison == "="


def test_who_waits_for_a_turn_or_an_end_is_looked_after() -> None:
    """I-3: every move leaves a date for the sweeper; only more media of the same life change none."""
    assert [name for name, move in MOVES.items() if move.due is None] == ["refill"]


@every_move
def test_only_who_is_being_asked_about_holds_a_lease(name: str) -> None:
    move = MOVES[name]
    if move.sources & {State.CALLING, State.UNKNOWN} and move.target is not State.UNKNOWN:
        assert move.writes["lease_ends_at"] is None


def test_whatever_a_vendor_can_mean_is_settled() -> None:
    means = {row.means for vendor in VENDORS.values() for row in vendor.TABLE} | {
        Problem.VENDOR_UNMAPPED,
        Problem.VENDOR_SILENT,
    }
    assert {problem.value.category for problem in means} <= SETTLE.keys()
