"""A total deadline that nothing can drip past.

Timeouts of HTTP libraries bound one wait for bytes, not their sum. The timer interrupts the main thread, where a Lambda
handler runs; what was received by then counts for nothing, whatever a library made of it. It rings until it is heard:
a library may swallow the first interruption and go on, and one that comes while an object is being destroyed is lost.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

AGAIN_S = 0.1


class DeadlinePassed(Exception):
    pass


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Raises DeadlinePassed from the block, or at its end if the block swallowed it."""
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("a deadline works in the main thread only")
    passed, over = False, False

    def ring(_signal: int, _frame: FrameType | None) -> None:
        nonlocal passed
        passed = True
        if not over:
            raise DeadlinePassed(f"after {seconds:g} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN_S)
    try:
        try:
            yield
        finally:
            over = True  # a ring from here on is noted; one just before it is caught below
    except Exception as error:
        if passed and not isinstance(error, DeadlinePassed):
            raise DeadlinePassed(f"after {seconds:g} s") from error
        raise
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    if passed:
        raise DeadlinePassed(f"after {seconds:g} s")
