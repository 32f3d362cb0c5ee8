"""What a call does to its line, beside the turn that it took: wherever the line is kept.

A good answer where there was no trouble writes nothing. A call that has been silent for long strikes before it ends:
everybody else should know by then; how it ends counts once.
"""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from facegate import pacing
from facegate.ids import EPOCH, MILLISECOND
from facegate.pacing import Line, Pace, Turn

Change = Callable[[Line], Line]


@dataclass(frozen=True, kw_only=True)
class Trouble(ABC):
    deadline_ms: int = 20_000  # of a call
    timer: Any = threading.Timer

    @abstractmethod
    def change(self, pace: Pace, how: Change) -> Line:
        """The line as it is now, changed or not; raises nothing."""

    def refused(self, turn: Turn, now: datetime) -> None:
        self.change(turn.pace, lambda line: pacing.after_refusal(line, turn, ms(now)))

    def failed(self, turn: Turn, now: datetime) -> int:
        """Milliseconds until a turn may be free; 0 where it has struck already."""
        return 0 if turn.struck.is_set() else self._strike(turn, now)

    def answered(self, turn: Turn, now: datetime) -> None:
        if turn.failures or turn.refusals or turn.struck.is_set():
            self.change(turn.pace, lambda line: pacing.after_answer(line, turn, ms(now)))

    @contextmanager
    def watched(self, turn: Turn) -> Iterator[None]:
        timer = self.timer(pacing.SILENT_AFTER_S, self._lose_patience, (turn,))
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()  # a strike that has begun is written before what the call ends with

    def _lose_patience(self, turn: Turn) -> None:
        turn.struck.set()
        self._strike(turn, EPOCH + turn.at_ms * MILLISECOND + timedelta(seconds=pacing.SILENT_AFTER_S))

    def _strike(self, turn: Turn, now: datetime) -> int:
        gap_ms = self.deadline_ms + pacing.PROBE_SLACK_MS
        line = self.change(turn.pace, lambda line: pacing.after_failure(line, turn, ms(now), gap_ms))
        return max(0, line.free_ms - ms(now))


def ms(at: datetime) -> int:
    return (at - EPOCH) // MILLISECOND
