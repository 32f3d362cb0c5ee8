"""Tenants and their API keys in DynamoDB; a key's item is found by the key's id and names its tenant."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from facegate.adapters.items import encode, tenant_key, write
from facegate.apikeys import ApiKey, same
from facegate.moves import Lost


@dataclass(frozen=True)
class Tenants:
    table: Any

    def who(self, key: ApiKey) -> str | None:
        """The tenant of a key, None where the key is unknown or switched off."""
        item = self.table.get_item(Key={"pk": "KEY", "sk": key.id}).get("Item")
        return str(item["tenant"]) if item and item["enabled"] and same(key, item["secret_hash"]) else None

    def add(self, tenant: str, name: str, key: ApiKey, now: datetime) -> None:
        """A tenant with its key; a further key for the same tenant leaves the tenant as it is."""
        about = encode({"pk": tenant_key(tenant), "sk": "TENANT", "name": name, "created_at": now})
        with suppress(Lost):
            write(self.table.put_item, Item=about, ConditionExpression="attribute_not_exists(pk)")
        item = {
            "pk": "KEY", "sk": key.id, "tenant": tenant, "secret_hash": key.secret_hash, "livemode": key.livemode,
            "enabled": True, "created_at": now,
        }  # fmt: skip
        write(self.table.put_item, Item=encode(item), ConditionExpression="attribute_not_exists(pk)")
