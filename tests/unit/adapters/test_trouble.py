"""A call that is watched: what it does to its line while it lasts, and what may break meanwhile."""

import gc
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from facegate.adapters.pace import Paces
from facegate.pacing import SILENT_AFTER_S, Line, Pace, Turn
from tests.unit.memory_paces import MemoryPaces
from tests.unit.values import NOW

PACE = Pace("v", "a", "r", "k", 5)
DONE: list[str] = []


class Watching:
    """A timer that notes what is done with it; `rings` at once, or never."""

    rings = False

    def __init__(self, after_s: float, then: Callable[..., None], given: tuple[Any, ...]) -> None:
        self.then, self.given, self.daemon = then, given, False
        DONE[:] = [f"after {after_s} s"]

    def start(self) -> None:
        DONE.append("started as a daemon" if self.daemon else "started")
        if self.rings:
            self.then(*self.given)

    def cancel(self) -> None:
        DONE.append("canceled")

    def join(self) -> None:
        DONE.append("joined")


class Ringing(Watching):
    rings = True


@pytest.mark.parametrize("error", [None, KeyError()])
def test_a_call_is_watched_until_it_ends_however_it_ends(error: Exception | None) -> None:
    paces = MemoryPaces(timer=Watching)
    turn = paces.reserve(PACE, NOW, 0)
    try:
        with paces.watched(turn):
            if error:
                raise error
    except KeyError:
        pass
    assert [f"after {SILENT_AFTER_S} s", "started as a daemon", "canceled", "joined"] == DONE
    assert paces.line.failures == 0


@pytest.mark.parametrize(("ends", "failures"), [("failed", 1), ("answered", 0), ("refused", 1)])
def test_a_call_that_is_silent_for_long_strikes_once_and_a_good_answer_takes_it_back(ends: str, failures: int) -> None:
    paces = MemoryPaces(timer=Ringing)
    turn = paces.reserve(PACE, NOW, 0)
    with paces.watched(turn):
        assert paces.line.failures == 1, "everybody knows while it lasts"
    getattr(paces, ends)(turn, NOW)
    assert paces.line.failures == failures


def test_a_call_that_strikes_and_then_breaks_is_remembered_by_nobody() -> None:
    """Whatever it raises: what remembers it is its own turn."""
    paces = MemoryPaces(timer=Ringing)
    turn = paces.reserve(PACE, NOW, 0)
    with suppress(KeyError), paces.watched(turn):
        raise KeyError
    lives = weakref.ref(turn)
    del turn
    gc.collect()
    assert lives() is None


def test_the_real_timer_rings_in_a_thread_of_its_own() -> None:
    """Joined before the call is told of: what it wrote is there."""
    paces = Slow(timer=lambda after_s, then, given: threading.Timer(0, then, given))
    turn = paces.reserve(PACE, NOW, 0)
    with paces.watched(turn):
        paces.begun.wait(5)
    assert paces.line.failures == 1


class Slow(MemoryPaces):
    """Begins to write, and is done a while later."""

    begun = threading.Event()

    def change(self, pace: Pace, how: Any) -> Line:
        self.begun.set()
        return super().change(pace, how)


def test_a_table_that_takes_nothing_breaks_no_call_that_was_paid_for() -> None:
    class Broken:
        name, meta = "t", property(lambda _: 1 / 0)

    paces, turn = Paces(Broken()), Turn(PACE, 0, 0, failures=1)
    paces.refused(turn, NOW)
    paces.failed(turn, NOW)
    paces.answered(turn, NOW)
