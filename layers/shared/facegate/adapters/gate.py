"""How many tries are made at one endpoint at a time: one item for each endpoint, its places and the queue before them.

A place is taken for a lease by one conditional write, without a read, and free again when it is left or the lease is
over. Who finds none gets a turn: turns are as far apart as the latest try has shown that places get free, or those that
are still in there, so that those who wait come back neither all at once nor behind those who came after them.
"""

import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from facegate.adapters.endpoints import gate_key
from facegate.adapters.items import write
from facegate.ids import EPOCH, MILLISECOND
from facegate.model import Endpoint
from facegate.moves import Lost
from facegate.ports import Full, Place

ROUNDS = 3  # lost races before it counts as full
TOOK_MS, LEAST_STEP_MS, MOST_STEP_MS = 1000, 20, 15_000  # the first is assumed before any try has ended
LIFE_S = 86_400  # of an item that nobody uses, be it made by a worker that did not know that its endpoint was removed
LONGEST_QUEUE_MS = 600_000  # beyond it, turns are drawn by lot: what was slow may be fast by then
Held = Mapping[str, int]  # what the item says: place<n>, queue_ms, took_ms


@dataclass(frozen=True)
class Gates:
    table: Any

    def enter(self, endpoint: Endpoint, width: int, in_turn: bool, now: datetime, lease: timedelta) -> Place:
        """One of `width` places; raises Full. Whose turn it is not goes behind those who wait."""
        now_ms, ends_at = _ms(now), now + lease
        free: list[int] = list(range(width))
        held: Held | None = None
        for _ in range(ROUNDS):
            name = f"place{secrets.choice(free)}"
            held = self._take(endpoint, name, in_turn, now_ms, _ms(ends_at))
            if held is None:
                return Place(endpoint.tenant, endpoint.id, name, now, ends_at)
            free = _free(held, width, in_turn, now_ms)
            if not free:
                break
        step = step_ms(held or {}, width, now_ms, lease)
        raise Full(EPOCH + self._turn(endpoint, step, now_ms) * MILLISECOND)

    def leave(self, place: Place, now: datetime) -> None:
        """Nothing happens where the lease was over and the place is another's."""
        with suppress(Lost):
            write(
                self.table.update_item, Key=gate_key(place.tenant, place.endpoint),
                UpdateExpression="SET took_ms = :took REMOVE #place", ConditionExpression="#place = :ends",
                ExpressionAttributeNames={"#place": place.name},
                ExpressionAttributeValues={":took": _ms(now) - _ms(place.taken_at), ":ends": _ms(place.ends_at)},
            )  # fmt: skip

    def forget(self, endpoint: Endpoint) -> datetime | None:
        """The queue and how long a try took; who is in there stays. The latest turn that was given, if one was."""
        with suppress(Lost):
            before = write(
                self.table.update_item, Key=gate_key(endpoint.tenant, endpoint.id), ReturnValues="UPDATED_OLD",
                UpdateExpression="REMOVE queue_ms, took_ms", ConditionExpression="attribute_exists(queue_ms)",
            )  # fmt: skip
            return EPOCH + int(before["Attributes"]["queue_ms"]) * MILLISECOND
        return None

    def _take(self, endpoint: Endpoint, name: str, in_turn: bool, now_ms: int, ends_ms: int) -> Held | None:
        """None where it is ours, else what the item says."""
        nobody_waits = "(attribute_not_exists(queue_ms) OR queue_ms <= :now)"
        is_free = "(attribute_not_exists(#place) OR #place <= :now)"
        try:
            self.table.update_item(
                Key=gate_key(endpoint.tenant, endpoint.id),
                UpdateExpression="SET #place = :ends, expires_epoch = :over",
                ConditionExpression=is_free if in_turn else f"{is_free} AND {nobody_waits}",
                ExpressionAttributeNames={"#place": name},
                ExpressionAttributeValues={":ends": ends_ms, ":now": now_ms, ":over": _over(now_ms)},
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )  # fmt: skip
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            found: Any = error.response.get("Item", {})  # as it travels: {"place0": {"N": "1"}}
            return {attribute: int(value["N"]) for attribute, value in found.items() if "N" in value}
        return None

    def _turn(self, endpoint: Endpoint, step_ms: int, now_ms: int) -> int:
        for _ in range(ROUNDS):
            for branch in (self._behind, self._first):
                with suppress(Lost):
                    return branch(endpoint, step_ms, now_ms)
        return now_ms + secrets.randbelow(LONGEST_QUEUE_MS)

    def _behind(self, endpoint: Endpoint, step_ms: int, now_ms: int) -> int:
        values = {":step": step_ms, ":now": now_ms, ":latest": now_ms + LONGEST_QUEUE_MS, ":over": _over(now_ms)}
        return self._queue(
            endpoint,
            "SET queue_ms = queue_ms + :step, expires_epoch = :over",
            "queue_ms BETWEEN :now AND :latest",
            values,
        )

    def _first(self, endpoint: Endpoint, step_ms: int, now_ms: int) -> int:
        values = {":next": now_ms + step_ms, ":now": now_ms, ":over": _over(now_ms)}
        condition = "attribute_not_exists(queue_ms) OR queue_ms < :now"
        return self._queue(endpoint, "SET queue_ms = :next, expires_epoch = :over", condition, values)

    def _queue(self, endpoint: Endpoint, update: str, condition: str, values: Mapping[str, int]) -> int:
        after = write(
            self.table.update_item, Key=gate_key(endpoint.tenant, endpoint.id), UpdateExpression=update,
            ConditionExpression=condition, ExpressionAttributeValues=values, ReturnValues="UPDATED_NEW",
        )  # fmt: skip
        return int(after["Attributes"]["queue_ms"])


def _free(held: Held, width: int, in_turn: bool, now_ms: int) -> list[int]:
    if not in_turn and held.get("queue_ms", 0) > now_ms:
        return []
    return [number for number in range(width) if held.get(f"place{number}", 0) <= now_ms]


def step_ms(held: Held, width: int, now_ms: int, lease: timedelta) -> int:
    """How often a place gets free: after what the latest try took, and nobody in there has been faster than that."""
    entered = [ends - lease // MILLISECOND for name, ends in held.items() if name.startswith("place") and ends > now_ms]
    took_ms = max(held.get("took_ms", TOOK_MS), now_ms - max(entered, default=now_ms))
    return min(max(LEAST_STEP_MS, took_ms // width), MOST_STEP_MS)


def _over(now_ms: int) -> int:
    return now_ms // 1000 + LIFE_S


def _ms(at: datetime) -> int:
    return (at - EPOCH) // MILLISECOND
