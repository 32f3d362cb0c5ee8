"""The ledger: every attempt of a verification, by tenant and by when the verification was opened.

It is the attempts inside the verifications themselves, made readable by an index that holds those alone who were ever
asked about. The index follows the table within a moment: the call of this second may be missing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from facegate import ids
from facegate.adapters.items import decode
from facegate.adapters.verification_item import attempts_of
from facegate.usage import Booked, Page, Span


@dataclass(frozen=True)
class Ledger:
    table: Any

    def of(self, tenant: str, opened: Span) -> Iterator[Page]:
        """One tenant's rows, the oldest verification first, a page of the table's (1 MB) at a time."""
        first, last = _ends(opened)
        return _pages(
            self.table.query, opened.until,
            KeyConditionExpression="ledger_key = :tenant AND id BETWEEN :first AND :last",
            ExpressionAttributeValues={":tenant": tenant, ":first": first, ":last": last},
        )  # fmt: skip

    def of_all(self, opened: Span) -> Iterator[Page]:
        """Everybody's, in no order: it reads the whole index."""
        first, last = _ends(opened)
        return _pages(
            self.table.scan, opened.until, FilterExpression="id BETWEEN :first AND :last",
            ExpressionAttributeValues={":first": first, ":last": last},
        )  # fmt: skip


def _ends(opened: Span) -> tuple[str, str]:
    return ids.lowest("ver", opened.since), ids.lowest("ver", opened.until)


def _pages(operation: Callable[..., Any], end: datetime, **asked: Any) -> Iterator[Page]:
    while True:
        found = operation(IndexName="ledger", **asked)
        items = [decode(item) for item in found["Items"]]
        last = found.get("LastEvaluatedKey")
        yield Page([row for item in items for row in _rows(item)], ids.when(last["id"]) if last else end)
        if not last:
            return
        asked["ExclusiveStartKey"] = last


def _rows(item: Any) -> Iterator[Booked]:
    for attempt in attempts_of(item).values():
        yield Booked(item["ledger_key"], item["id"], attempt)
