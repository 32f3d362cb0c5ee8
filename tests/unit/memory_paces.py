"""Turns in memory: the line that DynamoDB keeps, in a dictionary. tests/integration/store holds the two together."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from facegate import lanes
from facegate.adapters.trouble import Change, Trouble, ms
from facegate.pacing import Line, Pace, TooBusy, Turn
from tests.unit.values import NOW


class NoTimer:
    """For calls that take no time: never over."""

    daemon = True

    def __init__(self, after_s: float, then: Callable[..., None], given: tuple[Any, ...]) -> None:
        self.after_s = after_s

    def start(self) -> None: ...
    def cancel(self) -> None: ...
    def join(self) -> None: ...


@dataclass(frozen=True)
class MemoryPaces(Trouble):
    timer: Any = field(default=NoTimer, kw_only=True)
    lines: dict[str, Line] = field(default_factory=dict)
    usual: list[Line] = field(default_factory=lambda: [Line()])  # of those that nobody has used
    writes: list[str] = field(default_factory=list)

    def free_in(self, wait_ms: int, now: datetime = NOW) -> None:
        """Every line, from now on: so much is taken already."""
        self.lines.clear()
        self.usual[0] = Line(ms(now) + wait_ms)

    @property
    def line(self) -> Line:
        """The only line of turns that was used, whatever numbers were taken."""
        [line] = (line for key, line in self.lines.items() if not key.endswith(lanes.NUMBERS))
        return line

    def ahead_ms(self, pace: Pace, now: datetime) -> int:
        """How long a line is, without joining it."""
        return max(0, self._of(pace).free_ms - ms(now))

    def reserve(self, pace: Pace, now: datetime, longest_wait_ms: int) -> Turn:
        line, now_ms = self._of(pace), ms(now)
        at_ms = max(now_ms, line.free_ms)
        if at_ms - now_ms > longest_wait_ms:
            raise TooBusy(at_ms - now_ms)
        self._keep(pace, line._replace(free_ms=at_ms + (line.gap_ms or pace.interval_ms)))
        return Turn(pace, at_ms, at_ms - now_ms, line.failures, line.refusals)

    def change(self, pace: Pace, how: Change) -> Line:
        before = self._of(pace)
        if (after := how(before)) != before:
            self._keep(pace, after)
        return after

    def _of(self, pace: Pace) -> Line:
        return self.lines.get(pace.key, self.usual[0])

    def _keep(self, pace: Pace, line: Line) -> None:
        self.lines[pace.key] = line
        self.writes.append(pace.key)
