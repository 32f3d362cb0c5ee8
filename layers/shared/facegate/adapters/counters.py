"""How often something was done in a window of time: one item for each window, one conditional write, no read.

The scope says what is counted (a person's keyed mark, a tenant); the item goes with the window.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from facegate.adapters.items import LOST_RACE


@dataclass(frozen=True)
class Counters:
    table: Any

    def take(self, scope: str, quota: Mapping[int, int], now: datetime, who: str) -> int:
        """One more of it, if every window (seconds -> how often) has room; else the seconds until the fullest ends.

        The shortest window is asked first; what it counted stays counted where a longer one says no, and is soon over.
        Who was the latest to be counted is let in again for nothing: two workers may hold the same message, and in a
        full window nobody comes after the latest.
        """
        second = int(now.timestamp())
        for window_s in sorted(quota):
            ends = ends_of(window_s, now)
            name, most = f"{scope}#{window_s}#{ends}", quota[window_s]
            if most < 1 or not self._add(name, most, ends + window_s, who):
                return ends - second
        return 0

    def taken(self, scope: str, window_s: int, now: datetime) -> int:
        """How much of the running window is used up."""
        key = {"pk": "COUNT", "sk": f"{scope}#{window_s}#{ends_of(window_s, now)}"}
        return int(self.table.get_item(Key=key, ConsistentRead=True).get("Item", {}).get("taken", 0))

    def _add(self, name: str, most: int, expires: int, who: str) -> bool:
        try:
            self.table.update_item(
                Key={"pk": "COUNT", "sk": name},
                UpdateExpression="SET expires_epoch = :expires, latest = :who ADD taken :one",
                ConditionExpression="attribute_not_exists(taken) OR (taken < :most AND latest <> :who)",
                ExpressionAttributeValues={":one": 1, ":most": most, ":expires": expires, ":who": who},
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )  # fmt: skip
        except ClientError as error:
            if error.response["Error"]["Code"] not in LOST_RACE:
                raise
            return bool(error.response["Item"].get("latest") == {"S": who})  # as it travels
        return True


def ends_of(window_s: int, now: datetime) -> int:
    """The second since 1970 at which the running window ends; a day is one of UTC."""
    second = int(now.timestamp())
    return second - second % window_s + window_s
