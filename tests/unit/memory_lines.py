"""Lines of turns in memory, over any clock. tests/integration/store/test_lines.py holds them to those in the table."""

from dataclasses import dataclass, field
from datetime import datetime

from facegate.pacing import Pace, TooBusy


@dataclass
class MemoryLines:
    free_ms: dict[str, int] = field(default_factory=dict)  # key of a line -> from when it is free
    held_back: int = 0

    def reserve(self, pace: Pace, now: datetime, longest_wait_ms: int) -> int:
        now_ms = _ms(now)
        free = max(self.free_ms.get(pace.key, 0), now_ms)
        if free > now_ms + longest_wait_ms:
            raise TooBusy(pace.key)
        self.free_ms[pace.key] = free + pace.interval_ms
        return free - now_ms

    def hold_back(self, pace: Pace, now: datetime) -> None:
        self.held_back += 1

    def ahead_ms(self, line: Pace, now: datetime) -> int:
        return max(0, self.free_ms.get(line.key, 0) - _ms(now))


def _ms(now: datetime) -> int:
    return int(now.timestamp() * 1000)
