"""A total deadline that nothing can drip past.

Timeouts of HTTP libraries bound one wait for bytes, not their sum. The timer interrupts the main thread, where a Lambda
handler runs; what was received by then counts for nothing, whatever a library made of it.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class DeadlinePassed(Exception):
    pass


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Raises DeadlinePassed from the block, or at its end if the block swallowed it."""
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("a deadline works in the main thread only")
    passed = False

    def ring(_signal: int, _frame: FrameType | None) -> None:
        nonlocal passed
        passed = True
        raise DeadlinePassed(f"after {seconds:g} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except Exception as error:
        if passed and not isinstance(error, DeadlinePassed):
            raise DeadlinePassed(f"after {seconds:g} s") from error
        raise
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    if passed:
        raise DeadlinePassed(f"after {seconds:g} s")
