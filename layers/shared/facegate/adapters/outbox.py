"""What is told to webhooks, in DynamoDB: events, and each on its way to each endpoint that asked for it.

A delivery changes by conditional writes on its revision: of two workers that hold it, one goes on.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from facegate.adapters.endpoints import Endpoints
from facegate.adapters.event_item import EVENT_LIFE
from facegate.adapters.events_kept import EventsKept, collect
from facegate.adapters.items import decode, due_shard, encode, tenant_key, write
from facegate.adapters.update import Update
from facegate.model import Delivery, DeliveryState, Event
from facegate.moves import Lost
from facegate.webhooks import events

KEPT_ROUNDS = 3  # whose tries are kept; an item has its size


@dataclass(frozen=True)
class Outbox(Endpoints, EventsKept):
    table: Any

    def add(self, delivery: Delivery) -> bool:
        """False where this event is on its way to this endpoint already, or was."""
        item = {
            **encode(delivery), **_key(delivery.tenant, delivery.id),
            "expires_epoch": int((delivery.created_at + EVENT_LIFE).timestamp()),
            **({"due_shard": due_shard(delivery.id)} if delivery.due_at else {}),
        }  # fmt: skip
        try:
            write(self.table.put_item, Item=item, ConditionExpression="attribute_not_exists(pk)")
        except Lost:
            return False
        return True

    def load(self, tenant: str, delivery: str) -> Delivery | None:
        item = self.table.get_item(Key=_key(tenant, delivery), ConsistentRead=True).get("Item")
        return _delivery(decode(item)) if item else None

    def put_off(self, seen: Delivery, next_at: datetime, due_at: datetime, in_turn: bool = False) -> Delivery:
        """No try before `next_at`; raises Lost. A worker that begins one puts off all others by its lease."""
        return self._change(seen, next_at=next_at, due_at=due_at, in_turn=in_turn)

    def settle(
        self, seen: Delivery, tried: Mapping[str, Any] | None, state: DeliveryState, next_at: datetime | None,
        due_at: datetime | None,
    ) -> Delivery:  # fmt: skip
        """Keep one try (none where it is skipped) and what follows from it; raises Lost."""
        told = {name: value for name, value in (tried or {}).items() if value is not None}
        tries = (*seen.tries, {"round": seen.round, **told}) if tried else seen.tries
        return self._change(seen, tries=tries, state=state, next_at=next_at, due_at=due_at, in_turn=False)

    def again(self, seen: Delivery, now: datetime, due_at: datetime) -> Delivery:
        """A new round, from the first try on; raises Lost. Whoever begins it sends its message."""
        tries = tuple(tried for tried in seen.tries if tried["round"] > seen.round + 1 - KEPT_ROUNDS)
        return self._change(
            seen, round=seen.round + 1, tries=tries, state=DeliveryState.PENDING, next_at=now, due_at=due_at,
            in_turn=False, expires_epoch=int((now + EVENT_LIFE).timestamp()),
        )  # fmt: skip

    def deliveries_of_event(self, tenant: str, event: str) -> list[Delivery]:
        found = self.table.query(
            KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)", ConsistentRead=True,
            ExpressionAttributeValues={":pk": tenant_key(tenant), ":sk": f"DELIVERY#{event}."},
        )  # fmt: skip
        return [_delivery(decode(item)) for item in found["Items"]]

    def deliveries_of_endpoint(
        self, tenant: str, endpoint: str, since: datetime | None, until: datetime | None, types: Sequence[str],
        states: Sequence[str], limit: int, cursor: str | None,
    ) -> tuple[list[Delivery], str | None]:  # fmt: skip
        """What came of the events of a range (see `events`) at this endpoint; no states: all of them."""
        patterns = types or ["*"]

        def is_wanted(delivery: Delivery | None) -> bool:
            return delivery is not None and (not states or delivery.state in states)

        pages = self.pages(tenant, since, until, cursor)
        at_endpoint = self._at_endpoint(pages, tenant, endpoint, patterns)
        found, following = collect(at_endpoint, limit, is_wanted)
        return [delivery for delivery in found if delivery], following

    def _at_endpoint(
        self, pages: Iterator[list[Event]], tenant: str, endpoint: str, patterns: Sequence[str]
    ) -> Iterator[list[tuple[Event, Delivery | None]]]:  # fmt: skip
        for page in pages:
            names = [f"{event.id}.{endpoint}" for event in page if events.wanted(patterns, event.type)]
            known = self._loaded(tenant, names)
            yield [(event, known.get(f"{event.id}.{endpoint}")) for event in page]

    def _loaded(self, tenant: str, names: Sequence[str]) -> dict[str, Delivery]:
        """Those that there are, by name; at most 100 are asked for."""
        found: dict[str, Delivery] = {}
        keys = [_key(tenant, name) for name in names]
        while keys:
            asked = {self.table.name: {"Keys": keys, "ConsistentRead": True}}
            page = self.table.meta.client.batch_get_item(RequestItems=asked)
            found |= {item["id"]: _delivery(decode(item)) for item in page["Responses"][self.table.name]}
            keys = page.get("UnprocessedKeys", {}).get(self.table.name, {}).get("Keys", [])
        return found

    def _change(self, seen: Delivery, **changes: Any) -> Delivery:
        shard = due_shard(seen.id) if changes["due_at"] else None
        update = Update(**changes, due_shard=shard, revision=seen.revision + 1)
        write(
            self.table.update_item, Key=_key(seen.tenant, seen.id), UpdateExpression=update.expression(),
            ConditionExpression="revision = :seen", ExpressionAttributeNames=update.names,
            ExpressionAttributeValues={**update.values, ":seen": seen.revision},
        )  # fmt: skip
        known = {name: value for name, value in changes.items() if name in Delivery.__dataclass_fields__}
        return replace(seen, **known, revision=seen.revision + 1)


def _key(tenant: str, delivery: str) -> dict[str, str]:
    return {"pk": tenant_key(tenant), "sk": f"DELIVERY#{delivery}"}


def _delivery(item: Mapping[str, Any]) -> Delivery:
    known = {name: item[name] for name in Delivery.__dataclass_fields__ if name in item}
    return Delivery(**{**known, "state": DeliveryState(item["state"]), "tries": tuple(item["tries"])})
