"""Tenants and their keys in DynamoDB; a key's item is found by the key's id and names its tenant.

Of an API key only a hash is kept. With the secret of a pair for a vendor's own protocol its caller signs, and we must
compute the same, so it is kept whole, and KMS alone opens it.
"""

import secrets
import string
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from facegate.adapters.items import encode, tenant_key, write
from facegate.adapters.vault import Vault
from facegate.apikeys import ApiKey, same
from facegate.moves import Lost
from facegate.signing import Keys

ALPHABET, RANDOM_CHARS = string.ascii_letters + string.digits, 32
PREFIXES = {"tencent_reflect": "AKID"}  # of a secret id, as the vendor's own


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

    def add_vendor_key(self, tenant: str, dialect: str, vault: Vault, now: datetime) -> Keys:
        """A new pair for a vendor's own protocol, to be shown once."""
        keys = Keys(PREFIXES[dialect] + _random(), _random())
        sealed = vault.seal(keys.secret_key, tenant=tenant, secret_id=keys.secret_id)
        item = {
            "pk": "VENDORKEY", "sk": keys.secret_id, "tenant": tenant, "dialect": dialect, "sealed_secret": sealed,
            "enabled": True, "created_at": now,
        }  # fmt: skip
        write(self.table.put_item, Item=encode(item), ConditionExpression="attribute_not_exists(pk)")
        return keys


def _random() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_CHARS))
