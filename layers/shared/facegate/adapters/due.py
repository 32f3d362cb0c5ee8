"""What is due: the sparse index that holds everything unfinished, four shards of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from facegate.adapters.items import DUE_SHARDS
from facegate.model import stamp


class DueItem(NamedTuple):
    kind: str  # VER or DELIVERY
    tenant: str
    id: str


@dataclass(frozen=True)
class DueIndex:
    table: Any

    def until(self, now: datetime, at_most: int) -> Iterator[DueItem]:
        """Oldest first within a shard. A hit is a hint: the index lags, and the conditional write decides."""
        for shard in range(DUE_SHARDS):
            page = self.table.query(
                IndexName="due", KeyConditionExpression="due_shard = :shard AND due_at <= :now",
                ExpressionAttributeValues={":shard": f"due{shard}", ":now": stamp(now)}, Limit=at_most // DUE_SHARDS,
            )  # fmt: skip
            yield from (_due(item) for item in page["Items"])


def _due(item: dict[str, str]) -> DueItem:
    kind, _, name = item["sk"].partition("#")
    return DueItem(kind, item["pk"].removeprefix("TENANT#"), name)
