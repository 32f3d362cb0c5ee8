"""What is due: the sparse index that holds everything unfinished, four shards of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from typing import Any, NamedTuple

from facegate.adapters.items import DUE_SHARDS, tenant_key, write
from facegate.model import stamp


class DueItem(NamedTuple):
    due_at: str
    kind: str  # VER, DELIVERY or EVENT
    tenant: str
    id: str  # what follows the kind in the key; of an event, its time and its name


@dataclass(frozen=True)
class DueIndex:
    table: Any

    def until(self, now: datetime, at_most: int) -> Iterator[DueItem]:
        """The oldest first. A hit is a hint: the index lags, and the conditional write decides."""
        return merge(*(self._shard(shard, now, at_most // DUE_SHARDS) for shard in range(DUE_SHARDS)))

    def put_off(self, item: DueItem, due_at: datetime) -> None:
        """Look at it later; raises Lost where it is due no more."""
        write(
            self.table.update_item, Key={"pk": tenant_key(item.tenant), "sk": f"{item.kind}#{item.id}"},
            UpdateExpression="SET due_at = :due", ConditionExpression="attribute_exists(due_at)",
            ExpressionAttributeValues={":due": stamp(due_at)},
        )  # fmt: skip

    def _shard(self, shard: int, now: datetime, at_most: int) -> list[DueItem]:
        page = self.table.query(
            IndexName="due", KeyConditionExpression="due_shard = :shard AND due_at <= :now",
            ExpressionAttributeValues={":shard": f"due{shard}", ":now": stamp(now)}, Limit=at_most,
        )  # fmt: skip
        return [_due(item) for item in page["Items"]]


def _due(item: dict[str, str]) -> DueItem:
    kind, _, name = item["sk"].partition("#")
    return DueItem(item["due_at"], kind, item["pk"].removeprefix("TENANT#"), name)
