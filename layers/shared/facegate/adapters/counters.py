"""How often something was done in a window of time: one item for each window, one conditional write, no read.

The scope says what is counted (a person's keyed mark, a tenant); the item goes with the window.
"""

from collections.abc import Callable, Mapping
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
        return _wait_s(quota, now, lambda window_s: self._add(scope, window_s, quota[window_s], now, who))

    def look(self, scope: str, quota: Mapping[int, int], now: datetime, who: str) -> int:
        """What `take` would answer at this moment; counts nothing. A read for each window."""

        def has_room(window_s: int) -> bool:
            item = self._item(scope, window_s, now)
            return int(item.get("taken", 0)) < quota[window_s] or item.get("latest") == who

        return _wait_s(quota, now, has_room)

    def taken(self, scope: str, window_s: int, now: datetime) -> int:
        """How much of the running window is used up."""
        return int(self._item(scope, window_s, now).get("taken", 0))

    def _item(self, scope: str, window_s: int, now: datetime) -> Any:
        return self.table.get_item(Key=_key(scope, window_s, now), ConsistentRead=True).get("Item", {})

    def _add(self, scope: str, window_s: int, most: int, now: datetime, who: str) -> bool:
        expires = ends_of(window_s, now) + window_s
        try:
            self.table.update_item(
                Key=_key(scope, window_s, now),
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


def _wait_s(quota: Mapping[int, int], now: datetime, has_room: Callable[[int], bool]) -> int:
    for window_s in sorted(quota):
        if quota[window_s] < 1 or not has_room(window_s):
            return ends_of(window_s, now) - int(now.timestamp())
    return 0


def _key(scope: str, window_s: int, now: datetime) -> dict[str, str]:
    return {"pk": "COUNT", "sk": f"{scope}#{window_s}#{ends_of(window_s, now)}"}


def ends_of(window_s: int, now: datetime) -> int:
    """The second since 1970 at which the running window ends; a day is one of UTC."""
    second = int(now.timestamp())
    return second - second % window_s + window_s
