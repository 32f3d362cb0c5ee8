"""How often something was done in a window of time: one item for each window, one conditional write, no read.

The scope says what is counted (a person's keyed mark, a tenant); the item goes with the window.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from facegate.adapters.items import write
from facegate.moves import Lost


@dataclass(frozen=True)
class Counters:
    table: Any

    def take(self, scope: str, quota: Mapping[int, int], now: datetime) -> int:
        """One more of it, if every window (seconds -> how often) has room; else the seconds until the fullest ends.

        The shortest window is asked first; what it counted stays counted where a longer one says no, and is soon over.
        """
        second = int(now.timestamp())
        for window_s in sorted(quota):
            ends = ends_of(window_s, now)
            if quota[window_s] < 1 or not self._add(f"{scope}#{window_s}#{ends}", quota[window_s], ends + window_s):
                return ends - second
        return 0

    def taken(self, scope: str, window_s: int, now: datetime) -> int:
        """How much of the running window is used up."""
        key = {"pk": "COUNT", "sk": f"{scope}#{window_s}#{ends_of(window_s, now)}"}
        return int(self.table.get_item(Key=key, ConsistentRead=True).get("Item", {}).get("taken", 0))

    def _add(self, name: str, most: int, expires: int) -> bool:
        try:
            write(
                self.table.update_item, Key={"pk": "COUNT", "sk": name},
                UpdateExpression="SET expires_epoch = :expires ADD taken :one",
                ConditionExpression="attribute_not_exists(taken) OR taken < :most",
                ExpressionAttributeValues={":one": 1, ":most": most, ":expires": expires},
            )  # fmt: skip
        except Lost:
            return False
        return True


def ends_of(window_s: int, now: datetime) -> int:
    """The second since 1970 at which the running window ends; a day is one of UTC."""
    second = int(now.timestamp())
    return second - second % window_s + window_s
