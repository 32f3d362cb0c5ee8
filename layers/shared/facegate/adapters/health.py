"""When each vendor last answered, and when it last broke: one item for each vendor, written beside each call.

A vendor is degraded from its fifth fault in a row until its next answer. The write that decides so keeps the event that
tells of it, so that it is told once, whoever noticed and whatever breaks afterwards.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from facegate.adapters.endpoints import conditional
from facegate.adapters.event_item import event_key, to_item
from facegate.adapters.items import write_all
from facegate.adapters.update import Update
from facegate.model import Event
from facegate.webhooks import events

DEGRADED_AFTER = 5  # faults in a row: not one person's bad luck


@dataclass(frozen=True)
class Health:
    table: Any
    announce: Callable[[Event], None] = lambda event: None

    def note(self, vendor: str, broke: bool, now: datetime) -> None:
        """Written between an answer that was paid for and its commit, so it must not be able to fail."""
        with suppress(Exception):
            seen = self._count(vendor, broke, now)
            if "degraded_at" not in seen if broke else "degraded_at" in seen:
                self._turn(vendor, broke, int(seen.get("broke_in_a_row", 0)), now)

    def of(self, vendors: Iterable[str]) -> dict[str, dict[str, str]]:
        """Vendor -> {state, answered_at, broke_at}; state is what the latest call says, `unknown` before any."""
        return {vendor: self._of(vendor) for vendor in vendors}

    def _count(self, vendor: str, broke: bool, now: datetime) -> Any:
        update = Update(**{"broke_at" if broke else "answered_at": now})
        if broke:
            update.add({"broke_in_a_row": 1})
        else:
            update.set(broke_in_a_row=None)
        written = self.table.update_item(
            Key=_key(vendor), UpdateExpression=update.expression(), ExpressionAttributeNames=update.names,
            ExpressionAttributeValues=update.values, ReturnValues="ALL_NEW",
        )  # fmt: skip
        return written["Attributes"]

    def _turn(self, vendor: str, broke: bool, in_a_row: int, now: datetime) -> None:
        """Raises Lost where another worker was faster."""
        if broke and in_a_row < DEGRADED_AFTER:
            return
        told = events.of_vendor(vendor, broke, now)
        condition = "attribute_not_exists(degraded_at)" if broke else "attribute_exists(degraded_at)"
        kept = {name: value for name, value in to_item(told).items() if name not in ("pk", "sk")}
        writes = [
            conditional(_key(vendor), Update(degraded_at=now if broke else None), condition),
            conditional(event_key(told.tenant, told.at, told.id), Update(**kept), "attribute_not_exists(pk)"),
        ]
        write_all(self.table, writes)
        self.announce(told)

    def _of(self, vendor: str) -> dict[str, str]:
        item = self.table.get_item(Key=_key(vendor)).get("Item", {})
        when = {name: str(item[name]) for name in ("answered_at", "broke_at") if name in item}
        if not when:
            return {"state": "unknown"}
        state = "answering" if when.get("answered_at", "") >= when.get("broke_at", "") else "failing"
        return {"state": state, **when}


def _key(vendor: str) -> dict[str, str]:
    return {"pk": "HEALTH", "sk": vendor}
