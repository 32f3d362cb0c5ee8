"""How late this machine is by itself: a process that does nothing but sleep, and notes how late it is woken.

What it was late by, everything else may be late by too. It is a process of its own, so that nothing this one does
excuses itself.
"""

import multiprocessing
import os
import time
from functools import cache
from typing import Any

TICK_S = 0.01
WOKEN, MOST = range(2)  # what it notes: when it last woke, by the clock of the machine, and its greatest delay


class Machine:
    def __init__(self) -> None:
        start = multiprocessing.get_context("spawn")
        self._notes = start.RawArray("d", 2)
        self.sleeper = start.Process(target=_sleep, args=(self._notes, os.getpid()), daemon=True)
        self.sleeper.start()
        while not self._notes[WOKEN]:
            time.sleep(TICK_S)

    def forget(self) -> None:
        self._notes[MOST] = 0.0

    @property
    def late_s(self) -> float:
        """The longest since `forget`, one that has not ended among them."""
        still = time.monotonic() - self._notes[WOKEN] - TICK_S
        return max(self._notes[MOST], still)


@cache
def machine() -> Machine:
    return Machine()


def _sleep(notes: Any, whose: int) -> None:
    due = time.monotonic()
    while os.getppid() == whose:
        notes[WOKEN] = time.monotonic()
        notes[MOST] = max(notes[MOST], notes[WOKEN] - due)
        due = time.monotonic() + TICK_S
        time.sleep(TICK_S)
