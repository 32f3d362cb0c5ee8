"""A total deadline that nothing can drip past."""

import signal
import threading
import time
from contextlib import suppress

import pytest

from facegate.adapters.deadline import DeadlinePassed, deadline


def test_what_takes_too_long_is_interrupted() -> None:
    began = time.monotonic()
    with pytest.raises(DeadlinePassed, match=r"after 0\.05 s"), deadline(0.05):
        time.sleep(5)
    assert time.monotonic() - began < 1


def test_many_short_waits_do_not_outlast_it() -> None:
    with pytest.raises(DeadlinePassed), deadline(0.05):
        while True:
            time.sleep(0.01)


def test_what_was_received_by_then_counts_for_nothing() -> None:
    """A library that swallows the interruption and returns."""
    with pytest.raises(DeadlinePassed), deadline(0.02):
        try:
            time.sleep(1)
        except Exception:  # noqa: S110  as libraries do
            pass


def test_a_library_that_swallows_it_and_goes_on_is_interrupted_again() -> None:
    heard = 0
    with pytest.raises(DeadlinePassed), deadline(0.02):
        for _ in range(3):
            try:
                time.sleep(5)
            except DeadlinePassed:
                heard += 1
    assert heard == 3


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_what_is_lost_while_an_object_is_destroyed_comes_again() -> None:
    """Python drops what is raised in a finalizer."""

    class Slow:
        def __del__(self) -> None:
            time.sleep(5)

    slow, slept = Slow(), False
    with pytest.raises(DeadlinePassed), deadline(0.02):
        del slow
        time.sleep(5)
        slept = True
    assert not slept


def test_an_answer_at_the_very_end_is_too_late_as_well() -> None:
    """The status was read, and then the flag went up."""
    with pytest.raises(DeadlinePassed), deadline(0.02):
        status = 200
        with suppress(DeadlinePassed):
            time.sleep(5)
        assert status == 200


def test_no_ring_comes_behind_it() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(DeadlinePassed), deadline(0.01):
        time.sleep(5)
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is before


def test_a_library_that_dresses_it_up_is_seen_through() -> None:
    with pytest.raises(DeadlinePassed) as raised, deadline(0.02):
        try:
            time.sleep(1)
        except DeadlinePassed:
            raise OSError("connection reset") from None
    assert isinstance(raised.value.__cause__, OSError)


def test_what_is_quick_is_left_alone() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with deadline(5):
        value = 1 + 1
    assert value == 2
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is before


def test_another_error_stays_what_it_is_and_the_timer_ends() -> None:
    with pytest.raises(KeyError), deadline(5):
        raise KeyError("x")
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_it_works_in_the_main_thread_only_and_says_so() -> None:
    said: list[BaseException] = []

    def run() -> None:
        try:
            with deadline(1):
                pass
        except RuntimeError as error:
            said.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert "main thread" in str(said[0])
