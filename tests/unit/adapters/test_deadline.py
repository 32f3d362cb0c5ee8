"""A total deadline that nothing can drip past."""

import signal
import threading
import time

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
