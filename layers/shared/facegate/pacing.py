"""Turns at a vendor, the arithmetic. Whoever wants to call takes the next free moment; nobody is refused.

`free_ms` is the moment from which the quota is free. 212 ms for 5 calls a second is 1 s / 5 with 60 ms of spread in
arrival: 94 % of the quota with no refusals in either reading of "a second" (docs/decisions.md). A refusal pushes that
moment away. Five failures in a row open the breaker: turns are then so far apart that one call alone is out at a time.
"""

import math
import zlib
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event
from typing import NamedTuple

from facegate.ids import EPOCH, MILLISECOND

SPREAD_MS = 60  # of one-way delay and clocks, between the moment taken and the arrival at the vendor
PATIENCE_MS = 1000  # of a moment with whoever comes late
PENALTY_MS, LONGEST_PENALTY_MS = 1000, 30_000  # after a refusal: a window is over, a bad neighbour may take longer
STRIKES = 5  # failures in a row: not one person's bad luck
SILENT_AFTER_S = 8  # no call that is answered takes so long; five strikes 212 ms apart are then within 10 s
RECOVERY_MS, LONGEST_RECOVERY_MS = 10_000, 60_000  # until the next probe: a restart; no more load on what is down
PROBE_SLACK_MS = 5000  # what surrounds a call: a probe is over before the next one may begin


class TooBusy(Exception):
    """No turn is free within the wait that was offered; `wait_ms` until one may be."""

    def __init__(self, wait_ms: int) -> None:
        super().__init__(f"free in {wait_ms} ms")
        self.wait_ms = wait_ms


class Unreached(TooBusy):
    """Nobody picks up at the vendor's: no turn was taken."""


class Pace(NamedTuple):
    """What one vendor allows one account for one action in one region."""

    vendor: str
    action: str
    region: str
    account: str
    per_second: float

    @property
    def key(self) -> str:
        return f"{self.vendor}#{self.action}#{self.region}#{self.account}"

    @property
    def interval_ms(self) -> int:
        return round((1000 + SPREAD_MS) / self.per_second)


@dataclass(frozen=True)
class Turn:
    """A moment that is one caller's own, and what trouble its line had when it was taken."""

    pace: Pace
    at_ms: int
    wait_ms: int
    failures: int = 0
    refusals: int = 0
    struck: Event = field(default_factory=Event, compare=False, repr=False)  # by a call that was silent for long

    def left_s(self, now: datetime) -> float:
        """Until the moment itself: whatever passed since the turn was taken is no part of the wait."""
        return max(0.0, (EPOCH + self.at_ms * MILLISECOND - now).total_seconds())

    def is_over(self, now: datetime) -> bool:
        """Whoever stood still so long would call in somebody else's."""
        return now - EPOCH > (self.at_ms + PATIENCE_MS) * MILLISECOND

    @property
    def probes(self) -> bool:
        """Taken while the breaker was open."""
        return self.failures >= STRIKES


class Line(NamedTuple):
    """What is kept of a pace. Without trouble all but the first is 0, and not kept."""

    free_ms: int = 0
    gap_ms: int = 0  # the distance of turns while the breaker is open, in place of the pace's own
    failures: int = 0  # silences and faults in a row
    refusals: int = 0  # limit refusals in a row


def after_refusal(line: Line, turn: Turn, now_ms: int) -> Line:
    """Twice as long as the wait that this turn had behind it; several refusals of one moment count as one."""
    until = now_ms + _doubled(PENALTY_MS, turn.refusals, LONGEST_PENALTY_MS)
    return line._replace(free_ms=max(line.free_ms, until), refusals=max(line.refusals, turn.refusals + 1))


def after_failure(line: Line, turn: Turn, now_ms: int, probe_gap_ms: int) -> Line:
    """The fifth in a row opens the breaker, a failed probe keeps it open for longer."""
    failures = line.failures + 1
    if line.gap_ms and not turn.probes and line.free_ms > now_ms:
        return line  # begun before it opened: nothing new
    if failures < STRIKES:
        return line._replace(failures=failures)
    until = now_ms + _doubled(RECOVERY_MS, failures - STRIKES, LONGEST_RECOVERY_MS)
    return line._replace(free_ms=max(line.free_ms, until), gap_ms=probe_gap_ms, failures=failures)


def after_answer(line: Line, turn: Turn, now_ms: int) -> Line:
    """No more trouble. After a probe the next turn is one interval away, or behind the latest that somebody holds."""
    free_ms = line.free_ms
    if line.gap_ms and turn.probes:
        latest_ms = free_ms - line.gap_ms
        free_ms = min(free_ms, max(now_ms, latest_ms) + turn.pace.interval_ms)
    return Line(free_ms)


def back_in_s(wait_ms: int, who: str) -> int:
    """Whole seconds until `who` comes again: not before the line is free, and a thousand not all at once."""
    lot = zlib.crc32(who.encode()) / (1 << 32)
    return max(1, math.ceil(wait_ms * (1 + lot / 2) / 1000))


def _doubled(first_ms: int, times: int, most_ms: int) -> int:
    return most_ms if times > 9 else min(most_ms, first_ms << times)
