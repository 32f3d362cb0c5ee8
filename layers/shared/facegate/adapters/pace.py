"""Moments in which a vendor may be called: one item for each pace, two conditional writes, no read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from facegate.adapters.items import write
from facegate.moves import Lost
from facegate.pacing import PENALTY_MS, Pace, TooBusy

ROUNDS = 3  # the two branches exclude each other, so a third round means a race lost twice


@dataclass(frozen=True)
class Paces:
    table: Any

    def reserve(self, pace: Pace, now: datetime, longest_wait_ms: int) -> int:
        """Milliseconds to wait until the moment that is now ours; raises TooBusy."""
        now_ms = int(now.timestamp() * 1000)
        for _ in range(ROUNDS):
            for branch in (self._queue_up, self._start_afresh):
                try:
                    return max(0, branch(pace, now_ms, longest_wait_ms) - now_ms)
                except Lost:
                    continue
        raise TooBusy(pace.key)

    def hold_back(self, pace: Pace, now: datetime) -> None:
        """After a refusal: nobody calls before the penalty is over."""
        until = int(now.timestamp() * 1000) + PENALTY_MS
        try:
            self._write(
                pace, "SET free_ms = :until", "attribute_not_exists(free_ms) OR free_ms < :until", {":until": until}
            )
        except Lost:
            return  # they wait longer already

    def _queue_up(self, pace: Pace, now_ms: int, longest_wait_ms: int) -> int:
        values = {":interval": pace.interval_ms, ":now": now_ms, ":latest": now_ms + longest_wait_ms}
        before = self._write(pace, "ADD free_ms :interval", "free_ms BETWEEN :now AND :latest", values)
        return int(before["free_ms"])

    def _start_afresh(self, pace: Pace, now_ms: int, longest_wait_ms: int) -> int:
        values = {":next": now_ms + pace.interval_ms, ":now": now_ms}
        self._write(pace, "SET free_ms = :next", "attribute_not_exists(free_ms) OR free_ms < :now", values)
        return now_ms

    def _write(self, pace: Pace, update: str, condition: str, values: dict[str, int]) -> Any:
        return write(
            self.table.update_item, Key={"pk": "PACE", "sk": pace.key}, UpdateExpression=update,
            ConditionExpression=condition, ExpressionAttributeValues=values, ReturnValues="UPDATED_OLD",
        ).get("Attributes", {})  # fmt: skip
