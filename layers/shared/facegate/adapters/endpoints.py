"""Webhook endpoints in DynamoDB, and the list of those that want to hear of vendors, whosever they are."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from facegate.adapters.event_item import to_item
from facegate.adapters.items import decode, encode, tenant_key, write, write_all
from facegate.adapters.once import put_once
from facegate.adapters.update import Update
from facegate.model import Disabled, Endpoint, Event
from facegate.ports import Once
from facegate.webhooks import events
from facegate.webhooks.listening import MOST_ENDPOINTS

WATCHERS = "WATCHERS"


@dataclass(frozen=True)
class Endpoints:
    table: Any

    def add_endpoint(self, endpoint: Endpoint, once: Once | None = None) -> None:
        """With what its Idempotency-Key made. Raises Lost where the key was faster, or MOST_ENDPOINTS are there."""
        put = _put({**encode(endpoint), **_key(endpoint.tenant, endpoint.id)}, "attribute_not_exists(pk)")
        made = put_once(endpoint.tenant, once, endpoint.id, endpoint.created_at)
        write_all(self.table, [put, _counted(endpoint.tenant, 1), *made, *_watching(endpoint, only_if=True)])

    def endpoints(self, tenant: str) -> list[Endpoint]:
        found = self.table.query(
            KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
            ExpressionAttributeValues={":pk": tenant_key(tenant), ":sk": "ENDPOINT#"},
            ConsistentRead=True,
        )
        return [_endpoint(decode(item)) for item in found["Items"]]

    def endpoint(self, tenant: str, endpoint: str) -> Endpoint | None:
        item = self.table.get_item(Key=_key(tenant, endpoint), ConsistentRead=True).get("Item")
        return _endpoint(decode(item)) if item else None

    def change_endpoint(self, seen: Endpoint, tell: Event | None = None, **changes: Any) -> Endpoint:
        """What somebody decided, unless it was changed or removed since `seen` (Lost); None removes.

        The event that tells of it is kept in the same write, due at once.
        """
        changed = replace(seen, revision=seen.revision + 1, **changes)
        update = Update(**changes, revision=changed.revision)
        writes = [conditional(_key(seen.tenant, seen.id), update, "revision = :seen", {":seen": seen.revision})]
        writes += _watching(changed) if "events" in changes else []
        write_all(self.table, [*writes, *([_put(to_item(tell))] if tell else [])])
        return changed

    def note_endpoint(self, seen: Endpoint, **changes: datetime | None) -> None:
        """How it fares: failing_since, slowed_until. Raises Lost where it was removed."""
        update = Update(**changes)
        told = conditional(_key(seen.tenant, seen.id), update, "attribute_exists(pk)")["Update"]
        write(self.table.update_item, **told)

    def remove_endpoint(self, tenant: str, endpoint: str) -> bool:
        """False where there is none; what is on its way to it is skipped. Raises Lost where somebody was faster."""
        if self.endpoint(tenant, endpoint) is None:
            return False
        gone = {"Delete": {"Key": _key(tenant, endpoint), "ConditionExpression": "attribute_exists(pk)"}}
        beside = watcher_key(tenant, endpoint), gate_key(tenant, endpoint)
        write_all(self.table, [gone, _counted(tenant, -1), *({"Delete": {"Key": key}} for key in beside)])
        return True

    def watchers(self, after: str | None, limit: int) -> tuple[list[tuple[str, str]], str | None]:
        """(tenant, endpoint) of those that want events of EVERYBODY, and where the next page begins."""
        start = {"ExclusiveStartKey": {"pk": WATCHERS, "sk": after}} if after else {}
        page = self.table.query(
            KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": WATCHERS}, ConsistentRead=True,
            Limit=limit, **start,
        )  # fmt: skip
        last = page.get("LastEvaluatedKey")
        return [(item["tenant"], item["endpoint"]) for item in page["Items"]], last and last["sk"]


def gate_key(tenant: str, endpoint: str) -> dict[str, str]:
    return {"pk": tenant_key(tenant), "sk": f"GATE#{endpoint}"}


def watcher_key(tenant: str, endpoint: str) -> dict[str, str]:
    return {"pk": WATCHERS, "sk": f"{tenant}#{endpoint}"}


def _counted(tenant: str, by: int) -> Mapping[str, Mapping[str, Any]]:
    """One more or less; lost where they would be too many. In the same write as the endpoint: the count is exact."""
    update = Update()
    update.add({"kept": by})
    room = "attribute_not_exists(#kept) OR #kept <= :room"
    return conditional({"pk": tenant_key(tenant), "sk": "ENDPOINTS"}, update, room, {":room": MOST_ENDPOINTS - by})


def _watching(endpoint: Endpoint, only_if: bool = False) -> list[Mapping[str, Mapping[str, Any]]]:
    key = watcher_key(endpoint.tenant, endpoint.id)
    if any(events.wanted(endpoint.events, kind) for kind in events.OF_EVERYBODY):
        return [_put({**key, "tenant": endpoint.tenant, "endpoint": endpoint.id})]
    return [] if only_if else [{"Delete": {"Key": key}}]


def _put(item: Mapping[str, Any], condition: str | None = None) -> Mapping[str, Mapping[str, Any]]:
    return {"Put": {"Item": item, **({"ConditionExpression": condition} if condition else {})}}


def conditional(
    key: Mapping[str, str], update: Update, condition: str, values: Mapping[str, Any] | None = None
) -> Mapping[str, Mapping[str, Any]]:  # fmt: skip
    """An update as a part of a transaction; the table's name is still wanting."""
    given = {**update.values, **(values or {})}
    told = {
        "Key": key, "UpdateExpression": update.expression(), "ConditionExpression": condition,
        "ExpressionAttributeNames": update.names,
    }  # fmt: skip
    return {"Update": {**told, **({"ExpressionAttributeValues": given} if given else {})}}


def _key(tenant: str, endpoint: str) -> dict[str, str]:
    return {"pk": tenant_key(tenant), "sk": f"ENDPOINT#{endpoint}"}


def _endpoint(item: Mapping[str, Any]) -> Endpoint:
    known = {name: item[name] for name in Endpoint.__dataclass_fields__ if name in item}
    why = item.get("disabled_why")
    return Endpoint(**{**known, "events": tuple(item["events"]), "disabled_why": why and Disabled(why)})
