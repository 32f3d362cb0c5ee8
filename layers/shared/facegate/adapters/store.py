"""Verifications in DynamoDB. A move is one conditional write on one item; nothing here decides anything."""

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from facegate.adapters.items import decode, encode, tenant_key, write, write_all
from facegate.adapters.once import once_key, put_once
from facegate.adapters.update import Update
from facegate.adapters.verification_item import from_item, shard, to_item
from facegate.model import (
    FINISHED,
    Announcement,
    Attempt,
    Slot,
    Verification,
)
from facegate.moves import MOVES, Move
from facegate.ports import Once
from facegate.problems import Problem, ProblemError

PAGE_ITEMS, MOST_PAGES = 200, 10  # what one list request reads at most


@dataclass(frozen=True)
class Store:
    table: Any

    def create(self, verification: Verification, once: Once | None, now: datetime) -> None:
        """Keep a new verification; raises Lost where the same Idempotency-Key was faster."""
        put = {"Put": {"Item": to_item(verification), "ConditionExpression": "attribute_not_exists(pk)"}}
        write_all(self.table, [put, *put_once(verification.tenant, once, verification.id, now)])

    def remember(self, tenant: str, once: Once | None, made: str, now: datetime) -> None:
        """Keep what an Idempotency-Key made; nothing where none was sent."""
        for put in put_once(tenant, once, made, now):
            write_all(self.table, [put])

    def recall(self, tenant: str, once: Once | None, now: datetime) -> str | None:
        """What the same key made before; raises IDEMPOTENCY_CONFLICT where it came with another request."""
        item = self._get(once_key(tenant, once)) if once else None
        if once is None or item is None or item["ends_at"] <= now:
            return None
        if item["fingerprint"] != once.fingerprint:
            raise ProblemError(Problem.IDEMPOTENCY_CONFLICT, "Idempotency-Key")
        return str(item["made"])

    def load(self, tenant: str, verification: str) -> Verification:
        """Raises NOT_FOUND, for another tenant's id too: the tenant is half of the key."""
        item = self._get(_key(tenant, verification))
        if item is None:
            raise ProblemError(Problem.NOT_FOUND, "id")
        return from_item(item)

    def move(
        self, name: str, seen: Verification, now: datetime, *,
        attempt: Attempt | None = None, forget: str | None = None, announce: Announcement | None = None, **changes: Any,
    ) -> Verification:  # fmt: skip
        """Make one move of moves.MOVES, unless somebody was faster (Lost). A change to None removes the attribute.

        `attempt` is written into its row; `forget` names an attempt whose row goes.
        """
        row = MOVES[name]
        update = Update(state=row.target, **{**row.writes, **changes})
        if attempt:
            _book(update, seen, attempt)
        if forget:
            update.remove_at("attempts", forget)
        if announce:
            update.set(status=announce.status)
            update.append("outbox", announce)
        update.add(row.counts)
        return from_item(self._update(seen, update, _conditions(row, update, seen, now), {}))

    def note(self, seen: Verification, *, attempt: Attempt | None = None, **changes: Any) -> None:
        """Set side fields that decide nothing: a late answer's attempt row, what was announced, when to look again."""
        update = Update(**changes)
        if attempt:
            _book(update, seen, attempt)
        self._update(seen, update, ["attribute_exists(pk)"], {})

    def redact(
        self, seen: Verification, now: datetime, emptied: Mapping[str, Slot], removed: tuple[str, ...],
        announce: Announcement,
    ) -> Verification:  # fmt: skip
        """Forget the person of a finished verification; the verdict stays. Lost where it is redacted already."""
        update = Update(
            redacted_at=now, removed=removed, slots=emptied, sealed_subject=None, best_frame_key=None, due_at=now,
            due_shard=shard(seen),
        )  # fmt: skip
        update.append("outbox", announce)
        conditions = [update.one_of("state", sorted(FINISHED)), "attribute_not_exists(redacted_at)"]
        return from_item(self._update(seen, update, conditions, {}))

    def announced(self, seen: Verification, count: int, **due: datetime | None) -> None:
        """The first `count` of the outbox are on their way; a verification that grew meanwhile stays due (Lost).

        `due_at` is for a finished one: while it is open, its state says when it is due, and that may just have changed.
        """
        self._update(seen, Update(announced=count, **due), ["size(outbox) = :count"], {":count": count})

    def newest(
        self, tenant: str, reference: str | None, status: str | None, limit: int, cursor: str | None
    ) -> tuple[list[Verification], str | None]:
        """Newest first, and the cursor of what follows; fewer than `limit` where a rare status is far to seek.

        Raises ValueError for a cursor of nobody's.
        """
        found: list[Verification] = []
        for page in islice(self._pages(tenant, reference, status, _after(cursor)), MOST_PAGES):
            for item in page["Items"]:
                if len(found) == limit:
                    return found, _cursor(found[-1].id)
                found.append(from_item(decode(item)))
        last = page.get("LastEvaluatedKey")
        return found, _cursor(last["sk"].removeprefix("VER#")) if last else None

    def _pages(self, tenant: str, reference: str | None, status: str | None, after: str | None) -> Iterator[Any]:
        query = _by_reference(tenant, reference, after) if reference else _by_tenant(tenant, after)
        if status:
            query["FilterExpression"] = "#status = :status"
            query["ExpressionAttributeNames"] = {"#status": "status"}
            query["ExpressionAttributeValues"][":status"] = status
        while True:
            page = self.table.query(ScanIndexForward=False, Limit=PAGE_ITEMS, **query)
            yield page
            if not (last := page.get("LastEvaluatedKey")):
                return
            query["ExclusiveStartKey"] = last

    def _get(self, key: Mapping[str, str]) -> Any:
        item = self.table.get_item(Key=key, ConsistentRead=True).get("Item")
        return decode(item) if item else None

    def _update(self, seen: Verification, update: "Update", conditions: list[str], values: Mapping[str, Any]) -> Any:
        if "due_at" in update.changes and "due_shard" not in update.changes:
            update.set(due_shard=None if update.changes["due_at"] is None else shard(seen))
        given = {**update.values, **encode(values)}
        written = write(
            self.table.update_item,
            Key=_key(seen.tenant, seen.id),
            UpdateExpression=update.expression(),
            ConditionExpression=" AND ".join(conditions),
            ExpressionAttributeNames=update.names,
            **({"ExpressionAttributeValues": given} if given else {}),  # an update that only removes has none
            ReturnValues="ALL_NEW",
        )
        return decode(written["Attributes"])


def _book(update: Update, seen: Verification, attempt: Attempt) -> None:
    """The attempt's row; with its first one a verification comes into the index that makes the ledger readable."""
    update.set_at("attempts", attempt.id, attempt)
    update.set(ledger_key=seen.tenant)


def _conditions(row: Move, update: Update, seen: Verification, now: datetime) -> list[str]:
    """A row's sources and guards in DynamoDB's words."""
    compared = (guard.value for guard in row.guards)
    return [
        update.one_of("state", sorted(row.sources)),
        *(update.compare(one.attribute, one.comparison, one.measure(seen, now)) for one in compared),
    ]


def _by_tenant(tenant: str, after: str | None) -> dict[str, Any]:
    query: dict[str, Any] = {
        "KeyConditionExpression": "pk = :pk AND begins_with(sk, :sk)",
        "ExpressionAttributeValues": {":pk": tenant_key(tenant), ":sk": "VER#"},
    }
    return {**query, "ExclusiveStartKey": _key(tenant, after)} if after else query


def _by_reference(tenant: str, reference: str, after: str | None) -> dict[str, Any]:
    key = f"{tenant}#{reference}"
    query: dict[str, Any] = {
        "IndexName": "by_reference",
        "KeyConditionExpression": "reference_key = :key",
        "ExpressionAttributeValues": {":key": key},
    }
    start = {**_key(tenant, after), "reference_key": key, "id": after} if after else None
    return {**query, "ExclusiveStartKey": start} if start else query


def _cursor(verification: str) -> str:
    return base64.urlsafe_b64encode(verification.encode()).decode()


def _after(cursor: str | None) -> str | None:
    """The verification that a cursor names; raises ValueError."""
    if cursor is None:
        return None
    name = base64.urlsafe_b64decode(cursor).decode()
    if not re.fullmatch(r"ver_[0-9A-Z]{26}", name):
        raise ValueError("not a cursor")
    return name


def _key(tenant: str, verification: str) -> dict[str, str]:
    return {"pk": tenant_key(tenant), "sk": f"VER#{verification}"}
