"""Every promise is kept in every place that can be reached, and none of the conditions is there for nothing."""

import pytest

from facegate.moves import MOVES
from tests.unit.explorer.mutants import ARRIVALS, MUTANTS, WITHOUT
from tests.unit.explorer.search import Breach, Explorer


@pytest.fixture(scope="module")
def walked() -> tuple[Explorer, Breach | None]:
    explorer = Explorer()
    return explorer, explorer.walk()


def test_whatever_dies_comes_twice_or_comes_late_every_promise_is_kept(walked: tuple[Explorer, Breach | None]) -> None:
    """The time that it takes is told by `python -m tests.unit.explorer`."""
    explorer, breach = walked
    assert breach is None, str(breach)
    assert len(explorer.came_from) >= 45_000


def test_every_move_but_an_arrivals_is_walked(walked: tuple[Explorer, Breach | None]) -> None:
    explorer, _ = walked
    won = {step.tried for pairs in explorer.acting for step in pairs.all_steps() if step.won}
    assert won == MOVES.keys() - {"refill"}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_condition_that_is_wrong_is_caught_with_a_trace(name: str) -> None:
    moves, promise = MUTANTS[name]
    breach = Explorer(moves).walk()
    assert breach, "it is needless, or the model too weak"
    assert breach.promise.startswith(f"{promise}:"), str(breach)
    assert 2 <= len(breach.trace) <= 17


def test_every_guard_of_every_move_has_been_taken_away() -> None:
    assert WITHOUT.keys() | ARRIVALS == {(name, guard) for name, move in MOVES.items() for guard in move.guards}
    assert not WITHOUT.keys() & ARRIVALS


def test_a_breach_is_told_in_words_and_by_its_shortest_way() -> None:
    """With this one the ledger would name one vendor and the bill another."""
    moves, _ = MUTANTS["claim without MINE"]
    assert str(Explorer(moves).walk()).splitlines() == [
        "I-5: a call goes to a vendor whose row nobody wrote",
        "  1. the caller: media no. 1 are complete",
        "  2. worker A: looks, and it is ready",
        "  3. worker B: looks, and it is ready",
        "  4. worker A: claim, ready -> calling",
        "  5. worker A: asks the vendor, and there comes a fault that is not on the bill",
        "  6. worker A: hand_over, calling -> ready",
        "  7. worker B: claim, ready -> calling",
    ]
