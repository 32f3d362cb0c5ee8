"""How long a line of turns is at this moment (pacing.py); one read, and nobody joins it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from facegate.pacing import Pace


@dataclass(frozen=True)
class Backlog:
    table: Any

    def ahead_ms(self, line: Pace, now: datetime) -> int:
        item = self.table.get_item(Key={"pk": "PACE", "sk": line.key}).get("Item", {})
        return max(0, int(item.get("free_ms", 0)) - int(now.timestamp() * 1000))
