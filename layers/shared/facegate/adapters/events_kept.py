"""Events in DynamoDB, for 30 days, in the order in which they happened."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from facegate import ids
from facegate.adapters.event_item import behind, between, cursor_of, event_key, from_item, to_item
from facegate.adapters.items import decode, tenant_key, write
from facegate.model import Event
from facegate.moves import Lost
from facegate.webhooks import events

PAGE_ITEMS, MOST_PAGES = 100, 20  # what one list request reads at most
OF_VERIFICATION = re.compile(r"evt_([0-9A-Z]{26})_([1-9][0-9]{0,5})")
OF_ITS_OWN = re.compile(r"evt_[0-7][0-9A-HJKMNP-TV-Z]{25}")

Found = TypeVar("Found")


@dataclass(frozen=True)
class EventsKept:
    table: Any

    def keep_event(self, event: Event) -> bool:
        """False where it is kept already."""
        try:
            write(self.table.put_item, Item=to_item(event), ConditionExpression="attribute_not_exists(pk)")
        except Lost:
            return False
        return True

    def event(self, tenant: str, event: str) -> Event | None:
        at = self._when(tenant, event)
        item = self.table.get_item(Key=event_key(tenant, at, event), ConsistentRead=True).get("Item") if at else None
        return from_item(decode(item)) if item else None

    def events(
        self, tenant: str, since: datetime | None, until: datetime | None, types: Sequence[str], limit: int,
        cursor: str | None,
    ) -> tuple[list[Event], str | None]:  # fmt: skip
        """Newest first, from `since` on and before `until`, of these types (`*` at the end stands for anything; none:
        all), and the cursor of what follows; fewer than `limit` where a rare type is far to seek.

        Raises ValueError for a cursor of nobody's.
        """
        pages = self.pages(tenant, since, until, cursor)
        patterns = types or ["*"]
        return collect(
            ([(event, event) for event in page] for page in pages), limit,
            lambda event: events.wanted(patterns, event.type),
        )  # fmt: skip

    def pages(
        self, tenant: str, since: datetime | None, until: datetime | None, cursor: str | None
    ) -> Iterator[list[Event]]:
        """All of a range in pages of PAGE_ITEMS, the last one shorter; raises ValueError for a cursor of nobody's."""
        first, last = between(since, until)
        start = {"ExclusiveStartKey": {"pk": tenant_key(tenant), "sk": behind(cursor, first, last)}} if cursor else {}
        while True:
            found = self.table.query(
                KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last", ScanIndexForward=False,
                ExpressionAttributeValues={":pk": tenant_key(tenant), ":first": first, ":last": last},
                Limit=PAGE_ITEMS, ConsistentRead=True, **start,
            )  # fmt: skip
            yield [from_item(decode(item)) for item in found["Items"]]
            if "LastEvaluatedKey" not in found:
                return
            start = {"ExclusiveStartKey": found["LastEvaluatedKey"]}

    def told(self, event: Event) -> None:
        """Everybody is on the list: it is due no more. One whose 30 days are over stays away."""
        with suppress(Lost):
            write(
                self.table.update_item, Key=event_key(event.tenant, event.at, event.id),
                UpdateExpression="REMOVE due_at, due_shard", ConditionExpression="attribute_exists(pk)",
            )  # fmt: skip

    def _when(self, tenant: str, event: str) -> datetime | None:
        """A verification knows when it changed; other events carry their time in their names."""
        if not (of := OF_VERIFICATION.fullmatch(event)):
            return _named(event) if OF_ITS_OWN.fullmatch(event) else None
        found = self.table.get_item(
            Key={"pk": tenant_key(tenant), "sk": f"VER#ver_{of[1]}"}, ProjectionExpression="outbox", ConsistentRead=True
        ).get("Item", {})
        changes = decode(found.get("outbox", []))
        return changes[int(of[2]) - 1]["at"] if int(of[2]) <= len(changes) else None


def _named(event: str) -> datetime | None:
    """The moment that a name says; None where no calendar has it, and so nothing happened then."""
    try:
        return ids.when(event)
    except OverflowError:
        return None


def collect(
    pages: Iterator[list[tuple[Event, Found]]], limit: int, is_wanted: Callable[[Found], bool]
) -> tuple[list[Found], str | None]:  # fmt: skip
    """What is wanted of the pages, and the cursor of what follows; nothing is read beyond MOST_PAGES."""
    found: list[Found] = []
    page: list[tuple[Event, Found]] = []
    last: Event | None = None
    for page in islice(pages, MOST_PAGES):
        for event, value in page:
            if len(found) == limit:
                return found, cursor_of(last) if last else None
            found += [value] if is_wanted(value) else []
            last = event
    return found, cursor_of(last) if last and len(page) == PAGE_ITEMS else None
