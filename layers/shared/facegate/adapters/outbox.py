"""Webhook endpoints and deliveries in DynamoDB."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from facegate.adapters.items import decode, due_shard, encode, tenant_key, write
from facegate.model import Delivery, DeliveryState, Endpoint
from facegate.moves import Lost

EVENT_LIFE = timedelta(days=30)


@dataclass(frozen=True)
class Outbox:
    table: Any

    def add_endpoint(self, endpoint: Endpoint) -> None:
        item = {**encode(endpoint), "pk": tenant_key(endpoint.tenant), "sk": f"ENDPOINT#{endpoint.id}"}
        write(self.table.put_item, Item=item, ConditionExpression="attribute_not_exists(pk)")

    def endpoints(self, tenant: str) -> list[Endpoint]:
        found = self.table.query(
            KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
            ExpressionAttributeValues={":pk": tenant_key(tenant), ":sk": "ENDPOINT#"},
            ConsistentRead=True,
        )
        return [_endpoint(decode(item)) for item in found["Items"]]

    def endpoint(self, tenant: str, endpoint: str) -> Endpoint | None:
        item = self._get(tenant, f"ENDPOINT#{endpoint}")
        return _endpoint(item) if item else None

    def add(self, delivery: Delivery) -> bool:
        """False where this event is on its way to this endpoint already."""
        item = {
            **encode(delivery), "pk": tenant_key(delivery.tenant), "sk": _sk(delivery.id),
            "due_shard": due_shard(delivery.id), "expires_epoch": int((delivery.created_at + EVENT_LIFE).timestamp()),
        }  # fmt: skip
        try:
            write(self.table.put_item, Item=item, ConditionExpression="attribute_not_exists(pk)")
        except Lost:
            return False
        return True

    def load(self, tenant: str, delivery: str) -> Delivery | None:
        item = self._get(tenant, _sk(delivery))
        if item is None:
            return None
        known = {name: item[name] for name in Delivery.__dataclass_fields__ if name in item}
        return Delivery(**{**known, "state": DeliveryState(item["state"]), "tries": tuple(item.get("tries", ()))})

    def settle(self, seen: Delivery, tried: Mapping[str, Any], state: DeliveryState, due_at: datetime | None) -> None:
        """Keep one try; raises Lost where another worker counted a try since `seen`."""
        due = "SET tries = list_append(tries, :try), #state = :state"
        due += ", due_at = :due" if due_at else " REMOVE due_at, due_shard"
        values = {":try": [tried], ":state": state, ":count": len(seen.tries), **({":due": due_at} if due_at else {})}
        write(
            self.table.update_item, Key={"pk": tenant_key(seen.tenant), "sk": _sk(seen.id)}, UpdateExpression=due,
            ConditionExpression="size(tries) = :count", ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues=encode(values),
        )  # fmt: skip

    def _get(self, tenant: str, sk: str) -> Any:
        item = self.table.get_item(Key={"pk": tenant_key(tenant), "sk": sk}, ConsistentRead=True).get("Item")
        return decode(item) if item else None


def _endpoint(item: Mapping[str, Any]) -> Endpoint:
    known = {name: item[name] for name in Endpoint.__dataclass_fields__ if name in item}
    return Endpoint(**{**known, "events": tuple(item["events"])})


def _sk(delivery: str) -> str:
    return f"DELIVERY#{delivery}"
